// The compression function of SHA-256 on four hashes at once, one a lane. FIPS 180-4 §6.2.2. SIMD builds only.
//
//   to = from + rounds(from, words)          from, to: eight registers; words: sixteen; register i holds word i of lanes 0 … 3
//
// Rounds as in sha256-block.ts. A lane has no rotation: two shifts, and 2.2 times the work of one hash for four. The schedule
// lies in memory, four words made before each four rounds; both interleaved word by word would be no faster, and longer.
// Secret: all words. Public: nothing is decided.

import { SCRATCH } from './memory';
import { K } from './sha256-functions';

/** 1024 octets of scratch. Whoever calls wipes it in the end. */
export const W: usize = SCRATCH;
export const W_END: usize = W + 64 * 16;

// @ts-ignore: decorator
@inline
function add(a: v128, b: v128): v128 {
  return i32x4.add(a, b);
}

// @ts-ignore: decorator
@inline
function xor(a: v128, b: v128, c: v128): v128 {
  return v128.xor(v128.xor(a, b), c);
}

// @ts-ignore: decorator
@inline
function shr(x: v128, n: i32): v128 {
  return i32x4.shr_u(x, n);
}

// @ts-ignore: decorator
@inline
function rotr4(x: v128, n: i32): v128 {
  return v128.or(i32x4.shr_u(x, n), i32x4.shl(x, 32 - n));
}

// @ts-ignore: decorator
@inline
function Ch(e: v128, f: v128, g: v128): v128 {
  return v128.bitselect(f, g, e);
}

/** As in sha256-functions.ts: `a ^ b` of one round is `b ^ c` of the next. */
// @ts-ignore: decorator
@inline
function Maj(a: v128, b: v128, c: v128): v128 {
  return v128.xor(b, v128.and(v128.xor(a, b), v128.xor(b, c)));
}

// @ts-ignore: decorator
@inline
function Sigma0(x: v128): v128 {
  return xor(rotr4(x, 2), rotr4(x, 13), rotr4(x, 22));
}

// @ts-ignore: decorator
@inline
function Sigma1(x: v128): v128 {
  return xor(rotr4(x, 6), rotr4(x, 11), rotr4(x, 25));
}

// @ts-ignore: decorator
@inline
function sigma0(x: v128): v128 {
  return xor(rotr4(x, 7), rotr4(x, 18), shr(x, 3));
}

// @ts-ignore: decorator
@inline
function sigma1(x: v128): v128 {
  return xor(rotr4(x, 17), rotr4(x, 19), shr(x, 10));
}

/** W[t+16] from the sixteen words that begin at `w`, step 1. */
// @ts-ignore: decorator
@inline
function next(w: usize): v128 {
  const w1 = v128.load(w, 16);
  const w9 = v128.load(w, 16 * 9);
  const w14 = v128.load(w, 16 * 14);
  return add(add(v128.load(w), sigma0(w1)), add(w9, sigma1(w14)));
}

/** T1 of round `t` of the eight at `w` and `k`. */
// @ts-ignore: decorator
@inline
function T1(h: v128, w: usize, k: usize, t: usize, e: v128, f: v128, g: v128): v128 {
  const KW = add(v128.load(w + 16 * t), v128.load32_splat(k + 4 * t));
  return add(add(h, KW), add(Ch(e, f, g), Sigma1(e)));
}

// @ts-ignore: decorator
@inline
function T2(a: v128, b: v128, c: v128): v128 {
  return add(Sigma0(a), Maj(a, b, c));
}

// prettier-ignore
export function compressLanes(to: usize, from: usize, words: usize): void {
  for (let i: usize = 0; i < 16 * 16; i += 16) v128.store(W + i, v128.load(words + i));
  let a = v128.load(from), b = v128.load(from, 16), c = v128.load(from, 32), d = v128.load(from, 48);
  let e = v128.load(from, 64), f = v128.load(from, 80), g = v128.load(from, 96), h = v128.load(from, 112);
  let k = K;
  for (let w = W; w < W_END; w += 4 * 16) {
    if (w < W_END - 16 * 16) for (let v = w; v < w + 4 * 16; v += 16) v128.store(v, next(v), 16 * 16);
    h = T1(h, w, k, 0, e, f, g); d = add(d, h); h = add(h, T2(a, b, c));
    g = T1(g, w, k, 1, d, e, f); c = add(c, g); g = add(g, T2(h, a, b));
    f = T1(f, w, k, 2, c, d, e); b = add(b, f); f = add(f, T2(g, h, a));
    e = T1(e, w, k, 3, b, c, d); a = add(a, e); e = add(e, T2(f, g, h));
    let x = a; a = e; e = x; // four rounds are half a turn of the names
    x = b; b = f; f = x;
    x = c; c = g; g = x;
    x = d; d = h; h = x;
    k += 4 * 4;
  }
  v128.store(to, add(a, v128.load(from)));
  v128.store(to, add(b, v128.load(from, 16)), 16);
  v128.store(to, add(c, v128.load(from, 32)), 32);
  v128.store(to, add(d, v128.load(from, 48)), 48);
  v128.store(to, add(e, v128.load(from, 64)), 64);
  v128.store(to, add(f, v128.load(from, 80)), 80);
  v128.store(to, add(g, v128.load(from, 96)), 96);
  v128.store(to, add(h, v128.load(from, 112)), 112);
}
