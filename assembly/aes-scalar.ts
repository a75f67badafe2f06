// AES-256 over u64: four blocks at once, for engines without SIMD. FIPS 197 §5.1.
//
//   slice i  =  bit i of all bytes:   bit 16 r + 4 c + k  =  bit i of (row r, column c) of block k
//
//   63 …… 48  47 …… 32  31 …… 16  15 …… 0           so ShiftRows turns each row of 16 bits by whole nibbles,
//   [ row 3 ][ row 2  ][ row 1  ][ row 0 ]          and turning the columns is turning the slice by 16 or 32 bits.
//
// Secret: the blocks, the keys. Public: nothing else goes in.

import { subBytes } from './aes-circuit';
import { get, set, swapBits, xorSlices } from './slice';

/** Bytes encrypted at once, and bytes of a round key. */
export const SCALAR: usize = 64;

const HALF: u64 = 0xffffffff;
const MIDDLE: u64 = 0x00000000ffff0000;
const MIDDLES: u64 = 0x0000ff000000ff00;

/** Exchanges the bits `mask << n` of x with its bits `mask`. */
// @ts-ignore: decorator
@inline
function exchange(x: u64, n: u64, mask: u64): u64 {
  const t = (x ^ (x >> n)) & mask;
  return x ^ t ^ (t << n);
}

/** Two columns, one behind the other, become rows: bytes a0 a1 a2 a3 b0 b1 b2 b3 become a0 b0 a1 b1 a2 b2 a3 b3. */
// @ts-ignore: decorator
@inline
function toRows(x: u64): u64 {
  return exchange(exchange(x, 16, MIDDLE), 8, MIDDLES);
}

/** The inverse of toRows. */
// @ts-ignore: decorator
@inline
function toColumns(x: u64): u64 {
  return exchange(exchange(x, 8, MIDDLES), 16, MIDDLE);
}

/** Columns 0, 2 of block k to slice k, columns 1, 3 to slice k + 4; then bits against slices. */
function toSlices(at: usize): void {
  for (let i: usize = 0; i < 8; i += 2) {
    const a = get<u64>(at, i);
    const b = get<u64>(at, i + 1);
    set<u64>(at, i, toRows((a & HALF) | (b << 32)));
    set<u64>(at, i + 1, toRows((a >> 32) | (b & ~HALF)));
  }
  const x1 = get<u64>(at, 1); // the even ones first, then the odd
  const x3 = get<u64>(at, 3);
  const x5 = get<u64>(at, 5);
  set<u64>(at, 1, get<u64>(at, 2));
  set<u64>(at, 2, get<u64>(at, 4));
  set<u64>(at, 3, get<u64>(at, 6));
  set<u64>(at, 6, x5);
  set<u64>(at, 5, x3);
  set<u64>(at, 4, x1);
  swapBits<u64>(at);
}

/** The inverse of toSlices. */
function toBlocks(at: usize): void {
  swapBits<u64>(at);
  const x4 = get<u64>(at, 4);
  const x5 = get<u64>(at, 5);
  const x6 = get<u64>(at, 6);
  set<u64>(at, 6, get<u64>(at, 3));
  set<u64>(at, 4, get<u64>(at, 2));
  set<u64>(at, 2, get<u64>(at, 1));
  set<u64>(at, 1, x4);
  set<u64>(at, 3, x5);
  set<u64>(at, 5, x6);
  for (let i: usize = 0; i < 8; i += 2) {
    const a = toColumns(get<u64>(at, i));
    const b = toColumns(get<u64>(at, i + 1));
    set<u64>(at, i, (a & HALF) | (b << 32));
    set<u64>(at, i + 1, (a >> 32) | (b & ~HALF));
  }
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

/** SubBytes ^ 0x63 on eight slices in place. Key expansion calls it too: the circuit stands once. */
export function subSlices(at: usize): void {
  subBytes<u64>(at, at);
}

/** Encrypts the 64 bytes at `at` in place under the 15 bitsliced round keys at `keys`. */
export function encryptScalar(keys: usize, at: usize): void {
  toSlices(at);
  xorSlices<u64>(at, keys);
  const last = keys + 14 * SCALAR;
  for (let key = keys + SCALAR; ; key += SCALAR) {
    subSlices(at);
    for (let i: usize = 0; i < 8; i++) set<u64>(at, i, shiftRows(get<u64>(at, i)));
    if (key === last) break;
    mix(at, key);
  }
  xorSlices<u64>(at, last);
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
