// Who is asked by `auto`: the core below the crossover, the platform from it on; found by measuring, or set. The clock of these
// tests is the test's own wherever a figure is asserted.

import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Abi } from '../../bindings/core/abi.ts';
import { instanceOf } from '../../bindings/core/internal.ts';
import type { Core } from '../../bindings/core/types.ts';
import { crossing } from '../../bindings/engine/crossover.ts';
import type { EngineOptions } from '../../bindings/engine/create.ts';
import type { Engine } from '../../bindings/engine/engine.ts';
import { random } from '../core/implementation.ts';
import { as, engineOn } from './engines.ts';

const { subtle } = globalThis.crypto;
const engines: Engine[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  for (const engine of engines.splice(0)) engine.dispose();
});

async function autoWith(crossover: EngineOptions['crossover']): Promise<{ engine: Engine; core: Core }> {
  const made = await engineOn({ name: 'auto', variant: 'simd', options: { crossover } });
  engines.push(made.engine);
  return made;
}

/** Whether a message of `length` is sealed and opened with a promise, which is the platform's. */
async function late(engine: Engine, length: number, several = false): Promise<[seal: boolean, open: boolean]> {
  const key = engine.generateKey(as('seal'));
  const [iv, aad, text, out] = [random(12), random(several ? 0 : 3), random(length), new Uint8Array(length + 16)];
  const ivs = [iv, random(12)];
  const sealed = several ? engine.sealSeries(key, [text, text], { ivs }) : engine.seal(key, text, { iv, aad, out });
  const made = ((await sealed) ?? out).subarray(0, length + 16);
  const opened = several ? engine.openSeries(key, [made, made], { ivs }) : engine.open(key, made, { iv, aad });
  expect(Buffer.compare(await opened, text)).toBe(0); // of a series the second has the IV of another
  key.dispose();
  return [sealed instanceof Promise, opened instanceof Promise];
}

/** Longer than two rounds are apart. */
const apart = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 15));

const ROUND = 1 + 3 + 3 + 3 + 3 + 3 * 8; // openings on the platform: four lengths, and eight at once

/** By its AAD: the tests' own are shorter. */
const isSample = ([algorithm]: readonly unknown[]): boolean =>
  (algorithm as AesGcmParams).additionalData!.byteLength === 64;

/** Waits until the rounds of the measurement that `start` starts are over: none may run on into the next test. */
async function over(start: () => unknown, count = 1): Promise<void> {
  const asked = vi.spyOn(subtle, 'decrypt');
  const answered = (): number =>
    asked.mock.settledResults.filter(({ type }, i) => type === 'fulfilled' && isSample(asked.mock.calls[i]!)).length;
  const wanted = answered() + count * ROUND;
  await start();
  await vi.waitFor(() => expect(answered()).toBe(wanted), 20_000);
  await new Promise((resolve) => setImmediate(resolve));
}

/** Measures all of it. `due` lets time go by, so that a message starts a round. */
async function settle(engine: Engine, due: () => unknown): Promise<void> {
  for (let round = 0; round < 6; round++) {
    await due();
    await over(() => late(engine, 1024));
  }
}

describe('where it crosses', () => {
  type Four = [number, number, number, number];
  const times = (core: Four, web: Four, best = { core, web }) => crossing({ core, web, best });
  /** Values at 1, 16, 64 and 256 KiB on a straight line. */
  const line = (small: number, chunk: number): Four => {
    const at = (n: number): number => small + ((chunk - small) * (n - 1)) / 15;
    return [small, chunk, at(64), at(256)];
  };

  test('is where the two lines meet', () => {
    expect(times(line(1, 16), line(8.5, 8.5))).toBe(1024 + 15_360 / 2);
    expect(times(line(0.01, 0.08), line(0.02, 0.024))).toBe(Math.ceil(1024 + (0.01 * 15_360) / 0.066));
    expect(times([1, 3, 9, 33], [5, 5, 5, 5])).toBe(16_384 + 49_152 / 3);
    expect(times([1, 2, 3, 9], [5, 5, 5, 5])).toBe(65_536 + 196_608 / 3);
    expect(times([1, 2, 3, 4], [5, 5, 5, 5])).toBe(262_144 + 196_608); // beyond what was measured
  });

  test('is where the core falls behind for good', () => {
    expect(times([6, 3, 9, 33], [5, 5, 5, 5])).toBe(16_384 + 49_152 / 3);
  });

  test('is at 256 KiB at most, where the platform can be faster there', () => {
    const best = { core: [1, 2, 3, 4], web: [2, 2, 2, 2] } satisfies { core: Four; web: Four };
    expect(times([1, 2, 3, 4], [3, 5, 7, 9], best)).toBe(262_144);
    expect(times([1, 3, 9, 33], [5, 5, 5, 5], best)).toBe(16_384 + 49_152 / 3);
    expect(times([1, 2, 3, 4], [3, 5, 7, 9], { ...best, web: [5, 5, 5, 5] })).toBe(262_144 + 196_608);
  });

  test('is nowhere, where the platform never wins; and never below 1 KiB', () => {
    expect(times([1, 2, 3, 4], [3, 5, 7, 9])).toBe(Infinity);
    expect(times([1, 2, 3, 4], [3, 4, 5, 6])).toBe(Infinity);
    expect(times([1, 9, 3, 4], [3, 4, 5, 6])).toBe(Infinity); // one odd time
    expect(times([5, 50, 500, 5000], [4, 4, 4, 4])).toBe(1024);
    expect(times([5, 5, 5, 5], [4, 4, 4, 4])).toBe(1024);
  });
});

