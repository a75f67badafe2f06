// SHA-256 and SHA-512 as streams: blocks, padding, and whose the stream is. FIPS 180-4 §5.1, §5.2, §5.3, §6.2, §6.4.
//
//   word   0 ……… 8 ……… 16 ………… 32 ………… 48      of T = u32 (SHA-256) or u64 (SHA-512); the two differ in nothing else here
//          [ H   ][ outer ][ block  ][ words  ][ length ][ owner ]
//                                               8 octets  4 octets
//
// H is the hash so far, outer the second midstate of an HMAC (hmac.ts), block the octets that do not yet fill one, words the
// block in work, length the octets absorbed. One stream of each kind runs at a time; only a call of its owner ends it.
// Secret: everything but length and owner. (The 2^61 octets at which length would overflow are beyond any host.)

import { clear, copy } from './bytes';
import { inIo } from './range';
import { SHA256, SHA512 } from './memory';
import { clearSchedule, compress256 } from './sha256-block';
import { H0 as H0_256 } from './sha256-functions';
import { H0 as H0_512, compress512 } from './sha512-block';
import { OK, RANGE, STATE } from './status';
import { storeWord, turnWords } from './words';

/** Whose the stream is: nobody's, a plain hash, an HMAC, a block of HKDF, or of PBKDF2 for job 0 … at PBKDF2 + job. */
export const NOBODY: i32 = 0;
export const HASH: i32 = 1;
export const HMAC: i32 = 2;
export const HKDF_BLOCK: i32 = 3;
export const PBKDF2_BLOCK: i32 = 4;

/** Octets of a hash: 32 or 64. */
// @ts-ignore: decorator
@inline
export function hashLength<T>(): usize {
  return 8 * sizeof<T>();
}

/** Octets of a block: 64 or 128. */
// @ts-ignore: decorator
@inline
export function blockLength<T>(): usize {
  return 16 * sizeof<T>();
}

/** Word `i` of the stream. */
// @ts-ignore: decorator
@inline
function word<T>(i: usize): usize {
  if (sizeof<T>() === 4) return SHA256 + 4 * i;
  else return SHA512 + 8 * i;
}

// @ts-ignore: decorator
@inline
function H<T>(): usize {
  return word<T>(0);
}

// @ts-ignore: decorator
@inline
function outer<T>(): usize {
  return word<T>(8);
}

// @ts-ignore: decorator
@inline
function block<T>(): usize {
  return word<T>(16);
}

// @ts-ignore: decorator
@inline
function words<T>(): usize {
  return word<T>(32);
}

// @ts-ignore: decorator
@inline
function lengthOf<T>(): u64 {
  return load<u64>(word<T>(48));
}

// @ts-ignore: decorator
@inline
function setLength<T>(length: u64): void {
  store<u64>(word<T>(48), length);
}

// @ts-ignore: decorator
@inline
export function ownerOf<T>(): i32 {
  return load<i32>(word<T>(48) + 8);
}

/** Where H(0) lies, §5.3. */
// @ts-ignore: decorator
@inline
export function initial<T>(): usize {
  if (sizeof<T>() === 4) return H0_256;
  else return H0_512;
}

/** to = the hash `from` after the sixteen words at `words`. */
// @ts-ignore: decorator
@inline
export function compress<T>(to: usize, from: usize, words: usize): void {
  if (sizeof<T>() === 4) compress256(to, from, words);
  else compress512(to, from, words);
}

/** Wipes what the compression function left behind: nothing in a call outlives it but the stream itself. */
export function clearWork<T>(): void {
  clear(words<T>(), blockLength<T>());
  if (sizeof<T>() === 4) clearSchedule();
}

/** Ends the stream, whoever's it is, and wipes it. */
export function close<T>(): void {
  clear(word<T>(0), 48 * sizeof<T>() + 12);
  if (sizeof<T>() === 4) clearSchedule();
}

/** Starts a stream for `owner`: H(0), nothing absorbed. Whatever ran before is wiped. */
export function open<T>(owner: i32): void {
  close<T>();
  copy(H<T>(), initial<T>(), hashLength<T>());
  store<i32>(word<T>(48) + 8, owner);
}

