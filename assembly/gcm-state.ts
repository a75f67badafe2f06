// One GCM message: its state, and the standard's functions on it. SP 800-38D §6.2 (inc32), §6.4 (GHASH), §6.5 (GCTR), §7.
//
//   [ holder, phase, context, left ][ lengths: IV, AAD, text ][ J0 / counter ][ Y ][ part ][ mask = E(J0) ][ key stream ]
//
// The text's key stream begins in the batch whose first block is E(J0). Nothing here checks its arguments: gcm.ts does.
// Secret: Y, part, mask, key stream, the text. Public: lengths, IV, AAD, phase.

import { BATCH, BLOCK, encryptBatch } from './aes';
import { WIDE, keyStream } from './aes-wide';
import { KEY_STREAM, WIDE_SCRATCH_LENGTH } from './aes-wide-map';
import { clear, copy, xorInto } from './bytes';
import { HOLDER, contextOf, roundKeysOf, tablesOf, widen, wideKeysOf, wideTablesOf } from './context';
import { hashBlocks } from './ghash';
import { hashWide } from './ghash-wide';
import { GCM, SCRATCH } from './memory';
import { swapShort } from './words';

export const PHASE: usize = HOLDER + 4;
const CONTEXT: usize = PHASE + 4;
const LEFT: usize = CONTEXT + 4; //              bytes of key stream not yet used, at its end
const IV_LENGTH: usize = LEFT + 4;
const AAD_LENGTH: usize = IV_LENGTH + 8;
export const TEXT_LENGTH: usize = AAD_LENGTH + 8;
const COUNTER: usize = TEXT_LENGTH + 16; //      16  the next block's; its last 4 bytes count, big-endian
export const Y: usize = COUNTER + BLOCK; //      16
const PART: usize = Y + BLOCK; //                16  a block of the hash, not yet full; zeros behind
const MASK: usize = PART + BLOCK; //             16
const STREAM: usize = MASK + BLOCK; //           one batch
export const GCM_LENGTH: usize = STREAM + BATCH - GCM;

/** What may come next. */
export const IDLE: u32 = 0;
export const IV: u32 = 1;
export const AAD: u32 = 2;
export const ENCRYPT: u32 = 3;
export const DECRYPT: u32 = 4;

/** Text is encrypted and hashed in pieces that stay in the first-level cache. */
const PIECE: usize = 16384;

/** From so many bytes on the wide forms win, their key set-up counted. */
export const LONG: usize = 1024;
/** Fewer blocks of a wide batch than this are made in narrow ones: six of these take as long as it. */
const FEW: usize = 48;

// @ts-ignore: decorator
@inline
export function phase(): u32 {
  return load<u32>(PHASE);
}

// @ts-ignore: decorator
@inline
function context(): usize {
  return <usize>load<u32>(CONTEXT);
}

export function endMessage(): void {
  clear(GCM, GCM_LENGTH);
}

/** A loaded slot's next message. One that runs is wiped; where none does all is zero. */
export function beginMessage(slot: i32): void {
  if (phase() !== IDLE) endMessage();
  store<u32>(CONTEXT, <u32>contextOf(slot));
  store<u32>(HOLDER, <u32>slot + 1);
  store<u32>(PHASE, IV);
}

/** Hashes bytes behind `before` others of the same string; a block that is not full waits in PART. */
function absorb(at: usize, length: usize, before: u64): void {
  if (length === 0) return;
  const tables = tablesOf(context());
  const held = <usize>(before & 15);
  if (held > 0) {
    let taken = BLOCK - held;
    if (taken > length) taken = length;
    copy(PART + held, at, taken);
    if (held + taken < BLOCK) return;
    hashBlocks(tables, Y, PART, 1);
    clear(PART, BLOCK);
    at += taken;
    length -= taken;
  }
  if (ASC_FEATURE_SIMD && length >= LONG) {
    widen(context());
    const sixteens = length & ~255;
    hashWide(wideTablesOf(context()), tables, Y, at, sixteens >> 4);
    at += sixteens;
    length -= sixteens;
  }
  hashBlocks(tables, Y, at, length >> 4);
  copy(PART, at + (length & ~15), length & 15);
}

/** Zeros to the end of the block. */
function pad(total: u64): void {
  if ((total & 15) === 0) return;
  hashBlocks(tablesOf(context()), Y, PART, 1);
  clear(PART, BLOCK);
}

/** [high]_64 || [low]_64, both in bits. */
function absorbLengths(high: u64, low: u64): void {
  store<u64>(PART, bswap(high << 3));
  store<u64>(PART + 8, bswap(low << 3));
  hashBlocks(tablesOf(context()), Y, PART, 1);
  clear(PART, BLOCK);
}

export function absorbIv(at: usize, length: usize): void {
  const before = load<u64>(IV_LENGTH);
  absorb(at, length, before);
  store<u64>(IV_LENGTH, before + length);
}

/** A batch of E(counter), E(inc32(counter)), … at `to`; the counter moves on, and wraps as inc32 does. */
function nextBatch(to: usize): void {
  let count = bswap(load<u32>(COUNTER + 12));
  if (ASC_FEATURE_SIMD) {
    const first = v128.load(COUNTER);
    // whole blocks: what is stored in parts and loaded whole has to wait
    for (let at = to; at < to + BATCH; at += BLOCK)
      v128.store(at, i32x4.replace_lane(first, 3, <i32>swapShort(count++)));
  } else {
    const first = load<u64>(COUNTER);
    const second = load<u32>(COUNTER + 8);
    for (let at = to; at < to + BATCH; at += BLOCK) {
      store<u64>(at, first);
      store<u32>(at + 8, second);
      store<u32>(at + 12, swapShort(count++));
    }
  }
  store<u32>(COUNTER + 12, bswap(count));
  encryptBatch(roundKeysOf(context()), to);
}

