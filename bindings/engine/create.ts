// createEngine: one of the kinds, by name.

import { asInteger } from '../core/bytes.ts';
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
  /**
   * Threads beside this one, each with a core of its own: 0 (default) … 64. Chunks of streams, messages of 128 KiB and more,
   * and records of 8 KiB and more that come many at once are spread over them; keys of streams and records go there, no other.
   * Where the runtime has no workers (edge runtimes) the engine runs on this thread; where it has and they do not start:
   * ERR_WORKER. `webcrypto` starts none: the platform has threads of its own. Dispose the engine to end them.
   */
  workers?: number;
  /** For `auto`: from how many bytes on WebCrypto seals and opens, and who derives. What is left out is measured. */
  crossover?: { seal?: number; open?: number; derive?: 'wasm' | 'webcrypto' };
}

/** More than this thread can feed. */
const WORKERS_MOST = 64;

/** Who does the bulk of the work in an engine of each kind. ERR_UNSUPPORTED where this runtime cannot. */
const KINDS: Record<Engine['kind'], (crossover: Crossing, inCore: MakeBulk) => MakeBulk> = {
  auto: (crossover, inCore) => {
    const subtle = platformSubtle();
    return (core, slots) =>
      subtle === null ? inCore(core, slots) : new AutoBulk(subtle, crossover, core, slots, inCore(core, slots));
  },
  wasm: (_, inCore) => inCore,
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

const coreAlone: MakeBulk = (core, slots) => new CoreBulk(core, slots);

/** Makes the core's part of an engine with a pool beside it; `ready` then waits for the first worker. null where there are none. */
async function poolOf(workers: number): Promise<{ make: MakeBulk; ready(): Promise<void> } | null> {
  const { PoolBulk, threads } = await import('./workers.ts'); // a part of the bundle that others do without
  const open = await threads();
  if (open === null) return null;
  let made: InstanceType<typeof PoolBulk>;
  return {
    make: (core, slots) => (made = new PoolBulk(workers, open, core, slots)),
    ready: () => made.ready(),
  };
}

/** Makes an engine. Dispose it when it is not needed any more: that wipes its keys, and ends its workers. */
export async function createEngine(options: EngineOptions = {}): Promise<Engine> {
  if (typeof options !== 'object' || options === null)
    throw new KeystrataError('ERR_ARGUMENT', 'createEngine: an object { prefer, core, random } is wanted');
  const { prefer = 'auto', core, random, workers = 0, crossover = {} } = options;
  if (!Object.hasOwn(KINDS, prefer))
    throw new KeystrataError('ERR_ARGUMENT', `prefer: one of ${Object.keys(KINDS).join(', ')} is wanted`);
  asInteger(workers, 'workers', 0, WORKERS_MOST);
  checkCrossover(crossover);
  const source = randomFrom(random);
  const pool = workers > 0 && prefer !== 'webcrypto' ? await poolOf(workers) : null;
  const bulk = KINDS[prefer](crossover, pool?.make ?? coreAlone);
  const instance = instanceOf(core === undefined ? await loadCore() : core);
  const engine = new CoreEngine({ kind: prefer, bulk, core: instance, owned: core === undefined, random: source });
  try {
    await pool?.ready();
  } catch (error) {
    engine.dispose();
    throw error;
  }
  return engine;
}
