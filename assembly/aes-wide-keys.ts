// Round keys for wide AES: every bit becomes a mask of 32 bits, which one load spreads over a register.
//
//   wide keys   [ round 0 … 14: 512 bytes each, (byte p, bit i) at 64 i + 4 p ][ round keys 0, 1, 2 as they are ]
//
// Secret: all of it.

import { WIDE_KEY } from './aes-wide-map';

export const PLAIN_KEYS: usize = 15 * WIDE_KEY;
export const WIDE_KEYS_LENGTH: usize = PLAIN_KEYS + 3 * 16;

/** Masks of the 128 bits of `x`: 512 bytes at `to`. */
export function spread(to: usize, x: v128): void {
  const left = i16x8.extend_low_i8x16_u(x),
    right = i16x8.extend_high_i8x16_u(x);
  const c0 = i32x4.extend_low_i16x8_u(left),
    c1 = i32x4.extend_high_i16x8_u(left);
  const c2 = i32x4.extend_low_i16x8_u(right),
    c3 = i32x4.extend_high_i16x8_u(right);
  let bit = i32x4.splat(1);
  for (const end = to + WIDE_KEY; to < end; to += 64) {
    v128.store(to, i32x4.eq(v128.and(c0, bit), bit));
    v128.store(to, i32x4.eq(v128.and(c1, bit), bit), 16);
    v128.store(to, i32x4.eq(v128.and(c2, bit), bit), 32);
    v128.store(to, i32x4.eq(v128.and(c3, bit), bit), 48);
    bit = i32x4.shl(bit, 1);
  }
}

/** Wide keys at `keys` of the 15 round keys at `from`, 16 bytes each; 0x63 has been added from round 1 on. */
export function prepareWide(keys: usize, from: usize): void {
  for (let i: usize = 0; i < 48; i += 16) v128.store(keys + PLAIN_KEYS + i, v128.load(from + i));
  for (const end = keys + PLAIN_KEYS; keys < end; keys += WIDE_KEY) {
    spread(keys, v128.load(from));
    from += 16;
  }
}
