// The three builds, embedded as base64: each a module of its own behind a dynamic import, so that a bundle loads the one it runs.

import type { Out } from './bytes.ts';
import type { Variant } from './types.ts';

const EMBEDDED: Record<Variant, () => Promise<{ default: string }>> = {
  relaxed: () => import('#wasm/relaxed'),
  simd: () => import('#wasm/simd'),
  scalar: () => import('#wasm/scalar'),
};

/** The bytes of the .wasm. Public: nothing secret goes through a string here. */
export async function embedded(variant: Variant): Promise<Out> {
  const base64 = await EMBEDDED[variant]();
  return Uint8Array.from(atob(base64.default), (letter) => letter.charCodeAt(0));
}
