// AES-256 over u64: four blocks at once, for engines without SIMD. FIPS 197 §5.1.
//
//   slice i  =  bit i of all bytes:   bit 16 r + 4 c + k  =  bit i of (row r, column c) of block k
//
//   63 …… 48  47 …… 32  31 …… 16  15 …… 0           so ShiftRows turns each row of 16 bits by whole nibbles,
//   [ row 3 ][ row 2  ][ row 1  ][ row 0 ]          and turning the columns is turning the slice by 16 or 32 bits.
//
// Secret: the blocks, the keys. Public: nothing else goes in.

import { subBytes } from './aes-circuit';
import { get, set, swapBits, xor } from './slice';

/** Bytes encrypted at once. */
export const SCALAR: usize = 64;
export const SCALAR_KEY: usize = 64;

/** Bytes b3 b2 b1 b0 become 0 b3 0 b2 0 b1 0 b0. */
function spread(w: u64): u64 {
  const x = (w | (w << 16)) & 0x0000ffff0000ffff;
  return (x | (x << 8)) & 0x00ff00ff00ff00ff;
}

/** The inverse of spread. */
function gather(q: u64): u64 {
  const x = q & 0x00ff00ff00ff00ff;
  const y = (x | (x >> 8)) & 0x0000ffff0000ffff;
  return (y | (y >> 16)) & 0x00000000ffffffff;
}

/** Columns 0 and 2 (or 1 and 3) of a block, their bytes taking turns: rows in order, ready for swapBits. */
// @ts-ignore: decorator
@inline
function pair(a: u64, b: u64): u64 {
  return spread(a) | (spread(b) << 8);
}

/** Columns 0, 2 of block k to slice k, columns 1, 3 to slice k + 4; then bits against slices. */
function toSlices(at: usize): void {
  const b0 = get<u64>(at, 0),
    b1 = get<u64>(at, 1),
    b2 = get<u64>(at, 2),
    b3 = get<u64>(at, 3);
  const b4 = get<u64>(at, 4),
    b5 = get<u64>(at, 5),
    b6 = get<u64>(at, 6),
    b7 = get<u64>(at, 7);
  const low: u64 = 0xffffffff;
  set<u64>(at, 0, pair(b0 & low, b1 & low));
  set<u64>(at, 1, pair(b2 & low, b3 & low));
  set<u64>(at, 2, pair(b4 & low, b5 & low));
  set<u64>(at, 3, pair(b6 & low, b7 & low));
  set<u64>(at, 4, pair(b0 >> 32, b1 >> 32));
  set<u64>(at, 5, pair(b2 >> 32, b3 >> 32));
  set<u64>(at, 6, pair(b4 >> 32, b5 >> 32));
  set<u64>(at, 7, pair(b6 >> 32, b7 >> 32));
  swapBits<u64>(at);
}

function toBlocks(at: usize): void {
  swapBits<u64>(at);
  const q0 = get<u64>(at, 0),
    q1 = get<u64>(at, 1),
    q2 = get<u64>(at, 2),
    q3 = get<u64>(at, 3);
  const q4 = get<u64>(at, 4),
    q5 = get<u64>(at, 5),
    q6 = get<u64>(at, 6),
    q7 = get<u64>(at, 7);
  set<u64>(at, 0, gather(q0) | (gather(q4) << 32));
  set<u64>(at, 1, gather(q0 >> 8) | (gather(q4 >> 8) << 32));
  set<u64>(at, 2, gather(q1) | (gather(q5) << 32));
  set<u64>(at, 3, gather(q1 >> 8) | (gather(q5 >> 8) << 32));
  set<u64>(at, 4, gather(q2) | (gather(q6) << 32));
  set<u64>(at, 5, gather(q2 >> 8) | (gather(q6 >> 8) << 32));
  set<u64>(at, 6, gather(q3) | (gather(q7) << 32));
  set<u64>(at, 7, gather(q3 >> 8) | (gather(q7 >> 8) << 32));
}

