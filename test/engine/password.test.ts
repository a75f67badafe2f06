// PBKDF2 that others can live beside: yields, progress, aborts, whoever does it. In steps and turns, not in milliseconds, which
// are the machine's.

import { pbkdf2Sync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Core } from '../../bindings/core/types.ts';
import type { Engine, Password } from '../../bindings/engine/engine.ts';
import { random, same } from '../core/implementation.ts';
import { ALL, codeOfAny, derivedBytes, engineOn, ID, takenJobs } from './engines.ts';

const LONG = 3_000_000; // about a second

describe.each(ALL)('$name', (asked) => {
  let engine: Engine;
  let core: Core;
  beforeEach(async () => {
    ({ engine, core } = await engineOn(asked));
  });
  afterEach(() => {
    vi.restoreAllMocks();
    engine.dispose();
  });

  /** How many jobs of the core are taken. */
  const taken = (): number => takenJobs(core);
  const derived = (password: Password, salt: Uint8Array, iterations: number): Promise<Uint8Array> =>
    derivedBytes(engine, password, salt, iterations);

  test('the key is PBKDF2’s, for passwords and salts of every kind of length', async () => {
    for (const n of [0, 1, 31, 32, 63, 64, 65, 100, 1024, 200_000])
      for (const iterations of [1, 2, 257, 1000]) {
        const [bytes, salt] = [random(n), random(n % 97)];
        const password = engine.password(bytes);
        expect(
          same(await derived(password, salt, iterations), pbkdf2Sync(bytes, salt, iterations, 32, 'sha256')),
          `${n}`,
        ).toBe(true);
        password.dispose();
      }
    expect(engine.freeSlots()).toBe(64);
    expect(taken()).toBe(0);
  });

  test('one password derives again, with another salt, one derivation after another', async () => {
    const bytes = random(20);
    const password = engine.password(bytes);
    const salts = [random(32), random(32), random(32)];
    const all = await Promise.all(salts.map((salt) => derived(password, salt, 40_000)));
    salts.forEach((salt, i) => expect(same(all[i]!, pbkdf2Sync(bytes, salt, 40_000, 32, 'sha256'))).toBe(true));
    password.dispose();
  });

  test('others run meanwhile: the event loop goes round after every step', async () => {
    const password = engine.password(random(10));
    let turns = 0;
    let going = true;
    const watch = (): void => {
      turns++;
      if (going) setImmediate(watch);
    };
    setImmediate(watch);
    (await password.derive({ salt: random(32), iterations: LONG / 3, id: ID })).dispose();
    going = false;
    expect(turns).toBeGreaterThan(LONG / 3 / 16_384); // no step is longer: job.test; test/long prints how long it lasts
  });

  test.each([1, 2, 1000, 300_000])('progress over %d iterations: rises, ends with 1', async (iterations) => {
    const told: number[] = [];
    const password = engine.password(random(10));
    (await password.derive({ salt: random(3), iterations, id: ID, onProgress: (f) => told.push(f) })).dispose();
    expect(told.at(-1)).toBe(1);
    expect(told.filter((f) => f === 1)).toHaveLength(1);
    for (let i = 1; i < told.length; i++) expect(told[i]).toBeGreaterThan(told[i - 1]!);
    expect(told.every((f) => f > 0 && f <= 1)).toBe(true);
  });

  test('an abort stops it soon, with the reason as cause, and leaves no slot taken', async () => {
    const password = engine.password(random(10));
    const controller = new AbortController();
    const reason = new Error('changed my mind');
    const deriving = vi.spyOn(globalThis.crypto.subtle, 'deriveBits');
    let [told, before] = [0, 0];
    const abort = (): void => {
      before = told;
      controller.abort(reason);
    };
    const onProgress = (): void => void (++told === 3 && setTimeout(abort)); // from outside, in the middle
    const p = { salt: random(3), iterations: 4 * LONG, id: ID, signal: controller.signal, onProgress };
    await expect(password.derive(p)).rejects.toMatchObject({ code: 'ERR_ABORTED', cause: reason });
    // Not a step more, where it is done in steps; before the platform has ended, which nobody can stop. test/long has the time.
    expect([told, before >= 3]).toEqual([before, true]);
    const ends = deriving.mock.settledResults.filter(
      (_, i) => (deriving.mock.calls[i]![0] as Pbkdf2Params).iterations === p.iterations, // others measure
    );
    expect(ends.filter(({ type }) => type !== 'incomplete')).toEqual([]);
    expect(engine.freeSlots()).toBe(64);
    const bytes = await derived(password, random(3), 5); // the password is still good
    expect(bytes).toHaveLength(32);
    password.dispose();
    expect(taken()).toBe(0);
  });

  test('an abort before it begins', async () => {
    const password = engine.password(random(10));
    const work = password.derive({ salt: random(3), iterations: LONG, id: ID, signal: AbortSignal.abort('no') });
    await expect(work).rejects.toMatchObject({ code: 'ERR_ABORTED', cause: 'no' });
  });

  test('ten at once, each disposed when done, all come through', async () => {
    const salt = random(32);
    const work = Array.from({ length: 10 }, async () => {
      const bytes = random(12);
      const password = engine.password(bytes);
      const key = await derived(password, salt, 20_000);
      password.dispose();
      return same(key, pbkdf2Sync(bytes, salt, 20_000, 32, 'sha256'));
    });
    expect(await Promise.all(work)).toEqual(Array.from({ length: 10 }, () => true));
  });

  test('the end of a password, while it works and while it waits', async () => {
    const passwords = Array.from({ length: 5 }, () => engine.password(random(10)));
    const p = { salt: random(3), iterations: LONG, id: ID };
    const [working, waiting] = [codeOfAny(() => passwords[0]!.derive(p)), codeOfAny(() => passwords[4]!.derive(p))];
    await new Promise((resolve) => setTimeout(resolve, 5));
    passwords[4]!.dispose();
    passwords[0]!.dispose();
    expect(await waiting).toBe('ERR_DISPOSED');
    expect(await working).toBe('ERR_DISPOSED');
    expect(engine.freeSlots()).toBe(64);
    expect(await codeOfAny(() => passwords[0]!.derive(p))).toBe('ERR_DISPOSED');
  });

  test('the end of the engine, and of the core under it', async () => {
    const password = engine.password(random(10));
    const p = { salt: random(3), iterations: LONG, id: ID };
    const working = codeOfAny(() => password.derive(p));
    await new Promise((resolve) => setTimeout(resolve, 5));
    engine.dispose();
    expect(await working).toBe('ERR_DISPOSED');
    const { engine: other, core: under } = await engineOn(asked);
    const passwords = Array.from({ length: 5 }, () => other.password(random(10)));
    const both = passwords.map((one) => codeOfAny(() => one.derive(p)));
    await new Promise((resolve) => setTimeout(resolve, 5));
    under[Symbol.dispose]();
    expect(await both[0]).toBe('ERR_DISPOSED');
    other.dispose();
    expect(await Promise.all(both)).toEqual(both.map(() => 'ERR_DISPOSED'));
  });

  test('a progress callback that throws stops it, and nothing stays taken', async () => {
    const password = engine.password(random(10));
    for (const when of [0.5, 1]) {
      const onProgress = (fraction: number): void => {
        if (fraction >= when) throw new Error('from the callback');
      };
      expect(await codeOfAny(() => password.derive({ salt: random(3), iterations: 100_000, id: ID, onProgress }))).toBe(
        'from the callback',
      );
      expect(engine.freeSlots()).toBe(64);
    }
  });

  test('bad arguments', async () => {
    const password = engine.password(random(10));
    const good = { salt: random(3), iterations: 10, id: ID };
    for (const p of [
      { salt: 'salt' },
      { iterations: 0 },
      { iterations: 1.5 },
      { iterations: 2 ** 32 },
      { signal: {} },
      { signal: null },
      { onProgress: 5 },
    ])
      expect(await codeOfAny(() => password.derive({ ...good, ...(p as object) })), JSON.stringify(p)).toBe(
        'ERR_ARGUMENT',
      );
    expect(() => engine.password('text' as never)).toThrow(/not a string/);
    const keys = Array.from({ length: 64 }, () => engine.generateKey({ purpose: 'seal', id: ID }));
    expect(await codeOfAny(() => password.derive(good))).toBe('ERR_LIMIT');
    for (const key of keys) key.dispose();
  });
});
