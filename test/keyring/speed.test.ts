// What may be expected of a keyring's pace, on a machine that has nothing else to do. Here others have the processor, too,
// and lines may be counted: the best of several runs must keep to three times the bound.

import { createCipheriv, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createEngine, Keyring, memoryStore } from '../../bindings/index.ts';
import { operator, OWNER, PASSPHRASE } from './support.ts';

const BUSY = 3;

async function best(runs: number, work: () => unknown): Promise<number> {
  let least = Infinity;
  for (let i = 0; i < runs; i++) {
    const began = performance.now();
    await work();
    least = Math.min(least, performance.now() - began);
  }
  return least;
}

describe('pace', () => {
  it('of unlocking: one PBKDF2, and less than 5 ms more; with 10,000 keys less than 60', async () => {
    const engine = await createEngine();
    let derivations = 0;
    const counting = new Proxy(engine, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (name !== 'password') return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        return (bytes: Uint8Array) => {
          const password = target.password(bytes);
          const derive = password.derive.bind(password);
          password.derive = (p) => (derivations++, derive(p));
          return password;
        };
      },
    });
    const store = memoryStore();
    (await Keyring.create({ engine, store, owner: 'bob', passphrase: PASSPHRASE })).keyring.lock();
    (await Keyring.unlock({ engine: counting, store, owner: 'bob', passphrase: PASSPHRASE })).lock();
    expect(derivations).toBe(1);

    const secret = operator(); // which derives nothing: what is left is all the rest
    const p = { engine, store, owner: OWNER, ...secret };
    const { keyring } = await Keyring.create(p);
    const unlock = async (): Promise<void> => (await Keyring.unlock(p)).lock();
    expect(await best(20, unlock)).toBeLessThan(5 * BUSY);
    await keyring.createDataKeys(Array.from({ length: 10_000 }, (_, i) => ({ space: `space ${i}` })));
    expect(await best(20, unlock)).toBeLessThan(60 * BUSY);
    // What another passphrase costs besides its derivations is what another recovery code costs.
    expect(await best(20, () => keyring.replaceRecoveryCode())).toBeLessThan(30 * BUSY);
    engine.dispose();
  });

  it('of replacing the KEK over 10,000 keys: within two seconds', async () => {
    const engine = await createEngine();
    const secret = operator(); // which derives nothing
    const p = { engine, store: memoryStore(), owner: OWNER, recovery: false, ...secret };
    const { keyring } = await Keyring.create(p);
    await keyring.createDataKeys(Array.from({ length: 10_000 }, (_, i) => ({ space: `space ${i}` })));
    expect(await best(2, () => keyring.rotateKek({ secrets: [secret] }))).toBeLessThan(2000 * BUSY);
    engine.dispose();
  });

  it('of sealing 64 bytes: at least 0.4 of the rate of bare node:crypto', async () => {
    const engine = await createEngine();
    const { keyring } = await Keyring.create({ engine, store: memoryStore(), owner: OWNER, ...operator() });
    await keyring.createDataKey({ space: 's' });
    const [text, key, aad] = [randomBytes(64), randomBytes(32), randomBytes(7)];
    const bare = (): Buffer => {
      const gcm = createCipheriv('aes-256-gcm', key, randomBytes(12));
      gcm.setAAD(aad);
      return Buffer.concat([gcm.update(text), gcm.final(), gcm.getAuthTag()]);
    };
    const ours = async (): Promise<void> => {
      for (let i = 0; i < 2000; i++) await keyring.encrypt(text, { space: 's', context: aad });
    };
    const theirs = (): void => {
      for (let i = 0; i < 2000; i++) bare();
    };
    const took = { ours: Infinity, theirs: Infinity };
    for (let round = 0; round < 12; round++) {
      took.ours = Math.min(took.ours, await best(1, ours));
      took.theirs = Math.min(took.theirs, await best(1, theirs));
    }
    expect(took.theirs / took.ours).toBeGreaterThan(0.4);
    engine.dispose();
  });
});
