// A core from a module that is given: for hosts that compile nothing at run time, and for bundles that carry no .wasm.

import { WasmCore } from './core.ts';
import { VARIANTS } from './detect.ts';
import { KeystrataError } from './errors.ts';
import { start } from './instance.ts';
import type { Core, CoreOptions, Variant } from './types.ts';

/** What loadCore takes where there is no module but the given one. */
export interface GivenOptions {
  module: WebAssembly.Module | BufferSource;
  variant?: Variant;
}

/** The options as they came, of the right types, in a runtime that has WebAssembly. */
export function checkOptions(options: CoreOptions, wanted: string): void {
  if (typeof options !== 'object' || options === null)
    throw new KeystrataError('ERR_ARGUMENT', `loadCore: an object ${wanted} is wanted`);
  const { variant } = options;
  if (variant !== undefined && !VARIANTS.includes(variant))
    throw new KeystrataError('ERR_ARGUMENT', `variant: one of ${VARIANTS.join(', ')} is wanted`);
  if (typeof WebAssembly === 'undefined')
    throw new KeystrataError('ERR_UNSUPPORTED', 'this runtime has no WebAssembly, which the core needs');
}

/** Runs `module`. ERR_FORMAT for one that is no core, ERR_UNSUPPORTED for another variant or version. */
export async function coreOf(
  module: WebAssembly.Module | BufferSource,
  variant: Variant | undefined,
): Promise<WasmCore> {
  const bytes: unknown = ArrayBuffer.isView(module) ? module.buffer : module;
  if (!(module instanceof WebAssembly.Module || bytes instanceof ArrayBuffer))
    throw new KeystrataError('ERR_ARGUMENT', 'module: a WebAssembly.Module, or the bytes of one, is wanted');
  const instance = await start(module);
  if (variant !== undefined && variant !== instance.variant)
    throw new KeystrataError(
      'ERR_UNSUPPORTED',
      `the module is the variant "${instance.variant}", not "${variant}" as asked for`,
    );
  return new WasmCore(instance);
}

/**
 * Loads a core from one of keystrata.{relaxed,simd,scalar}.wasm, compiled or as bytes; every call makes an instance of its own.
 * Nothing is bundled, so that the caller chooses the build. ERR_ARGUMENT where no module is given; else as `coreOf`.
 */
export async function loadGivenCore(options: GivenOptions): Promise<Core> {
  checkOptions(options, '{ module }');
  return coreOf(options.module, options.variant);
}
