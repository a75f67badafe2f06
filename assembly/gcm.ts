// AES-256-GCM: what the host calls. SP 800-38D §7.1 (authenticated encryption), §7.2 (authenticated decryption).
//
//   gcmBegin ─ gcmIv+ ─ gcmAad* ─┬─ gcmEncrypt* ─ gcmTag
//                                └─ gcmDecrypt* ─ gcmVerify            or whole: gcmSeal, gcmOpen
//
// Secret: keys, text, tags before they are written out. Public: lengths, IV, AAD, the verdict.

import { BATCH, BLOCK, encryptBatch } from './aes';
import { clear, copy } from './bytes';
import { contextOf, roundKeysOf } from './context';
import { areEqual, okOr } from './ct';
import {
  AAD,
  DECRYPT,
  ENCRYPT,
  IDLE,
  IV,
  TEXT_LENGTH,
  Y,
  absorbAad,
  absorbIv,
  absorbText,
  beginMessage,
  closeAad,
  closeIv,
  closeMessage,
  cryptText,
  endMessage,
  gctr,
  settle,
  phase,
} from './gcm-state';
import { isShort, openShort, sealShort } from './gcm-short';
import { isLoaded } from './keys';
import { SCRATCH } from './memory';
import { inIo } from './range';
import { BAD_TAG, LIMIT, OK, RANGE, SLOT, STATE } from './status';

/** §5.2.1.1: len(P) ≤ 2^39 − 256 bits. */
const MOST_TEXT: u64 = (1 << 36) - 32;
const LEAST_TAG: usize = 12;
const MOST_TAG: usize = 16;

// @ts-ignore: decorator
@inline
function isTagLength(length: usize): bool {
  return length >= LEAST_TAG && length <= MOST_TAG;
}

/** The next message under `slot`; one that runs is wiped. */
export function gcmBegin(slot: i32): i32 {
  if (!isLoaded(slot)) return SLOT;
  beginMessage(slot);
  return OK;
}

/** A piece of the IV. */
export function gcmIv(at: usize, length: usize): i32 {
  if (!inIo(at, length)) return RANGE;
  if (phase() !== IV) return STATE;
  absorbIv(at, length);
  settle(length);
  return OK;
}

/** A piece of the additional authenticated data. */
export function gcmAad(at: usize, length: usize): i32 {
  if (!inIo(at, length)) return RANGE;
  if ((phase() !== IV && phase() !== AAD) || !closeIv()) return STATE;
  absorbAad(at, length);
  settle(length);
  return OK;
}

/** Text in place, in `way` ENCRYPT or DECRYPT. */
function crypt(at: usize, length: usize, way: u32): i32 {
  if (!inIo(at, length)) return RANGE;
  if (phase() !== way) {
    if ((phase() !== IV && phase() !== AAD) || !closeIv()) return STATE;
  }
  if (load<u64>(TEXT_LENGTH) + length > MOST_TEXT) return LIMIT;
  closeAad(way);
  cryptText(at, length, way === ENCRYPT);
  settle(length);
  return OK;
}

export function gcmEncrypt(at: usize, length: usize): i32 {
  return crypt(at, length, ENCRYPT);
}

/** What it writes is not yet verified: the host keeps it to itself until gcmVerify. */
export function gcmDecrypt(at: usize, length: usize): i32 {
  return crypt(at, length, DECRYPT);
}

/** Whether the message may end in `way`: text has gone that way, or there was none. */
function mayEnd(way: u32): bool {
  return phase() === way || ((phase() === IV || phase() === AAD) && closeIv());
}

/** The tag's first `length` bytes. Ends the message. */
export function gcmTag(at: usize, length: usize): i32 {
  if (!isTagLength(length) || !inIo(at, length)) return RANGE;
  if (!mayEnd(ENCRYPT)) return STATE;
  closeMessage();
  copy(at, Y, length);
  endMessage();
  return OK;
}

/** OK, or BAD_TAG where the `length` bytes at `at` are not the tag's. Ends the message. */
export function gcmVerify(at: usize, length: usize): i32 {
  if (!isTagLength(length) || !inIo(at, length)) return RANGE;
  if (!mayEnd(DECRYPT)) return STATE;
  closeMessage();
  const same = areEqual(at, Y, length);
  endMessage();
  return okOr(same, BAD_TAG);
}

/** Wipes the message that runs; where none does, nothing. */
export function gcmEnd(): i32 {
  if (phase() !== IDLE) endMessage();
  return OK;
}

