// HKDF-Expand with SHA-256 and SHA-512. RFC 5869 §2.3.
//
//   T(0) = empty,  T(i) = HMAC(PRK, T(i-1) ‖ info ‖ i),  OKM = T(1) ‖ T(2) ‖ …
//
//   HKDF   0 ………… 128 …… 192 …… 256 …… 260 ……… 264
//          [ OKM   ][ inner ][ outer ][ hash ][ blocks ]
//
// inner and outer are the midstates of PRK, hash is 256, 512, or 0 where no expansion runs, blocks says how many T lie in OKM.
// The host feeds info between hkdfNext and hkdfDone; OKM stays here until it is taken.
// Secret: PRK, OKM. Public: the hash, lengths, the number of blocks.

import { clear, copy } from './bytes';
import { absorb, clearWork, close, digestMac, HKDF_BLOCK, hashLength, openMac, ownerOf } from './hash';
import { midstates } from './hmac';
import { addressOf, isAllocated, isLoaded, KEY_LENGTH, markLoaded } from './keys';
import { HKDF } from './memory';
import { inIo } from './range';
import { LIMIT, OK, RANGE, SLOT, STATE } from './status';

const OKM: usize = HKDF;
const OKM_LENGTH: usize = 128;
const INNER: usize = HKDF + 128;
const OUTER: usize = HKDF + 192;
const HASH: usize = HKDF + 256;
const BLOCKS: usize = HKDF + 260;

// @ts-ignore: decorator
@inline
function hash(): i32 {
  return load<i32>(HASH);
}

// @ts-ignore: decorator
@inline
function blocks(): usize {
  return load<u32>(BLOCKS);
}

/** How many octets of OKM there are. */
// @ts-ignore: decorator
@inline
function length(): usize {
  return blocks() * ((<usize>hash()) >> 3);
}

/** HMAC(PRK, T(i-1) ‖ …, of which the host now feeds info. */
function next<T>(): void {
  openMac<T>(HKDF_BLOCK, INNER, OUTER);
  if (blocks() > 0) absorb<T>(OKM + (blocks() - 1) * hashLength<T>(), hashLength<T>());
  clearWork<T>();
}

/** … ‖ i): T(i), behind the others. */
function done<T>(): i32 {
  if (ownerOf<T>() !== HKDF_BLOCK) return STATE;
  const from = length();
  store<u32>(BLOCKS, <u32>blocks() + 1);
  absorb<T>(BLOCKS, 1); // little-endian: its first octet is i, at most 4
  digestMac<T>(OKM + from);
  return OK;
}

/** Wipes the expansion, and the block that is under way. */
function wipe(): void {
  if (ownerOf<u32>() === HKDF_BLOCK) close<u32>();
  if (ownerOf<u64>() === HKDF_BLOCK) close<u64>();
  clear(HKDF, 264);
}

/** PRK is the key of a loaded slot. An expansion that runs is wiped. */
export function hkdfBegin(hash: i32, prk: i32): i32 {
  if (hash !== 256 && hash !== 512) return RANGE;
  if (!isLoaded(prk)) return SLOT;
  wipe();
  if (hash === 256) midstates<u32>(INNER, OUTER, addressOf(prk), KEY_LENGTH);
  else midstates<u64>(INNER, OUTER, addressOf(prk), KEY_LENGTH);
  store<i32>(HASH, hash);
  return OK;
}

/** Begins the next block; LIMIT where OKM has no room for it. One that was begun and not done is begun anew. */
export function hkdfNext(): i32 {
  if (hash() === 0) return STATE;
  if (length() >= OKM_LENGTH) return LIMIT;
  if (hash() === 256) next<u32>();
  else next<u64>();
  return OK;
}

/** Ends the block that hkdfNext began. */
export function hkdfDone(): i32 {
  if (hash() === 0) return STATE;
  if (hash() === 256) return done<u32>();
  return done<u64>();
}

/** OKM[from … from + 32) becomes the key of an allocated slot. */
export function hkdfKey(from: usize, slot: i32): i32 {
  if (hash() === 0) return STATE;
  if (<u64>from + <u64>KEY_LENGTH > <u64>length()) return RANGE;
  if (!isAllocated(slot)) return SLOT;
  copy(addressOf(slot), OKM + from, KEY_LENGTH);
  markLoaded(slot);
  return OK;
}

/** OKM[from … from + count) to the I/O region: for what of it is public. */
export function hkdfBytes(from: usize, count: usize, at: usize): i32 {
  if (hash() === 0) return STATE;
  if (<u64>from + <u64>count > <u64>length() || !inIo(at, count)) return RANGE;
  copy(at, OKM + from, count);
  return OK;
}

/** Wipes everything. Twice does no harm. */
export function hkdfEnd(): i32 {
  wipe();
  return OK;
}
