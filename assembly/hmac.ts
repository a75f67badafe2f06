// HMAC with SHA-256 and SHA-512. RFC 2104 §2, FIPS 198-1 §4.
//
//   HMAC(K, text) = hash((K0 ^ opad) ‖ hash((K0 ^ ipad) ‖ text))
//
// Each half begins with one block that depends on the key alone: the hash after it, its midstate, stands for the key from then
// on. K0 is the key, or its hash where it is longer than a block, filled up with zeros. The text is fed by sha…Update.
// Secret: key, midstates, text, MAC. Public: lengths.

import { clear, copy } from './bytes';
import { absorb, blockLength, close, compress, digest, digestMac, hashLength, initial, open, openMac } from './hash';
import { HMAC, ownerOf } from './hash';
import { addressOf, isAllocated, isLoaded, KEY_LENGTH, markLoaded } from './keys';
import { SCRATCH } from './memory';
import { inIo } from './range';
import { OK, RANGE, SLOT, STATE } from './status';
import { turnWords } from './words';

const IPAD: u64 = 0x3636363636363636;
const OPAD: u64 = 0x5c5c5c5c5c5c5c5c;

/** 384 octets: K0, K0 under a pad in words, two midstates. */
const K0: usize = SCRATCH;
const PADDED: usize = SCRATCH + 128;
const INNER: usize = SCRATCH + 256;
const OUTER: usize = SCRATCH + 320;

/** The hash after the block K0 ^ pad. */
function midstate<T>(to: usize, pad: u64): void {
  for (let i: usize = 0; i < blockLength<T>(); i += 8) store<u64>(PADDED + i, load<u64>(K0 + i) ^ pad);
  turnWords<T>(PADDED, PADDED, 16);
  compress<T>(to, initial<T>(), PADDED);
}

/** The two midstates, in words, of a key anywhere in memory. Closes the stream of this hash. */
export function midstates<T>(inner: usize, outer: usize, key: usize, length: usize): void {
  open<T>(HMAC);
  if (length > blockLength<T>()) {
    absorb<T>(key, length);
    digest<T>(K0);
    length = hashLength<T>();
  } else copy(K0, key, length);
  clear(K0 + length, blockLength<T>() - length);
  midstate<T>(inner, IPAD);
  midstate<T>(outer, OPAD);
  clear(K0, 2 * 128);
  close<T>();
}

function begin<T>(key: usize, length: usize): i32 {
  midstates<T>(INNER, OUTER, key, length);
  openMac<T>(HMAC, INNER, OUTER);
  clear(INNER, 2 * 64);
  return OK;
}

function beginIo<T>(keyAt: usize, keyLength: usize): i32 {
  if (!inIo(keyAt, keyLength)) return RANGE;
  return begin<T>(keyAt, keyLength);
}

function beginSlot<T>(slot: i32): i32 {
  if (!isLoaded(slot)) return SLOT;
  return begin<T>(addressOf(slot), KEY_LENGTH);
}

function finish<T>(at: usize): i32 {
  if (!inIo(at, hashLength<T>())) return RANGE;
  if (ownerOf<T>() !== HMAC) return STATE;
  digestMac<T>(at);
  return OK;
}

export function hmacSha256Begin(keyAt: usize, keyLength: usize): i32 {
  return beginIo<u32>(keyAt, keyLength);
}

export function hmacSha256BeginSlot(slot: i32): i32 {
  return beginSlot<u32>(slot);
}

/** Writes 32 octets. */
export function hmacSha256Finish(at: usize): i32 {
  return finish<u32>(at);
}

/** The MAC becomes the key of an allocated slot: HKDF-Extract, RFC 5869 §2.2. */
export function hmacSha256FinishSlot(slot: i32): i32 {
  if (!isAllocated(slot)) return SLOT;
  if (ownerOf<u32>() !== HMAC) return STATE;
  digestMac<u32>(addressOf(slot));
  markLoaded(slot);
  return OK;
}

export function hmacSha512Begin(keyAt: usize, keyLength: usize): i32 {
  return beginIo<u64>(keyAt, keyLength);
}

export function hmacSha512BeginSlot(slot: i32): i32 {
  return beginSlot<u64>(slot);
}

/** Writes 64 octets. */
export function hmacSha512Finish(at: usize): i32 {
  return finish<u64>(at);
}
