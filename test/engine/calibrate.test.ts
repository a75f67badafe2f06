// How many iterations take so long: counted with an engine whose speed is known.

import { afterEach, describe, expect, test, vi } from 'vitest';
import { calibrate } from '../../bindings/engine/calibrate.ts';
import { createEngine } from '../../bindings/engine/create.ts';
import type { Engine } from '../../bindings/engine/engine.ts';
import { codeOfAny } from './engines.ts';

let now = 0;
afterEach(() => void vi.restoreAllMocks());

/** An engine that derives so many iterations a millisecond, and now and then is disturbed. */
function engineAt(rate: number): { engine: Engine; done: number[]; left: () => number } {
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  const done: number[] = [];
  let held = 0;
  const password = () => {
    held++;
    return {
      derive: ({ iterations }: { iterations: number }) => {
        done.push(iterations);
        now += iterations / rate + (done.length % 2 ? 0 : 30);
        held++;
        return Promise.resolve({ dispose: () => held-- });
      },
      dispose: () => held--,
    };
  };
  return { engine: { password } as unknown as Engine, done, left: () => held };
}

describe('calibrate', () => {
  test.each([
    [4000, 500, 2_000_000],
    [4000, 333.3, 1_330_000],
    [1000, 700, 700_000],
    [1000, 100, 600_000], // the least
    [1, 1, 600_000],
    [5000, 10_000, 10_000_000], // the most
    [1e9, 1000, 10_000_000],
    [4000, Infinity, 10_000_000],
  ])('%d iterations a millisecond, %d ms: %d', async (rate, ms, wanted) => {
    const { engine, done, left } = engineAt(rate);
    expect(await calibrate(engine, ms)).toBe(wanted);
    expect(left()).toBe(0);
    expect(Math.max(...done)).toBeLessThan(10_000_000 * 2);
  });

  test('takes tenths of a second: it does not derive for as long as it is asked about', async () => {
    const { engine } = engineAt(4000);
    const began = now;
    await calibrate(engine, 60_000);
    expect(now - began).toBeLessThan(700);
  });

  test('a real engine', async () => {
    const engine = await createEngine();
    const iterations = await calibrate(engine, 400);
    expect(iterations).toBeGreaterThanOrEqual(600_000);
    expect(iterations).toBeLessThanOrEqual(10_000_000);
    expect(iterations % 10_000).toBe(0);
    expect(engine.freeSlots()).toBe(64);
    engine.dispose();
    expect(await codeOfAny(() => calibrate(engine, 400))).toBe('ERR_DISPOSED');
  });

  test('bad arguments', async () => {
    const { engine } = engineAt(1000);
    for (const ms of [0, -1, NaN, '100', undefined, null])
      expect(await codeOfAny(() => calibrate(engine, ms as number))).toBe('ERR_ARGUMENT');
    for (const none of [null, undefined, {}, 5])
      expect(await codeOfAny(() => calibrate(none as never, 100))).toBe('ERR_ARGUMENT');
  });
});
