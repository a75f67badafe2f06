// The compression function of SHA-256, on words. FIPS 180-4 §6.2.2.
//
//   to = from + rounds(from, words)          from, to: eight words; words: sixteen; `to` may be `from`
//
// A round writes two of the eight variables, T1 into h (then d), T1 + T2 into h: named in turn, none ever moves. Sixteen rounds,
// in which the names come round twice, are the body of a loop. What the next round waits for is the new e, and of it Σ1: all
// else is added before, Σ0 and Maj after. With SIMD d and h take Σ1 each for itself, one addition more and a shorter wait
// (8 % in all); without, there are too few registers for that.
//
// With SIMD the schedule is made four words at a time beside the rounds, which read K + W from memory: it then costs next to
// nothing (a fifth of the whole without SIMD).
// Secret: all words. Public: nothing is decided.

import { clear } from './bytes';
import { SCHEDULE } from './memory';
import { Ch, K, Maj, Sigma0, Sigma1, sigma0, sigma1 } from './sha256-functions';

/** σ0 of four words. */
// @ts-ignore: decorator
@inline
function sigma0x4(x: v128): v128 {
  const r7 = v128.or(i32x4.shr_u(x, 7), i32x4.shl(x, 25));
  const r18 = v128.or(i32x4.shr_u(x, 18), i32x4.shl(x, 14));
  return v128.xor(v128.xor(r7, r18), i32x4.shr_u(x, 3));
}

/** σ1 of two words, each given twice: the lower half of a shifted pair is the rotated word. */
// @ts-ignore: decorator
@inline
function sigma1x2(x: v128): v128 {
  return v128.xor(v128.xor(i64x2.shr_u(x, 17), i64x2.shr_u(x, 19)), i32x4.shr_u(x, 10));
}

/** W[t … t+3] from the sixteen words before, §6.2.2 step 1. The last two hang on the first two. */
// @ts-ignore: decorator
@inline
function next(w0: v128, w4: v128, w8: v128, w12: v128): v128 {
  const zero = i32x4.splat(0);
  const w1 = v128.shuffle<u32>(w0, w4, 1, 2, 3, 4);
  const w9 = v128.shuffle<u32>(w8, w12, 1, 2, 3, 4);
  const sum = i32x4.add(i32x4.add(w0, sigma0x4(w1)), w9);
  const low = sigma1x2(v128.shuffle<u32>(w12, w12, 2, 2, 3, 3));
  const half = i32x4.add(sum, v128.shuffle<u32>(low, zero, 0, 2, 4, 4));
  const high = sigma1x2(v128.shuffle<u32>(half, half, 0, 0, 1, 1));
  return i32x4.add(half, v128.shuffle<u32>(zero, high, 0, 0, 4, 6));
}

// @ts-ignore: decorator
@inline
function keep(quad: usize, w: v128, k: usize): void {
  v128.store(SCHEDULE + 16 * quad, i32x4.add(w, v128.load(k + 16 * quad)));
}

