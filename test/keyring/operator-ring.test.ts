// The operator's ring: which key does what in which state, and what a keyring is like when its slot has moved.

import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { createEngine, Keyring, memoryStore, type Store } from '../../bindings/index.ts';
import { OperatorRing } from '../../bindings/operator.ts';
import { rewrapOperatorSlot } from '../../bindings/keyring/rewrap-operator-slot.ts';
import { codeOf, engine, PASSPHRASE, FEW } from './support.ts';

const key = (): Uint8Array => randomBytes(32);
let ring: OperatorRing;
let store: Store;
let before: number;
beforeEach(() => {
  before = engine.freeSlots();
  ring = new OperatorRing(engine);
  store = memoryStore();
});
const owner = 'alice';

describe('a ring', () => {
  it('has one active key, and each key a state', () => {
    const [a, b] = [ring.add(key()), ring.add(key(), 'AB'.repeat(16))];
    expect(a).toMatch(/^[0-9a-f]{32}$/);
    expect(b).toBe('ab'.repeat(16));
    expect(() => ring.active).toThrow(expect.objectContaining({ code: 'ERR_KEY_STATE' }) as Error);
    expect(ring.list()).toEqual([
      { id: a, state: 'pre-activation' },
      { id: b, state: 'pre-activation' },
    ]);
    ring.activate(a);
    expect(ring.active).toBe(a);
    ring.activate(b);
    ring.activate(b);
    expect(ring.active).toBe(b);
    expect(ring.list()).toEqual([
      { id: a, state: 'deactivated' },
      { id: b, state: 'active' },
    ]);
    ring.activate(a); // back again, where a rotation is called off
    expect(ring.list().map(({ state }) => state)).toEqual(['active', 'deactivated']);
    expect([ring.has(a), ring.has('00'.repeat(16))]).toEqual([true, false]);
  });

  it('refuses what is wrong', async () => {
    expect(() => new OperatorRing({} as never)).toThrow(/engine/);
    const id = ring.add(key());
    for (const [code, work] of [
      ['ERR_EXISTS', () => ring.add(key(), id)],
      ['ERR_ARGUMENT', () => ring.add(new Uint8Array(31))],
      ['ERR_ARGUMENT', () => ring.add('x'.repeat(32) as never)],
      ['ERR_ARGUMENT', () => ring.add(key(), 'short')],
      ['ERR_KEY_NOT_FOUND', () => ring.activate('00'.repeat(16))],
      ['ERR_KEY_STATE', () => ring.create({ store, owner })],
      ['ERR_ARGUMENT', () => ring.retire(id, { stores: [] })],
      ['ERR_ARGUMENT', () => ring.retire(id, {} as never)],
      ['ERR_KEY_NOT_FOUND', () => ring.retire('00'.repeat(16), { stores: [store] })],
      ['ERR_NOT_FOUND', () => ring.unlock({ store, owner })],
    ] as const)
      expect(await codeOf(work), String(work)).toBe(code);
    for (let i = ring.list().length; i < 16; i++) ring.add(key());
    expect(await codeOf(() => ring.add(key()))).toBe('ERR_LIMIT');
    expect(await store.get(owner)).toBeNull();
  });

  it('keeps its keys in the core, and wipes them at its end', async () => {
    const bytes = key();
    const id = ring.add(bytes);
    bytes.fill(0); // it has its own copy
    ring.activate(id);
    const { keyring } = await ring.create({ store, owner });
    keyring.lock();
    expect(JSON.stringify(ring)).not.toContain(Buffer.from(bytes).toString('hex'));
    expect(engine.freeSlots()).toBe(before - 1);
    ring.dispose();
    ring[Symbol.dispose]();
    expect(engine.freeSlots()).toBe(before);
    expect(await codeOf(() => ring.unlock({ store, owner }))).toBe('ERR_WRONG_SECRET');
  });
});