describe('set by the caller', () => {
  test('to the byte, for sealing and opening each, several or not; nothing is measured', async () => {
    const { engine } = await autoWith({ seal: 2000, open: 3000, derive: 'wasm' });
    const asked = vi.spyOn(subtle, 'importKey');
    for (const several of [false, true]) {
      expect(await late(engine, 0, several)).toEqual([false, false]);
      expect(await late(engine, 1999, several)).toEqual([false, false]);
      expect(asked).not.toHaveBeenCalled();
      expect(await late(engine, 2000, several)).toEqual([true, false]);
      expect(await late(engine, 2999, several)).toEqual([true, false]);
      expect(await late(engine, 3000, several)).toEqual([true, true]);
      expect(asked).toHaveBeenCalledTimes(3); // a key each; none for a measurement
      asked.mockClear();
    }
  });

  test('0: all; Infinity: nothing', async () => {
    const { engine } = await autoWith({ seal: 0, open: Infinity });
    expect(await late(engine, 0)).toEqual([true, false]);
    expect(await late(engine, 100_000)).toEqual([true, false]);
  });

  test('only one of the ways: the other is measured', async () => {
    const { engine } = await autoWith({ seal: 5 });
    await settle(engine, apart);
    expect((await late(engine, 5))[0]).toBe(true);
    expect((await late(engine, 4))[0]).toBe(false);
  });
});