/** Starts a stream that has absorbed one block, and will be hashed once more: the two midstates of an HMAC. */
export function openMac<T>(owner: i32, innerState: usize, outerState: usize): void {
  close<T>();
  copy(H<T>(), innerState, hashLength<T>());
  copy(outer<T>(), outerState, hashLength<T>());
  setLength<T>(<u64>blockLength<T>());
  store<i32>(word<T>(48) + 8, owner);
}

function absorbBlock<T>(at: usize): void {
  turnWords<T>(words<T>(), at, 16);
  compress<T>(H<T>(), H<T>(), words<T>());
}

/** Absorbs octets from anywhere in memory. The caller clears the work, or closes the stream. */
export function absorb<T>(at: usize, length: usize): void {
  const held = (<usize>lengthOf<T>()) & (blockLength<T>() - 1);
  const room = blockLength<T>() - held;
  setLength<T>(lengthOf<T>() + <u64>length);
  if (length < room) {
    copy(block<T>() + held, at, length);
    return;
  }
  if (held > 0) {
    copy(block<T>() + held, at, room);
    absorbBlock<T>(block<T>());
    at += room;
    length -= room;
  }
  for (; length >= blockLength<T>(); length -= blockLength<T>()) {
    absorbBlock<T>(at);
    at += blockLength<T>();
  }
  copy(block<T>(), at, length);
}

/** §5.1: a one bit, zeros, and the length in bits, whose upper half is always zero, in two words. */
function pad<T>(): void {
  const held = (<usize>lengthOf<T>()) & (blockLength<T>() - 1);
  store<u8>(block<T>() + held, 0x80);
  clear(block<T>() + held + 1, blockLength<T>() - held - 1);
  if (held >= blockLength<T>() - 2 * sizeof<T>()) {
    absorbBlock<T>(block<T>());
    clear(block<T>(), blockLength<T>());
  }
  storeWord<u64>(block<T>() + blockLength<T>() - 8, lengthOf<T>() << 3);
  absorbBlock<T>(block<T>());
}

/** Writes the hash to `to`; wipes the stream. */
export function digest<T>(to: usize): void {
  pad<T>();
  turnWords<T>(to, H<T>(), 8);
  close<T>();
}

/** Writes the HMAC to `to`, the hash of the hash behind the outer midstate (RFC 2104 §2); wipes the stream. */
export function digestMac<T>(to: usize): void {
  pad<T>();
  turnWords<T>(block<T>(), H<T>(), 8);
  copy(H<T>(), outer<T>(), hashLength<T>());
  setLength<T>(<u64>(blockLength<T>() + hashLength<T>()));
  digest<T>(to);
}

function update<T>(at: usize, length: usize): i32 {
  if (!inIo(at, length)) return RANGE;
  if (ownerOf<T>() === NOBODY) return STATE;
  absorb<T>(at, length);
  clearWork<T>();
  return OK;
}

function finish<T>(at: usize): i32 {
  if (!inIo(at, hashLength<T>())) return RANGE;
  if (ownerOf<T>() !== HASH) return STATE;
  digest<T>(at);
  return OK;
}

/** A stream that runs is wiped and begun anew. */
export function sha256Begin(): i32 {
  open<u32>(HASH);
  return OK;
}

/** Feeds the stream that runs, whoever began it. */
export function sha256Update(at: usize, length: usize): i32 {
  return update<u32>(at, length);
}

/** Writes 32 octets. */
export function sha256Finish(at: usize): i32 {
  return finish<u32>(at);
}

/** A stream that runs is wiped and begun anew. */
export function sha512Begin(): i32 {
  open<u64>(HASH);
  return OK;
}

/** Feeds the stream that runs, whoever began it. */
export function sha512Update(at: usize, length: usize): i32 {
  return update<u64>(at, length);
}

/** Writes 64 octets. */
export function sha512Finish(at: usize): i32 {
  return finish<u64>(at);
}