describe('keyrings of a ring', () => {
  it('are made under the active key, and opened by whichever they are under', async () => {
    const bytes = key();
    const [a, b] = [ring.add(bytes), ring.add(key())];
    ring.activate(a);
    const { keyring, recoveryCode } = await ring.create({ store, owner });
    expect(recoveryCode).toBe('');
    keyring.lock();
    ring.activate(b);
    (await ring.unlock({ store, owner })).lock();
    (await Keyring.unlock({ engine, store, owner, operatorKey: bytes, operatorKeyId: a })).lock();
    const other = await ring.create({ store, owner: 'bob', recovery: true });
    expect(other.recoveryCode).not.toBe('');
    expect(
      (await Keyring.inspect({ store, owner: 'bob' })).slots.find(({ type }) => type === 'operator'),
    ).toMatchObject({
      operatorKeyId: b,
    });
    const stranger = new OperatorRing(engine);
    stranger.activate(stranger.add(key()));
    expect(await codeOf(() => stranger.unlock({ store, owner }))).toBe('ERR_WRONG_SECRET');
    expect(await codeOf(() => stranger.create({ store, owner }))).toBe('ERR_EXISTS');
  });

  it('come under the active key in one write that changes nothing else', async () => {
    const bytes = [key(), key()] as const;
    const [a, b] = [ring.add(bytes[0]), ring.add(bytes[1])];
    ring.activate(a);
    const { keyring } = await ring.create({ store, owner });
    await keyring.createDataKey({ space: 'notes' });
    const [slot] = keyring.slots.list();
    await keyring.slots.rename(slot!.id, 'the records server');
    const sealed = await keyring.encrypt('Dear diary', { space: 'notes', context: '' });
    const { revision } = keyring;
    keyring.lock();
    expect(await rewrapOperatorSlot(ring, { store, owner })).toBe('current');
    ring.activate(b);
    expect(await rewrapOperatorSlot(ring, { store, owner })).toBe('rewrapped');
    expect(await rewrapOperatorSlot(ring, { store, owner })).toBe('current');

    const again = await Keyring.unlock({ engine, store, owner, operatorKey: bytes[1], operatorKeyId: b });
    expect(again.revision).toBe(revision + 1);
    expect(await again.decryptText(sealed, { context: '' })).toBe('Dear diary');
    expect(again.slots.list()).toEqual([{ ...slot!, label: 'the records server', operatorKeyId: b }]);
    again.lock();
    const old = { engine, store, owner, operatorKey: bytes[0], operatorKeyId: a };
    expect(await codeOf(() => Keyring.unlock(old))).toBe('ERR_WRONG_SECRET');
  });

  it('keep their other slots; those without an operator slot are told apart', async () => {
    const [a, b] = [ring.add(key()), ring.add(key())];
    ring.activate(a);
    const { keyring, recoveryCode } = await ring.create({ store, owner, recovery: true });
    keyring.lock();
    const weak = { iterations: FEW, allowWeak: true, passphrase: PASSPHRASE };
    (await Keyring.create({ engine, store, owner: 'of a person', recovery: false, ...weak })).keyring.lock();
    ring.activate(b);
    expect(await rewrapOperatorSlot(ring, { store, owner })).toBe('rewrapped');
    expect(await rewrapOperatorSlot(ring, { store, owner: 'of a person' })).toBe('without');
    expect(await rewrapOperatorSlot(ring, { store, owner: 'nobody' })).toBe('gone');
    (await Keyring.unlock({ engine, store, owner, recoveryCode })).lock();
    const stranger = new OperatorRing(engine);
    stranger.activate(stranger.add(key()));
    expect(await codeOf(() => rewrapOperatorSlot(stranger, { store, owner }))).toBe('ERR_WRONG_SECRET');
  });

  it('of which one has slots under several keys of the ring: all of them move', async () => {
    const bytes = [key(), key(), key()] as const;
    const ids = bytes.map((each) => ring.add(each));
    ring.activate(ids[0]!);
    const { keyring } = await ring.create({ store, owner });
    await keyring.slots.add({ operatorKey: bytes[1], operatorKeyId: ids[1]! });
    const elsewhere = { operatorKey: key(), operatorKeyId: 'ee'.repeat(16) }; // of another ring: it stays
    await keyring.slots.add(elsewhere);
    keyring.lock();
    ring.activate(ids[2]!);
    expect(await rewrapOperatorSlot(ring, { store, owner })).toBe('rewrapped');
    const { slots } = await Keyring.inspect({ store, owner });
    expect(slots.map(({ operatorKeyId }) => operatorKeyId).sort()).toEqual([ids[2], ids[2], 'ee'.repeat(16)].sort());
    (await Keyring.unlock({ engine, store, owner, ...elsewhere })).lock();
    for (const { id } of slots.filter(({ operatorKeyId }) => operatorKeyId === ids[2]))
      (await ring.unlock({ store, owner, slot: id })).lock();
  });

  it('of which one has a rotatable slot: it stays one, and its name', async () => {
    const bytes = [key(), key()] as const;
    const [a, b] = bytes.map((each) => ring.add(each)) as [string, string];
    ring.activate(a);
    (await ring.create({ store, owner })).keyring.lock();
    const keyring = await ring.unlock({ store, owner });
    const { id } = await keyring.slots.add({ operatorKey: bytes[0], operatorKeyId: a, rotatable: true, label: 'it' });
    keyring.lock();
    ring.activate(b);
    expect(await rewrapOperatorSlot(ring, { store, owner })).toBe('rewrapped');
    expect(await rewrapOperatorSlot(ring, { store, owner })).toBe('current');
    await ring.retire(a, { stores: [store] });
    const again = await ring.unlock({ store, owner, slot: id });
    expect(again.slots.list().find((slot) => slot.id === id)).toMatchObject({
      rotatable: true,
      label: 'it',
      operatorKeyId: b,
    });
    again.lock();
  });

  it('are each moved once, however many come at the same time', async () => {
    const [a, b] = [ring.add(key()), ring.add(key())];
    ring.activate(a);
    (await ring.create({ store, owner })).keyring.lock();
    ring.activate(b);
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, () => rewrapOperatorSlot(ring, { store, owner, memory: memoryStore() })),
    );
    expect(outcomes.sort()).toEqual(['current', 'current', 'current', 'current', 'current', 'rewrapped']);
    expect((await Keyring.inspect({ store, owner })).revision).toBe(2);
  });

  it.each(['before', 'after'] as const)(
    'whose write fails %s it was made are old or new, and move the next time',
    async (when) => {
      const [a, b] = [ring.add(key()), ring.add(key())];
      ring.activate(a);
      (await ring.create({ store, owner })).keyring.lock();
      ring.activate(b);
      let puts = 0;
      const failing: Store = {
        ...store,
        name: store.name,
        get: (id) => store.get(id),
        list: () => store.list(),
        delete: (id, p) => store.delete(id, p),
        async put(id, bytes, p) {
          puts++;
          if (when === 'after') await store.put(id, bytes, p);
          throw new Error('the power is out');
        },
      };
      await expect(rewrapOperatorSlot(ring, { store: failing, owner })).rejects.toThrow('the power is out');
      expect(puts).toBe(1);
      (await ring.unlock({ store, owner })).lock();
      expect(await rewrapOperatorSlot(ring, { store, owner })).toBe(when === 'after' ? 'current' : 'rewrapped');
      await ring.retire(a, { stores: [store] });
      (await ring.unlock({ store, owner })).lock();
    },
  );
});

