// A recovery code is told once, by the call that made its slot. So once that write has begun the call ends as the write does:
// neither the end of the session nor a rollback memory that fails keeps the code of a slot that stands.

import { describe, expect, it, vi } from 'vitest';
import { Keyring, KeystrataError, memoryStore, type Engine, type Store } from '../../bindings/index.ts';
import { apply } from '../../bindings/keyring/change.ts';
import { create } from '../../bindings/keyring/create.ts';
import { addRecovery } from '../../bindings/keyring/add-slot.ts';
import { codeOf, engine, operator, OWNER, world } from './support.ts';

const inspect = (store: Store) => Keyring.inspect({ store, owner: OWNER });
const recoverySlots = async (store: Store): Promise<number> =>
  (await inspect(store)).slots.filter(({ type }) => type === 'recovery').length;
const unlock = (store: Store, recoveryCode: string): Promise<Keyring> =>
  Keyring.unlock({ engine, store, owner: OWNER, memory: memoryStore(), recoveryCode });

/** A store whose next put waits, on its way in, until it is let go. */
function waiting(inner: Store) {
  let arrive: (() => void) | null = null;
  let go = (): void => undefined;
  let puts = 0;
  const store: Store = {
    name: inner.name,
    get: (id) => inner.get(id),
    async put(...given) {
      puts++;
      const here = arrive;
      if (here !== null) {
        arrive = null;
        await new Promise<void>((resolve) => {
          go = resolve;
          here();
        });
      }
      return inner.put(...given);
    },
    delete: (...given) => inner.delete(...given),
    list: () => inner.list(),
  };
  return {
    store,
    inner,
    puts: () => puts,
    /** Resolves when the next put has come. */
    next: () => new Promise<void>((resolve) => (arrive = resolve)),
    go: () => go(),
  };
}

/** An engine that holds back what its next `open` found. */
function waitingEngine(inner: Engine) {
  let arrive: (() => void) | null = null;
  let go = (): void => undefined;
  const engine = new Proxy(inner, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]): unknown => {
        const found: unknown = value.apply(target, given);
        if (name !== 'open' || arrive === null) return found;
        const here = arrive;
        arrive = null;
        return new Promise((resolve) => {
          go = () => resolve(found);
          here();
        });
      };
    },
  });
  return { engine, next: () => new Promise<void>((resolve) => (arrive = resolve)), go: () => go() };
}

const making: [name: string, make: (keyring: Keyring) => Promise<string>][] = [
  ['addRecovery', async (keyring) => (await keyring.slots.addRecovery()).recoveryCode],
  [
    'addRecovery, rotatable and with a label',
    async (keyring) => (await keyring.slots.addRecovery({ label: 'safe', rotatable: true })).recoveryCode,
  ],
  ['replaceRecoveryCode', (keyring) => keyring.replaceRecoveryCode()],
];

