// Which builds this runtime can run: it is asked to validate a function of a few bytes. WebAssembly core specification §5.5.

import type { Variant } from './types.ts';

/** A module of one function, () → v128, with this body. */
const module = (...body: readonly number[]): Uint8Array<ArrayBuffer> =>
  Uint8Array.of(
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00], //        magic, version 1
    ...[0x01, 0x05, 0x01, 0x60, 0x00, 0x01, 0x7b], //              types: () → v128
    ...[0x03, 0x02, 0x01, 0x00], //                                functions: one, of type 0
    ...[0x0a, body.length + 4, 0x01, body.length + 2, 0x00], //    code: one body, no locals
    ...body,
    0x0b,
  );

const SPLAT_ZERO = [0x41, 0x00, 0xfd, 0x0f]; //        i32.const 0, i8x16.splat
const POPCNT = [0xfd, 0x62]; //                        i8x16.popcnt: of the last instructions that SIMD128 got
const RELAXED_SWIZZLE = [0xfd, 0x80, 0x02]; //         i8x16.relaxed_swizzle

const NEEDS: Record<Variant, Uint8Array<ArrayBuffer> | null> = {
  relaxed: module(...SPLAT_ZERO, ...SPLAT_ZERO, ...RELAXED_SWIZZLE),
  simd: module(...SPLAT_ZERO, ...POPCNT),
  scalar: null,
};

/** The builds, the best first. */
export const VARIANTS: readonly Variant[] = ['relaxed', 'simd', 'scalar'];

export function canRun(variant: Variant): boolean {
  if (typeof WebAssembly === 'undefined') return false;
  const probe = NEEDS[variant];
  return probe === null || WebAssembly.validate(probe);
}
