// loadCore: the best build that runs here, the one asked for, or the module that is given.

import { WasmCore } from './core.ts';
import { canRun, VARIANTS } from './detect.ts';
import { KeystrataError } from './errors.ts';
import { checkOptions, coreOf } from './given.ts';
import { start } from './instance.ts';
import type { Core, CoreOptions, Variant } from './types.ts';
import { embedded } from './variants.ts';

/**
 * Loads a core: without options the fastest build that this runtime can run. Every call makes an instance of its own, with
 * its own memory.
 *
 * `variant`: ERR_UNSUPPORTED where the runtime lacks the instructions. `module`: a compiled one, or bytes, for hosts that
 * compile nothing at run time; one that is no core is ERR_FORMAT, one of another version or another than `variant`
 * ERR_UNSUPPORTED.
 */
export async function loadCore(options: CoreOptions = {}): Promise<Core> {
  checkOptions(options, '{ variant, module }');
  const { variant, module } = options;
  if (module !== undefined) return coreOf(module, variant);
  return new WasmCore(await start(await embedded(variant === undefined ? best() : able(variant))));
}

/** `scalar` needs nothing, so there is always one. */
const best = (): Variant => VARIANTS.find(canRun) ?? 'scalar';

function able(variant: Variant): Variant {
  if (canRun(variant)) return variant;
  throw new KeystrataError(
    'ERR_UNSUPPORTED',
    `this runtime cannot run the variant "${variant}": leave it out to take the best it can run, which is "${best()}"`,
  );
}
