// Recovery codes: what is written down once opens the keyring when the passphrase is lost.

import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Keyring, KeystrataError, memoryStore, type Store } from '../../bindings/index.ts';
import { decodeRecoveryCode } from '../../bindings/format/recovery-code.ts';
import { changeLostPassphrase } from '../../bindings/keyring/keyring.ts';
import { ByHand, raw } from './by-hand.ts';
import { codeOf, engine, FEW, operator, OWNER, PASSPHRASE } from './support.ts';

const place = (store: Store) => ({ engine, store, owner: OWNER });
const create = async (p: { recovery?: boolean } = {}) => {
  const store = memoryStore();
  const { keyring, recoveryCode } = await Keyring.create({ ...place(store), ...operator(), ...p });
  return { store, keyring, recoveryCode };
};
const typesIn = async (store: Store): Promise<string[]> =>
  (await Keyring.inspect({ store, owner: OWNER })).slots.map(({ type }) => type).sort();

/** A store that counts what it is asked. */
function counting(inner: Store): { store: Store; asked: () => number } {
  let asked = 0;
  const store: Store = {
    name: inner.name,
    get: (id) => (asked++, inner.get(id)),
    put: (id, bytes, p) => (asked++, inner.put(id, bytes, p)),
    delete: (id, p) => (asked++, inner.delete(id, p)),
    list: () => inner.list(),
  };
  return { store, asked: () => asked };
}

