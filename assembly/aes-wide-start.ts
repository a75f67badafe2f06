// Rounds 1 and 2 of wide AES. The blocks of a batch differ in bits 0 … 6 of byte 15, so what they share is done once:
//
//   round 1   SubBytes differs in byte 15 alone             one wide S-box, not 16; it becomes row 3 of column 0
//   round 2   SubBytes differs in column 0 = bytes 0 … 3    four wide S-boxes; row r becomes row r of column -r
//
// The shared bytes go through the rounds as one block, with zeros where the others come in (from SubBytes to SubBytes all is
// linear), and their bits are added as masks. Secret: everything but the counter.

import { PLAIN_KEYS, spread } from './aes-wide-keys';
import { SHARED, SHIFTED, STATE } from './aes-wide-map';
import { subWide } from './aes-wide';
import { mixBlock, subBlock } from './sub-block';

/** Bits 0 … 6 of the number 16 k + B of a block: planes, bit k of byte B. Bit 7 is the counter's. */
// prettier-ignore
// @ts-ignore: decorator
@lazy
const NUMBERS: usize = memory.data<u64>([
  0xff00ff00ff00ff00, 0xff00ff00ff00ff00, 0xffff0000ffff0000, 0xffff0000ffff0000,
  0xffffffff00000000, 0xffffffff00000000, 0x0000000000000000, 0xffffffffffffffff,
  0xaaaaaaaaaaaaaaaa, 0xaaaaaaaaaaaaaaaa, 0xcccccccccccccccc, 0xcccccccccccccccc,
  0xf0f0f0f0f0f0f0f0, 0xf0f0f0f0f0f0f0f0, 0x0000000000000000, 0x0000000000000000,
], 16);

// @ts-ignore: decorator
@inline
function xor(a: v128, b: v128): v128 {
  return v128.xor(a, b);
}

/** Column `c` of STATE: row `r` of SHIFTED times 2, 1, 1, 3 from row `r` on upwards, and what is shared. */
function mixRow(c: usize, r: usize): void {
  const from = SHIFTED + 512 * c + 128 * r;
  const column = STATE + 512 * c;
  const high = v128.load(from + 112);
  let below = i64x2.splat(0);
  let enters = 0x1b; // bits of the doubled byte that the highest enters
  let mask = SHARED + 16 * c;
  for (let i: usize = 0; i < 128; i += 16) {
    const s = v128.load(from + i);
    const twice = xor(below, v128.and(high, i32x4.splat(-(enters & 1))));
    v128.store(column + 128 * r + i, xor(twice, v128.load32_splat(mask + 4 * r)));
    v128.store(column + 128 * ((r + 1) & 3) + i, xor(s, v128.load32_splat(mask + 4 * ((r + 1) & 3))));
    v128.store(column + 128 * ((r + 2) & 3) + i, xor(s, v128.load32_splat(mask + 4 * ((r + 2) & 3))));
    v128.store(column + 128 * ((r + 3) & 3) + i, xor(xor(s, twice), v128.load32_splat(mask + 4 * ((r + 3) & 3))));
    below = s;
    enters >>= 1;
    mask += 64;
  }
}

/** The state behind round 2 at STATE, for the counters of the batch that `counter` lies in. */
export function startWide(keys: usize, counter: usize): void {
  keys += PLAIN_KEYS;
  const firstOfBatch = i8x16(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -128);
  const x0 = xor(v128.and(v128.load(counter), firstOfBatch), v128.load(keys));
  const byte15 = i8x16.swizzle(x0, i8x16.splat(15));
  let bit = i8x16.splat(1);
  for (let i: usize = 0; i < 128; i += 16) {
    v128.store(STATE + 15 * 128 + i, xor(v128.load(NUMBERS + i), i8x16.eq(v128.and(byte15, bit), bit)));
    bit = i8x16.shl(bit, 1);
  }
  subWide(15, 16);
  const allBut15 = i8x16(-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0);
  const x1 = mixBlock(v128.and(subBlock(x0), allBut15), v128.load(keys, 16));
  spread(SHARED, x1);
  mixRow(0, 3);
  subWide(0, 4);
  const allBut0To3 = i8x16(0, 0, 0, 0, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1);
  const x2 = mixBlock(v128.and(subBlock(x1), allBut0To3), v128.load(keys, 32));
  spread(SHARED, x2);
  mixRow(0, 0);
  mixRow(3, 1);
  mixRow(2, 2);
  mixRow(1, 3);
}