describe.each(making)('%s', (_, make) => {
  /** Locks while the put waits. */
  async function lockedInside(before: (inner: Store) => Promise<void> = () => Promise.resolve()) {
    const held = waiting(memoryStore());
    const w = await world(held.store);
    const arrived = held.next();
    const made = make(w.keyring);
    made.catch(() => undefined);
    await arrived;
    w.keyring.lock();
    await before(held.inner);
    held.go();
    return { ...w, made, held };
  }

  it('locked while its write is under way: the code is told, and opens', async () => {
    const free = engine.freeSlots();
    const { made, store } = await lockedInside();
    const code = await made;
    expect(engine.freeSlots()).toBe(free);
    expect(await recoverySlots(store)).toBe(1);
    (await unlock(store, code)).lock();
  });

  it('locked, and the write lost its race: ERR_DISPOSED, and no slot', async () => {
    const { made, store, held } = await lockedInside(async (inner) => {
      const { bytes, version } = (await inner.get(OWNER))!;
      await inner.put(OWNER, bytes, { ifVersion: version });
    });
    const puts = held.puts();
    expect(await codeOf(() => made)).toBe('ERR_DISPOSED');
    expect([await recoverySlots(store), held.puts()]).toEqual([0, puts]);
  });

  it('locked, and the store fails: as the store says', async () => {
    const { made } = await lockedInside((inner) => {
      inner.put = () => Promise.reject(new KeystrataError('ERR_STORE', 'the disk is full'));
      return Promise.resolve();
    });
    expect(await codeOf(() => made)).toBe('ERR_STORE');
  });

  it('locked before its write: ERR_DISPOSED at once, and nothing is written', async () => {
    const held = waiting(memoryStore());
    const { keyring, store } = await world(held.store);
    const arrived = held.next();
    const before = keyring.createDataKey({ space: 's' }).catch(() => undefined); // whose turn it is
    await arrived;
    const made = make(keyring);
    const told = codeOf(() => made);
    keyring.lock();
    expect(await told).toBe('ERR_DISPOSED');
    held.go();
    await before;
    expect([await recoverySlots(store), (await inspect(store)).revision]).toEqual([0, 2]);
  });

  it('locked while it waits after a lost race: ERR_DISPOSED at once', async () => {
    const inner = memoryStore();
    let reading: (() => void) | null = null;
    const store: Store = {
      name: inner.name,
      get: (id) => (reading === null ? inner.get(id) : (reading(), new Promise(() => undefined))),
      put: (...given) => inner.put(...given),
      delete: (...given) => inner.delete(...given),
      list: () => inner.list(),
    };
    const { keyring } = await world(store);
    let lost = false;
    const again = new Promise<void>((resolve) => {
      store.put = async (...given) => {
        if (lost) return inner.put(...given);
        lost = true;
        reading = resolve;
        throw new KeystrataError('ERR_CONFLICT', 'another was first');
      };
    });
    const made = make(keyring);
    const told = codeOf(() => made);
    await again; // it reads the store, which does not answer
    keyring.lock();
    expect(await told).toBe('ERR_DISPOSED');
  });

  it('where the memory fails behind the write: the code is told; what is next remembers', async () => {
    const inner = memoryStore();
    let full = false;
    const memory: Pick<Store, 'get' | 'put'> = {
      get: (id) => inner.get(id),
      put: (...given) => (full ? Promise.reject(new KeystrataError('ERR_STORE', 'full')) : inner.put(...given)),
    };
    const [store, secret] = [memoryStore(), operator()];
    const { keyring } = await Keyring.create({ engine, store, owner: OWNER, memory, recovery: false, ...secret });
    const old = (await store.get(OWNER))!;
    full = true;
    const code = await make(keyring);
    full = false;
    (await unlock(store, code)).lock();
    await keyring.refresh();
    keyring.lock();
    const { version } = (await store.get(OWNER))!;
    await store.put(OWNER, old.bytes, { ifVersion: version });
    const again = { engine, store, owner: OWNER, memory, ...secret };
    expect(await codeOf(() => Keyring.unlock(again))).toBe('ERR_ROLLBACK');
  });
});

describe('replaceRecoveryCode', () => {
  it('whose progress throws has written nothing: the old code opens', async () => {
    const store = memoryStore();
    const { keyring, recoveryCode } = await Keyring.create({ engine, store, owner: OWNER, ...operator() });
    const onProgress = (): never => {
      throw new KeystrataError('ERR_ARGUMENT', 'the caller’s own');
    };
    expect(await codeOf(() => keyring.replaceRecoveryCode({ onProgress }))).toBe('ERR_ARGUMENT');
    (await unlock(store, recoveryCode)).lock();
  });
});

