// Counting: 2^32 units a key over all devices, each share reserved by a write before it is used. FORMATS §10.

import { describe, expect, it } from 'vitest';
import { Keyring, KeystrataError, memoryStore, type Store } from '../../bindings/index.ts';
import { apply } from '../../bindings/keyring/change.ts';
import { create } from '../../bindings/keyring/create.ts';
import { encryptIn } from '../../bindings/keyring/records.ts';
import { unitsOf } from '../../bindings/keyring/reservations.ts';
import type { Session } from '../../bindings/keyring/session.ts';
import { createDataKeys } from '../../bindings/keyring/create-data-keys.ts';
import { raw } from './by-hand.ts';
import { codeOf, engine, events, operator, OWNER, utf8, world } from './support.ts';

const SHARE = 2 ** 16;
const at = { space: 's', context: '' };

/** A keyring's session, with one key, and its kid. */
async function session(
  store = memoryStore(),
): Promise<{ session: Session; kid: string; secret: ReturnType<typeof operator> }> {
  const secret = operator();
  const { session } = await create({ engine, store, owner: OWNER, recovery: false, ...secret });
  const [key] = await createDataKeys(session, [{ space: 's' }]);
  return { session, kid: key!.id, secret };
}

const usage = (keyring: Keyring, id: string) => keyring.inventory().find((key) => key.id === id)!.usage;

/** As if another device had reserved so much. */
const used = (own: Session, kid: string, units: number) =>
  apply(own, ({ body: { reservations } }) => ({
    body: { reservations: new Map(reservations).set('d'.repeat(32), new Map([[kid, units]])) },
  }));

/** A store that counts and may refuse writes. */
function watched(inner: Store) {
  const state = { puts: 0, readOnly: false };
  const store: Store = {
    name: inner.name,
    get: (id) => inner.get(id),
    put: (id, bytes, p) => {
      state.puts++;
      if (state.readOnly) return Promise.reject(new KeystrataError('ERR_STORE', 'the filesystem is read-only'));
      return inner.put(id, bytes, p);
    },
    delete: (id, p) => inner.delete(id, p),
    list: () => inner.list(),
  };
  return { store, state };
}

describe('units', () => {
  it('are 64 KiB each, rounded up, at least one', () => {
    const sizes = [0, 1, 65_535, 65_536, 65_537, 131_072, 64 * 1024 * 1024];
    expect(sizes.map(unitsOf)).toEqual([1, 1, 1, 1, 2, 2, 1024]);
  });

  it('are spent as things are sealed, and never reserved anew while any are left', async () => {
    const { session: own, kid } = await session();
    const left = (): number => {
      let n = 0;
      for (let bit = SHARE; bit >= 1; bit /= 2) if (own.shares.spend(kid, bit)) n += bit; // all of it, and back
      own.shares.add(kid, n);
      return n;
    };
    expect(left()).toBe(SHARE);
    await encryptIn(own, 'text', 's', '');
    await encryptIn(own, new Uint8Array(65_537), 's', '');
    expect(left()).toBe(SHARE - 3);
    expect(own.snapshot.header.revision).toBe(2);
  });
});

