// A short GCM message whole, without the state of one that comes in pieces: what fits one narrow batch of AES, under an IV of 96
// bits. SP 800-38D §7.1, §7.2. SIMD builds only. The same as gcm-state.ts makes, in a tenth to a sixth less time.
//
//   scratch   [ E(J0) = mask 16 ][ key stream of at most seven blocks ][ Y 16 ][ part 16 ]           zeros before and behind
//
// Secret: key stream, mask, Y, part, the text. Public: lengths, IV, AAD, the verdict.

import { BLOCK, encryptBatch } from './aes';
import { NARROW } from './aes-narrow';
import { copy, xorInto } from './bytes';
import { contextOf, roundKeysOf, tablesOf } from './context';
import { areEqual, okOr } from './ct';
import { LONG } from './gcm-state';
import { hashBlocks } from './ghash';
import { SCRATCH } from './memory';
import { BAD_TAG, OK } from './status';

const MASK: usize = SCRATCH;
const STREAM: usize = MASK + BLOCK;
const Y: usize = SCRATCH + NARROW;
const PART: usize = Y + BLOCK;
const END: usize = PART + BLOCK;

/** Whether a message is short; AAD that is long is sooner hashed in the wide form. */
// @ts-ignore: decorator
@inline
export function isShort(ivLength: usize, aadLength: usize, length: usize): bool {
  return ivLength === 12 && length <= NARROW - BLOCK && aadLength < LONG;
}

/** E(J0), E(J0 + 1), …: §7.1 step 2, J0 = IV ‖ 0^31 ‖ 1. Counters stay below 256. */
// @ts-ignore: decorator
@inline
function encryptCounters(context: usize, iv: usize): void {
  const start = i32x4.replace_lane(v128.load64_zero(iv), 2, load<u32>(iv + 8));
  let count = 0;
  for (let at = SCRATCH; at < Y; at += BLOCK) {
    count += 0x01000000;
    v128.store(at, i32x4.replace_lane(start, 3, count));
  }
  encryptBatch(roundKeysOf(context), SCRATCH);
}

/** Bytes and zeros to the end of the block. */
function absorb(tables: usize, at: usize, length: usize): void {
  hashBlocks(tables, Y, at, length >> 4);
  const rest = length & 15;
  if (rest === 0) return;
  copy(PART, at + length - rest, rest);
  hashBlocks(tables, Y, PART, 1);
  v128.store(PART, i64x2.splat(0));
}

/** §7.1 steps 4 to 6: the whole tag, in Y. */
function digest(context: usize, aad: usize, aadLength: usize, at: usize, length: usize): void {
  const tables = tablesOf(context);
  absorb(tables, aad, aadLength);
  absorb(tables, at, length);
  store<u64>(PART, bswap((<u64>aadLength) << 3));
  store<u64>(PART + 8, bswap((<u64>length) << 3));
  hashBlocks(tables, Y, PART, 1);
  v128.store(Y, v128.xor(v128.load(Y), v128.load(MASK)));
}

// @ts-ignore: decorator
@inline
function wipe(): void {
  for (let at = SCRATCH; at < END; at += BLOCK) v128.store(at, i64x2.splat(0));
}

/** Text in place, the tag behind it. */
// prettier-ignore
export function sealShort(slot: i32, iv: usize, aad: usize, aadLength: usize, at: usize, length: usize, tagLength: usize): void {
  const context = contextOf(slot);
  encryptCounters(context, iv);
  xorInto(at, STREAM, length);
  digest(context, aad, aadLength, at, length);
  copy(at + length, Y, tagLength);
  wipe();
}

/** Text in place where the tag behind it is true: OK or BAD_TAG. */
// prettier-ignore
export function openShort(slot: i32, iv: usize, aad: usize, aadLength: usize, at: usize, length: usize, tagLength: usize): i32 {
  const context = contextOf(slot);
  encryptCounters(context, iv);
  digest(context, aad, aadLength, at, length);
  const verdict = okOr(areEqual(at + length, Y, tagLength), BAD_TAG);
  if (verdict === OK) xorInto(at, STREAM, length); // the verdict is public
  wipe();
  return verdict;
}
