// Another KEK: everything is under it, or nothing is. FORMATS §3 (KEK rotation).

import { createHmac, randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Keyring, KeystrataError, memoryStore, type RollbackMemory, type Store } from '../../bindings/index.ts';
import { isWhole } from '../../bindings/keyring/audit-log.ts';
import { apply } from '../../bindings/keyring/change.ts';
import { create } from '../../bindings/keyring/create.ts';
import { createDataKeys } from '../../bindings/keyring/create-data-keys.ts';
import { decrypt, encryptIn } from '../../bindings/keyring/records.ts';
import { rotateKek } from '../../bindings/keyring/rotate-kek.ts';
import { ByHand, hex, raw } from './by-hand.ts';
import {
  codeOf,
  engine,
  events,
  FEW,
  operator,
  OWNER,
  PASSPHRASE,
  STORES,
  utf8,
  world,
  type World,
} from './support.ts';

const at = { space: 's', context: 'c' };

interface Filled extends World {
  record: Uint8Array;
  envelope: Uint8Array;
  file: Uint8Array;
  kek: string;
}

async function filled(store?: Store): Promise<Filled> {
  const own = await world(store);
  const { keyring } = own;
  await keyring.createDataKeys([{ space: 's' }, { space: 't' }]);
  await keyring.createIndexKey({ space: 's' });
  return {
    ...own,
    record: await keyring.encrypt('a record', at),
    envelope: await keyring.sealEnvelope('an envelope', at),
    file: await keyring.seal(utf8('a file'), at),
    kek: keyring.inventory()[0]!.id,
  };
}

/** Whatever was sealed before opens. */
async function opens(keyring: Keyring, { record, envelope, file }: Filled): Promise<void> {
  expect(await keyring.decryptText(record, at)).toBe('a record');
  expect(await keyring.decryptText(envelope, at)).toBe('an envelope');
  expect(await keyring.open(file, at)).toEqual(utf8('a file'));
}

describe.each(STORES)('rotation in a %s store', (_name, open) => {
  let store: Store;
  let end: () => void;
  beforeEach(() => ({ store, end } = open()));
  afterEach(() => end());

  it('puts every key under another KEK in one write, and touches no data', async () => {
    const was = await filled(store);
    const { keyring, secret, unlock, kek } = was;
    const before = raw((await store.get(OWNER))!.bytes);
    const index = await keyring.index('value', { space: 's', field: 'f' });
    const { revision } = keyring;
    await keyring.rotateKek({ secrets: [secret] });
    expect(keyring.revision).toBe(revision + 1);

    const after = new ByHand((await store.get(OWNER))!.bytes, secret.operatorKey);
    expect(after.macHolds).toBe(true);
    expect(hex(after.header.get(5) as Uint8Array)).not.toBe(kek);
    for (const field of [6, 7])
      expect(after.header.get(field), `header ${field}`).not.toEqual(before.header.get(field));
    const [oldBody, newBody] = [before.body.get(10), after.body.get(10)] as Uint8Array[];
    expect(hex(newBody!)).not.toBe(hex(oldBody!));
    for (const [kid, record] of after.records) {
      const wrapped = record.get(8) as Uint8Array | null;
      if (kid === hex(oldBody!)) expect([record.get(5), wrapped]).toEqual([6, null]);
      else expect(hex(wrapped!.subarray(12, 28)), kid).toBe(hex(after.header.get(5) as Uint8Array));
      if (wrapped !== null && record.get(1) === 1) expect(after.dek(kid)).toHaveLength(32);
    }
    expect(after.privatePart.get(1)).toBeDefined();
    const [[old, entry] = [new Uint8Array(), []]] = after.body.get(5) as Map<Uint8Array, [Uint8Array, number]>;
    expect([hex(old), entry[1]]).toEqual([kek, 4]);

    for (const one of [keyring, await unlock()]) {
      await opens(one, was);
      expect(await one.index('value', { space: 's', field: 'f' })).toEqual(index);
      expect(one.inventory()[0]).toMatchObject({ role: 'KEK', version: 2, state: 'active' });
      await one.createDataKey({ space: 's' });
      expect(await one.decryptText(await one.encrypt('new', at), at)).toBe('new');
    }
  });

  it('again and again: what was sealed under each KEK opens', async () => {
    const was = await filled(store);
    const { keyring, secret, unlock } = was;
    const files = [was.file];
    for (let i = 0; i < 4; i++) {
      await keyring.rotateKek({ secrets: [secret] });
      files.push(await keyring.seal(utf8('a file'), at));
    }
    const other = await unlock();
    for (const file of files) expect(await other.open(file, at)).toEqual(utf8('a file'));
    await opens(other, was);
    const keks = other.inventory().filter(({ role }) => role === 'KEK');
    expect(keks.map(({ version, state }) => [version, state])).toEqual([
      [5, 'active'],
      ...[1, 2, 3, 4].map((version) => [version, 'deactivated']),
    ]);
    const rewrapped = await other.rewrap(was.envelope);
    expect(await other.decryptText(rewrapped, at)).toBe('an envelope');
  });
});

