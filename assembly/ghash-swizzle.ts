// GHASH by nibble products held in registers. SP 800-38D §6.3 (product), §6.4 (GHASH).
//
// A nibble times H is 17 bytes. Byte j of the 16 possible products is one register, looked up by i8x16.swizzle: all 16
// nibbles of a kind at once, in constant time. A block is held with its bytes reversed:
//
//   lane       15 ………………………… 0          term j of byte i has its place at byte i + j of the product,
//   byte i      0 ………………………… 15         so in lane 15 - i it moves down by j lanes, and below lane 0
//   term     x^0 ………………… x^127         into the high half (x^128 …), which the reduction folds back
//
//   tables   [ j = 0: high nibbles, low nibbles ][ j = 1 … ] … [ j = 16 … ]      32 bytes each
//
// Secret: H and its tables, Y, the blocks. Public: how many blocks there are.

export const SWIZZLE_LENGTH: usize = 17 * 32;

// @ts-ignore: decorator
@inline
function xor(a: v128, b: v128): v128 {
  return v128.xor(a, b);
}

/** Lanes of `index` are below 16, where both instructions agree. */
// @ts-ignore: decorator
@inline
function lookUp(table: usize, index: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return i8x16.relaxed_swizzle(v128.load(table), index);
  else return i8x16.swizzle(v128.load(table), index);
}

// @ts-ignore: decorator
@inline
function term(table: usize, j: usize, high: v128, low: v128): v128 {
  return xor(lookUp(table + 32 * j, high), lookUp(table + 32 * j + 16, low));
}

