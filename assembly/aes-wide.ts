// AES-256 in counter mode over v128: 128 blocks at once. FIPS 197 §5.1; SP 800-38A §6.5.
//
//   plane (p, i)  =  bit i of byte p of all blocks:   bit k of byte B  =  block 16 k + B       p = 4 · column + row
//   state         =  16 bytes of 8 planes each:   plane (p, i) at 128 p + 16 i
//   round key     =  128 masks of 32 bits, spread over a register when loaded:   plane (p, i) at 64 i + 4 p
//
// ShiftRows costs nothing: byte p goes to byte 13 p mod 16. A batch has the counters n … n + 127, n a multiple of 128:
// its blocks differ in seven bits of byte 15, and the first two rounds are those of aes-wide-start.ts.
// Secret: state, keys, key stream. Public: the counter.

import { subBytes } from './aes-circuit';
import { SHIFTED, STATE, WIDE_KEY } from './aes-wide-map';
import { startWide } from './aes-wide-start';
import { turnBits, turnBytes } from './wide-transpose';

/** Bytes of key stream made at once. */
export const WIDE: usize = 2048;

// @ts-ignore: decorator
@inline
function xor(a: v128, b: v128): v128 {
  return v128.xor(a, b);
}

/** SubBytes ^ 0x63 on bytes `p` to `end` of STATE, and ShiftRows: to SHIFTED. */
export function subWide(p: usize, end: usize): void {
  for (; p < end; p++) subBytes<v128>(SHIFTED + 128 * ((13 * p) & 15), STATE + 128 * p);
}

/** One bit of a column: s turned by one + b turned by two + d = 2b + key. */
// prettier-ignore
// @ts-ignore: decorator
@inline
function mixBit(
  to: usize, key: usize,
  s0: v128, s1: v128, s2: v128, s3: v128,
  b0: v128, b1: v128, b2: v128, b3: v128,
  d0: v128, d1: v128, d2: v128, d3: v128,
): void {
  v128.store(to, xor(xor(xor(s1, b2), d0), v128.load32_splat(key)));
  v128.store(to, xor(xor(xor(s2, b3), d1), v128.load32_splat(key, 4)), 128);
  v128.store(to, xor(xor(xor(s3, b0), d2), v128.load32_splat(key, 8)), 256);
  v128.store(to, xor(xor(xor(s0, b1), d3), v128.load32_splat(key, 12)), 384);
}

/**
 * MixColumns and AddRoundKey: SHIFTED to STATE. With b = s + s turned by one, a row becomes 2b + s turned by one
 * + b turned by two. Doubling moves bits up by one; the highest, h, enters at 0, 1, 3 and 4. Addresses move by constants:
 * an engine adds nothing to an address but the immediate of a load.
 */