describe('measured', () => {
  test('short messages are the core’s and start nothing; until it is known 32 KiB hold', async () => {
    const { engine } = await autoWith(undefined);
    const asked = vi.spyOn(subtle, 'importKey');
    expect(await late(engine, 1023)).toEqual([false, false]);
    await apart();
    expect(asked).not.toHaveBeenCalled();
    await over(async () => expect(await late(engine, 32_767)).toEqual([false, false]));
    vi.spyOn(performance, 'now').mockReturnValue(-Infinity); // no other round is due
    expect(await late(engine, 32_768)).toEqual([true, true]);
  });

  test('once, in the background; then what was found holds, and all slots are free', async () => {
    const { engine } = await autoWith(undefined);
    await settle(engine, apart);
    const asked = vi.spyOn(subtle, 'importKey');
    const answers: boolean[] = [];
    for (let n = 1024; n <= 2 ** 21; n *= 2) answers.push((await late(engine, n))[0]);
    expect(answers).toEqual([...answers].sort((a, b) => Number(a) - Number(b))); // from one length on, or never
    await apart();
    await late(engine, 1024);
    await apart();
    expect(asked.mock.calls.length).toBeLessThanOrEqual(answers.length + 1);
    const keys = asked.mock.calls.map((call) => (call as unknown[])[1] as Uint8Array);
    expect(keys.filter((bytes) => bytes.buffer.byteLength === 32)).toEqual([]); // no sample key: nothing was measured
    expect(engine.freeSlots()).toBe(64);
  });

  /** The clock of the tests that follow. */
  let now = 0;
  const stopClock = (): unknown => vi.spyOn(performance, 'now').mockImplementation(() => now);

  /** By it a message takes the core 1 + length / 1024, and the platform `call` + length / 16384. */
  function slowDown(core: Core, call: number, amongOthers = call): void {
    stopClock();
    const instance = instanceOf(core);
    const { abi } = instance;
    const timed =
      (work: Abi['gcmSeal']): Abi['gcmSeal'] =>
      (...p) => {
        now += 1 + (p[6] & ~15) / 1024;
        return work(...p);
      };
    /** What the I/O region does not hold goes through it in pieces, which begin with a call of their own. */
    const pieces =
      (work: Abi['gcmEncrypt']): Abi['gcmEncrypt'] =>
      (at, length) => {
        now += (length & ~15) / 1024;
        return work(at, length);
      };
    const [gcmSeal, gcmOpen] = [timed((...p) => abi.gcmSeal(...p)), timed((...p) => abi.gcmOpen(...p))];
    const [gcmEncrypt, gcmDecrypt] = [pieces((...p) => abi.gcmEncrypt(...p)), pieces((...p) => abi.gcmDecrypt(...p))];
    const gcmBegin: Abi['gcmBegin'] = (slot) => ((now += 1), abi.gcmBegin(slot));
    const value = { ...abi, gcmSeal, gcmOpen, gcmBegin, gcmEncrypt, gcmDecrypt };
    Object.defineProperty(instance, 'abi', { value });
    let flying = 0;
    for (const method of ['encrypt', 'decrypt'] as const) {
      const platform = subtle[method].bind(subtle);
      vi.spyOn(subtle, method).mockImplementation(async (algorithm, key, data) => {
        const among = flying++ > 0;
        const answer = await platform(algorithm, key, data);
        flying--;
        now += (among ? amongOthers : call) + (data.byteLength & ~1023) / 16_384;
        return answer;
      });
    }
  }

  test('to where it lies by the clock', async () => {
    const { engine, core } = await autoWith(undefined);
    slowDown(core, 6);
    await settle(engine, () => (now += 1000));
    // 1 + n / 1024 = 6 + n / 16384 where n = 5461
    expect(await late(engine, 5300)).toEqual([false, false]);
    expect(await late(engine, 5600)).toEqual([true, true]);
  });

  test('chunks go together to the platform, where alone they would not', async () => {
    const { engine, core } = await autoWith(undefined);
    slowDown(core, 30, 2);
    await settle(engine, () => (now += 1000));
    // alone: 1 + n / 1024 = 30 + n / 16384 where n = 31,676; a chunk costs the core 17, the platform among others about 6
    expect(await late(engine, 16_384)).toEqual([false, false]);
    expect(await late(engine, 16_384, true)).toEqual([true, true]);
    expect(await late(engine, 16_383, true)).toEqual([false, false]);
    expect(await late(engine, 33_000)).toEqual([true, true]);
  });

  test('while a round runs the platform does nothing else; while it is at work none begins', async () => {
    const { engine } = await autoWith(undefined);
    stopClock();
    now += 1000;
    const asked: [length: number, sample: boolean][] = [];
    let free: Promise<void> = Promise.resolve();
    const platform = subtle.encrypt.bind(subtle);
    vi.spyOn(subtle, 'encrypt').mockImplementation((algorithm, key, data) => {
      asked.push([data.byteLength, isSample([algorithm])]);
      return free.then(() => platform(algorithm, key, data));
    });
    await over(() => Promise.all([late(engine, 100_000), late(engine, 50_000)])); // the first of them starts a round
    expect(asked.flatMap(([length, sample]) => (sample ? [] : [length])).sort()).toEqual([100_000, 50_000]);
    expect(asked.findIndex(([, sample]) => !sample)).toBe(ROUND);

    let go!: () => void;
    free = new Promise((resolve) => (go = resolve));
    const working = late(engine, 200_000); // too soon after a round for another one
    now += 1000;
    expect(await late(engine, 1024)).toEqual([false, false]);
    await apart();
    expect(asked.slice(ROUND + 2)).toEqual([[200_000, false]]);
    go();
    await over(() => working); // its opening starts one
    expect(asked).toHaveLength(ROUND + 3 + ROUND);
  });

  test('a clock too coarse to see it changes nothing', async () => {
    const { engine } = await autoWith(undefined);
    stopClock();
    await settle(engine, () => (now += 1000));
    expect(await late(engine, 32_767)).toEqual([false, false]);
    expect(await late(engine, 32_768)).toEqual([true, true]);
  });

  test('a platform that fails is left alone', async () => {
    const { engine } = await autoWith(undefined);
    const asked = vi.spyOn(subtle, 'importKey').mockRejectedValue(new DOMException('no', 'NotSupportedError'));
    await late(engine, 1024);
    await vi.waitFor(() => expect(asked).toHaveBeenCalled(), 20_000);
    await new Promise((resolve) => setImmediate(resolve));
    expect(await late(engine, 100_000)).toEqual([false, false]);
  });

  test('where no slot is free it waits', async () => {
    const { engine } = await autoWith(undefined);
    const asked = vi.spyOn(subtle, 'importKey');
    const keys = Array.from({ length: 64 }, () => engine.generateKey(as('seal')));
    const due = (): unknown =>
      engine.seal(keys[0]!, random(1024), { iv: random(12), aad: random(3), out: new Uint8Array(1040) });
    due();
    await apart();
    due();
    await apart();
    expect(asked).not.toHaveBeenCalled();
    keys[1]!.dispose();
    await over(() =>
      vi.waitFor(() => {
        if (asked.mock.calls.length === 0) due();
        expect(asked).toHaveBeenCalled();
      }, 20_000),
    );
  });

  test.each(['engine', 'core'] as const)('it leaves nothing where the %s has ended', async (what) => {
    const { engine, core } = await autoWith(undefined);
    const { memory, door } = instanceOf(core);
    const asked = vi.spyOn(subtle, 'importKey');
    const key = engine.generateKey(as('seal'));
    const end = (): void => {
      void engine.seal(key, random(1024), { iv: random(12), aad: random(3), out: new Uint8Array(1040) });
      if (what === 'engine') engine.dispose();
      else core[Symbol.dispose]();
    };
    if (what === 'engine')
      await over(end); // the core is the caller's, and goes on
    else end();
    await apart();
    expect(asked).toHaveBeenCalledTimes(what === 'engine' ? 1 : 0);
    expect(memory.subarray(door.io).every((byte) => byte === 0)).toBe(true);
  });
});
