// createEngine: one of the kinds, by name.

import { KeystrataError } from '../core/errors.ts';
import { instanceOf } from '../core/internal.ts';
import { loadCore } from '../core/load.ts';
import type { Core } from '../core/types.ts';
import { AutoBulk, type Crossing } from './auto.ts';
import type { MakeBulk } from './bulk.ts';
import { CoreEngine } from './core-engine.ts';
import type { Engine, Random } from './engine.ts';
import { platformSubtle, wantedSubtle } from './platform.ts';
import { randomFrom } from './random.ts';
import { Rates } from './rates.ts';
import { CoreBulk } from './wasm.ts';
import { WebCryptoBulk } from './webcrypto.ts';

export interface EngineOptions {
  /** Default `auto`. */
  prefer?: Engine['kind'];
  /** Stays the caller's; default: one of the engine's own. */
  core?: Core;
  /** Default: crypto.getRandomValues. */
  random?: Random;
  workers?: number;
  /** For `auto`: from how many bytes on WebCrypto seals and opens, and who derives. What is left out is measured. */
  crossover?: { seal?: number; open?: number; derive?: 'wasm' | 'webcrypto' };
}

/** Who does the bulk of the work in an engine of each kind. ERR_UNSUPPORTED where this runtime cannot. */
const KINDS: Record<Engine['kind'], (crossover: Crossing) => MakeBulk> = {
  auto: (crossover) => {
    const subtle = platformSubtle();
    return (core, slots) =>
      subtle === null ? new CoreBulk(core, slots) : new AutoBulk(subtle, crossover, core, slots);
  },
  wasm: () => (core, slots) => new CoreBulk(core, slots),
  webcrypto: () => {
    const subtle = wantedSubtle();
    return (core, slots) => new WebCryptoBulk(subtle, new Rates(), core, slots);
  },
};

function checkCrossover(crossover: Crossing): void {
  if (typeof crossover !== 'object' || crossover === null)
    throw new KeystrataError('ERR_ARGUMENT', 'crossover: an object { seal, open, derive } is wanted');
  for (const way of ['seal', 'open'] as const) {
    const length: unknown = crossover[way];
    if (length !== undefined && !(typeof length === 'number' && length >= 0))
      throw new KeystrataError('ERR_ARGUMENT', `crossover.${way}: a number of bytes is wanted; Infinity means never`);
  }
  if (![undefined, 'wasm', 'webcrypto'].includes(crossover.derive))
    throw new KeystrataError('ERR_ARGUMENT', 'crossover.derive: "wasm" or "webcrypto" is wanted');
}

/** Makes an engine. Dispose it when it is not needed any more: that wipes its keys. */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  if (typeof options !== 'object' || options === null)
    throw new KeystrataError('ERR_ARGUMENT', 'createEngine: an object { prefer, core, random } is wanted');
  const { prefer = 'auto', core, random, workers, crossover = {} } = options;
  if (!Object.hasOwn(KINDS, prefer))
    throw new KeystrataError('ERR_ARGUMENT', `prefer: one of ${Object.keys(KINDS).join(', ')} is wanted`);
  if (workers !== undefined)
    throw new KeystrataError(
      'ERR_UNSUPPORTED',
      'workers: not supported; leave it out, and the engine runs on this thread',
    );
  checkCrossover(crossover);
  const source = randomFrom(random);
  const bulk = KINDS[prefer](crossover);
  const instance = instanceOf(core === undefined ? await loadCore() : core);
  return new CoreEngine({ kind: prefer, bulk, core: instance, owned: core === undefined, random: source });
}