/** Seals `length` bytes at `at` in place; the tag goes to `tag`. Unchecked: for slots, regions and lengths known to be right. */
export function seal(
  slot: i32,
  ivAt: usize,
  ivLength: usize,
  aadAt: usize,
  aadLength: usize,
  at: usize,
  length: usize,
  tagLength: usize,
): void {
  if (ASC_FEATURE_SIMD && isShort(ivLength, aadLength, length)) {
    gcmEnd();
    return sealShort(slot, ivAt, aadAt, aadLength, at, length, tagLength);
  }
  beginMessage(slot);
  absorbIv(ivAt, ivLength);
  closeIv();
  absorbAad(aadAt, aadLength);
  closeAad(ENCRYPT);
  cryptText(at, length, true);
  closeMessage();
  copy(at + length, Y, tagLength);
  endMessage();
  settle(ivLength | aadLength | length); // long where one of them is
}

/** Opens what `seal` made, the tag behind the text: verified before a byte is decrypted. Unchecked. OK or BAD_TAG. */
export function open(
  slot: i32,
  ivAt: usize,
  ivLength: usize,
  aadAt: usize,
  aadLength: usize,
  at: usize,
  length: usize,
  tagLength: usize,
): i32 {
  if (ASC_FEATURE_SIMD && isShort(ivLength, aadLength, length)) {
    gcmEnd();
    return openShort(slot, ivAt, aadAt, aadLength, at, length, tagLength);
  }
  beginMessage(slot);
  absorbIv(ivAt, ivLength);
  closeIv();
  absorbAad(aadAt, aadLength);
  closeAad(DECRYPT);
  absorbText(at, length);
  closeMessage();
  const verdict = okOr(areEqual(at + length, Y, tagLength), BAD_TAG);
  if (verdict === OK) gctr(at, length); // the verdict is public
  endMessage();
  settle(ivLength | aadLength | length);
  return verdict;
}

/** What gcmSeal and gcmOpen ask of their arguments. */
function check(
  slot: i32,
  ivAt: usize,
  ivLength: usize,
  aadAt: usize,
  aadLength: usize,
  at: usize,
  length: usize,
  tagLength: usize,
): i32 {
  if (!isLoaded(slot)) return SLOT;
  if (!isTagLength(tagLength) || ivLength === 0) return RANGE;
  if (!inIo(ivAt, ivLength) || !inIo(aadAt, aadLength)) return RANGE;
  if (!inIo(at, length) || !inIo(at + length, tagLength)) return RANGE;
  return OK;
}

/** Text at `at` sealed in place, the tag written behind it. A message that runs is wiped. */
export function gcmSeal(
  slot: i32,
  ivAt: usize,
  ivLength: usize,
  aadAt: usize,
  aadLength: usize,
  at: usize,
  length: usize,
  tagLength: usize,
): i32 {
  const status = check(slot, ivAt, ivLength, aadAt, aadLength, at, length, tagLength);
  if (status !== OK) return status;
  seal(slot, ivAt, ivLength, aadAt, aadLength, at, length, tagLength);
  return OK;
}

/** Text at `at` (the tag behind it) opened in place; BAD_TAG leaves it as it came. A message that runs is wiped. */
export function gcmOpen(
  slot: i32,
  ivAt: usize,
  ivLength: usize,
  aadAt: usize,
  aadLength: usize,
  at: usize,
  length: usize,
  tagLength: usize,
): i32 {
  const status = check(slot, ivAt, ivLength, aadAt, aadLength, at, length, tagLength);
  if (status !== OK) return status;
  return open(slot, ivAt, ivLength, aadAt, aadLength, at, length, tagLength);
}

/** Raw blocks in place, FIPS 197 §5.1: for known-answer tests. */
export function aesEncryptBlocks(slot: i32, at: usize, blocks: usize): i32 {
  if (!isLoaded(slot)) return SLOT;
  if (blocks > 1 << 24 || !inIo(at, BLOCK * blocks)) return RANGE;
  const keys = roundKeysOf(contextOf(slot));
  for (const end = at + BLOCK * blocks; at < end; at += BATCH) {
    let length = end - at;
    if (length > BATCH) length = BATCH;
    copy(SCRATCH, at, length);
    encryptBatch(keys, SCRATCH);
    copy(at, SCRATCH, length);
  }
  clear(SCRATCH, BATCH);
  return OK;
}
