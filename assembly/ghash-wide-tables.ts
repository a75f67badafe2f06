// Tables for wide GHASH: products of a nibble with four bytes of a power of H. SP 800-38D §6.3.
//
//   power    [ word 0 ][ 0+1 ][ 1 ][ 0+2 ][ 0+1+2+3 ][ 1+3 ][ 2 ][ 2+3 ][ 3 ]      160 bytes each: Karatsuba, twice
//   word     [ high nibbles: byte 0 … byte 4 of the product ][ low nibbles: likewise ]   16 bytes each
//
// Four bytes times a nibble are five bytes: the low nibble's terms stand four places behind the high one's.
// Secret: all of it.

import { clear } from './bytes';
import { hashSwizzle } from './ghash-swizzle';
import { SCRATCH } from './memory';

const WORD: usize = 160;
/** Bytes of the tables of one power. */
export const POWER: usize = 9 * WORD;
/** H^16, then H^32. */
export const WIDE_HASH_LENGTH: usize = 2 * POWER;

/** Byte j of nibble · word: its bits 3 … 0 are x^0 … x^3, and multiplying by x moves the word right by one bit. */
function tabulate(table: usize, word: u32): void {
  const bit3 = i8x16(0, 0, 0, 0, 0, 0, 0, 0, -1, -1, -1, -1, -1, -1, -1, -1);
  const bit2 = i8x16(0, 0, 0, 0, -1, -1, -1, -1, 0, 0, 0, 0, -1, -1, -1, -1);
  const bit1 = i8x16(0, 0, -1, -1, 0, 0, -1, -1, 0, 0, -1, -1, 0, 0, -1, -1);
  const bit0 = i8x16(0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0, -1, 0, -1);
  const bits = (<u64>bswap<u32>(word)) << 8;
  for (let nibble: u64 = 0; nibble < 8; nibble += 4) {
    for (let down: u64 = 0; down < 40; down += 8) {
      const pair = bits >> (32 - down + nibble); // lowest: byte j, and the bits of byte j - 1 that enter it
      const a = v128.and(i8x16.splat(<i8>pair), bit3);
      const b = v128.and(i8x16.splat(<i8>(pair >> 1)), bit2);
      const c = v128.and(i8x16.splat(<i8>(pair >> 2)), bit1);
      const d = v128.and(i8x16.splat(<i8>(pair >> 3)), bit0);
      v128.store(table, v128.xor(v128.xor(a, b), v128.xor(c, d)));
      table += 16;
    }
  }
}

/** Tables of the power at `h`. */
function tabulatePower(table: usize, h: usize): void {
  const w0 = load<u32>(h);
  const w1 = load<u32>(h, 4);
  const w2 = load<u32>(h, 8);
  const w3 = load<u32>(h, 12);
  tabulate(table, w0);
  tabulate(table + WORD, w0 ^ w1);
  tabulate(table + 2 * WORD, w1);
  tabulate(table + 3 * WORD, w0 ^ w2);
  tabulate(table + 4 * WORD, w0 ^ w1 ^ w2 ^ w3);
  tabulate(table + 5 * WORD, w1 ^ w3);
  tabulate(table + 6 * WORD, w2);
  tabulate(table + 7 * WORD, w2 ^ w3);
  tabulate(table + 8 * WORD, w3);
}

/** Tables at `wide` by way of those of H at `narrow`. 272 bytes at SCRATCH are left to be wiped. */
export function prepareWideHash(wide: usize, narrow: usize): void {
  const y = SCRATCH;
  const zeros = y + 16;
  clear(y, 272);
  store<u8>(y, 0x80); // 1, as GHASH writes it
  hashSwizzle(narrow, y, zeros, 16);
  tabulatePower(wide, y);
  hashSwizzle(narrow, y, zeros, 16);
  tabulatePower(wide + POWER, y);
}
