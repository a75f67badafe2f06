// Where randomness comes from: the host's generator, injected or the platform's. Never a weaker one.

import { still, type Bytes } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import type { Random } from './engine.ts';

/** Web Cryptography §10.1.1: getRandomValues refuses more at once. */
const PIECE = 65_536;
/** IVs and ids come from a pool, as one call of the platform costs more than sealing a short message. They are public. */
const POOL = 1024;
const SMALL = 16;

/** `given`, or the platform's. Throws ERR_NO_ENTROPY when it is used and there is none. */
export function randomFrom(given: Random | undefined): Random {
  if (given === undefined) return pooled(platform);
  if (typeof given !== 'function')
    throw new KeystrataError('ERR_ARGUMENT', 'random: a function (into: Uint8Array) => void is wanted');
  return (into) => injected(given, into);
}

function platform(into: Bytes): void {
  const { crypto } = globalThis as { crypto?: { getRandomValues(into: Bytes): unknown } };
  if (typeof crypto?.getRandomValues !== 'function')
    throw new KeystrataError(
      'ERR_NO_ENTROPY',
      'this runtime has no crypto.getRandomValues: give createEngine() a `random` that fills bytes from the system’s generator',
    );
  try {
    for (let at = 0; at < into.length; at += PIECE) crypto.getRandomValues(into.subarray(at, at + PIECE));
  } catch (cause) {
    throw new KeystrataError('ERR_NO_ENTROPY', 'crypto.getRandomValues failed', { cause });
  }
}

function injected(given: Random, into: Bytes): void {
  into.fill(0);
  let answer: unknown;
  try {
    answer = given(into);
  } catch (cause) {
    throw new KeystrataError('ERR_NO_ENTROPY', 'the `random` given to createEngine() failed', { cause });
  }
  let any = 0;
  for (const byte of into) any |= byte;
  const filled = any !== 0 || into.length < SMALL; // sixteen zeros by chance: once in 2^128
  if (answer !== undefined || !filled)
    throw new KeystrataError(
      'ERR_NO_ENTROPY',
      'the `random` given to createEngine() must fill all bytes before it returns, and return nothing: it cannot be async',
    );
}

/** Serves short requests out of a buffer; what is handed out is cleared there. */
function pooled(source: Random): Random {
  const pool = still(POOL);
  let at = POOL;
  return (into) => {
    if (into.length > SMALL) return source(into);
    if (at + into.length > POOL) {
      source(pool);
      at = 0;
    }
    into.set(pool.subarray(at, at + into.length));
    pool.fill(0, at, at + into.length);
    at += into.length;
  };
}
