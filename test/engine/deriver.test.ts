// Who derives for `auto`: the core or the platform, by a short measurement, or as set. The clock is the test's own wherever a
// figure decides.

import { afterEach, describe, expect, test, vi } from 'vitest';
import { instanceOf } from '../../bindings/core/internal.ts';
import type { Core } from '../../bindings/core/types.ts';
import { AutoPassword } from '../../bindings/engine/auto-password.ts';
import type { EngineOptions } from '../../bindings/engine/create.ts';
import type { Engine, Password } from '../../bindings/engine/engine.ts';
import { Rates, type Deriver } from '../../bindings/engine/rates.ts';
import { random } from '../core/implementation.ts';
import { derivedBytes, engineOn, ID } from './engines.ts';

const { subtle } = globalThis.crypto;
const DERIVERS: readonly Deriver[] = ['wasm', 'webcrypto'];
const engines: Engine[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  for (const engine of engines.splice(0)) engine.dispose();
});

async function auto(crossover?: EngineOptions['crossover']): Promise<{ engine: Engine; core: Core }> {
  const made = await engineOn({ name: 'auto', variant: 'simd', options: { crossover } });
  engines.push(made.engine);
  return made;
}

const derive = async (engine: Engine, iterations: number): Promise<void> => {
  const password = engine.password(random(9));
  await derivedBytes(engine, password, random(7), iterations);
  password.dispose();
};

/** How many derivations of so many iterations the platform is asked for from now on. */
function derivationsOf(iterations: number): () => number {
  const asked = vi.spyOn(subtle, 'deriveBits');
  return () => asked.mock.calls.filter(([algorithm]) => (algorithm as Pbkdf2Params).iterations === iterations).length;
}

test('the faster; the platform where they are alike, or nothing is known of it', () => {
  const rates = new Rates();
  expect(rates.faster).toBe('webcrypto');
  rates.wasm = 1000;
  expect(rates.faster).toBe('webcrypto');
  rates.trial = 900;
  expect(rates.faster).toBe('wasm');
  rates.sawWhole(97_000, 100);
  expect([rates.webcrypto, rates.faster]).toEqual([970, 'webcrypto']);
  rates.wasm = 1030;
  expect(rates.faster).toBe('wasm');
  rates.sawWhole(100, 100); // disturbed
  rates.sawWhole(5, 0); // a clock that stood still
  expect(rates.webcrypto).toBe(970);
  rates.trial = 2000;
  expect(rates.faster).toBe('webcrypto');
});

test.each(DERIVERS)('set to %s: nothing is measured', async (set) => {
  const { engine } = await auto({ derive: set });
  const [real, trial] = [derivationsOf(777), derivationsOf(2048)];
  await derive(engine, 777);
  expect([real(), trial()]).toEqual([set === 'wasm' ? 0 : 1, 0]);
});

describe('measured', () => {
  test('with the first three passwords, and never again', async () => {
    const { engine } = await auto();
    const trial = derivationsOf(2048);
    const counts: number[] = [];
    for (let i = 0; i < 5; i++) {
      await derive(engine, 10);
      counts.push(trial());
    }
    expect(counts).toEqual([2, 4, 6, 6, 6]);
  });

  test('once for several passwords at once', async () => {
    const { engine } = await auto();
    const trial = derivationsOf(2048);
    await Promise.all(Array.from({ length: 4 }, () => derive(engine, 10)));
    expect(trial()).toBe(2);
  });

  test.each(DERIVERS)('%s, where it is faster', async (faster) => {
    const { engine, core } = await auto();
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    const instance = instanceOf(core);
    const { abi } = instance;
    const pbkdf2Step = (job: number, lanes: number, n: number): number => {
      now += n * (faster === 'wasm' ? 1 : 3);
      return abi.pbkdf2Step(job, lanes, n);
    };
    Object.defineProperty(instance, 'abi', { value: { ...abi, pbkdf2Step } });
    const platform = subtle.deriveBits.bind(subtle);
    vi.spyOn(subtle, 'deriveBits').mockImplementation(async (algorithm, key, length) => {
      const bits = await platform(algorithm, key, length);
      now += (algorithm as Pbkdf2Params).iterations * 2 + 5000; // a call costs much: it does not count
      return bits;
    });
    const real = derivationsOf(777);
    await derive(engine, 777);
    expect(real()).toBe(faster === 'wasm' ? 0 : 1);
  });

  test('a platform that cannot: the core derives', async () => {
    const { engine } = await auto();
    vi.spyOn(subtle, 'importKey').mockRejectedValue(new DOMException('no', 'NotSupportedError'));
    await derive(engine, 100);
  });

  test('where all jobs of the core are taken the platform derives', async () => {
    const { engine, core } = await auto();
    const { abi, door } = instanceOf(core);
    const jobs = [1, 2, 3, 4].map(() => abi.pbkdf2Begin(door.io, 0));
    const real = derivationsOf(777);
    await derive(engine, 777);
    expect(real()).toBe(1);
    for (const job of jobs) abi.pbkdf2End(job);
  });
});

describe.each(['works', 'refuses'])('where the platform %s', (platform) => {
  test.each(['password', 'engine', 'core'] as const)(
    'the end of the %s before it is known leaves nothing',
    async (what) => {
      if (platform === 'refuses') vi.spyOn(subtle, 'importKey').mockRejectedValue(new DOMException('no', 'DataError'));
      const { engine, core } = await auto();
      const { memory, door } = instanceOf(core);
      const fresh = Buffer.from(memory);
      const password = engine.password(random(40));
      const derived = password.derive({ salt: random(3), iterations: 10, id: ID });
      if (what === 'password') password.dispose();
      else if (what === 'engine') engine.dispose();
      else core[Symbol.dispose]();
      await expect(derived).rejects.toMatchObject({ code: 'ERR_DISPOSED' });
      await new Promise((resolve) => setTimeout(resolve, 30));
      expect(Buffer.compare(fresh.subarray(0, door.io), memory.subarray(0, door.io))).toBe(0);
      expect(memory.subarray(door.io).every((byte) => byte === 0)).toBe(true);
    },
  );
});

describe('a password that waits', () => {
  test.each([
    ['has been taken in', (): Promise<Password> => Promise.resolve({ dispose: () => {} } as Password)],
    ['was refused', (): Promise<Password> => Promise.reject(new Error('no'))],
  ])('is zeroed when it %s; the caller’s bytes are not touched', async (_, take) => {
    const bytes = random(40);
    let seen: Uint8Array = bytes;
    let copy: Uint8Array = bytes;
    new AutoPassword(
      bytes,
      (given) => {
        copy = given;
        seen = Uint8Array.from(given);
        return take();
      },
      () => {},
    );
    await new Promise((resolve) => setImmediate(resolve));
    expect(Buffer.compare(seen, bytes)).toBe(0);
    expect(copy).not.toBe(bytes);
    expect(copy.every((byte) => byte === 0)).toBe(true);
    expect(bytes.some((byte) => byte !== 0)).toBe(true);
  });

  test('that ended meanwhile ends what it became', async () => {
    let taken!: (password: Password) => void;
    let ended = 0;
    const password = new AutoPassword(
      random(9),
      () => new Promise((resolve) => (taken = resolve)),
      () => {},
    );
    password.dispose();
    taken({ dispose: () => ended++ } as unknown as Password);
    await new Promise((resolve) => setImmediate(resolve));
    expect(ended).toBe(1);
  });
});