describe('after a compromise', () => {
  it('every key has a successor, and those that were there open old data alone', async () => {
    const was = await filled();
    const { keyring, secret, unlock, kek } = was;
    const old = new Map(keyring.inventory().map((key) => [key.id, key]));
    await keyring.setState(keyring.dataKey({ space: 't' }).id, 'suspended', '');
    await keyring.rotateKek({ reason: 'compromised', secrets: [secret] });
    for (const one of [keyring, await unlock()]) {
      await opens(one, was);
      const now = one.inventory();
      const deks = now.filter(({ role }) => role === 'DEK');
      for (const key of deks) {
        const own = key.space === undefined;
        if (old.has(key.id)) expect(key.state, key.space).toBe(own ? 'destroyed' : 'compromised');
        else expect([key.state, key.version]).toEqual(['active', 2]);
      }
      expect(now.find(({ id }) => id === kek)!.state).toBe('compromised');
      const spaces = deks.filter(({ id, state }) => !old.has(id) && state === 'active').map(({ space }) => space);
      expect(spaces.sort()).toEqual(['s', 's', undefined]); // the DEK, the index key, the body DEK; "t" was suspended
      const fresh = await one.encrypt('new', at);
      expect(await one.decryptText(fresh, at)).toBe('new');
      expect(await codeOf(() => one.encrypt('x', { space: 't', context: '' }))).toBe('ERR_KEY_NOT_FOUND');
      const { id } = [...old.values()].find(({ space, role }) => space === 's' && role === 'DEK')!;
      expect(await codeOf(() => one.setState(id, 'active', ''))).toBe('ERR_KEY_STATE');
    }
    await keyring.rotateKek({ secrets: [secret] }); // and from there on as ever
    await opens(await unlock(), was);
  });

  it('who kept document and KEK reads what was there, and nothing of what came after', async () => {
    const was = await filled();
    const { keyring, secret, store } = was;
    const stolen = new ByHand((await store.get(OWNER))!.bytes, secret.operatorKey);
    await keyring.rotateKek({ reason: 'compromised', secrets: [secret] });
    await keyring.encrypt('new', at);
    const { body, header } = raw((await store.get(OWNER))!.bytes);
    for (const [kid, record] of body.get(1) as Map<Uint8Array, Map<number, unknown>>) {
      const wrapped = record.get(8) as Uint8Array | null;
      if (wrapped !== null) expect(() => stolen.unwrap('record-key', kid, wrapped, [3, 4])).toThrow();
    }
    const [kid, wrapped] = header.get(6) as [Uint8Array, Uint8Array];
    expect(() => stolen.unwrap('document-key', kid, wrapped, [7])).toThrow();
  });
});

