// The AES S-box (FIPS 197 §5.1.1) on the 16 bytes of one register, by lookups in registers: M. Hamburg, "Accelerating
// AES with vector permute instructions" (CHES 2009). For key expansion, and for bytes that many blocks share.
//
// A byte stands as k + i w, with k and i in GF(16) (x^4 + x + 1) and w^2 = a w + a, a = 2. With j = i + k and the norm
// N = k^2 + a i k + a i^2, the inverse is a sum of 1/u and 1/t, each times a constant, where
//
//   u = 1 / (1/i + a/k) + j = N / (k + a i)          t = 1 / (1/j + a/k) + i = N / (k + a j)
//
// Every step is a table of 16 entries. 1/0 is 0x80: it stays outside the tables, and what lies there is looked up as 0.
// Secret: the bytes. The tables are looked up in registers, never in memory.

import { shiftRows, shiftRowsTurned, turnTwice } from './aes-turns';

/** byte 0 … byte 15 of each table, in pairs of words. */
// prettier-ignore
// @ts-ignore: decorator
@lazy
const TABLES: usize = memory.data<u64>([
  0x30312c2d1d1c0100, 0x17160b0a3a3b2627, // low nibble to k + i w
  0xf573088e7bfd8600, 0x82047ff90c8af177, // high nibble to k + i w
  0x06070b0d0e090180, 0x0803040a050c020f, // 1/n
  0x0c0e05090f010280, 0x030608070a0b040d, // a/n
  0xac678d21b0d7cb00, 0x1c91f6463dea5a7b, // u to its part of the inverse, through the affine map
  0xe8772ac216619f00, 0xfed4a3b53c5d4b89, // t, likewise
], 16);

// @ts-ignore: decorator
@inline
function xor(a: v128, b: v128): v128 {
  return v128.xor(a, b);
}

/** Lanes of `index` lie below 16, or above 127: both instructions agree on these. */
// @ts-ignore: decorator
@inline
export function lookUp(table: v128, index: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i8x16.relaxed_swizzle(table, index);
  else return i8x16.swizzle(table, index);
}

// @ts-ignore: decorator
@inline
export function lowNibbles(x: v128): v128 {
  return v128.and(x, i8x16.splat(15));
}

// @ts-ignore: decorator
@inline
export function highNibbles(x: v128): v128 {
  return v128.and(i16x8.shr_u(x, 4), i8x16.splat(15));
}

/** SubBytes(x) ^ 0x63 in every byte: the constant is left to the next round key, as in aes-circuit.ts. */
export function subBlock(x: v128): v128 {
  const inverse = v128.load(TABLES, 32);
  const y = xor(lookUp(v128.load(TABLES), lowNibbles(x)), lookUp(v128.load(TABLES, 16), highNibbles(x)));
  const k = lowNibbles(y);
  const i = highNibbles(y);
  const j = xor(i, k);
  const overK = lookUp(v128.load(TABLES, 48), k);
  const u = xor(lookUp(inverse, xor(lookUp(inverse, i), overK)), j);
  const t = xor(lookUp(inverse, xor(lookUp(inverse, j), overK)), i);
  return xor(lookUp(v128.load(TABLES, 64), u), lookUp(v128.load(TABLES, 80), t));
}

/** MixColumns(ShiftRows(x)) + key. */
export function mixBlock(x: v128, key: v128): v128 {
  const a = shiftRowsTurned(x);
  const b = xor(shiftRows(x), a);
  const turned = turnTwice(b);
  const doubled = xor(i8x16.add(b, b), v128.and(i8x16.lt_s(b, i64x2.splat(0)), i8x16.splat(0x1b)));
  return xor(xor(xor(a, turned), doubled), key);
}