// prettier-ignore
function mixWide(round: usize): void {
  for (let column: usize = 0; column < 4; column++) {
    let from = SHIFTED + 512 * column, to = STATE + 512 * column, key = round + 16 * column;
    let s0 = v128.load(from, 112), s1 = v128.load(from, 240), s2 = v128.load(from, 368), s3 = v128.load(from, 496);
    const h0 = xor(s0, s1), h1 = xor(s1, s2), h2 = xor(s2, s3), h3 = xor(s3, s0);
    let b0: v128, b1: v128, b2: v128, b3: v128;
    let d0 = h0, d1 = h1, d2 = h2, d3 = h3;

    s0 = v128.load(from), s1 = v128.load(from, 128), s2 = v128.load(from, 256), s3 = v128.load(from, 384);
    b0 = xor(s0, s1), b1 = xor(s1, s2), b2 = xor(s2, s3), b3 = xor(s3, s0);
    mixBit(to, key, s0, s1, s2, s3, b0, b1, b2, b3, d0, d1, d2, d3);
    from += 16, to += 16, key += 64;
    d0 = xor(b0, h0), d1 = xor(b1, h1), d2 = xor(b2, h2), d3 = xor(b3, h3);

    s0 = v128.load(from), s1 = v128.load(from, 128), s2 = v128.load(from, 256), s3 = v128.load(from, 384);
    b0 = xor(s0, s1), b1 = xor(s1, s2), b2 = xor(s2, s3), b3 = xor(s3, s0);
    mixBit(to, key, s0, s1, s2, s3, b0, b1, b2, b3, d0, d1, d2, d3);
    from += 16, to += 16, key += 64;
    d0 = b0, d1 = b1, d2 = b2, d3 = b3;

    s0 = v128.load(from), s1 = v128.load(from, 128), s2 = v128.load(from, 256), s3 = v128.load(from, 384);
    b0 = xor(s0, s1), b1 = xor(s1, s2), b2 = xor(s2, s3), b3 = xor(s3, s0);
    mixBit(to, key, s0, s1, s2, s3, b0, b1, b2, b3, d0, d1, d2, d3);
    from += 16, to += 16, key += 64;
    d0 = xor(b0, h0), d1 = xor(b1, h1), d2 = xor(b2, h2), d3 = xor(b3, h3);

    s0 = v128.load(from), s1 = v128.load(from, 128), s2 = v128.load(from, 256), s3 = v128.load(from, 384);
    b0 = xor(s0, s1), b1 = xor(s1, s2), b2 = xor(s2, s3), b3 = xor(s3, s0);
    mixBit(to, key, s0, s1, s2, s3, b0, b1, b2, b3, d0, d1, d2, d3);
    from += 16, to += 16, key += 64;
    d0 = xor(b0, h0), d1 = xor(b1, h1), d2 = xor(b2, h2), d3 = xor(b3, h3);

    s0 = v128.load(from), s1 = v128.load(from, 128), s2 = v128.load(from, 256), s3 = v128.load(from, 384);
    b0 = xor(s0, s1), b1 = xor(s1, s2), b2 = xor(s2, s3), b3 = xor(s3, s0);
    mixBit(to, key, s0, s1, s2, s3, b0, b1, b2, b3, d0, d1, d2, d3);
    from += 16, to += 16, key += 64;
    d0 = b0, d1 = b1, d2 = b2, d3 = b3;

    s0 = v128.load(from), s1 = v128.load(from, 128), s2 = v128.load(from, 256), s3 = v128.load(from, 384);
    b0 = xor(s0, s1), b1 = xor(s1, s2), b2 = xor(s2, s3), b3 = xor(s3, s0);
    mixBit(to, key, s0, s1, s2, s3, b0, b1, b2, b3, d0, d1, d2, d3);
    from += 16, to += 16, key += 64;
    d0 = b0, d1 = b1, d2 = b2, d3 = b3;

    s0 = v128.load(from), s1 = v128.load(from, 128), s2 = v128.load(from, 256), s3 = v128.load(from, 384);
    b0 = xor(s0, s1), b1 = xor(s1, s2), b2 = xor(s2, s3), b3 = xor(s3, s0);
    mixBit(to, key, s0, s1, s2, s3, b0, b1, b2, b3, d0, d1, d2, d3);
    from += 16, to += 16, key += 64;
    d0 = b0, d1 = b1, d2 = b2, d3 = b3;

    s0 = v128.load(from), s1 = v128.load(from, 128), s2 = v128.load(from, 256), s3 = v128.load(from, 384);
    mixBit(to, key, s0, s1, s2, s3, h0, h1, h2, h3, d0, d1, d2, d3);
  }
}

/** 2048 bytes of key stream at `to`: the batch in which the counter block at `counter` lies, at whatever place. */
export function keyStream(to: usize, keys: usize, counter: usize): void {
  startWide(keys, counter);
  const last = keys + 14 * WIDE_KEY;
  for (let key = keys + 3 * WIDE_KEY; ; key += WIDE_KEY) {
    subWide(0, 16);
    if (key === last) break;
    mixWide(key);
  }
  for (let p: usize = 0; p < 16; p++) turnBits(STATE + 128 * p, SHIFTED + 128 * p, last + 4 * p);
  for (let k: usize = 0; k < 8; k++) turnBytes(to + 256 * k, STATE + 16 * k, 128);
}
