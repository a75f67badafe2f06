// HMAC with SHA-256 and SHA-512. RFC 2104 §2, FIPS 198-1 §4.
//
//   HMAC(K, text) = hash((K0 ^ opad) ‖ hash((K0 ^ ipad) ‖ text))
//
// Each half begins with one block that depends on the key alone: the hash after it, its midstate, stands for the key from then
// on. K0 is the key, or its hash where it is longer than a block, filled up with zeros. The text is fed by sha…Update.
// Secret: key, midstates, text, MAC. Public: lengths.

import { clear, copy } from './bytes';
import { absorb, blockLength, close, compress, digest, digestMac } from './hash';
import { hashLength, HMAC, initial, open, openMac, ownerOf } from './hash';
import { addressOf, isAllocated, isLoaded, KEY_LENGTH, markLoaded } from './keys';
import { SCRATCH, SHA256, SHA512 } from './memory';
import { inIo } from './range';
import { OK, RANGE, SLOT, STATE } from './status';

const IPAD: u64 = 0x3636363636363636;
const OPAD: u64 = 0x5c5c5c5c5c5c5c5c;

/** 384 octets: K0, K0 under a pad, two midstates. */
const K0: usize = SCRATCH;
const PADDED: usize = SCRATCH + 128;
const INNER: usize = SCRATCH + 256;
const OUTER: usize = SCRATCH + 320;

/** The hash after the block K0 ^ pad. */
function midstate(stream: usize, to: usize, pad: u64): void {
  for (let i: usize = 0; i < blockLength(stream); i += 8) store<u64>(PADDED + i, load<u64>(K0 + i) ^ pad);
  compress(stream, to, initial(stream), PADDED);
}

/** The two midstates, in words, of a key anywhere in memory. Closes the stream. */
export function midstates(stream: usize, inner: usize, outer: usize, key: usize, length: usize): void {
  if (length > blockLength(stream)) {
    open(stream, HMAC);
    absorb(stream, key, length);
    digest(stream, K0);
    length = hashLength(stream);
  } else copy(K0, key, length);
  clear(K0 + length, blockLength(stream) - length);
  midstate(stream, inner, IPAD);
  midstate(stream, outer, OPAD);
  clear(K0, INNER - K0);
  close(stream);
}

function begin(stream: usize, key: usize, length: usize): i32 {
  midstates(stream, INNER, OUTER, key, length);
  openMac(stream, HMAC, INNER, OUTER);
  clear(INNER, 128);
  return OK;
}

function beginIo(stream: usize, keyAt: usize, keyLength: usize): i32 {
  if (!inIo(keyAt, keyLength)) return RANGE;
  return begin(stream, keyAt, keyLength);
}

function beginSlot(stream: usize, slot: i32): i32 {
  if (!isLoaded(slot)) return SLOT;
  return begin(stream, addressOf(slot), KEY_LENGTH);
}

function finish(stream: usize, at: usize): i32 {
  if (!inIo(at, hashLength(stream))) return RANGE;
  if (ownerOf(stream) !== HMAC) return STATE;
  digestMac(stream, at);
  return OK;
}

export function hmacSha256Begin(keyAt: usize, keyLength: usize): i32 {
  return beginIo(SHA256, keyAt, keyLength);
}

export function hmacSha256BeginSlot(slot: i32): i32 {
  return beginSlot(SHA256, slot);
}

/** Writes 32 octets. */
export function hmacSha256Finish(at: usize): i32 {
  return finish(SHA256, at);
}

/** The MAC becomes the key of an allocated slot: HKDF-Extract, RFC 5869 §2.2. */
export function hmacSha256FinishSlot(slot: i32): i32 {
  if (!isAllocated(slot)) return SLOT;
  if (ownerOf(SHA256) !== HMAC) return STATE;
  digestMac(SHA256, addressOf(slot));
  markLoaded(slot);
  return OK;
}

export function hmacSha512Begin(keyAt: usize, keyLength: usize): i32 {
  return beginIo(SHA512, keyAt, keyLength);
}

export function hmacSha512BeginSlot(slot: i32): i32 {
  return beginSlot(SHA512, slot);
}

/** Writes 64 octets. */
export function hmacSha512Finish(at: usize): i32 {
  return finish(SHA512, at);
}
