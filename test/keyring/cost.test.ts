// What a keyring's operations cost, counted, not timed: how often the engine is asked. Times are the benchmark's
// (`npm run bench -- --only unlock`), where they stand beside those of others.

import { describe, expect, it } from 'vitest';
import { createEngine, Keyring, memoryStore } from '../../bindings/index.ts';
import { counting, type Counted } from './counted-engine.ts';
import { operator, OWNER, PASSPHRASE } from './support.ts';

/** What `work` asks of the engine where the keyring has so many DEKs. */
async function cost(
  keys: number,
  secret: ReturnType<typeof operator> | { passphrase: string },
  work: (keyring: Keyring, open: () => Promise<Keyring>, begin: () => void) => Promise<unknown>,
): Promise<Record<Counted, number>> {
  const own = await createEngine();
  const { engine, counts } = counting(own);
  const p = { engine, store: memoryStore(), owner: OWNER, iterations: 1000, allowWeak: true, ...secret };
  const { keyring } = await Keyring.create(p);
  await keyring.createDataKeys(Array.from({ length: keys }, (_, i) => ({ space: `space ${i}` })));
  const before = { ...counts };
  const begin = (): void => void Object.assign(before, counts);
  await work(keyring, () => Keyring.unlock(p), begin);
  own.dispose();
  return Object.fromEntries(Object.entries(counts).map(([name, n]) => [name, n - before[name as Counted]])) as Record<
    Counted,
    number
  >;
}

describe('cost', () => {
  it('of unlocking: one PBKDF2, and as many calls for 10,000 keys as for one', async () => {
    const secret = { passphrase: PASSPHRASE, iterations: 600_000 };
    const one = await cost(1, secret, async (_keyring, open) => (await open()).lock());
    expect(one.derive).toBe(1);
    expect(one.unwrap).toBeLessThanOrEqual(3); // KEK, document key, body DEK
    expect(await cost(10_000, secret, async (_keyring, open) => (await open()).lock())).toEqual(one);
  });

  it('of another secret in a slot: one wrap more or less, whether it has 1, 100 or 10,000 keys', async () => {
    const replace = (keyring: Keyring): Promise<string> => keyring.replaceRecoveryCode();
    const one = await cost(1, operator(), replace);
    expect(one.wrap).toBe(1);
    for (const keys of [100, 10_000]) expect(await cost(keys, operator(), replace)).toEqual(one);
  });

  it('of replacing the KEK: every key unwrapped and wrapped once, and each wrap seen to open', async () => {
    const secret = operator();
    const rotate = async (keyring: Keyring, _open: unknown, begin: () => void): Promise<void> => {
      const recovery = keyring.slots.list().find(({ type }) => type === 'recovery')!;
      begin();
      await keyring.rotateKek({ secrets: [secret], dropSlots: [recovery.id] });
    };
    const [few, many] = [await cost(10, secret, rotate), await cost(1010, secret, rotate)];
    expect(many.wrap - few.wrap).toBe(1000);
    expect(many.unwrap - few.unwrap).toBe(2000);
  });
});