describe('every other call', () => {
  const others: [name: string, work: (keyring: Keyring) => Promise<unknown>][] = [
    ['createDataKey', (keyring) => keyring.createDataKey({ space: 's' })],
    ['slots.add', (keyring) => keyring.slots.add(operator())],
    ['setPolicy', (keyring) => keyring.setPolicy({ units: 1000 })],
  ];
  it.each(others)('%s rejects at once when the keyring is locked, though its write is under way', async (_, work) => {
    const held = waiting(memoryStore());
    const { keyring, store } = await world(held.store);
    const arrived = held.next();
    const told = codeOf(() => work(keyring));
    await arrived;
    keyring.lock();
    expect(await told).toBe('ERR_DISPOSED'); // its put waits still
    held.go();
    await vi.waitFor(async () => expect((await inspect(store)).revision).toBe(2), 20_000);
  });
});

describe('seal keys', () => {
  const allWiped = (slots: ReadonlyMap<string, { sealKey: Uint8Array }>): boolean[] =>
    [...slots.values()].map(({ sealKey }) => sealKey.every((byte) => byte === 0));

  it('of a document that was written, and adopted after the end, are wiped', async () => {
    const held = waiting(memoryStore());
    const { session } = await create({ engine, store: held.store, owner: OWNER, recovery: false, ...operator() });
    await session.run((write) => addRecovery(session, { rotatable: true }, write));
    expect(allWiped(session.snapshot.private.slots)).toEqual([false]);
    const arrived = held.next();
    const made = session.run((write) => addRecovery(session, { rotatable: true }, write));
    await arrived;
    session.lock();
    held.go();
    await made;
    expect(session.snapshot.header.revision).toBe(3);
    expect(allWiped(session.snapshot.private.slots)).toEqual([true, true]);
  });

  it('of a document that was read, and opened as the session ended, are wiped', async () => {
    const store = memoryStore();
    const secret = operator();
    const p = { store, owner: OWNER, recovery: false, ...secret };
    const opening = waitingEngine(engine);
    const { session } = await create({ ...p, engine: opening.engine });
    const other = await Keyring.unlock({ engine, store, owner: OWNER, memory: memoryStore(), ...secret });
    await other.slots.addRecovery({ rotatable: true });
    const opened = opening.next();
    const reading = codeOf(() => session.run(() => session.refresh()));
    await opened;
    session.lock();
    opening.go();
    expect(await reading).toBe('ERR_DISPOSED');
    await session.inTurn(() => Promise.resolve()).catch(() => undefined); // it was read to its end
    expect(session.snapshot.header.revision).toBe(other.revision);
    expect(allWiped(session.snapshot.private.slots)).toEqual([true]);
    other.lock();
  });

  it('of a KEK that was replaced as the session ended, and that KEK, are wiped', async () => {
    const held = waiting(memoryStore());
    const secret = operator();
    const free = engine.freeSlots();
    const { keyring } = await Keyring.create({ engine, store: held.store, owner: OWNER, recovery: false, ...secret });
    const arrived = held.next();
    const told = codeOf(() => keyring.rotateKek({ secrets: [secret] }));
    await arrived;
    keyring.lock();
    expect(await told).toBe('ERR_DISPOSED');
    held.go();
    await vi.waitFor(async () => expect((await inspect(held.store)).revision).toBe(2), 20_000);
    await vi.waitFor(() => expect(engine.freeSlots()).toBe(free), 20_000);
  });

  it('that a change brought, whoever made it, are wiped', async () => {
    const held = waiting(memoryStore());
    const { session } = await create({ engine, store: held.store, owner: OWNER, recovery: false, ...operator() });
    await session.run((write) => addRecovery(session, { rotatable: true }, write));
    const arrived = held.next();
    const [slot] = session.snapshot.header.slots.filter(({ type }) => type === 'recovery');
    const fresh = new Uint8Array(new ArrayBuffer(32)).fill(1);
    const written = apply(session, ({ private: { slots } }) => ({
      private: { slots: new Map([[slot!.id, { ...slots.get(slot!.id)!, sealKey: fresh }]]) },
    }));
    await arrived;
    session.lock();
    held.go();
    await written;
    expect([...fresh].every((byte) => byte === 0)).toBe(true);
  });
});
