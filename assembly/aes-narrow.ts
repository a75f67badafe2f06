// AES-256 over v128: eight blocks at once. FIPS 197 §5.1; the layout of Käsper and Schwabe (CHES 2009).
//
//   slice i  =  bit i of all bytes:   byte p, bit k  =  bit i of byte p of block k        p = 4 · column + row
//
// So ShiftRows and MixColumns move whole bytes within a slice (aes-turns.ts). A round key is eight slices whose bytes are 0 or 0xff.
// Secret: the blocks, the keys. Public: nothing else goes in.

import { subBytes } from './aes-circuit';
import { shiftRows, shiftRowsTurned, turnTwice } from './aes-turns';
import { get, set, swapBits, xor, xorSlices } from './slice';

/** Bytes encrypted at once, and bytes of a round key. */
export const NARROW: usize = 128;

/** ShiftRows, MixColumns and AddRoundKey. With a the shifted state, a' turned by one, b = a + a': 2b + a' + b turned by two. */
// @ts-ignore: decorator
@inline
function mix(at: usize, key: usize): void {
  const s0 = get<v128>(at, 0),
    s1 = get<v128>(at, 1),
    s2 = get<v128>(at, 2),
    s3 = get<v128>(at, 3);
  const s4 = get<v128>(at, 4),
    s5 = get<v128>(at, 5),
    s6 = get<v128>(at, 6),
    s7 = get<v128>(at, 7);
  const a0 = shiftRowsTurned(s0),
    a1 = shiftRowsTurned(s1),
    a2 = shiftRowsTurned(s2),
    a3 = shiftRowsTurned(s3);
  const a4 = shiftRowsTurned(s4),
    a5 = shiftRowsTurned(s5),
    a6 = shiftRowsTurned(s6),
    a7 = shiftRowsTurned(s7);
  const b0 = xor<v128>(shiftRows(s0), a0),
    b1 = xor<v128>(shiftRows(s1), a1);
  const b2 = xor<v128>(shiftRows(s2), a2),
    b3 = xor<v128>(shiftRows(s3), a3);
  const b4 = xor<v128>(shiftRows(s4), a4),
    b5 = xor<v128>(shiftRows(s5), a5);
  const b6 = xor<v128>(shiftRows(s6), a6),
    b7 = xor<v128>(shiftRows(s7), a7);
  column(at, key, 0, a0, b0, b7);
  column(at, key, 1, a1, b1, xor<v128>(b0, b7));
  column(at, key, 2, a2, b2, b1);
  column(at, key, 3, a3, b3, xor<v128>(b2, b7));
  column(at, key, 4, a4, b4, xor<v128>(b3, b7));
  column(at, key, 5, a5, b5, b4);
  column(at, key, 6, a6, b6, b5);
  column(at, key, 7, a7, b7, b6);
}

// @ts-ignore: decorator
@inline
function column(at: usize, key: usize, i: usize, a: v128, b: v128, doubled: v128): void {
  set<v128>(at, i, xor<v128>(xor<v128>(xor<v128>(a, turnTwice(b)), doubled), get<v128>(key, i)));
}

/** Encrypts the 128 bytes at `at` in place under the 15 bitsliced round keys at `keys`. */
export function encryptNarrow(keys: usize, at: usize): void {
  swapBits<v128>(at);
  xorSlices<v128>(at, keys);
  const last = keys + 14 * NARROW;
  for (let key = keys + NARROW; ; key += NARROW) {
    subBytes<v128>(at, at);
    if (key === last) break;
    mix(at, key);
  }
  for (let i: usize = 0; i < 8; i++) set<v128>(at, i, xor<v128>(shiftRows(get<v128>(at, i)), get<v128>(last, i)));
  swapBits<v128>(at);
}

/** A round key of 16 bytes at `from` in all eight blocks: eight slices at `key`. */
export function sliceNarrow(key: usize, from: usize): void {
  const k = load<v128>(from);
  for (let i: usize = 0; i < 8; i++) set<v128>(key, i, k);
  swapBits<v128>(key);
}
