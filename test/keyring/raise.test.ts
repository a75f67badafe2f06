// Passphrase slots with fewer iterations than the target are raised as they are opened.

import { beforeEach, describe, expect, it } from 'vitest';
import { Keyring, memoryStore, type Store } from '../../bindings/index.ts';
import { codeOf, engine, FEW, OWNER, PASSPHRASE } from './support.ts';
import { raw } from './by-hand.ts';

let inner: Store;
let refuse: string | null;
let before: (() => Promise<void>) | null;
let store: Store;
beforeEach(async () => {
  inner = memoryStore();
  refuse = before = null;
  store = {
    name: inner.name,
    get: (id) => inner.get(id),
    put: async (id, bytes, p) => {
      await before?.();
      if (refuse !== null) throw new Error(refuse); // whatever a store may throw
      return inner.put(id, bytes, p);
    },
    delete: (id, p) => inner.delete(id, p),
    list: () => inner.list(),
  };
  const weak = { engine, store: inner, owner: OWNER, passphrase: PASSPHRASE, iterations: FEW, allowWeak: true };
  (await Keyring.create({ ...weak, recovery: false })).keyring.lock();
});

const unlock = (p: { allowWeak?: boolean; signal?: AbortSignal; onProgress?: (x: number) => void } = {}) =>
  Keyring.unlock({ engine, store, owner: OWNER, passphrase: PASSPHRASE, memory: memoryStore(), ...p });
async function slot() {
  const [one] = raw((await inner.get(OWNER))!.bytes).header.get(7) as Map<number, unknown>[];
  return { id: one!.get(1), created: one!.get(4), salt: one!.get(5), iterations: one!.get(6) };
}

describe('a weak slot', () => {
  it('is raised in one write, with a fresh salt, and is weak no more', async () => {
    expect(await codeOf(() => unlock())).toBe('ERR_LIMIT');
    const was = await slot();
    const told: number[] = [];
    const free = engine.freeSlots();
    const keyring = await unlock({ allowWeak: true, onProgress: (x) => told.push(x) });
    const now = await slot();
    expect(now).toEqual({ ...was, salt: now.salt, iterations: 600_000 });
    expect(now.salt).not.toEqual(was.salt);
    expect([keyring.revision, engine.freeSlots()]).toEqual([2, free - 1]);
    expect([told.at(-1), told.filter((x) => x === 1).length]).toEqual([1, 1]);
    keyring.lock();
    (await unlock()).lock();
    expect(await slot()).toEqual(now); // once
  });

  it('that is strong is left alone', async () => {
    const owner = 'strong';
    const p = { engine, store: inner, owner, passphrase: PASSPHRASE };
    (await Keyring.create({ ...p, iterations: 600_001, recovery: false })).keyring.lock();
    expect((await Keyring.unlock(p)).revision).toBe(1);
    const { slots } = await Keyring.inspect({ store: inner, owner });
    expect(slots.map(({ iterations }) => iterations)).toEqual([600_001]); // never lowered
  });

  it('opens all the same where it cannot be written, or another writer is first', async () => {
    refuse = 'the filesystem is read-only';
    const was = await slot();
    expect((await unlock({ allowWeak: true })).revision).toBe(1);
    refuse = null;
    before = async () => {
      before = null;
      const other = await Keyring.unlock({
        engine,
        store: inner,
        owner: OWNER,
        passphrase: PASSPHRASE,
        allowWeak: true,
      });
      await other.changePassphrase(PASSPHRASE, 'another passphrase');
      other.lock();
    };
    const keyring = await unlock({ allowWeak: true });
    expect(keyring.locked).toBe(false);
    expect(await codeOf(() => unlock({ allowWeak: true }))).toBe('ERR_WRONG_SECRET'); // the other's passphrase stayed
    expect((await slot()).id).toEqual(was.id);
  });

  it('opens all the same where the work is aborted once it is open', async () => {
    const abort = new AbortController();
    const keyring = await unlock({
      allowWeak: true,
      signal: abort.signal,
      onProgress: (x) => x === 1 && abort.abort(),
    });
    expect([keyring.locked, keyring.revision]).toEqual([false, 1]);
    await keyring.createDataKey({ space: 's' });
  });
});
