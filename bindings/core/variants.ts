// The three builds, each a module of its own behind a dynamic import, so that a bundle loads the one it runs: base64 in the JavaScript,
// or, where the host compiles nothing at run time, what the host made of the .wasm file (rollup.config.js, `workerd`).

import { still, type Out } from './bytes.ts';
import type { Variant } from './types.ts';

const EMBEDDED: Record<Variant, () => Promise<{ default: string | WebAssembly.Module }>> = {
  relaxed: () => import('#wasm/relaxed'),
  simd: () => import('#wasm/simd'),
  scalar: () => import('#wasm/scalar'),
};

interface Decoders {
  readonly Uint8Array: { fromBase64?(base64: string): Uint8Array<ArrayBuffer> };
  readonly Buffer?: { from(base64: string, encoding: 'base64'): Uint8Array<ArrayBuffer> };
}

/**
 * By what the runtime has: at a cold start a loop takes 2 ms, and as many again from the thread that compiles. But
 * `Uint8Array.from` with a function takes several times as long as that.
 */
export function decoded(base64: string): Uint8Array<ArrayBuffer> {
  const { Uint8Array: Bytes, Buffer } = globalThis as unknown as Decoders;
  if (Bytes.fromBase64) return Bytes.fromBase64(base64);
  if (Buffer) return Buffer.from(base64, 'base64');
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
