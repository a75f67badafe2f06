// Whoever can write the store can make unlocking fail, and nothing more: every altered document gives a typed error.

import { describe, expect, it } from 'vitest';
import { Keyring, memoryStore, type Store } from '../../bindings/index.ts';
import { codeOf, engine, FEW, OWNER, PASSPHRASE, world } from './support.ts';

/** A store that serves `bytes`. */
function serving(bytes: Uint8Array): Store {
  const inner = memoryStore();
  let version = 0;
  return {
    name: inner.name,
    get: () => Promise.resolve({ bytes: bytes.slice(), version: String(++version) }),
    put: (id, b, p) => inner.put(id, b, p),
    delete: (id, p) => inner.delete(id, p),
    list: () => inner.list(),
  };
}

const REFUSALS = ['ERR_FORMAT', 'ERR_UNSUPPORTED', 'ERR_LIMIT', 'ERR_AUTHENTICATION', 'ERR_WRONG_SECRET'];

describe('an altered document', () => {
  it('opens with no bit of any byte flipped, none cut off, none added', async () => {
    const { store, secret, keyring } = await world();
    await keyring.createDataKey({ space: 'notes' });
    const { bytes } = (await store.get(OWNER))!;
    const unlock = (document: Uint8Array) =>
      codeOf(() => Keyring.unlock({ engine, store: serving(document), owner: OWNER, ...secret }));
    expect(await unlock(bytes)).toBeUndefined();
    const seen = new Map<string, number>();
    const count = (code: string | undefined, what: string): void => {
      expect(REFUSALS, what).toContain(code);
      seen.set(code!, (seen.get(code!) ?? 0) + 1);
    };
    for (let i = 0; i < bytes.length; i++) {
      const flipped = bytes.slice();
      flipped[i]! ^= 1 << (i % 8);
      count(await unlock(flipped), `byte ${i}`);
    }
    for (let n = 0; n < bytes.length; n += 7) count(await unlock(bytes.slice(0, n)), `${n} bytes`);
    count(await unlock(Uint8Array.of(...bytes, 0)), 'one byte more');
    for (const code of ['ERR_FORMAT', 'ERR_UNSUPPORTED', 'ERR_AUTHENTICATION', 'ERR_WRONG_SECRET'])
      expect(seen.get(code), code).toBeGreaterThan(0);
    expect(engine.freeSlots()).toBeGreaterThan(40); // refusing leaves no key behind
  });

  it('is refused under a passphrase, too', async () => {
    const store = memoryStore();
    const p = { engine, owner: OWNER, passphrase: PASSPHRASE, allowWeak: true };
    await Keyring.create({ ...p, store, iterations: 2 });
    const { bytes } = (await store.get(OWNER))!;
    for (let i = 0; i < bytes.length; i++) {
      const flipped = bytes.slice();
      flipped[i]! ^= 0x40;
      expect(REFUSALS, `byte ${i}`).toContain(await codeOf(() => Keyring.unlock({ ...p, store: serving(flipped) })));
    }
  });

  it('of a newer version says to update', async () => {
    const { store, secret } = await world();
    const { bytes } = (await store.get(OWNER))!;
    bytes[4] = 2;
    const p = { engine, store: serving(bytes), owner: OWNER, ...secret };
    await expect(Keyring.unlock(p)).rejects.toMatchObject({
      code: 'ERR_UNSUPPORTED',
      message: expect.stringMatching(/update/) as string,
    });
    expect(await codeOf(() => Keyring.inspect(p))).toBe('ERR_UNSUPPORTED');
  });

  it('is not read further than its MAC: inspect shows it, unlock refuses it', async () => {
    const { store, secret, keyring } = await world();
    const { bytes } = (await store.get(OWNER))!;
    const at = Buffer.from(bytes).indexOf(OWNER);
    bytes.set(Buffer.from('malic'), at);
    const p = { engine, store: serving(bytes), owner: 'malic', ...secret };
    expect((await Keyring.inspect(p)).id).toBe(keyring.id);
    expect(await codeOf(() => Keyring.unlock(p))).toBe('ERR_AUTHENTICATION');
  });

  it('of another owner, put in one’s place, is refused under the same secret', async () => {
    const { store, secret } = await world();
    const { bytes } = (await store.get(OWNER))!;
    const p = { engine, store: serving(bytes), ...secret };
    expect(await codeOf(() => Keyring.unlock({ ...p, owner: 'bob' }))).toBe('ERR_AUTHENTICATION');
    expect(await codeOf(() => Keyring.unlock({ ...p, owner: OWNER }))).toBeUndefined();
  });

  it('that is no document at all', async () => {
    for (const bytes of [
      new Uint8Array(0),
      new Uint8Array(1),
      Buffer.from('{"keys":[]}'),
      new Uint8Array(5000).fill(0x9f),
    ]) {
      const p = { engine, store: serving(bytes), owner: OWNER, passphrase: PASSPHRASE, iterations: FEW };
      expect(await codeOf(() => Keyring.unlock(p))).toBe('ERR_FORMAT');
      expect(await codeOf(() => Keyring.inspect(p))).toBe('ERR_FORMAT');
    }
  });
});