describe('retiring', () => {
  it('is refused while anything is under the key, or cannot be read', async () => {
    const [a, b] = [ring.add(key()), ring.add(key())];
    ring.activate(a);
    for (const each of ['alice', 'bob', 'carol']) (await ring.create({ store, owner: each })).keyring.lock();
    await expect(ring.retire(a, { stores: [store] })).rejects.toMatchObject({
      code: 'ERR_KEY_STATE',
      message: /active key/,
    });
    ring.activate(b);
    const other = memoryStore();
    (await ring.create({ store: other, owner })).keyring.lock();
    await expect(ring.retire(a, { stores: [other, store] })).rejects.toMatchObject({
      code: 'ERR_KEY_STATE',
      message: expect.stringMatching(/^"(alice|bob|carol)" and 2 more still under [0-9a-f]{32}: re-wrap/) as string,
    });
    for (const each of ['alice', 'bob']) await rewrapOperatorSlot(ring, { store, owner: each });
    await expect(ring.retire(a, { stores: [store] })).rejects.toMatchObject({ message: /^"carol" still/ });
    await rewrapOperatorSlot(ring, { store, owner: 'carol' });
    const { version } = await store.put('dust', Uint8Array.of(1, 2, 3), { ifVersion: null });
    await expect(ring.retire(a, { stores: [store] })).rejects.toMatchObject({
      code: 'ERR_KEY_STATE',
      message: /^"dust" cannot be read/,
    });
    await store.delete('dust', { ifVersion: version });
    expect(ring.has(a)).toBe(true);
    const told: number[] = [];
    await ring.retire(a, { stores: [other, store], onProgress: (fraction) => told.push(fraction) });
    expect(told.at(-1)).toBe(1);
    expect(ring.list()).toEqual([{ id: b, state: 'active' }]);
    expect(engine.freeSlots()).toBe(before - 1);
    for (const each of ['alice', 'bob', 'carol']) (await ring.unlock({ store, owner: each })).lock();
  });

  it('heeds a signal, and a store that fails; the key stays', async () => {
    const [a, b] = [ring.add(key()), ring.add(key())];
    ring.activate(a);
    ring.activate(b);
    const signal = AbortSignal.abort();
    expect(await codeOf(() => ring.retire(a, { stores: [store], signal }))).toBe('ERR_ABORTED');
    await store.put('x', Uint8Array.of(1), { ifVersion: null });
    const broken = { ...store, list: () => store.list(), get: () => Promise.reject(new Error('gone')) } as Store;
    await expect(ring.retire(a, { stores: [broken] })).rejects.toThrow('gone');
    expect(ring.has(a)).toBe(true);
  });

  it('is refused where the key became active meanwhile', async () => {
    const [a, b] = [ring.add(key()), ring.add(key())];
    ring.activate(b);
    const slow = { ...store, list: () => (ring.activate(a), store.list()) };
    await expect(ring.retire(a, { stores: [slow] })).rejects.toMatchObject({ code: 'ERR_KEY_STATE' });
    expect(ring.active).toBe(a);
  });
});

it('an engine without the ring’s keys knows nothing of them', async () => {
  const other = await createEngine();
  const id = ring.add(key());
  ring.activate(id);
  (await ring.create({ store, owner })).keyring.lock();
  const empty = new OperatorRing(other);
  expect(await codeOf(() => empty.unlock({ store, owner }))).toBe('ERR_WRONG_SECRET');
  other.dispose();
});
