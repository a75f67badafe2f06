// ShiftRows and the turns of MixColumns (FIPS 197 §5.1.2, §5.1.3) on a register whose byte p = 4 · column + row: bytes of a block, or
// bits of the bytes of eight. SIMD builds only.
//
// Swizzles, not shuffles: of a shuffle's constant V8 builds the register anew each time, four instructions. Newer ones do so for a
// swizzle's too; where it is relaxed, so that lanes need no check, they are loaded instead: a quarter less time for 64 bytes.
// Secret: the bytes. Public: nothing decides.

/** Lanes of the three, one behind the other. */
// prettier-ignore
// @ts-ignore: decorator
@lazy
const LANES: usize = memory.data<u8>([
  0, 5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11,
  5, 10, 15, 0, 9, 14, 3, 4, 13, 2, 7, 8, 1, 6, 11, 12,
  2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13,
], 16);

/** ShiftRows: row r of column c comes from column c + r. */
// @ts-ignore: decorator
@inline
export function shiftRows(x: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i8x16.relaxed_swizzle(x, v128.load(LANES));
  return i8x16.swizzle(x, i8x16(0, 5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11));
}

/** ShiftRows, then every column turned by one: row r from row r + 1. */
// @ts-ignore: decorator
@inline
export function shiftRowsTurned(x: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i8x16.relaxed_swizzle(x, v128.load(LANES, 16));
  return i8x16.swizzle(x, i8x16(5, 10, 15, 0, 9, 14, 3, 4, 13, 2, 7, 8, 1, 6, 11, 12));
}

/** Every column turned by two. */
// @ts-ignore: decorator
@inline
export function turnTwice(x: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i8x16.relaxed_swizzle(x, v128.load(LANES, 32));
  return i8x16.swizzle(x, i8x16(2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));
}
