// PBKDF2 in the core: steps that are short, four jobs, those who wait for one, and runtimes that pause otherwise.

import { pbkdf2Sync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Abi } from '../../bindings/core/abi.ts';
import { instanceOf } from '../../bindings/core/internal.ts';
import type { Core } from '../../bindings/core/types.ts';
import type { Engine, Password } from '../../bindings/engine/engine.ts';
import { random, same } from '../core/implementation.ts';
import { codeOfAny, derivedBytes, engineOn, ID, takenJobs, WASM } from './engines.ts';

describe.each(WASM)('$name', (asked) => {
  let engine: Engine;
  let core: Core;
  let abi: Abi;
  beforeEach(async () => {
    ({ engine, core } = await engineOn(asked));
    ({ abi } = instanceOf(core));
  });
  afterEach(() => engine.dispose());

  const taken = (): number => takenJobs(core);
  const derived = (password: Password, salt: Uint8Array, iterations: number): Promise<Uint8Array> =>
    derivedBytes(engine, password, salt, iterations);

  test('progress is told at every step', async () => {
    const told: number[] = [];
    const password = engine.password(random(10));
    const onProgress = (fraction: number): number => told.push(fraction);
    (await password.derive({ salt: random(3), iterations: 300_000, id: ID, onProgress })).dispose();
    expect(told.length).toBeGreaterThan(10);
  });

  test('steps are short: none that the core does is over 16,384 iterations, and they make up the whole', async () => {
    const steps: number[] = [];
    const instance = instanceOf(core);
    const spied = {
      ...abi,
      pbkdf2Step: (job: number, lanes: number, n: number) => (steps.push(n), abi.pbkdf2Step(job, lanes, n)),
    };
    Object.defineProperty(instance, 'abi', { value: spied });
    const password = engine.password(random(10));
    (await password.derive({ salt: random(3), iterations: 200_000, id: ID })).dispose();
    expect(steps.reduce((sum, n) => sum + n, 0)).toBe(199_999);
    expect(Math.max(...steps)).toBeLessThanOrEqual(16_384);
    expect(steps[0]).toBe(256);
  });

  test('a fifth password waits for a job, in its turn; those who wait can leave', async () => {
    const [bytes, salts] = [Array.from({ length: 7 }, () => random(90)), random(32)];
    const passwords = bytes.map((one) => engine.password(one));
    expect(taken()).toBe(4);
    const done: number[] = [];
    const work = [4, 6].map((i) => derived(passwords[i]!, salts, 100).then((key) => (done.push(i), key)));
    const leaving = new AbortController();
    const left = codeOfAny(() =>
      passwords[5]!.derive({ salt: salts, iterations: 100, id: ID, signal: leaving.signal }),
    );
    for (let i = 0; i < 4; i++)
      expect(same(await derived(passwords[i]!, salts, 100), pbkdf2Sync(bytes[i]!, salts, 100, 32, 'sha256'))).toBe(
        true,
      );
    expect(done).toEqual([]);
    leaving.abort();
    expect(await left).toBe('ERR_ABORTED');
    passwords[5]!.dispose();
    passwords[0]!.dispose();
    expect(same(await work[0]!, pbkdf2Sync(bytes[4]!, salts, 100, 32, 'sha256'))).toBe(true);
    expect(done).toEqual([4]);
    passwords[4]!.dispose();
    expect(same(await work[1]!, pbkdf2Sync(bytes[6]!, salts, 100, 32, 'sha256'))).toBe(true);
    for (const password of passwords) password.dispose();
    expect(taken()).toBe(0);
  });

  test('where there is no setImmediate: by MessageChannel, and by setTimeout', async () => {
    const [bytes, salt] = [random(10), random(3)];
    for (const missing of [['setImmediate'], ['setImmediate', 'MessageChannel']]) {
      const password = engine.password(bytes);
      for (const name of missing) vi.stubGlobal(name, undefined);
      try {
        expect(same(await derived(password, salt, 30_000), pbkdf2Sync(bytes, salt, 30_000, 32, 'sha256'))).toBe(true);
      } finally {
        vi.unstubAllGlobals();
        password.dispose();
      }
    }
  });
});
