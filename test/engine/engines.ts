// What tests of the engine share: every kind of engine, on cores that a test can look into, and keys to try.

import { expect } from 'vitest';
import { Status } from '../../bindings/core/abi.ts';
import { instanceOf } from '../../bindings/core/internal.ts';
import { loadCore } from '../../bindings/core/load.ts';
import type { Core, Variant } from '../../bindings/core/types.ts';
import { createEngine, type EngineOptions } from '../../bindings/engine/create.ts';
import type { As, Engine, Password } from '../../bindings/engine/engine.ts';
import type { Purpose } from '../../bindings/engine/key.ts';
import { VARIANTS } from '../core/implementation.ts';

export interface Asked {
  name: string;
  variant: Variant;
  options: EngineOptions;
}

/** Those whose every part is the core, one a build. */
export const WASM: readonly Asked[] = VARIANTS.map((variant) => ({
  name: `wasm, ${variant}`,
  variant,
  options: { prefer: 'wasm' },
}));

/** The core and workers beside it, which do what is long. */
export const POOL: Asked = { name: 'wasm, 2 workers', variant: 'simd', options: { prefer: 'wasm', workers: 2 } };

/** Whom the suites ask: the same questions, the same answers. */
export const ALL: readonly Asked[] = [
  ...WASM,
  { name: 'webcrypto', variant: 'simd', options: { prefer: 'webcrypto' } },
  { name: 'auto', variant: 'simd', options: { prefer: 'auto' } },
  {
    name: 'auto, crossing where it is told to',
    variant: 'scalar',
    options: { prefer: 'auto', crossover: { seal: 100, open: 2000, derive: 'wasm' } },
  },
  POOL,
];

export const ID = '000102030405060708090a0b0c0d0e0f';
export const as = <P extends Purpose>(purpose: P): As<P> => ({ purpose, id: ID });

/** An engine on a core that the test can look into. */
export async function engineOn({ variant, options }: Asked): Promise<{ engine: Engine; core: Core }> {
  const core = await loadCore({ variant });
  return { engine: await createEngine({ core, ...options }), core };
}

/** The code of what `work` throws or rejects with; null where it does neither. */
export async function codeOfAny(work: () => unknown): Promise<string | null> {
  try {
    await work();
    return null;
  } catch (error) {
    return (error as { code?: string }).code ?? (error as Error).message;
  }
}

/** How many PBKDF2 jobs of the core are taken: one that was not begun answers SLOT. */
export function takenJobs(core: Core): number {
  const { abi } = instanceOf(core);
  return [0, 1, 2, 3].filter((job) => abi.pbkdf2Bytes(job, 0, 0, 0) !== Status.SLOT).length;
}

/** The key that `password` gives, as bytes. */
export async function derivedBytes(
  engine: Engine,
  password: Password,
  salt: Uint8Array,
  iterations: number,
): Promise<Uint8Array> {
  const key = await password.derive({ salt, iterations, id: ID });
  expect([key.purpose, key.id]).toEqual(['derive', ID]);
  const bytes = engine.exportSecretBytes(key);
  key.dispose();
  return bytes;
}
