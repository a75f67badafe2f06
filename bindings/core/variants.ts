// The three builds, each a module of its own behind a dynamic import, so that a bundle loads the one it runs: base64 in the JavaScript,
// or, where the host compiles nothing at run time, what the host made of the .wasm file (rollup.config.js, `workerd`).

import { still, type Out } from './bytes.ts';
import type { Variant } from './types.ts';

const EMBEDDED: Record<Variant, () => Promise<{ default: string | WebAssembly.Module }>> = {
  relaxed: () => import('#wasm/relaxed'),
  simd: () => import('#wasm/simd'),
  scalar: () => import('#wasm/scalar'),
};

/** A loop: at a cold start `Uint8Array.from` with a function takes several times as long. */
function decoded(base64: string): Out {
  const letters = atob(base64);
  const bytes = still(letters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = letters.charCodeAt(i);
  return bytes;
}

/** The bytes of the .wasm, or its module. Public: nothing secret goes through a string here. */
export async function embedded(variant: Variant): Promise<Out | WebAssembly.Module> {
  const { default: wasm } = await EMBEDDED[variant]();
  return typeof wasm === 'string' ? decoded(wasm) : wasm;
}
