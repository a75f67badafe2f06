// Chunks of a stream in an engine that has both: workers, and a platform that may be faster.

import { afterEach, describe, expect, test, vi } from 'vitest';
import { createEngine } from '../../bindings/engine/create.ts';
import { Crossover } from '../../bindings/engine/crossover.ts';
import type { Both, Times, Trial } from '../../bindings/engine/trial.ts';
import { node, random, same } from '../core/implementation.ts';
import { as } from './engines.ts';
import { openOne, sealOne } from './pool.ts';

afterEach(() => void vi.restoreAllMocks());

const CHUNK = 16_384;

/** A crossover that has seen these times. */
async function settled(times: Times): Promise<Crossover> {
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => (now += 1000));
  const nothing = (): Promise<void> => Promise.resolve();
  const trial = { seal: times, open: times, inCore: () => undefined, onPlatform: nothing, inPool: nothing };
  const crossover = new Crossover({}, trial as unknown as Trial);
  while (!crossover.settled) await crossover.measure();
  return crossover;
}

describe('a chunk among others goes to whoever is faster', () => {
  // alone the core takes 1 + n / 1024 and the platform 6 + n / 16384: they cross at 5461 bytes
  const times = { core: [2, 17, 65, 257], web: [6.0625, 7, 10, 22] } as const;
  test.each([
    [8, undefined, true], // the core takes 17
    [20, undefined, true], // slower together than the core: as one alone
    [8, 9, true],
    [8, 7, false], // workers
    [8, 20, true], // workers that are slower than the core alone
  ])('the platform takes %d, workers %s', async (several, pool, platform) => {
    const both: Both = { core: [...times.core], web: [...times.web] };
    const crossover = await settled({ ...both, best: both, several, pool });
    for (const way of ['seal', 'open'] as const) {
      expect(crossover.sends(way, CHUNK, true)).toBe(platform);
      expect(crossover.sends(way, CHUNK, false)).toBe(true);
      expect(crossover.sends(way, 5000, false)).toBe(false);
      expect(crossover.sends(way, 1_000_000, true)).toBe(true);
    }
  });
});

test('what is measured in the background disturbs nothing, and leaves no key anywhere', async () => {
  const engine = await createEngine({ workers: 2 });
  const bytes = random(32);
  const key = engine.importKey(bytes, as('seal'));
  const asked = vi.spyOn(globalThis.crypto.subtle, 'importKey');
  for (let i = 0; i < 20; i++) {
    const chunks = Array.from({ length: 12 }, () => ({ iv: random(12), text: random(CHUNK) }));
    const sealed = await Promise.all(
      chunks.map(async ({ iv, text }) => {
        const out = new Uint8Array(CHUNK + 16);
        const given = Uint8Array.from(text);
        const done = sealOne(engine, key, given, { iv, out });
        given.fill(0); // copied at once, whoever works
        await done;
        return out;
      }),
    );
    for (const [j, { iv, text }] of chunks.entries()) {
      expect(same(sealed[j]!, node.seal(bytes, iv, text, new Uint8Array(0), 16))).toBe(true);
      expect(same(await openOne(engine, key, sealed[j]!, { iv }), text)).toBe(true);
    }
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  const rounds = asked.mock.calls.filter((call) => (call[1] as unknown as Uint8Array).buffer.byteLength === 32).length;
  expect(rounds).toBe(6);
  await vi.waitFor(() => expect(engine.freeSlots()).toBe(63), 20_000);
  engine.dispose();
});
