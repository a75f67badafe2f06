// The three builds, each a module of its own behind a dynamic import, so that a bundle loads the one it runs: base64 in the JavaScript,
// or, where the host compiles nothing at run time, what the host made of the .wasm file (rollup.config.js, `workerd`).

import type { Out } from './bytes.ts';
import type { Variant } from './types.ts';

const EMBEDDED: Record<Variant, () => Promise<{ default: string | WebAssembly.Module }>> = {
  relaxed: () => import('#wasm/relaxed'),
  simd: () => import('#wasm/simd'),
  scalar: () => import('#wasm/scalar'),
};

/** The bytes of the .wasm, or its module. Public: nothing secret goes through a string here. */
export async function embedded(variant: Variant): Promise<Out | WebAssembly.Module> {
  const { default: wasm } = await EMBEDDED[variant]();
  return typeof wasm === 'string' ? Uint8Array.from(atob(wasm), (letter) => letter.charCodeAt(0)) : wasm;
}