/** The schedule beside the rounds, one loop ahead. */
// prettier-ignore
function compressSimd(to: usize, from: usize, words: usize): void {
  let a = load<u32>(from, 0), b = load<u32>(from, 4), c = load<u32>(from, 8), d = load<u32>(from, 12);
  let e = load<u32>(from, 16), f = load<u32>(from, 20), g = load<u32>(from, 24), h = load<u32>(from, 28);
  let w0 = v128.load(words), w4 = v128.load(words, 16), w8 = v128.load(words, 32), w12 = v128.load(words, 48);
  let k = K;
  keep(0, w0, k); keep(1, w4, k); keep(2, w8, k); keep(3, w12, k);
  for (let t = 0; t < 48; t += 16) {
    k += 64;
    h += load<u32>(SCHEDULE, 0); h += Ch(e, f, g); d += h; d += Sigma1(e); h += Sigma1(e); h += Maj(a, b, c); h += Sigma0(a);
    g += load<u32>(SCHEDULE, 4); g += Ch(d, e, f); c += g; c += Sigma1(d); g += Sigma1(d); g += Maj(h, a, b); g += Sigma0(h);
    f += load<u32>(SCHEDULE, 8); f += Ch(c, d, e); b += f; b += Sigma1(c); f += Sigma1(c); f += Maj(g, h, a); f += Sigma0(g);
    e += load<u32>(SCHEDULE, 12); e += Ch(b, c, d); a += e; a += Sigma1(b); e += Sigma1(b); e += Maj(f, g, h); e += Sigma0(f);
    w0 = next(w0, w4, w8, w12); keep(0, w0, k);
    d += load<u32>(SCHEDULE, 16); d += Ch(a, b, c); h += d; h += Sigma1(a); d += Sigma1(a); d += Maj(e, f, g); d += Sigma0(e);
    c += load<u32>(SCHEDULE, 20); c += Ch(h, a, b); g += c; g += Sigma1(h); c += Sigma1(h); c += Maj(d, e, f); c += Sigma0(d);
    b += load<u32>(SCHEDULE, 24); b += Ch(g, h, a); f += b; f += Sigma1(g); b += Sigma1(g); b += Maj(c, d, e); b += Sigma0(c);
    a += load<u32>(SCHEDULE, 28); a += Ch(f, g, h); e += a; e += Sigma1(f); a += Sigma1(f); a += Maj(b, c, d); a += Sigma0(b);
    w4 = next(w4, w8, w12, w0); keep(1, w4, k);
    h += load<u32>(SCHEDULE, 32); h += Ch(e, f, g); d += h; d += Sigma1(e); h += Sigma1(e); h += Maj(a, b, c); h += Sigma0(a);
    g += load<u32>(SCHEDULE, 36); g += Ch(d, e, f); c += g; c += Sigma1(d); g += Sigma1(d); g += Maj(h, a, b); g += Sigma0(h);
    f += load<u32>(SCHEDULE, 40); f += Ch(c, d, e); b += f; b += Sigma1(c); f += Sigma1(c); f += Maj(g, h, a); f += Sigma0(g);
    e += load<u32>(SCHEDULE, 44); e += Ch(b, c, d); a += e; a += Sigma1(b); e += Sigma1(b); e += Maj(f, g, h); e += Sigma0(f);
    w8 = next(w8, w12, w0, w4); keep(2, w8, k);
    d += load<u32>(SCHEDULE, 48); d += Ch(a, b, c); h += d; h += Sigma1(a); d += Sigma1(a); d += Maj(e, f, g); d += Sigma0(e);
    c += load<u32>(SCHEDULE, 52); c += Ch(h, a, b); g += c; g += Sigma1(h); c += Sigma1(h); c += Maj(d, e, f); c += Sigma0(d);
    b += load<u32>(SCHEDULE, 56); b += Ch(g, h, a); f += b; f += Sigma1(g); b += Sigma1(g); b += Maj(c, d, e); b += Sigma0(c);
    a += load<u32>(SCHEDULE, 60); a += Ch(f, g, h); e += a; e += Sigma1(f); a += Sigma1(f); a += Maj(b, c, d); a += Sigma0(b);
    w12 = next(w12, w0, w4, w8); keep(3, w12, k);
  }
  h += load<u32>(SCHEDULE, 0); h += Ch(e, f, g); d += h; d += Sigma1(e); h += Sigma1(e); h += Maj(a, b, c); h += Sigma0(a);
  g += load<u32>(SCHEDULE, 4); g += Ch(d, e, f); c += g; c += Sigma1(d); g += Sigma1(d); g += Maj(h, a, b); g += Sigma0(h);
  f += load<u32>(SCHEDULE, 8); f += Ch(c, d, e); b += f; b += Sigma1(c); f += Sigma1(c); f += Maj(g, h, a); f += Sigma0(g);
  e += load<u32>(SCHEDULE, 12); e += Ch(b, c, d); a += e; a += Sigma1(b); e += Sigma1(b); e += Maj(f, g, h); e += Sigma0(f);
  d += load<u32>(SCHEDULE, 16); d += Ch(a, b, c); h += d; h += Sigma1(a); d += Sigma1(a); d += Maj(e, f, g); d += Sigma0(e);
  c += load<u32>(SCHEDULE, 20); c += Ch(h, a, b); g += c; g += Sigma1(h); c += Sigma1(h); c += Maj(d, e, f); c += Sigma0(d);
  b += load<u32>(SCHEDULE, 24); b += Ch(g, h, a); f += b; f += Sigma1(g); b += Sigma1(g); b += Maj(c, d, e); b += Sigma0(c);
  a += load<u32>(SCHEDULE, 28); a += Ch(f, g, h); e += a; e += Sigma1(f); a += Sigma1(f); a += Maj(b, c, d); a += Sigma0(b);
  h += load<u32>(SCHEDULE, 32); h += Ch(e, f, g); d += h; d += Sigma1(e); h += Sigma1(e); h += Maj(a, b, c); h += Sigma0(a);
  g += load<u32>(SCHEDULE, 36); g += Ch(d, e, f); c += g; c += Sigma1(d); g += Sigma1(d); g += Maj(h, a, b); g += Sigma0(h);
  f += load<u32>(SCHEDULE, 40); f += Ch(c, d, e); b += f; b += Sigma1(c); f += Sigma1(c); f += Maj(g, h, a); f += Sigma0(g);
  e += load<u32>(SCHEDULE, 44); e += Ch(b, c, d); a += e; a += Sigma1(b); e += Sigma1(b); e += Maj(f, g, h); e += Sigma0(f);
  d += load<u32>(SCHEDULE, 48); d += Ch(a, b, c); h += d; h += Sigma1(a); d += Sigma1(a); d += Maj(e, f, g); d += Sigma0(e);
  c += load<u32>(SCHEDULE, 52); c += Ch(h, a, b); g += c; g += Sigma1(h); c += Sigma1(h); c += Maj(d, e, f); c += Sigma0(d);
  b += load<u32>(SCHEDULE, 56); b += Ch(g, h, a); f += b; f += Sigma1(g); b += Sigma1(g); b += Maj(c, d, e); b += Sigma0(c);
  a += load<u32>(SCHEDULE, 60); a += Ch(f, g, h); e += a; e += Sigma1(f); a += Sigma1(f); a += Maj(b, c, d); a += Sigma0(b);
  store<u32>(to, a + load<u32>(from, 0), 0);
  store<u32>(to, b + load<u32>(from, 4), 4);
  store<u32>(to, c + load<u32>(from, 8), 8);
  store<u32>(to, d + load<u32>(from, 12), 12);
  store<u32>(to, e + load<u32>(from, 16), 16);
  store<u32>(to, f + load<u32>(from, 20), 20);
  store<u32>(to, g + load<u32>(from, 24), 24);
  store<u32>(to, h + load<u32>(from, 28), 28);
}

