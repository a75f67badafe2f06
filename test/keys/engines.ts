// The engines that the keys are tried on: each of ours, and a model on node:crypto that answers at once or late.

import { createHash } from 'node:crypto';
import { createEngine } from '../../bindings/engine/create.ts';
import type { Engine, Random } from '../../bindings/engine/engine.ts';
import { nodeEngine } from './node-engine.ts';

type Make = (p?: { random?: Random }) => Promise<Engine>;

export const engines: readonly (readonly [name: string, make: Make])[] = [
  ['wasm', (p) => createEngine({ prefer: 'wasm', ...p })],
  ['webcrypto', (p) => createEngine({ prefer: 'webcrypto', ...p })],
  ['auto', (p) => createEngine({ prefer: 'auto', crossover: { seal: 16_384, open: 4096 }, ...p })],
  ['2 workers', (p) => createEngine({ prefer: 'wasm', workers: 2, ...p })],
  ['auto, 2 workers', (p) => createEngine({ crossover: { seal: 16_384, open: Infinity }, workers: 2, ...p })],
  ['node:crypto', (p) => Promise.resolve(nodeEngine(p))],
  ['node:crypto, late', (p) => Promise.resolve(nodeEngine({ ...p, late: true }))],
];

/** The same bytes every time: SHA-256 of a counter. */
export function fixedRandom(seed = 'keystrata'): Random {
  let i = 0;
  return (into) => {
    for (let at = 0; at < into.length; at += 32)
      into.set(
        createHash('sha256')
          .update(`${seed} ${i++}`)
          .digest()
          .subarray(0, into.length - at),
        at,
      );
  };
}

/** The code of what `work` throws or rejects with; null where it does neither. */
export async function codeOf(work: () => unknown): Promise<string | null> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    return error.code as string;
  }
  return null;
}