describe('shares', () => {
  it('of a new key come with it; another device, or the same one later, reserves its own', async () => {
    const { keyring, store, unlock, secret } = await world();
    const { id } = await keyring.createDataKey({ space: 's' });
    const kek = keyring.inventory()[0]!.id;
    await keyring.encrypt('text', at);
    await keyring.seal(utf8('text'), at);
    expect([keyring.revision, usage(keyring, id), usage(keyring, kek)]).toEqual([
      2,
      { reserved: SHARE, limit: 2 ** 32 },
      { reserved: 1024, limit: 2 ** 32 },
    ]);
    const other = await unlock();
    await other.encrypt('text', at);
    expect([other.revision, usage(other, id).reserved]).toEqual([3, 2 * SHARE]);
    await other.encrypt('text', at);
    await other.seal(utf8('text'), at);
    await other.seal(utf8('text'), at);
    expect([other.revision, usage(other, kek).reserved]).toEqual([4, 2048]);
    keyring.lock(); // what it had left is lost
    const again = await Keyring.unlock({ engine, store, owner: OWNER, ...secret });
    await again.encrypt('text', at);
    expect(usage(again, id).reserved).toBe(3 * SHARE);
    expect((await Keyring.inspect({ store, owner: OWNER })).keys.find((key) => key.id === id)!.usage.reserved).toBe(
      3 * SHARE,
    );
  });

  it('of the KEK double within a session, up to 2^20', async () => {
    const { session: own } = await session();
    const kek = own.kek.id;
    const reserved = (): number => [...own.snapshot.body.reservations.values()].reduce((n, of) => n + of.get(kek)!, 0);
    const steps: number[] = [];
    for (let before = reserved(); steps.length < 13; before = reserved()) {
      while (own.shares.spend(kek, 1));
      await own.shares.take(kek, 1);
      steps.push(reserved() - before);
    }
    expect(steps).toEqual([11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 20, 20, 20].map((n) => 2 ** n));
  });

  it('are reserved by one write for all that wait, of whichever keys', async () => {
    const { store, state } = watched(memoryStore());
    const { keyring, unlock } = await world(store);
    await keyring.createDataKeys([{ space: 'a' }, { space: 'b' }]);
    const other = await unlock();
    state.puts = 0;
    const records = await Promise.all(
      Array.from({ length: 200 }, (_, i) => other.encrypt(`${i}`, { space: i % 2 ? 'a' : 'b', context: '' })),
    );
    expect(state.puts).toBe(1);
    for (const [i, record] of records.entries())
      expect(await keyring.decryptText(record, { context: '' })).toBe(`${i}`);
    await other.encrypt('more', { space: 'a', context: '' });
    expect(state.puts).toBe(1);
  });

  it('are as large as what needs them', async () => {
    const { session: own, kid } = await session();
    while (own.shares.spend(kid, 1));
    const before = own.snapshot.body.reservations.get(own.device)!.get(kid)!;
    await Promise.all([own.shares.take(kid, 60_000), own.shares.take(kid, 60_000)]);
    expect(own.snapshot.body.reservations.get(own.device)!.get(kid)! - before).toBe(120_000);
    expect(own.shares.spend(kid, 1)).toBe(false);
  });

  it('of two sessions of one device are never the same, even where both write the same bytes', async () => {
    const store = memoryStore();
    const { session: own, kid, secret } = await session(store);
    const p = { engine, store, owner: OWNER, ...secret };
    const sessions = await Promise.all(Array.from({ length: 4 }, () => Keyring.unlock(p)));
    await Promise.all(sessions.map((keyring) => keyring.encrypt('text', at)));
    await own.refresh();
    expect(own.snapshot.body.reservations.size).toBe(1); // one device
    expect(own.snapshot.body.reservations.get(own.device)!.get(kid)).toBe((1 + sessions.length) * SHARE);
  });

  it('are lost with a crash, and the plaintext is what it was when it was given', async () => {
    const { keyring, unlock } = await world();
    await keyring.createDataKey({ space: 's' });
    const other = await unlock();
    const bytes = utf8('as it was');
    const context = utf8('context');
    const waiting = other.encrypt(bytes, { space: 's', context });
    bytes.fill(0);
    context.fill(0);
    expect(await keyring.decryptText(await waiting, { context: 'context' })).toBe('as it was');
  });
});

describe('a store that cannot be written', () => {
  it('lets a keyring decrypt, and encrypt until its share is spent', async () => {
    const { store, state } = watched(memoryStore());
    const { keyring, unlock } = await world(store);
    await keyring.createDataKey({ space: 's' });
    const record = await keyring.encrypt('text', at);
    const file = await keyring.seal(utf8('file'), at);
    state.readOnly = true;
    const other = await unlock();
    expect(await other.decryptText(record, at)).toBe('text');
    expect(await other.open(file, at)).toEqual(utf8('file'));
    state.puts = 0;
    const codes = await Promise.all(Array.from({ length: 10 }, () => codeOf(() => other.encrypt('text', at))));
    expect([new Set(codes), state.puts]).toEqual([new Set(['ERR_STORE']), 1]);
    expect(await codeOf(() => other.seal(utf8('x'), at))).toBe('ERR_STORE');
    const stream = new Blob(['x']).stream().pipeThrough(other.sealStream(at));
    expect(await codeOf(() => new Response(stream).arrayBuffer())).toBe('ERR_STORE');
    expect(await codeOf(() => other.createDataKey({ space: 't' }))).toBe('ERR_STORE');
    await keyring.encrypt('text', at); // whose share is not spent
    state.readOnly = false;
    expect(await keyring.decryptText(await other.encrypt('now', at), at)).toBe('now');
  });
});