/** The sixteen last words of the schedule are variables, each replaced by the word sixteen on. */
// prettier-ignore
function compressScalar(to: usize, from: usize, words: usize): void {
  let a = load<u32>(from, 0), b = load<u32>(from, 4), c = load<u32>(from, 8), d = load<u32>(from, 12);
  let e = load<u32>(from, 16), f = load<u32>(from, 20), g = load<u32>(from, 24), h = load<u32>(from, 28);
  let w0 = load<u32>(words, 0), w1 = load<u32>(words, 4), w2 = load<u32>(words, 8), w3 = load<u32>(words, 12);
  let w4 = load<u32>(words, 16), w5 = load<u32>(words, 20), w6 = load<u32>(words, 24), w7 = load<u32>(words, 28);
  let w8 = load<u32>(words, 32), w9 = load<u32>(words, 36), w10 = load<u32>(words, 40), w11 = load<u32>(words, 44);
  let w12 = load<u32>(words, 48), w13 = load<u32>(words, 52), w14 = load<u32>(words, 56), w15 = load<u32>(words, 60);
  h += w0 + load<u32>(K, 0); h += Ch(e, f, g); h += Sigma1(e); d += h; h += Maj(a, b, c); h += Sigma0(a);
  g += w1 + load<u32>(K, 4); g += Ch(d, e, f); g += Sigma1(d); c += g; g += Maj(h, a, b); g += Sigma0(h);
  f += w2 + load<u32>(K, 8); f += Ch(c, d, e); f += Sigma1(c); b += f; f += Maj(g, h, a); f += Sigma0(g);
  e += w3 + load<u32>(K, 12); e += Ch(b, c, d); e += Sigma1(b); a += e; e += Maj(f, g, h); e += Sigma0(f);
  d += w4 + load<u32>(K, 16); d += Ch(a, b, c); d += Sigma1(a); h += d; d += Maj(e, f, g); d += Sigma0(e);
  c += w5 + load<u32>(K, 20); c += Ch(h, a, b); c += Sigma1(h); g += c; c += Maj(d, e, f); c += Sigma0(d);
  b += w6 + load<u32>(K, 24); b += Ch(g, h, a); b += Sigma1(g); f += b; b += Maj(c, d, e); b += Sigma0(c);
  a += w7 + load<u32>(K, 28); a += Ch(f, g, h); a += Sigma1(f); e += a; a += Maj(b, c, d); a += Sigma0(b);
  h += w8 + load<u32>(K, 32); h += Ch(e, f, g); h += Sigma1(e); d += h; h += Maj(a, b, c); h += Sigma0(a);
  g += w9 + load<u32>(K, 36); g += Ch(d, e, f); g += Sigma1(d); c += g; g += Maj(h, a, b); g += Sigma0(h);
  f += w10 + load<u32>(K, 40); f += Ch(c, d, e); f += Sigma1(c); b += f; f += Maj(g, h, a); f += Sigma0(g);
  e += w11 + load<u32>(K, 44); e += Ch(b, c, d); e += Sigma1(b); a += e; e += Maj(f, g, h); e += Sigma0(f);
  d += w12 + load<u32>(K, 48); d += Ch(a, b, c); d += Sigma1(a); h += d; d += Maj(e, f, g); d += Sigma0(e);
  c += w13 + load<u32>(K, 52); c += Ch(h, a, b); c += Sigma1(h); g += c; c += Maj(d, e, f); c += Sigma0(d);
  b += w14 + load<u32>(K, 56); b += Ch(g, h, a); b += Sigma1(g); f += b; b += Maj(c, d, e); b += Sigma0(c);
  a += w15 + load<u32>(K, 60); a += Ch(f, g, h); a += Sigma1(f); e += a; a += Maj(b, c, d); a += Sigma0(b);
  for (let k = K + 64; k < K + 256; k += 64) {
    w0 += sigma0(w1) + w9 + sigma1(w14);
    h += w0 + load<u32>(k, 0); h += Ch(e, f, g); h += Sigma1(e); d += h; h += Maj(a, b, c); h += Sigma0(a);
    w1 += sigma0(w2) + w10 + sigma1(w15);
    g += w1 + load<u32>(k, 4); g += Ch(d, e, f); g += Sigma1(d); c += g; g += Maj(h, a, b); g += Sigma0(h);
    w2 += sigma0(w3) + w11 + sigma1(w0);
    f += w2 + load<u32>(k, 8); f += Ch(c, d, e); f += Sigma1(c); b += f; f += Maj(g, h, a); f += Sigma0(g);
    w3 += sigma0(w4) + w12 + sigma1(w1);
    e += w3 + load<u32>(k, 12); e += Ch(b, c, d); e += Sigma1(b); a += e; e += Maj(f, g, h); e += Sigma0(f);
    w4 += sigma0(w5) + w13 + sigma1(w2);
    d += w4 + load<u32>(k, 16); d += Ch(a, b, c); d += Sigma1(a); h += d; d += Maj(e, f, g); d += Sigma0(e);
    w5 += sigma0(w6) + w14 + sigma1(w3);
    c += w5 + load<u32>(k, 20); c += Ch(h, a, b); c += Sigma1(h); g += c; c += Maj(d, e, f); c += Sigma0(d);
    w6 += sigma0(w7) + w15 + sigma1(w4);
    b += w6 + load<u32>(k, 24); b += Ch(g, h, a); b += Sigma1(g); f += b; b += Maj(c, d, e); b += Sigma0(c);
    w7 += sigma0(w8) + w0 + sigma1(w5);
    a += w7 + load<u32>(k, 28); a += Ch(f, g, h); a += Sigma1(f); e += a; a += Maj(b, c, d); a += Sigma0(b);
    w8 += sigma0(w9) + w1 + sigma1(w6);
    h += w8 + load<u32>(k, 32); h += Ch(e, f, g); h += Sigma1(e); d += h; h += Maj(a, b, c); h += Sigma0(a);
    w9 += sigma0(w10) + w2 + sigma1(w7);
    g += w9 + load<u32>(k, 36); g += Ch(d, e, f); g += Sigma1(d); c += g; g += Maj(h, a, b); g += Sigma0(h);
    w10 += sigma0(w11) + w3 + sigma1(w8);
    f += w10 + load<u32>(k, 40); f += Ch(c, d, e); f += Sigma1(c); b += f; f += Maj(g, h, a); f += Sigma0(g);
    w11 += sigma0(w12) + w4 + sigma1(w9);
    e += w11 + load<u32>(k, 44); e += Ch(b, c, d); e += Sigma1(b); a += e; e += Maj(f, g, h); e += Sigma0(f);
    w12 += sigma0(w13) + w5 + sigma1(w10);
    d += w12 + load<u32>(k, 48); d += Ch(a, b, c); d += Sigma1(a); h += d; d += Maj(e, f, g); d += Sigma0(e);
    w13 += sigma0(w14) + w6 + sigma1(w11);
    c += w13 + load<u32>(k, 52); c += Ch(h, a, b); c += Sigma1(h); g += c; c += Maj(d, e, f); c += Sigma0(d);
    w14 += sigma0(w15) + w7 + sigma1(w12);
    b += w14 + load<u32>(k, 56); b += Ch(g, h, a); b += Sigma1(g); f += b; b += Maj(c, d, e); b += Sigma0(c);
    w15 += sigma0(w0) + w8 + sigma1(w13);
    a += w15 + load<u32>(k, 60); a += Ch(f, g, h); a += Sigma1(f); e += a; a += Maj(b, c, d); a += Sigma0(b);
  }
  store<u32>(to, a + load<u32>(from, 0), 0);
  store<u32>(to, b + load<u32>(from, 4), 4);
  store<u32>(to, c + load<u32>(from, 8), 8);
  store<u32>(to, d + load<u32>(from, 12), 12);
  store<u32>(to, e + load<u32>(from, 16), 16);
  store<u32>(to, f + load<u32>(from, 20), 20);
  store<u32>(to, g + load<u32>(from, 24), 24);
  store<u32>(to, h + load<u32>(from, 28), 28);
}

export function compress256(to: usize, from: usize, words: usize): void {
  if (ASC_FEATURE_SIMD) compressSimd(to, from, words);
  else compressScalar(to, from, words);
}

/** Wipes what `compress256` leaves of its last schedule. */
export function clearSchedule(): void {
  if (ASC_FEATURE_SIMD) clear(SCHEDULE, 64);
}