describe('slots', () => {
  const p = () => ({ engine, store: memoryStore(), owner: OWNER, passphrase: PASSPHRASE, allowWeak: true });

  it('with their secrets lead to the next KEK; raised, if they were weak', async () => {
    const own = p();
    const { keyring, recoveryCode } = await Keyring.create({ ...own, iterations: FEW });
    const told: number[] = [];
    await keyring.rotateKek({
      secrets: [{ passphrase: 'another one altogether' }, { recoveryCode }, { passphrase: PASSPHRASE }],
      onProgress: (fraction) => told.push(fraction),
    });
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect(told.at(-1)).toBe(1);
    for (const secret of [{ passphrase: PASSPHRASE }, { recoveryCode }])
      (await Keyring.unlock({ ...own, passphrase: undefined as never, ...secret })).lock();
    const { slots } = await Keyring.inspect(own);
    expect(slots.find(({ type }) => type === 'passphrase')!.iterations).toBe(600_000);
  });

  it('whose secret is missing are named, before any work; or dropped', async () => {
    const own = p();
    const { keyring, recoveryCode } = await Keyring.create({ ...own, iterations: FEW });
    const slot = (await Keyring.inspect(own)).slots.find(({ type }) => type === 'recovery')!.id;
    const before = (await own.store.get(OWNER))!.bytes;
    const missing = keyring.rotateKek({ secrets: [{ passphrase: PASSPHRASE }] });
    await expect(missing).rejects.toThrow(new RegExp(`1 of 2 slots are missing.*${slot} \\(recovery\\)`));
    const codes = await Promise.all([
      codeOf(() => keyring.rotateKek()),
      codeOf(() => keyring.rotateKek({ secrets: [{ passphrase: 'not that one at all' }, { recoveryCode }] })),
      codeOf(() => keyring.rotateKek({ dropSlots: ['0'.repeat(32)], secrets: [] })),
      codeOf(() => keyring.rotateKek({ dropSlots: [...keyring.slots.list().map(({ id }) => id)] })),
      codeOf(() => keyring.rotateKek({ reason: 'boredom' as never })),
      codeOf(() => keyring.rotateKek({ secrets: {} as never })),
      codeOf(() => keyring.rotateKek({ signal: AbortSignal.abort() })),
    ]);
    expect(codes).toEqual([
      'ERR_ARGUMENT',
      'ERR_WRONG_SECRET',
      'ERR_NOT_FOUND',
      'ERR_KEY_STATE',
      'ERR_ARGUMENT',
      'ERR_ARGUMENT',
      'ERR_ABORTED',
    ]);
    expect((await own.store.get(OWNER))!.bytes).toEqual(before);
    await keyring.rotateKek({ secrets: [{ passphrase: PASSPHRASE }], dropSlots: [slot] });
    expect(await codeOf(() => Keyring.unlock({ ...own, passphrase: undefined as never, recoveryCode }))).toBe(
      'ERR_WRONG_SECRET',
    );
    (await Keyring.unlock(own)).lock();
  });
});