/** §7.1 step 2: J0 from the whole IV; then E(J0), and the key stream behind it. False where there was no IV. */
export function closeIv(): bool {
  if (phase() !== IV) return true;
  const length = load<u64>(IV_LENGTH);
  if (length === 0) return false;
  if (length === 12) {
    copy(COUNTER, PART, 12); // not hashed yet: the block is not full
    store<u32>(COUNTER + 12, 0x01000000); // 00 00 00 01
    clear(PART, BLOCK);
  } else {
    pad(length);
    absorbLengths(0, length);
    copy(COUNTER, Y, BLOCK);
    clear(Y, BLOCK);
  }
  nextBatch(STREAM);
  copy(MASK, STREAM, BLOCK);
  store<u32>(LEFT, <u32>(BATCH - BLOCK));
  store<u32>(PHASE, AAD);
  return true;
}

export function absorbAad(at: usize, length: usize): void {
  const before = load<u64>(AAD_LENGTH);
  absorb(at, length, before);
  store<u64>(AAD_LENGTH, before + length);
}

/** The AAD is whole: text follows. */
export function closeAad(next: u32): void {
  if (phase() !== AAD) return;
  pad(load<u64>(AAD_LENGTH));
  store<u32>(PHASE, next);
}

/** Hashes ciphertext. */
export function absorbText(at: usize, length: usize): void {
  absorb(at, length, load<u64>(TEXT_LENGTH));
  store<u64>(TEXT_LENGTH, load<u64>(TEXT_LENGTH) + length);
}

/** XORs on what is left of the last narrow batch; returns how many bytes that were. */
function gctrLeft(at: usize, length: usize): usize {
  const left = <usize>load<u32>(LEFT);
  let taken = left;
  if (taken > length) taken = length;
  xorInto(at, STREAM + BATCH - left, taken);
  store<u32>(LEFT, <u32>(left - taken));
  return taken;
}

/** GCTR in narrow batches, whatever the length. */
function gctrNarrow(at: usize, length: usize): void {
  const taken = gctrLeft(at, length);
  at += taken;
  length -= taken;
  while (length >= BATCH) {
    nextBatch(STREAM);
    xorInto(at, STREAM, BATCH);
    at += BATCH;
    length -= BATCH;
  }
  if (length === 0) return;
  nextBatch(STREAM);
  xorInto(at, STREAM, length);
  store<u32>(LEFT, <u32>(BATCH - length));
}

/** to ^= from. */
function xorBlocks(to: usize, from: usize, blocks: usize): void {
  for (const end = to + BLOCK * blocks; to < end; to += BLOCK, from += BLOCK)
    v128.store(to, v128.xor(v128.load(to), v128.load(from)));
}

/** `blocks` blocks under the wide batch that the counter lies in, from its place there on. */
function gctrWide(at: usize, blocks: usize): void {
  const place = (<usize>load<u8>(COUNTER + 15)) & 127;
  keyStream(KEY_STREAM, wideKeysOf(context()), COUNTER);
  xorBlocks(at, KEY_STREAM + BLOCK * place, blocks);
  store<u32>(COUNTER + 12, bswap(bswap(load<u32>(COUNTER + 12)) + <u32>blocks));
}

/**
 * GCTR, §6.5, in place: XORs the key stream on. A wide batch starts where the counter is a multiple of its blocks: public
 * with a 96-bit IV, whose counters start at 1. With another, J0 comes from H, and where it stands must not show: narrow.
 */
export function gctr(at: usize, length: usize): void {
  if (ASC_FEATURE_SIMD && length >= LONG && load<u64>(IV_LENGTH) === 12) {
    widen(context());
    const end = at + length;
    for (;;) {
      at += gctrLeft(at, end - at);
      if (end - at < LONG) break;
      let blocks = (WIDE >> 4) - ((<usize>load<u8>(COUNTER + 15)) & 127);
      if (blocks > (end - at) >> 4) blocks = (end - at) >> 4;
      if (blocks < FEW) gctrNarrow(at, BLOCK * blocks);
      else gctrWide(at, blocks);
      at += BLOCK * blocks;
    }
    length = end - at;
  }
  gctrNarrow(at, length);
}

/** Wipes what the wide forms leave in SCRATCH; at the end of a call with so much text, AAD or IV. */
export function settle(length: usize): void {
  if (ASC_FEATURE_SIMD && length >= LONG) memory.fill(SCRATCH, 0, WIDE_SCRATCH_LENGTH);
}

/** Text in place, either way. */
export function cryptText(at: usize, length: usize, encrypting: bool): void {
  const end = at + length;
  while (at < end) {
    let piece = end - at;
    if (piece > PIECE) piece = PIECE;
    if (encrypting) {
      gctr(at, piece);
      absorbText(at, piece);
    } else {
      absorbText(at, piece);
      gctr(at, piece);
    }
    at += piece;
  }
}

/** §7.1 steps 4 to 6: the whole tag, in Y. */
export function closeMessage(): void {
  closeAad(ENCRYPT);
  pad(load<u64>(TEXT_LENGTH));
  absorbLengths(load<u64>(AAD_LENGTH), load<u64>(TEXT_LENGTH));
  xorInto(Y, MASK, BLOCK);
}