describe('a recovery code', () => {
  it('is made with the keyring, in the first write, unless refused', async () => {
    const { store, keyring, recoveryCode } = await create();
    expect([keyring.revision, await typesIn(store)]).toEqual([1, ['operator', 'recovery']]);
    expect(decodeRecoveryCode(recoveryCode)).toHaveLength(32);
    const without = await create({ recovery: false });
    expect([without.recoveryCode, await typesIn(without.store)]).toEqual(['', ['operator']]);
  });

  it('that nobody gets leaves no keyring: where it cannot be remembered, or the answer of the store is lost', async () => {
    const failing = (): never => {
      throw new KeystrataError('ERR_STORE', 'the disk is full');
    };
    const store = memoryStore();
    const p = { engine, store, owner: OWNER, ...operator() };
    const memory = {
      get: () => Promise.resolve(null),
      put: () => Promise.reject(new KeystrataError('ERR_STORE', 'full')),
    };
    expect(await codeOf(() => Keyring.create({ ...p, memory }))).toBe('ERR_STORE');
    expect(await Keyring.exists(p)).toBe(false);
    const unsure: Store = {
      name: store.name,
      get: (id) => store.get(id),
      put: (...given) => store.put(...given).then(failing),
      delete: (...given) => store.delete(...given),
      list: () => store.list(),
    };
    expect(await codeOf(() => Keyring.create({ ...p, store: unsure }))).toBe('ERR_STORE');
    expect(await Keyring.exists(p)).toBe(false);
    (await Keyring.create(p)).keyring.lock();
    expect(await codeOf(() => Keyring.create({ ...p, store: unsure }))).toBe('ERR_EXISTS');
    expect(await Keyring.exists(p)).toBe(true);
  });

  it('opens what the passphrase sealed, however it is typed', async () => {
    const store = memoryStore();
    const p = { ...place(store), passphrase: PASSPHRASE, iterations: FEW, allowWeak: true };
    const { keyring, recoveryCode } = await Keyring.create(p);
    await keyring.createDataKey({ space: 's' });
    const record = await keyring.encrypt('kept', { space: 's', context: 'c' });
    keyring.lock();
    const spoken = recoveryCode.toLowerCase().replaceAll('1', 'l').replaceAll('0', 'o').replaceAll('-', ' ');
    for (const code of [recoveryCode, spoken, ` ${recoveryCode.replaceAll('-', '')}\n`]) {
      const told: number[] = [];
      const again = await Keyring.unlock({ ...place(store), recoveryCode: code, onProgress: (x) => told.push(x) });
      expect(await again.decryptText(record, { context: 'c' })).toBe('kept');
      expect(told.at(-1)).toBe(1);
      again.lock();
    }
  });

  it('says in which group it is mistyped, before the store is read or anything is derived', async () => {
    const { store: inner, recoveryCode } = await create();
    const { store, asked } = counting(inner);
    const free = engine.freeSlots();
    const groups = recoveryCode.split('-');
    for (let g = 0; g < 13; g++) {
      const wrong = [...groups];
      const [first, ...rest] = wrong[g]!;
      wrong[g] = [first === 'X' ? 'Y' : 'X', ...rest].join('');
      const error: unknown = await Keyring.unlock({ ...place(store), recoveryCode: wrong.join('-') }).catch(
        (e: unknown) => e,
      );
      expect(KeystrataError.is(error, 'ERR_ARGUMENT')).toBe(true);
      expect((error as Error).message).toMatch(new RegExp(`group ${g + 1} `));
      for (const group of wrong) expect((error as Error).message).not.toContain(group);
    }
    expect(asked()).toBe(0);
    expect(engine.freeSlots()).toBe(free);
  });

  it('of another keyring, or where there is none, is a wrong secret', async () => {
    const [one, other] = [await create(), await create()];
    expect(await codeOf(() => Keyring.unlock({ ...place(one.store), recoveryCode: other.recoveryCode }))).toBe(
      'ERR_WRONG_SECRET',
    );
    const without = await create({ recovery: false });
    expect(await codeOf(() => Keyring.unlock({ ...place(without.store), recoveryCode: one.recoveryCode }))).toBe(
      'ERR_WRONG_SECRET',
    );
  });

  it('gives the MEK of FORMATS §3', async () => {
    const { store, recoveryCode } = await create();
    const { bytes } = (await store.get(OWNER))!;
    const slot = (raw(bytes).header.get(7) as Map<number, unknown>[]).find((one) => one.get(2) === 2)!;
    expect([...slot.keys()]).toEqual([1, 2, 3, 4, 5, 7, 8]);
    const salt = Buffer.concat([Buffer.from('keystrata/recovery/v1\0'), slot.get(5) as Uint8Array]);
    const mek = createHmac('sha256', salt).update(decodeRecoveryCode(recoveryCode)).digest();
    expect(new ByHand(bytes, mek, 2).macHolds).toBe(true);
  });

  it('is replaced in one write: the old one opens nothing any more', async () => {
    const { store, keyring, recoveryCode } = await create();
    const before = (await Keyring.inspect({ store, owner: OWNER })).slots;
    const told: number[] = [];
    const next = await keyring.replaceRecoveryCode({ onProgress: (x) => told.push(x) });
    expect(next).not.toBe(recoveryCode);
    expect([keyring.revision, told]).toEqual([2, [1]]);
    const after = (await Keyring.inspect({ store, owner: OWNER })).slots;
    expect(after.map(({ id, type }) => [id, type])).toEqual(before.map(({ id, type }) => [id, type]));
    expect(await codeOf(() => Keyring.unlock({ ...place(store), recoveryCode }))).toBe('ERR_WRONG_SECRET');
    expect((await Keyring.unlock({ ...place(store), recoveryCode: next })).id).toBe(keyring.id);
  });

  it('is added where there was none', async () => {
    const { store, keyring } = await create({ recovery: false });
    const recoveryCode = await keyring.replaceRecoveryCode();
    expect(await typesIn(store)).toEqual(['operator', 'recovery']);
    expect((await Keyring.unlock({ ...place(store), recoveryCode })).id).toBe(keyring.id);
  });

  it('is one of two that are made at once: the other is told', async () => {
    const { store, keyring, recoveryCode } = await create();
    const other = await Keyring.unlock({ ...place(store), recoveryCode });
    const results = await Promise.allSettled([keyring.replaceRecoveryCode(), other.replaceRecoveryCode()]);
    const codes = results.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const lost = results.flatMap((one) => (one.status === 'rejected' ? [one.reason as Error] : []));
    expect([codes.length, lost.length]).toEqual([1, 1]);
    expect(KeystrataError.is(lost[0], 'ERR_CONFLICT')).toBe(true);
    expect((await Keyring.unlock({ ...place(store), recoveryCode: codes[0]! })).id).toBe(keyring.id);
  });

  it('sets another passphrase for who lost it', async () => {
    const store = memoryStore();
    const p = { ...place(store), passphrase: PASSPHRASE };
    const { keyring, recoveryCode } = await Keyring.create({ ...p, iterations: FEW, allowWeak: true });
    const other = await create();
    const next = 'staple battery horse correct';
    expect(await codeOf(() => changeLostPassphrase(keyring, other.recoveryCode, next))).toBe('ERR_WRONG_SECRET');
    expect(await codeOf(() => changeLostPassphrase(keyring, recoveryCode, 'short'))).toBe('ERR_ARGUMENT');
    const slot = { slot: '00'.repeat(16) };
    expect(await codeOf(() => changeLostPassphrase(keyring, recoveryCode, next, slot))).toBe('ERR_NOT_FOUND');
    expect(await codeOf(() => changeLostPassphrase(other.keyring, other.recoveryCode, next))).toBe('ERR_NOT_FOUND');
    expect(keyring.revision).toBe(1);
    await changeLostPassphrase(keyring, recoveryCode, next);
    expect(keyring.revision).toBe(2);
    expect(await codeOf(() => Keyring.unlock({ ...p, allowWeak: true }))).toBe('ERR_WRONG_SECRET');
    expect((await Keyring.unlock({ ...p, passphrase: next })).id).toBe(keyring.id);
    expect((await Keyring.unlock({ ...place(store), recoveryCode })).id).toBe(keyring.id);
  });

  it('is not made after an abort or a lock', async () => {
    const { store, keyring, recoveryCode } = await create();
    expect(await codeOf(() => keyring.replaceRecoveryCode({ signal: AbortSignal.abort() }))).toBe('ERR_ABORTED');
    keyring.lock();
    expect(await codeOf(() => keyring.replaceRecoveryCode())).toBe('ERR_DISPOSED');
    expect((await Keyring.unlock({ ...place(store), recoveryCode })).revision).toBe(1);
  });
});