describe('streams', () => {
  it('that must wait for a share start when it is there', async () => {
    const { keyring, unlock } = await world();
    const other = await unlock();
    const plaintext = new Uint8Array(100_000).fill(7);
    const sealed = new Blob([plaintext]).stream().pipeThrough(other.sealStream({ ...at, size: plaintext.length }));
    const bytes = new Uint8Array(await new Response(sealed).arrayBuffer());
    expect(other.revision).toBe(2);
    expect(await keyring.open(bytes, at)).toEqual(plaintext);
  });

  it('that wait and are given up, or whose keyring is locked, leave nothing in the core', async () => {
    const { unlock } = await world();
    const free = engine.freeSlots();
    const [one, two] = [await unlock(), await unlock()];
    await one.sealStream(at).readable.cancel();
    const reader = two.sealStream(at).readable.getReader();
    two.lock();
    expect(await codeOf(() => reader.read())).toBe('ERR_DISPOSED');
    await one.refresh(); // after the reservation
    await new Promise((done) => setTimeout(done, 10));
    one.lock();
    expect(engine.freeSlots()).toBe(free);
  });
});

describe('the limit', () => {
  it('is a hard stop, over all devices, after the last units are used', async () => {
    const { session: own, kid } = await session();
    while (own.shares.spend(kid, 1));
    await used(own, kid, 2 ** 32 - SHARE - 3);
    const sealed = await Promise.all([1, 2, 3].map(async () => encryptIn(own, 'text', 's', '')));
    expect(sealed).toHaveLength(3);
    const { revision } = own.snapshot.header;
    const before = raw((await own.store.get(OWNER))!.bytes).body;
    const refused = await Promise.all([1, 2, 3].map(() => codeOf(() => encryptIn(own, 'text', 's', ''))));
    expect(refused).toEqual(['ERR_LIMIT', 'ERR_LIMIT', 'ERR_LIMIT']);
    // Nothing was written for them but, once, an entry in the log.
    expect(await codeOf(() => encryptIn(own, 'text', 's', ''))).toBe('ERR_LIMIT');
    expect(own.snapshot.header.revision).toBe(revision + 1);
    const after = raw((await own.store.get(OWNER))!.bytes).body;
    for (const field of [1, 2, 3, 4, 5, 6, 8, 9, 10]) expect(after.get(field), `${field}`).toEqual(before.get(field));
    const told = events(own.snapshot.body).filter(([event]) => event === 'reservation refused');
    expect(told).toEqual([['reservation refused', kid]]);
    await createDataKeys(own, [{ space: 's' }]); // a new version
    expect(await codeOf(() => encryptIn(own, 'text', 's', ''))).toBeUndefined();
  });

  it('is one, also where its entry in the log cannot be written', async () => {
    const { store, state } = watched(memoryStore());
    const { session: own, kid } = await session(store);
    while (own.shares.spend(kid, 1));
    await used(own, kid, 2 ** 32 - SHARE);
    state.readOnly = true;
    expect(await codeOf(() => encryptIn(own, 'text', 's', ''))).toBe('ERR_LIMIT');
    state.readOnly = false;
    expect(events(own.snapshot.body).map(([event]) => event)).not.toContain('reservation refused');
    expect(await codeOf(() => encryptIn(own, 'text', 's', ''))).toBe('ERR_LIMIT');
    expect(events(own.snapshot.body).at(-1)).toEqual(['reservation refused', kid]);
  });

  it('of one key does not stop another that waits with it', async () => {
    const { session: own, kid } = await session();
    const [key] = await createDataKeys(own, [{ space: 't' }]);
    for (const one of [kid, key!.id]) while (own.shares.spend(one, 1));
    await used(own, kid, 2 ** 32 - SHARE);
    const codes = ['s', 't', 's', 't'].map((space) => codeOf(() => encryptIn(own, 'text', space, '')));
    expect(await Promise.all(codes)).toEqual(['ERR_LIMIT', undefined, 'ERR_LIMIT', undefined]);
    expect(events(own.snapshot.body).at(-1)).toEqual(['reservation refused', kid]);
  });

  it('is that of the policy, where that is lower', async () => {
    const { session: own, kid } = await session();
    await apply(own, ({ body: { policy } }) => ({ body: { policy: { ...policy, units: SHARE + 1 } } }));
    while (own.shares.spend(kid, 1));
    expect(await codeOf(() => encryptIn(own, 'text', 's', ''))).toBeUndefined();
    expect(await codeOf(() => encryptIn(own, 'text', 's', ''))).toBe('ERR_LIMIT');
    const { keys } = await Keyring.inspect(own);
    expect(keys.find(({ id }) => id === kid)!.usage).toEqual({ reserved: SHARE + 1, limit: SHARE + 1 });
  });

  it('of the KEK says so', async () => {
    const { session: own } = await session();
    while (own.shares.spend(own.kek.id, 1));
    await used(own, own.kek.id, 2 ** 32 - 1024);
    expect(await codeOf(() => createDataKeys(own, [{ space: 't' }]))).toBe('ERR_LIMIT');
  });
});
