// How many iterations of PBKDF2 take about so long here: a target for passphrases, from what the device can do. FORMATS §§3, 12.

import { still } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import type { Engine } from './engine.ts';

/** What a keyring accepts without being told to, and what it derives at most. */
const LEAST = 600_000;
const MOST = 10_000_000;

/** A derivation that lasts so many milliseconds tells enough. */
const ENOUGH = 50;
const FIRST = 16_384;
/** The best of so many counts: what was slower was disturbed. */
const ROUNDS = 3;
const ROUNDED_TO = 10_000;

/**
 * How many iterations take about `ms` milliseconds with this engine on this device, to be given as `iterations` where a
 * keyring is made: at least 600,000, however slow the device is, at most 10,000,000. Takes some tenths of a second.
 */
export async function calibrate(engine: Engine, ms: number): Promise<number> {
  if (typeof engine?.password !== 'function')
    throw new KeystrataError('ERR_ARGUMENT', 'engine: what createEngine() resolves to is wanted');
  if (typeof ms !== 'number' || !(ms > 0))
    throw new KeystrataError('ERR_ARGUMENT', 'ms: a number of milliseconds over 0 is wanted');
  const wanted = (await rateOf(engine)) * ms;
  return Math.max(LEAST, Math.min(Math.round(wanted / ROUNDED_TO) * ROUNDED_TO, MOST));
}

/** Iterations a millisecond. */
async function rateOf(engine: Engine): Promise<number> {
  const password = engine.password(still(32)); // any takes as long
  const last = async (iterations: number): Promise<number> => {
    const began = performance.now();
    const key = await password.derive({ salt: still(32), iterations, id: '0'.repeat(32) });
    key.dispose();
    return performance.now() - began;
  };
  try {
    let iterations = FIRST;
    let elapsed = await last(iterations);
    for (; elapsed < ENOUGH && iterations < MOST; elapsed = await last(iterations)) iterations *= 2;
    for (let round = 1; round < ROUNDS; round++) elapsed = Math.min(elapsed, await last(iterations));
    return iterations / elapsed;
  } finally {
    password.dispose();
  }
}