// @ts-ignore: decorator
@inline
function reversed(x: v128): v128 {
  return i8x16.shuffle(x, x, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
}

/** a + b, b moved down by 1, 2, 4 or 8 lanes. */
// @ts-ignore: decorator
@inline
function down1(a: v128, b: v128): v128 {
  return xor(a, i8x16.shuffle(b, i64x2.splat(0), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16));
}
// @ts-ignore: decorator
@inline
function down2(a: v128, b: v128): v128 {
  return xor(a, i8x16.shuffle(b, i64x2.splat(0), 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17));
}
// @ts-ignore: decorator
@inline
function down4(a: v128, b: v128): v128 {
  return xor(a, i8x16.shuffle(b, i64x2.splat(0), 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19));
}
// @ts-ignore: decorator
@inline
function down8(a: v128, b: v128): v128 {
  return xor(a, i8x16.shuffle(b, i64x2.splat(0), 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23));
}

/** a + b, b moved up by 1, 2, 4 or 8 lanes. */
// @ts-ignore: decorator
@inline
function up1(a: v128, b: v128): v128 {
  return xor(a, i8x16.shuffle(i64x2.splat(0), b, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30));
}
// @ts-ignore: decorator
@inline
function up2(a: v128, b: v128): v128 {
  return xor(a, i8x16.shuffle(i64x2.splat(0), b, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29));
}
// @ts-ignore: decorator
@inline
function up4(a: v128, b: v128): v128 {
  return xor(a, i8x16.shuffle(i64x2.splat(0), b, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27));
}
// @ts-ignore: decorator
@inline
function up8(a: v128, b: v128): v128 {
  return xor(a, i8x16.shuffle(i64x2.splat(0), b, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23));
}

/**
 * low + x^128 · high, modulo x^128 + x^7 + x^2 + x + 1. Multiplying by x^k moves bits right by k; what leaves a 64-bit
 * half is `out`, which enters the other half: below at once, above as x^128 again, before anything moves.
 */
// @ts-ignore: decorator
@inline
function reduce(low: v128, high: v128): v128 {
  const out = xor(xor(i64x2.shl(high, 63), i64x2.shl(high, 62)), i64x2.shl(high, 57));
  const above = i8x16.shuffle(out, i64x2.splat(0), 16, 16, 16, 16, 16, 16, 16, 16, 0, 1, 2, 3, 4, 5, 6, 7);
  const below = i8x16.shuffle(out, i64x2.splat(0), 8, 9, 10, 11, 12, 13, 14, 15, 16, 16, 16, 16, 16, 16, 16, 16);
  const h = xor(high, above);
  const moved = xor(xor(i64x2.shr_u(h, 1), i64x2.shr_u(h, 2)), i64x2.shr_u(h, 7));
  return xor(xor(low, below), xor(h, moved));
}

/** y · H. */
// @ts-ignore: decorator
@inline
function multiply(table: usize, y: v128): v128 {
  const nibble = i8x16.splat(15);
  const high = v128.and(i16x8.shr_u(y, 4), nibble);
  const low = v128.and(y, nibble);
  const t0 = term(table, 0, high, low),
    t1 = term(table, 1, high, low),
    t2 = term(table, 2, high, low);
  const t3 = term(table, 3, high, low),
    t4 = term(table, 4, high, low),
    t5 = term(table, 5, high, low);
  const t6 = term(table, 6, high, low),
    t7 = term(table, 7, high, low),
    t8 = term(table, 8, high, low);
  const t9 = term(table, 9, high, low),
    t10 = term(table, 10, high, low),
    t11 = term(table, 11, high, low);
  const t12 = term(table, 12, high, low),
    t13 = term(table, 13, high, low),
    t14 = term(table, 14, high, low);
  const t15 = term(table, 15, high, low),
    t16 = term(table, 16, high, low);
  return reduce(
    down8(
      down4(down2(down1(t0, t1), down1(t2, t3)), down2(down1(t4, t5), down1(t6, t7))),
      down4(down2(down1(t8, t9), down1(t10, t11)), down2(down1(t12, t13), down1(t14, t15))),
    ),
    up8(
      up4(up2(up1(t16, t15), up1(t14, t13)), up2(up1(t12, t11), up1(t10, t9))),
      up4(up2(up1(t8, t7), up1(t6, t5)), up2(up1(t4, t3), up1(t2, t1))),
    ),
  );
}

/** The tables of the 16 bytes at `h`. Byte j of H · x^s is H shifted right by s bits; nibble bit 3 is x^0, bit 0 is x^3. */
export function prepareSwizzle(table: usize, h: usize): void {
  const bit3 = i8x16(0, 0, 0, 0, 0, 0, 0, 0, -1, -1, -1, -1, -1, -1, -1, -1);
  const bit2 = i8x16(0, 0, 0, 0, -1, -1, -1, -1, 0, 0, 0, 0, -1, -1, -1, -1);
  const bit1 = i8x16(0, 0, -1, -1, 0, 0, -1, -1, 0, 0, -1, -1, 0, 0, -1, -1);
  const bit0 = i8x16(0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0, -1);
  let pair: u32 = 0; // bytes j - 1 and j
  for (let j: usize = 0; j < 17; j++) {
    pair <<= 8;
    if (j < 16) pair |= <u32>load<u8>(h + j);
    for (let s: u32 = 0; s < 8; s += 4) {
      const a = v128.and(i8x16.splat(<i8>(pair >> s)), bit3);
      const b = v128.and(i8x16.splat(<i8>(pair >> (s + 1))), bit2);
      const c = v128.and(i8x16.splat(<i8>(pair >> (s + 2))), bit1);
      const d = v128.and(i8x16.splat(<i8>(pair >> (s + 3))), bit0);
      v128.store(table + 32 * j + 4 * s, xor(xor(a, b), xor(c, d)));
    }
  }
}

/** Y = (Y + X_i) · H for every block at `at`. Y lies in memory in the standard's order. */
export function hashSwizzle(table: usize, y: usize, at: usize, blocks: usize): void {
  let sum = reversed(v128.load(y));
  for (const end = at + 16 * blocks; at < end; at += 16) sum = multiply(table, xor(sum, reversed(v128.load(at))));
  v128.store(y, reversed(sum));
}