describe('what happens at the same time', () => {
  it('other devices: told to lock and unlock, lose nothing, and add nothing under the old KEK', async () => {
    const was = await filled();
    const { keyring, secret, unlock } = was;
    const other = await unlock();
    await keyring.rotateKek({ secrets: [secret] });
    expect(await codeOf(() => other.refresh())).toBe('ERR_CONFLICT');
    expect(await codeOf(() => other.createDataKey({ space: 'n' }))).toBe('ERR_CONFLICT');
    await expect(other.refresh()).rejects.toThrow(/lock, then unlock again/);
    other.lock();
    await opens(await unlock(), was);
  });

  it('a key that another device adds just before the switch is under the next KEK too', async () => {
    const inner = memoryStore();
    const was = await filled(inner);
    const { secret } = was;
    const device = await was.unlock();
    await device.encrypt('a share', at);
    let added = '';
    const store: Store = {
      ...inner,
      name: inner.name,
      get: (id) => inner.get(id),
      put: async (id, bytes, q) => {
        if (added === '') added = (await device.createDataKey({ space: 'added' })).id;
        return inner.put(id, bytes, q);
      },
    };
    const rotating = await Keyring.unlock({ engine, store, owner: OWNER, memory: memoryStore(), ...secret });
    await rotating.rotateKek({ secrets: [secret] });
    expect(added).not.toBe('');
    const after = await was.unlock();
    expect(after.dataKey({ space: 'added' }).id).toBe(added);
    expect(await after.decryptText(await after.encrypt('x', { space: 'added', context: '' }), { context: '' })).toBe(
      'x',
    );
    await opens(after, was);
  });

  it('another rotation, or a slot that is added: the second is told, nothing is lost', async () => {
    const was = await filled();
    const { keyring, secret, unlock } = was;
    const other = await unlock();
    const codes = await Promise.all([keyring, other].map((one) => codeOf(() => one.rotateKek({ secrets: [secret] }))));
    expect(codes.sort()).toEqual(['ERR_CONFLICT', undefined]);
    await opens(await unlock(), was);

    const [one, two] = [await unlock(), await unlock()];
    await two.encrypt('a share', at);
    const both = await Promise.all([
      codeOf(() => one.rotateKek({ secrets: [secret] })),
      codeOf(() => two.slots.addRecovery()),
    ]);
    expect(both.filter((code) => code === undefined).length).toBeGreaterThan(0);
    for (const code of both) expect([undefined, 'ERR_CONFLICT']).toContain(code);
    await opens(await unlock(), was);
  });

  it('calls of the same keyring: each lands under the KEK that is there, or is told to do it again', async () => {
    const was = await filled();
    const { keyring, secret, unlock } = was;
    const made: string[] = [];
    const sealed: Uint8Array[] = [];
    const make = async (i: number): Promise<string | undefined> =>
      codeOf(async () => {
        await keyring.createDataKey({ space: `n ${i}` });
        made.push(`n ${i}`);
      });
    const seal = async (): Promise<void> => void sealed.push(await keyring.seal(utf8('x'), at));
    const codes = await Promise.all([
      make(1),
      keyring.rotateKek({ secrets: [secret] }).then(() => undefined),
      make(2),
      seal(),
      ...Array.from({ length: 20 }, (_, i) => new Promise((done) => setTimeout(done, i)).then(() => make(10 + i))),
      ...Array.from({ length: 20 }, (_, i) => new Promise((done) => setTimeout(done, i)).then(seal)),
    ]);
    for (const code of codes) expect([undefined, 'ERR_CONFLICT']).toContain(code);
    const after = await unlock();
    for (const space of made) {
      const record = await after.encrypt('x', { space, context: '' });
      expect(await keyring.decryptText(record, { context: '' }), space).toBe('x');
    }
    for (const file of sealed) expect(await after.open(file, at)).toEqual(utf8('x'));
  });

  it('rotations of one keyring: the first lands, the others are told, and no key is said to be altered', async () => {
    const { keyring, secret, envelope, unlock } = await filled();
    const p = { secrets: [secret] };
    const codes = [p, p, { ...p, reason: 'compromised' } as const].map((one) => codeOf(() => keyring.rotateKek(one)));
    expect(await Promise.all(codes)).toEqual([undefined, 'ERR_CONFLICT', 'ERR_CONFLICT']);
    expect(await codeOf(async () => (await unlock()).decrypt(envelope, { context: 'c' }))).toBeUndefined();
  });

  it('rotations of one keyring of many keys, which take turns while they wrap: the second is told all the same', async () => {
    const was = await filled();
    const { keyring, secret, unlock } = was;
    await keyring.createDataKeys(Array.from({ length: 600 }, (_, i) => ({ space: `${i}` }))); // 250 are wrapped at a time
    const free = engine.freeSlots();
    const reasons = ['scheduled', 'scheduled', 'compromised'] as const;
    const codes = reasons.map((reason) => codeOf(() => keyring.rotateKek({ reason, secrets: [secret] })));
    expect(await Promise.all(codes)).toEqual([undefined, 'ERR_CONFLICT', 'ERR_CONFLICT']);
    expect(engine.freeSlots()).toBe(free);
    const after = await unlock();
    await after.verify();
    await opens(after, was);
  });

  it('a rotation that waits for a device while another one lands: told, and no slot is said to be altered', async () => {
    const { keyring, secret } = await world();
    const pins = [0, 1].map((i) => ({ pin: `123${i}`, deviceSecret: randomBytes(32) }));
    const slots: string[] = [];
    for (const pin of pins) slots.push((await keyring.slots.add({ ...pin, iterations: FEW, allowWeak: true })).id);
    let landed: Promise<void> | null = null;
    const slow = pins.map(({ pin, deviceSecret }) => ({
      pin,
      deviceSecret: async (message: Uint8Array) => {
        await (landed ??= keyring.rotateKek({ secrets: [secret], dropSlots: slots }));
        return createHmac('sha256', deviceSecret).update(message).digest();
      },
    }));
    expect(await codeOf(() => keyring.rotateKek({ secrets: [secret, ...slow] }))).toBe('ERR_CONFLICT');
    expect(landed).not.toBeNull();
  });

  it.each([false, true])(
    'a slot that is being made leads to the KEK that is there then (rotatable: %s)',
    async (rotatable) => {
      const { store, keyring, secret } = await world();
      const key = randomBytes(32);
      let landed: Promise<void> | null = null;
      const deviceSecret = async (message: Uint8Array): Promise<Uint8Array> => {
        await (landed ??= keyring.rotateKek({ secrets: [secret] }));
        return createHmac('sha256', key).update(message).digest();
      };
      await keyring.slots.add({ pin: '1234', deviceSecret, iterations: FEW, allowWeak: true, rotatable });
      expect(landed).not.toBeNull();
      const p = { engine, store, owner: OWNER, memory: memoryStore(), allowWeak: true };
      const opened = await Keyring.unlock({ ...p, pin: '1234', deviceSecret: key });
      expect(opened.inventory()[0]!.id).toBe(keyring.inventory()[0]!.id);
    },
  );

  it('a device that cannot remember it: not reported done, but the keyring goes on under what was written', async () => {
    const inner = memoryStore();
    let full = false;
    const memory: RollbackMemory = {
      get: (id) => inner.get(id),
      put: (...given) =>
        full ? Promise.reject(new KeystrataError('ERR_STORE', 'the disk is full')) : inner.put(...given),
    };
    const { store, secret, envelope, keyring: first } = await filled();
    first.lock();
    const keyring = await Keyring.unlock({ engine, store, owner: OWNER, memory, ...secret });
    full = true;
    expect(await codeOf(() => keyring.rotateKek({ secrets: [secret] }))).toBe('ERR_STORE');
    full = false;
    await keyring.createDataKey({ space: 'behind it' });
    expect(await keyring.decryptText(envelope, { context: 'c' })).toBeTruthy();
    const sealed = await keyring.sealEnvelope('under the next', { context: '' });
    keyring.lock();
    const again = await Keyring.unlock({ engine, store, owner: OWNER, memory, ...secret });
    expect(await again.decryptText(sealed, { context: '' })).toBe('under the next');
    again.lock();
    expect(engine.freeSlots()).toBe(64);
  });

  it('lock: the rotation ends, and nothing of it stays in the core', async () => {
    const own = { engine, store: memoryStore(), owner: OWNER, passphrase: PASSPHRASE, allowWeak: true };
    const free = engine.freeSlots();
    const { keyring } = await Keyring.create({ ...own, iterations: FEW, recovery: false });
    const before = (await own.store.get(OWNER))!.bytes;
    const rotating = codeOf(() => keyring.rotateKek({ secrets: [{ passphrase: PASSPHRASE }] }));
    await new Promise((done) => setTimeout(done, 20));
    keyring.lock();
    expect(await rotating).toBe('ERR_DISPOSED');
    await new Promise((done) => setTimeout(done, 50));
    expect(engine.freeSlots()).toBe(free);
    expect((await own.store.get(OWNER))!.bytes).toEqual(before);
  });

  it('an abort: nothing was written, and the next one works', async () => {
    const was = await filled();
    const { keyring, secret, store } = was;
    await keyring.createDataKeys(Array.from({ length: 1500 }, (_, i) => ({ space: `${i}` })));
    const before = (await store.get(OWNER))!.bytes;
    const free = engine.freeSlots();
    const stop = new AbortController();
    const code = await codeOf(() =>
      keyring.rotateKek({
        secrets: [secret],
        signal: stop.signal,
        onProgress: (fraction) => fraction > 0.3 && stop.abort(),
      }),
    );
    expect(code).toBe('ERR_ABORTED');
    expect((await store.get(OWNER))!.bytes).toEqual(before);
    expect(engine.freeSlots()).toBe(free);
    await keyring.rotateKek({ secrets: [secret] });
    await opens(keyring, was);
  });
});

