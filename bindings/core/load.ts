// loadCore: the best build that runs here, the one asked for, or the module that is given.

import { WasmCore } from './core.ts';
import { canRun, VARIANTS } from './detect.ts';
import { KeystrataError } from './errors.ts';
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
  if (typeof options !== 'object' || options === null)
    throw new KeystrataError('ERR_ARGUMENT', 'loadCore: an object { variant, module } is wanted');
  const { variant, module } = options;
  if (variant !== undefined && !VARIANTS.includes(variant))
    throw new KeystrataError('ERR_ARGUMENT', `variant: one of ${VARIANTS.join(', ')} is wanted`);
  if (typeof WebAssembly === 'undefined')
    throw new KeystrataError('ERR_UNSUPPORTED', 'this runtime has no WebAssembly, which the core needs');
  if (module !== undefined) return new WasmCore(await given(module, variant));
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

async function given(module: WebAssembly.Module | BufferSource, variant: Variant | undefined) {
  const bytes: unknown = ArrayBuffer.isView(module) ? module.buffer : module;
  if (!(module instanceof WebAssembly.Module || bytes instanceof ArrayBuffer))
    throw new KeystrataError('ERR_ARGUMENT', 'module: a WebAssembly.Module, or the bytes of one, is wanted');
  const instance = await start(module);
  if (variant !== undefined && variant !== instance.variant)
    throw new KeystrataError(
      'ERR_UNSUPPORTED',
      `the module is the variant "${instance.variant}", not "${variant}" as asked for`,
    );
  return instance;
}
