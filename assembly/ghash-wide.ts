// GHASH over v128: 16 blocks at once. SP 800-38D §6.4 (GHASH), §6.3 (product).
//
//   register i  =  byte i of 16 blocks; lane b is block b     so all lanes are multiplied by the same power of H, with
//                                                             the nibble products of ghash-wide-tables.ts
//   S = X_1 … X_16,   S = S · H^16 + the next sixteen, … ,   Y = S_1 · H^16 + S_2 · H^15 + … + S_16 · H
//
// Two sixteens are taken in one: S · H^32 + T · H^16 is reduced once. The end of the line is the narrow form's work.
// A product of 16 by 16 bytes is nine of 4 by 4 (Karatsuba, twice): 360 lookups, not 544.
//
//   NIBBLES    nine sums of words, 8 registers each: high nibbles of 4 bytes, low nibbles
//   PRODUCTS   nine products, 8 registers (bytes) each
//
// Secret: everything but the number of blocks.

import { hashSwizzle } from './ghash-swizzle';
import { POWER } from './ghash-wide-tables';
import { SCRATCH } from './memory';
import { highNibbles, lookUp, lowNibbles } from './sub-block';
import { turnBytes } from './wide-transpose';

const NIBBLES: usize = SCRATCH; //              9 * 128
const PRODUCTS: usize = NIBBLES + 9 * 128; //   9 * 128, then 32 registers of the whole
const WHOLE: usize = PRODUCTS + 9 * 128; //     512
const SUM: usize = WHOLE + 512; //              256
const NEXT: usize = SUM + 256; //               256
const BLOCKS: usize = NEXT + 256; //            256
export const WIDE_HASH_SCRATCH_LENGTH: usize = 2 * 9 * 128 + 512 + 3 * 256;

/** Blocks taken at once. */
export const SIXTEEN: usize = 16;

/** A byte of x^128 … modulo x^128 + x^7 + x^2 + x + 1: sixteen bytes above, and the byte behind that. */
// prettier-ignore
// @ts-ignore: decorator
@lazy
const REDUCED: usize = memory.data<u64>([
  0x54486c7024381c00, 0xb5a98d91c5d9fde1, // high nibbles, the byte where they stand
  0x0504060702030100, 0x0b0a08090c0d0f0e, // low nibbles
  0xe0c0a08060402000, 0xe0c0a08060402000, // high nibbles, the byte behind
  0x4e8cca084684c200, 0x5e9cda185694d210, // low nibbles
], 16);

// @ts-ignore: decorator
@inline
function xor(a: v128, b: v128): v128 {
  return v128.xor(a, b);
}

/** The nine sums of four words, of which `a` … `d` are the same register. */
// @ts-ignore: decorator
@inline
function sums(to: usize, a: v128, b: v128, c: v128, d: v128): void {
  const ac = xor(a, c),
    bd = xor(b, d);
  v128.store(to, a);
  v128.store(to, xor(a, b), 128);
  v128.store(to, b, 256);
  v128.store(to, ac, 384);
  v128.store(to, xor(ac, bd), 512);
  v128.store(to, bd, 640);
  v128.store(to, c, 768);
  v128.store(to, xor(c, d), 896);
  v128.store(to, d, 1024);
}

/** NIBBLES of the 16 registers at `from`. */
// prettier-ignore
// @ts-ignore: decorator
@inline
function split(from: usize): void {
  for (let i: usize = 0; i < 64; i += 16) {
    const a = v128.load(from + i), b = v128.load(from + i, 64), c = v128.load(from + i, 128), d = v128.load(from + i, 192);
    sums(NIBBLES + i, highNibbles(a), highNibbles(b), highNibbles(c), highNibbles(d));
    sums(NIBBLES + 64 + i, lowNibbles(a), lowNibbles(b), lowNibbles(c), lowNibbles(d));
  }
}