describe('a key that does not unwrap', () => {
  it('stops it, before anything is written: the inventory must be complete', async () => {
    const secret = operator();
    const { session } = await create({ engine, store: memoryStore(), owner: OWNER, recovery: false, ...secret });
    const [key] = await createDataKeys(session, [{ space: 's' }]);
    const record = await encryptIn(session, 'text', 's', '');
    const good = session.snapshot.body.keys.get(key!.id)!;
    const wrapped = good.wrapped!.slice();
    wrapped[60]! ^= 1;
    await apply(session, ({ body }) => ({ body: { keys: new Map(body.keys).set(key!.id, { ...good, wrapped }) } }));
    const before = (await session.store.get(OWNER))!.bytes;
    expect(await codeOf(() => rotateKek(session, { secrets: [secret] }))).toBe('ERR_AUTHENTICATION');
    expect((await session.store.get(OWNER))!.bytes).toEqual(before);
    await apply(session, ({ body }) => ({ body: { keys: new Map(body.keys).set(key!.id, good) } }));
    await rotateKek(session, { secrets: [secret] });
    expect(await decrypt(session, record, '')).toEqual(utf8('text'));
  });
});

describe('the log', () => {
  it('tells which KEK gave way, why, and what was dropped', async () => {
    const secret = operator();
    const store = memoryStore();
    const { session } = await create({ engine, store, owner: OWNER, ...secret });
    const recovery = session.snapshot.header.slots.find(({ type }) => type === 'recovery')!.id;
    const kek = session.kek.id;
    await rotateKek(session, { reason: 'compromised', secrets: [secret], dropSlots: [recovery] });
    expect(events(session.snapshot.body)).toEqual([
      ['create', session.keyring],
      ['rotate KEK', kek],
      ['slot remove', recovery],
    ]);
    expect([...session.snapshot.private.reasons]).toEqual([[1, 'compromised']]);
    expect(isWhole(session, session.snapshot.body.audit)).toBe(true);
  });
});
