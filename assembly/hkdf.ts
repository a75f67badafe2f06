// HKDF-Expand with SHA-256 and SHA-512. RFC 5869 §2.3.
//
//   T(0) = empty,  T(i) = HMAC(PRK, T(i-1) ‖ info ‖ i),  OKM = T(1) ‖ T(2) ‖ …
//
//   HKDF   0 ………… 128 …… 192 …… 256 ……… 260 ……… 264
//          [ OKM   ][ inner ][ outer ][ stream ][ blocks ]
//
// inner and outer are the midstates of PRK; stream is SHA256, SHA512, or 0 where no expansion runs; blocks says how many T lie in
// OKM.
// The host feeds info between hkdfNext and hkdfDone; OKM stays here until it is taken.
// Secret: PRK, OKM. Public: the hash, lengths, the number of blocks.

import { clear, copy } from './bytes';
import { absorb, clearWork, close, digestMac, HKDF_BLOCK, hashLength, openMac, ownerOf } from './hash';
import { midstates } from './hmac';
import { addressOf, isAllocated, isLoaded, KEY_LENGTH, markLoaded } from './keys';
import { HKDF, SHA256, SHA512 } from './memory';
import { inIo } from './range';
import { LIMIT, OK, RANGE, SLOT, STATE } from './status';

const OKM: usize = HKDF;
const OKM_LENGTH: usize = 128;
const INNER: usize = HKDF + 128;
const OUTER: usize = HKDF + 192;
const STREAM: usize = HKDF + 256;
const BLOCKS: usize = HKDF + 260;

// @ts-ignore: decorator
@inline
function stream(): usize {
  return load<u32>(STREAM);
}

/** How many octets of OKM there are. */
// @ts-ignore: decorator
@inline
function okmLength(): usize {
  return <usize>load<u32>(BLOCKS) * hashLength(stream());
}

/** Wipes the expansion, and the block of it that is under way. */
function wipe(): void {
  if (ownerOf(SHA256) === HKDF_BLOCK) close(SHA256);
  if (ownerOf(SHA512) === HKDF_BLOCK) close(SHA512);
  clear(HKDF, 264);
}

/** PRK is the key of a loaded slot; `hash` is 256 or 512. An expansion that runs is wiped. */
export function hkdfBegin(hash: i32, prk: i32): i32 {
  let stream = SHA256;
  if (hash === 512) stream = SHA512;
  else if (hash !== 256) return RANGE;
  if (!isLoaded(prk)) return SLOT;
  wipe();
  midstates(stream, INNER, OUTER, addressOf(prk), KEY_LENGTH);
  store<u32>(STREAM, <u32>stream);
  return OK;
}

/** Begins the next block, HMAC(PRK, T(i-1) ‖ …; LIMIT where OKM has no room for it. One begun and not done is begun anew. */
export function hkdfNext(): i32 {
  if (stream() === 0) return STATE;
  const length = okmLength();
  if (length >= OKM_LENGTH) return LIMIT;
  openMac(stream(), HKDF_BLOCK, INNER, OUTER);
  if (length > 0) absorb(stream(), OKM + length - hashLength(stream()), hashLength(stream()));
  clearWork(stream());
  return OK;
}

/** Ends the block that hkdfNext began, … ‖ i): T(i) stands behind the others. */
export function hkdfDone(): i32 {
  if (stream() === 0 || ownerOf(stream()) !== HKDF_BLOCK) return STATE;
  const length = okmLength();
  store<u32>(BLOCKS, load<u32>(BLOCKS) + 1);
  absorb(stream(), BLOCKS, 1); // the number i is at most 4, and its lowest octet stands first
  digestMac(stream(), OKM + length);
  return OK;
}

/** OKM[from … from + 32) becomes the key of an allocated slot. */
export function hkdfKey(from: usize, slot: i32): i32 {
  if (stream() === 0) return STATE;
  if (<u64>from + <u64>KEY_LENGTH > <u64>okmLength()) return RANGE;
  if (!isAllocated(slot)) return SLOT;
  copy(addressOf(slot), OKM + from, KEY_LENGTH);
  markLoaded(slot);
  return OK;
}

/** OKM[from … from + count) to the I/O region: for what of it is public. */
export function hkdfBytes(from: usize, count: usize, at: usize): i32 {
  if (stream() === 0) return STATE;
  if (<u64>from + <u64>count > <u64>okmLength() || !inIo(at, count)) return RANGE;
  copy(at, OKM + from, count);
  return OK;
}

/** Wipes everything. Twice does no harm. */
export function hkdfEnd(): i32 {
  wipe();
  return OK;
}
