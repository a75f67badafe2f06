// AES-256 over u64: four blocks at once, for engines without SIMD. FIPS 197 §5.1.
//
//   slice i  =  bit i of all bytes:   bit 16 r + 4 c + k  =  bit i of (row r, column c) of block k
//
//   63 …… 48  47 …… 32  31 …… 16  15 …… 0           so ShiftRows turns each row of 16 bits by whole nibbles,
//   [ row 3 ][ row 2  ][ row 1  ][ row 0 ]          and turning the columns is turning the slice by 16 or 32 bits.
//
// ShiftRows of all slices costs more than the S-box, so it is done by halves ("fixslicing", A. Adomnicai and Th. Peyrin): behind
// odd rounds the state is kept one ShiftRows ahead, which the even rounds then need not do.
//
//   state   S          ShiftRows^2 in odd rounds           nothing in even rounds
//           behind     odd: ShiftRows(S)                   even: S
//   so      MixColumns finds its next row one column further behind odd rounds, and their round keys are shifted, too
//
// Secret: the blocks, the keys. Public: nothing else goes in.

import { subBytes } from './aes-circuit';
import { get, set, swapBits, xorSlices } from './slice';

/** Bytes encrypted at once, and bytes of a round key. */
export const SCALAR: usize = 64;

const HALF: u64 = 0xffffffff;
const MIDDLE: u64 = 0x00000000ffff0000;
const MIDDLES: u64 = 0x0000ff000000ff00;
/** The lowest nibble of every row, and the lowest byte: in memory, as each would be written out sixteen times. */
const MASKS: usize = memory.data<u64>([0x000f000f000f000f, 0x00ff00ff00ff00ff]);

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

/** Eight slices: the even ones first, then the odd. Slice i is what slice 2 i modulo 7 was. */
function part(at: usize): void {
  const x1 = get<u64>(at, 1);
  const x3 = get<u64>(at, 3);
  set<u64>(at, 1, get<u64>(at, 2));
  set<u64>(at, 2, get<u64>(at, 4));
  set<u64>(at, 4, x1);
  set<u64>(at, 3, get<u64>(at, 6));
  set<u64>(at, 6, get<u64>(at, 5));
  set<u64>(at, 5, x3);
}

/** Columns 0, 2 of block k to slice k, columns 1, 3 to slice k + 4; then bits against slices. */
function toSlices(at: usize): void {
  for (let i: usize = 0; i < 8; i += 2) {
    const a = get<u64>(at, i);
    const b = get<u64>(at, i + 1);
    set<u64>(at, i, toRows((a & HALF) | (b << 32)));
    set<u64>(at, i + 1, toRows((a >> 32) | (b & ~HALF)));
  }
  part(at);
  swapBits<u64>(at);
}

/** The inverse of toSlices. */
function toBlocks(at: usize): void {
  swapBits<u64>(at);
  part(at);
  part(at); // three times is nothing
  for (let i: usize = 0; i < 8; i += 2) {
    const a = toColumns(get<u64>(at, i));
    const b = toColumns(get<u64>(at, i + 1));
    set<u64>(at, i, (a & HALF) | (b << 32));
    set<u64>(at, i + 1, (a >> 32) | (b & ~HALF));
  }
}

/** ShiftRows twice: rows 1 and 3 exchange their halves. */
// @ts-ignore: decorator
@inline
function shiftTwice(x: u64): u64 {
  return exchange(x, 8, 0x00ff000000ff0000);
}

/** Every row of 16 bits turned left by n; `mask`: the lowest n bits of each. */
// @ts-ignore: decorator
@inline
function rows(x: u64, n: u64, mask: u64): u64 {
  const up = x << n;
  return up ^ ((up ^ (x >> (16 - n))) & mask);
}

/** In place of every byte the next one of its column, where the state is `ahead` too. */
// @ts-ignore: decorator
@inline
function next(x: u64, ahead: bool, nibbles: u64): u64 {
  const turned = rotr<u64>(x, 16);
  if (ahead) return rows(turned, 4, nibbles);
  return turned;
}

/** The one after the next. */
// @ts-ignore: decorator
@inline
function second(x: u64, ahead: bool, bytes: u64): u64 {
  const turned = rotr<u64>(x, 32);
  if (ahead) return rows(turned, 8, bytes);
  return turned;
}

/** MixColumns and AddRoundKey of slice i: `a` the next bytes, b = bytes + a, `doubled` bit i of 2b. */
// @ts-ignore: decorator
@inline
function column(at: usize, key: usize, i: usize, ahead: bool, bytes: u64, a: u64, b: u64, doubled: u64): void {
  set<u64>(at, i, a ^ second(b, ahead, bytes) ^ doubled ^ get<u64>(key, i));
}

/** MixColumns and AddRoundKey on the shifted state. */
// @ts-ignore: decorator
@inline
function mix(at: usize, key: usize, ahead: bool): void {
  const nibbles = load<u64>(MASKS),
    bytes = load<u64>(MASKS + 8);
  const s0 = get<u64>(at, 0),
    s1 = get<u64>(at, 1),
    s2 = get<u64>(at, 2),
    s3 = get<u64>(at, 3);
  const s4 = get<u64>(at, 4),
    s5 = get<u64>(at, 5),
    s6 = get<u64>(at, 6),
    s7 = get<u64>(at, 7);
  const a0 = next(s0, ahead, nibbles),
    a1 = next(s1, ahead, nibbles),
    a2 = next(s2, ahead, nibbles),
    a3 = next(s3, ahead, nibbles);
  const a4 = next(s4, ahead, nibbles),
    a5 = next(s5, ahead, nibbles),
    a6 = next(s6, ahead, nibbles),
    a7 = next(s7, ahead, nibbles);
  const b0 = s0 ^ a0,
    b1 = s1 ^ a1,
    b2 = s2 ^ a2,
    b3 = s3 ^ a3,
    b4 = s4 ^ a4,
    b5 = s5 ^ a5,
    b6 = s6 ^ a6,
    b7 = s7 ^ a7;
  column(at, key, 0, ahead, bytes, a0, b0, b7);
  column(at, key, 1, ahead, bytes, a1, b1, b0 ^ b7);
  column(at, key, 2, ahead, bytes, a2, b2, b1);
  column(at, key, 3, ahead, bytes, a3, b3, b2 ^ b7);
  column(at, key, 4, ahead, bytes, a4, b4, b3 ^ b7);
  column(at, key, 5, ahead, bytes, a5, b5, b4);
  column(at, key, 6, ahead, bytes, a6, b6, b5);
  column(at, key, 7, ahead, bytes, a7, b7, b6);
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
  for (let key = keys + SCALAR; ; key += 2 * SCALAR) {
    subSlices(at);
    for (let i: usize = 0; i < 8; i++) set<u64>(at, i, shiftTwice(get<u64>(at, i)));
    mix(at, key, true);
    subSlices(at);
    if (key + SCALAR === last) break;
    mix(at, key + SCALAR, false);
  }
  xorSlices<u64>(at, last);
  toBlocks(at);
}

/** The key of a round, 16 bytes at `from`, in all four blocks: eight slices at `key`. `ahead`: 1 of an odd round, 0 of others. */
export function sliceScalar(key: usize, from: usize, ahead: usize): void {
  const step: usize = 1 + 4 * ahead; // ShiftRows brings byte 5 p to p
  for (let p: usize = 0; p < 16; p++) store<u8>(key + p, load<u8>(from + ((step * p) & 15)));
  for (let i: usize = 2; i < 8; i++) set<u64>(key, i, get<u64>(key, i - 2));
  toSlices(key);
}