/** Row r of column c comes from column c + r: row r turns right by r nibbles. */
// @ts-ignore: decorator
@inline
function shiftRows(x: u64): u64 {
  return (
    (x & 0x000000000000ffff) |
    ((x >> 4) & 0x000000000fff0000) |
    ((x << 12) & 0x00000000f0000000) |
    ((x >> 8) & 0x000000ff00000000) |
    ((x << 8) & 0x0000ff0000000000) |
    ((x >> 12) & 0x000f000000000000) |
    ((x << 4) & 0xfff0000000000000)
  );
}

/** MixColumns and AddRoundKey of slice i: `a` turned by one, b = a + that, `doubled` bit i of 2b. */
// @ts-ignore: decorator
@inline
function column(at: usize, key: usize, i: usize, a: u64, b: u64, doubled: u64): void {
  set<u64>(at, i, a ^ rotr<u64>(b, 32) ^ doubled ^ get<u64>(key, i));
}

/** MixColumns and AddRoundKey on the shifted state. */
// @ts-ignore: decorator
@inline
function mix(at: usize, key: usize): void {
  const s0 = get<u64>(at, 0),
    s1 = get<u64>(at, 1),
    s2 = get<u64>(at, 2),
    s3 = get<u64>(at, 3);
  const s4 = get<u64>(at, 4),
    s5 = get<u64>(at, 5),
    s6 = get<u64>(at, 6),
    s7 = get<u64>(at, 7);
  const a0 = rotr<u64>(s0, 16),
    a1 = rotr<u64>(s1, 16),
    a2 = rotr<u64>(s2, 16),
    a3 = rotr<u64>(s3, 16);
  const a4 = rotr<u64>(s4, 16),
    a5 = rotr<u64>(s5, 16),
    a6 = rotr<u64>(s6, 16),
    a7 = rotr<u64>(s7, 16);
  const b0 = s0 ^ a0,
    b1 = s1 ^ a1,
    b2 = s2 ^ a2,
    b3 = s3 ^ a3,
    b4 = s4 ^ a4,
    b5 = s5 ^ a5,
    b6 = s6 ^ a6,
    b7 = s7 ^ a7;
  column(at, key, 0, a0, b0, b7);
  column(at, key, 1, a1, b1, b0 ^ b7);
  column(at, key, 2, a2, b2, b1);
  column(at, key, 3, a3, b3, b2 ^ b7);
  column(at, key, 4, a4, b4, b3 ^ b7);
  column(at, key, 5, a5, b5, b4);
  column(at, key, 6, a6, b6, b5);
  column(at, key, 7, a7, b7, b6);
}

/** Encrypts the 64 bytes at `at` in place under the 15 bitsliced round keys at `keys`. */
export function encryptScalar(keys: usize, at: usize): void {
  toSlices(at);
  for (let i: usize = 0; i < 8; i++) set<u64>(at, i, xor<u64>(get<u64>(at, i), get<u64>(keys, i)));
  const last = keys + 14 * SCALAR_KEY;
  for (let key = keys + SCALAR_KEY; ; key += SCALAR_KEY) {
    subBytes<u64>(at);
    for (let i: usize = 0; i < 8; i++) set<u64>(at, i, shiftRows(get<u64>(at, i)));
    if (key === last) break;
    mix(at, key);
  }
  for (let i: usize = 0; i < 8; i++) set<u64>(at, i, xor<u64>(get<u64>(at, i), get<u64>(last, i)));
  toBlocks(at);
}

/** A round key of 16 bytes at `from` in all four blocks: eight slices at `key`. */
export function sliceScalar(key: usize, from: usize): void {
  for (let i: usize = 0; i < 8; i += 2) {
    set<u64>(key, i, get<u64>(from, 0));
    set<u64>(key, i + 1, get<u64>(from, 1));
  }
  toSlices(key);
}
