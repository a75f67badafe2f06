// createEngine: one of the kinds, by name.

import { KeystrataError } from '../core/errors.ts';
import { instanceOf } from '../core/internal.ts';
import { loadCore } from '../core/load.ts';
import type { Core } from '../core/types.ts';
import type { Engine, Random } from './engine.ts';
import { randomFrom } from './random.ts';
import { WasmEngine } from './wasm.ts';

export interface EngineOptions {
  /** Default `auto`. */
  prefer?: Engine['kind'];
  /** Stays the caller's; default: one of the engine's own. */
  core?: Core;
  /** Default: crypto.getRandomValues. */
  random?: Random;
  workers?: number;
  crossover?: { seal?: number; open?: number; derive?: 'wasm' | 'webcrypto' };
}

type Maker = (parts: { core: Core; owned: boolean; random: Random }) => Engine;

/** What an engine of each kind is made of; null: none yet in this release. */
const KINDS: Record<Engine['kind'], Maker | null> = {
  auto: ({ core, owned, random }) => new WasmEngine({ kind: 'auto', core: instanceOf(core), owned, random }),
  wasm: ({ core, owned, random }) => new WasmEngine({ kind: 'wasm', core: instanceOf(core), owned, random }),
  webcrypto: null,
};

/** Makes an engine. Dispose it when it is not needed any more: that wipes its keys. */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  if (typeof options !== 'object' || options === null)
    throw new KeystrataError('ERR_ARGUMENT', 'createEngine: an object { prefer, core, random } is wanted');
  const { prefer = 'auto', core, random, workers, crossover } = options;
  if (!Object.hasOwn(KINDS, prefer))
    throw new KeystrataError('ERR_ARGUMENT', `prefer: one of ${Object.keys(KINDS).join(', ')} is wanted`);
  const make = KINDS[prefer];
  if (make === null)
    throw new KeystrataError('ERR_UNSUPPORTED', `prefer: "${prefer}" is not supported; take "auto" or "wasm"`);
  if (workers !== undefined)
    throw new KeystrataError(
      'ERR_UNSUPPORTED',
      'workers: not supported; leave it out, and the engine runs on this thread',
    );
  if (crossover !== undefined && (typeof crossover !== 'object' || crossover === null))
    throw new KeystrataError('ERR_ARGUMENT', 'crossover: an object { seal, open, derive } is wanted');
  const source = randomFrom(random);
  return make({ core: core === undefined ? await loadCore() : core, owned: core === undefined, random: source });
}