/** PRODUCTS of the 16 registers at `from` with a power; `more`: added to what is there. */
// prettier-ignore
function multiply(table: usize, from: usize, more: bool): void {
  split(from);
  let to = PRODUCTS;
  for (let at = NIBBLES; at < PRODUCTS; at += 128) {
    let a0 = i64x2.splat(0), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
    if (more) {
      a0 = v128.load(to), a1 = v128.load(to, 16), a2 = v128.load(to, 32), a3 = v128.load(to, 48);
      a4 = v128.load(to, 64), a5 = v128.load(to, 80), a6 = v128.load(to, 96), a7 = v128.load(to, 112);
    }
    for (const end = table + 160; table < end; table += 80) {
      const n0 = v128.load(at), n1 = v128.load(at, 16), n2 = v128.load(at, 32), n3 = v128.load(at, 48);
      let t = v128.load(table);
      a0 = xor(a0, lookUp(t, n0)), a1 = xor(a1, lookUp(t, n1)), a2 = xor(a2, lookUp(t, n2)), a3 = xor(a3, lookUp(t, n3));
      t = v128.load(table, 16);
      a1 = xor(a1, lookUp(t, n0)), a2 = xor(a2, lookUp(t, n1)), a3 = xor(a3, lookUp(t, n2)), a4 = xor(a4, lookUp(t, n3));
      t = v128.load(table, 32);
      a2 = xor(a2, lookUp(t, n0)), a3 = xor(a3, lookUp(t, n1)), a4 = xor(a4, lookUp(t, n2)), a5 = xor(a5, lookUp(t, n3));
      t = v128.load(table, 48);
      a3 = xor(a3, lookUp(t, n0)), a4 = xor(a4, lookUp(t, n1)), a5 = xor(a5, lookUp(t, n2)), a6 = xor(a6, lookUp(t, n3));
      t = v128.load(table, 64);
      a4 = xor(a4, lookUp(t, n0)), a5 = xor(a5, lookUp(t, n1)), a6 = xor(a6, lookUp(t, n2)), a7 = xor(a7, lookUp(t, n3));
      at += 64;
    }
    at -= 128;
    v128.store(to, a0), v128.store(to, a1, 16), v128.store(to, a2, 32), v128.store(to, a3, 48);
    v128.store(to, a4, 64), v128.store(to, a5, 80), v128.store(to, a6, 96), v128.store(to, a7, 112);
    to += 128;
  }
}

/** Three products of `half` bytes a side to one at `to`: low, low + middle + high, high, each moved by `half`. */
// prettier-ignore
// @ts-ignore: decorator
@inline
function join(to: usize, low: usize, middle: usize, high: usize, half: usize): void {
  for (let i: usize = 0; i < half; i += 16) {
    const l0 = v128.load(low + i), l1 = v128.load(low + i + half);
    const m0 = v128.load(middle + i), m1 = v128.load(middle + i + half);
    const h0 = v128.load(high + i), h1 = v128.load(high + i + half);
    const inner = xor(l1, h0);
    v128.store(to + i, l0);
    v128.store(to + i + half, xor(xor(l0, m0), inner));
    v128.store(to + i + 2 * half, xor(xor(h1, m1), inner));
    v128.store(to + i + 3 * half, h1);
  }
}

/** SUM = PRODUCTS modulo x^128 + x^7 + x^2 + x + 1, + NEXT. */
function reduce(): void {
  for (let at = PRODUCTS; at < WHOLE; at += 384) join(at, at, at + 128, at + 256, 64);
  join(WHOLE, PRODUCTS, PRODUCTS + 384, PRODUCTS + 768, 128);
  const here = v128.load(REDUCED),
    hereLow = v128.load(REDUCED, 16);
  const behind = v128.load(REDUCED, 32),
    behindLow = v128.load(REDUCED, 48);
  const last = v128.load(WHOLE + 496); // what stands behind byte 31 is byte 32 - 16 once more
  const over = xor(lookUp(behind, highNibbles(last)), lookUp(behindLow, lowNibbles(last)));
  v128.store(WHOLE + 256, xor(v128.load(WHOLE + 256), over));
  let carried = i64x2.splat(0);
  for (let i: usize = 0; i < 256; i += 16) {
    const byte = v128.load(WHOLE + 256 + i);
    const high = highNibbles(byte),
      low = lowNibbles(byte);
    const folded = xor(lookUp(here, high), lookUp(hereLow, low));
    v128.store(SUM + i, xor(xor(v128.load(WHOLE + i), v128.load(NEXT + i)), xor(folded, carried)));
    carried = xor(lookUp(behind, high), lookUp(behindLow, low));
  }
}

/** Y = (Y + X_i) · H for every block at `at`, a positive multiple of 16. Y lies in memory in the standard's order. */
export function hashWide(wide: usize, narrow: usize, y: usize, at: usize, blocks: usize): void {
  for (let i: usize = 16; i < 256; i += 16) v128.store(BLOCKS + i, v128.load(at + i));
  v128.store(BLOCKS, xor(v128.load(at), v128.load(y)));
  turnBytes(SUM, BLOCKS, 16);
  const end = at + 16 * blocks;
  at += 256;
  if ((blocks & 16) === 0) {
    multiply(wide, SUM, false);
    turnBytes(NEXT, at, 16);
    reduce();
    at += 256;
  }
  for (; at < end; at += 512) {
    multiply(wide + POWER, SUM, false);
    turnBytes(NEXT, at, 16);
    multiply(wide, NEXT, true);
    turnBytes(NEXT, at + 256, 16);
    reduce();
  }
  turnBytes(BLOCKS, SUM, 16);
  v128.store(y, i64x2.splat(0));
  hashSwizzle(narrow, y, BLOCKS, 16);
}
