// Matrices turned: 8 × 8 bits, and 16 × 16 bytes.
//
// A level of interleaving turns the 8 bits (register, lane) of a byte's place by one: the four of them exchange
// register and lane. Secret: what is turned.

// @ts-ignore: decorator
@inline
function low(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
// @ts-ignore: decorator
@inline
function high(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

/** Three levels on the eight registers that lie `2 * stride` apart: as many as an engine can hold. */
// prettier-ignore
function half(to: usize, from: usize, stride: usize): void {
  const a0 = v128.load(from), a1 = v128.load(from + 2 * stride);
  const a2 = v128.load(from + 4 * stride), a3 = v128.load(from + 6 * stride);
  const a4 = v128.load(from + 8 * stride), a5 = v128.load(from + 10 * stride);
  const a6 = v128.load(from + 12 * stride), a7 = v128.load(from + 14 * stride);
  const b0 = low(a0, a4), b1 = high(a0, a4), b2 = low(a1, a5), b3 = high(a1, a5);
  const b4 = low(a2, a6), b5 = high(a2, a6), b6 = low(a3, a7), b7 = high(a3, a7);
  const c0 = low(b0, b4), c1 = high(b0, b4), c2 = low(b1, b5), c3 = high(b1, b5);
  const c4 = low(b2, b6), c5 = high(b2, b6), c6 = low(b3, b7), c7 = high(b3, b7);
  v128.store(to, low(c0, c4));
  v128.store(to, high(c0, c4), 32);
  v128.store(to, low(c1, c5), 64);
  v128.store(to, high(c1, c5), 96);
  v128.store(to, low(c2, c6), 128);
  v128.store(to, high(c2, c6), 160);
  v128.store(to, low(c3, c7), 192);
  v128.store(to, high(c3, c7), 224);
}

/** Turns the 16 × 16 bytes of the registers at `from`, `from + stride`, … to 256 bytes at `to`, which lie elsewhere. */
export function turnBytes(to: usize, from: usize, stride: usize): void {
  half(to, from, stride);
  half(to + 16, from + stride, stride);
  for (const end = to + 256; to < end; to += 32) {
    const even = v128.load(to),
      odd = v128.load(to, 16);
    v128.store(to, low(even, odd));
    v128.store(to, high(even, odd), 16);
  }
}

/** The bits `mask << n` of a against the bits `mask` of b: what differs. */
// @ts-ignore: decorator
@inline
function difference(a: v128, b: v128, n: i32, mask: i64): v128 {
  return v128.and(v128.xor(i64x2.shr_u(a, n), b), i64x2.splat(mask));
}

/** What `difference` found, put right in a. */
// @ts-ignore: decorator
@inline
function exchanged(a: v128, t: v128, n: i32): v128 {
  return v128.xor(a, i64x2.shl(t, n));
}

/** Plane i, bit k of byte B + the round key's mask: to register k, bit i of byte B. Eight registers each. */
// prettier-ignore
// @ts-ignore: decorator
@inline
export function turnBits(to: usize, from: usize, key: usize): void {
  let a0 = v128.xor(v128.load(from), v128.load32_splat(key));
  let a1 = v128.xor(v128.load(from, 16), v128.load32_splat(key, 64));
  let a2 = v128.xor(v128.load(from, 32), v128.load32_splat(key, 128));
  let a3 = v128.xor(v128.load(from, 48), v128.load32_splat(key, 192));
  let a4 = v128.xor(v128.load(from, 64), v128.load32_splat(key, 256));
  let a5 = v128.xor(v128.load(from, 80), v128.load32_splat(key, 320));
  let a6 = v128.xor(v128.load(from, 96), v128.load32_splat(key, 384));
  let a7 = v128.xor(v128.load(from, 112), v128.load32_splat(key, 448));
  let t = difference(a0, a1, 1, 0x5555555555555555), u = difference(a2, a3, 1, 0x5555555555555555);
  a0 = exchanged(a0, t, 1), a1 = v128.xor(a1, t), a2 = exchanged(a2, u, 1), a3 = v128.xor(a3, u);
  t = difference(a4, a5, 1, 0x5555555555555555), u = difference(a6, a7, 1, 0x5555555555555555);
  a4 = exchanged(a4, t, 1), a5 = v128.xor(a5, t), a6 = exchanged(a6, u, 1), a7 = v128.xor(a7, u);
  t = difference(a0, a2, 2, 0x3333333333333333), u = difference(a1, a3, 2, 0x3333333333333333);
  a0 = exchanged(a0, t, 2), a2 = v128.xor(a2, t), a1 = exchanged(a1, u, 2), a3 = v128.xor(a3, u);
  t = difference(a4, a6, 2, 0x3333333333333333), u = difference(a5, a7, 2, 0x3333333333333333);
  a4 = exchanged(a4, t, 2), a6 = v128.xor(a6, t), a5 = exchanged(a5, u, 2), a7 = v128.xor(a7, u);
  t = difference(a0, a4, 4, 0x0f0f0f0f0f0f0f0f), u = difference(a1, a5, 4, 0x0f0f0f0f0f0f0f0f);
  v128.store(to, exchanged(a0, t, 4)), v128.store(to, exchanged(a1, u, 4), 16);
  v128.store(to, v128.xor(a4, t), 64), v128.store(to, v128.xor(a5, u), 80);
  t = difference(a2, a6, 4, 0x0f0f0f0f0f0f0f0f), u = difference(a3, a7, 4, 0x0f0f0f0f0f0f0f0f);
  v128.store(to, exchanged(a2, t, 4), 32), v128.store(to, exchanged(a3, u, 4), 48);
  v128.store(to, v128.xor(a6, t), 96), v128.store(to, v128.xor(a7, u), 112);
}
