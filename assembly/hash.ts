// SHA-256 and SHA-512 as streams: blocks, padding, and whose the stream is. FIPS 180-4 §5.1, §5.2, §5.3, §6.2, §6.4.
//
//   0 ……… 64 ……… 128 ………… 256 ………… 384 …… 392 ……… 396
//   [ H   ][ outer ][ block  ][ words  ][ length ][ owner ]
//
// H is the hash so far, outer the second midstate of an HMAC (hmac.ts), block the octets that do not yet fill one, words the
// block in work, length the octets absorbed. There is one stream of each kind, named by its address, SHA256 or SHA512; SHA-256
// leaves half of H, outer, block and words empty. Only a call of its owner ends a stream.
// Secret: everything but length and owner. (The 2^61 octets at which length would overflow are beyond any host.)

import { clear, copy } from './bytes';
import { SHA256, SHA512 } from './memory';
import { inIo } from './range';
import { clearSchedule, compress256 } from './sha256-block';
import { H0 as H0_256 } from './sha256-functions';
import { H0 as H0_512, compress512 } from './sha512-block';
import { OK, RANGE, STATE } from './status';
import { turn } from './words';

/** Whose the stream is: nobody's, a plain hash, an HMAC, a block of HKDF, or of PBKDF2 for job 0 … at PBKDF2_BLOCK + job. */
export const NOBODY: i32 = 0;
export const HASH: i32 = 1;
export const HMAC: i32 = 2;
export const HKDF_BLOCK: i32 = 3;
export const PBKDF2_BLOCK: i32 = 4;

const OUTER: usize = 64;
const BLOCK: usize = 128;
const WORDS: usize = 256;
const LENGTH: usize = 384;
const OWNER: usize = 392;
const STREAM_LENGTH: usize = 400;

/** Octets of a word: 4 or 8. */
// @ts-ignore: decorator
@inline
function wordLength(stream: usize): usize {
  const long = <usize>(stream === SHA512);
  return 4 << long;
}

/** Octets of a hash: 32 or 64. */
// @ts-ignore: decorator
@inline
export function hashLength(stream: usize): usize {
  return 8 * wordLength(stream);
}

/** Octets of a block: 64 or 128. */
// @ts-ignore: decorator
@inline
export function blockLength(stream: usize): usize {
  return 16 * wordLength(stream);
}

// @ts-ignore: decorator
@inline
export function ownerOf(stream: usize): i32 {
  return load<i32>(stream, OWNER);
}

/** Where H(0) lies, §5.3. */
export function initial(stream: usize): usize {
  if (stream === SHA256) return H0_256;
  return H0_512;
}

/** to = the hash `from` after a block, which lies at `block` and goes through the words of the stream. */
export function compress(stream: usize, to: usize, from: usize, block: usize): void {
  turn(wordLength(stream), stream + WORDS, block, blockLength(stream));
  if (stream === SHA256) compress256(to, from, stream + WORDS);
  else compress512(to, from, stream + WORDS);
}

/** Wipes what compression left behind. */
export function clearWork(stream: usize): void {
  clear(stream + WORDS, LENGTH - WORDS);
  clearSchedule();
}

/** Ends the stream, whoever's it is, and wipes it. */
export function close(stream: usize): void {
  clear(stream, STREAM_LENGTH);
  clearSchedule();
}

/** Starts a stream for `owner`: H(0), nothing absorbed. What ran before is wiped. */
export function open(stream: usize, owner: i32): void {
  close(stream);
  copy(stream, initial(stream), hashLength(stream));
  store<i32>(stream, owner, OWNER);
}

/** Starts a stream that has absorbed a block and will be hashed again: `inner` and `outer` are the midstates of an HMAC. */
export function openMac(stream: usize, owner: i32, inner: usize, outer: usize): void {
  close(stream);
  copy(stream, inner, hashLength(stream));
  copy(stream + OUTER, outer, hashLength(stream));
  store<u64>(stream, blockLength(stream), LENGTH);
  store<i32>(stream, owner, OWNER);
}

/** Absorbs octets from anywhere in memory. The caller clears the work, or closes the stream. */
export function absorb(stream: usize, at: usize, length: usize): void {
  const blockOctets = blockLength(stream);
  const held = (<usize>load<u64>(stream, LENGTH)) & (blockOctets - 1);
  store<u64>(stream, load<u64>(stream, LENGTH) + <u64>length, LENGTH);
  if (held > 0) {
    const room = blockOctets - held;
    if (length < room) {
      copy(stream + BLOCK + held, at, length);
      return;
    }
    copy(stream + BLOCK + held, at, room);
    compress(stream, stream, stream, stream + BLOCK);
    at += room;
    length -= room;
  }
  for (; length >= blockOctets; length -= blockOctets) {
    compress(stream, stream, stream, at);
    at += blockOctets;
  }
  copy(stream + BLOCK, at, length);
}

/** §5.1: a one bit, zeros, and the length in bits in two words (above 2^64 it never is). Then H is the hash. */
function pad(stream: usize): void {
  const blockOctets = blockLength(stream);
  const block = stream + BLOCK;
  const length = load<u64>(stream, LENGTH);
  const held = (<usize>length) & (blockOctets - 1);
  store<u8>(block + held, 0x80);
  clear(block + held + 1, blockOctets - held - 1);
  if (held >= blockOctets - 2 * wordLength(stream)) {
    compress(stream, stream, stream, block);
    clear(block, blockOctets);
  }
  store<u64>(block + blockOctets - 8, bswap<u64>(length << 3));
  compress(stream, stream, stream, block);
}

/** Writes the hash to `to`; wipes the stream. */
export function digest(stream: usize, to: usize): void {
  pad(stream);
  turn(wordLength(stream), to, stream, hashLength(stream));
  close(stream);
}

/** Writes the HMAC to `to`, the hash of the hash behind the outer midstate (RFC 2104 §2); wipes the stream. */
export function digestMac(stream: usize, to: usize): void {
  pad(stream);
  turn(wordLength(stream), stream + BLOCK, stream, hashLength(stream));
  copy(stream, stream + OUTER, hashLength(stream));
  store<u64>(stream, blockLength(stream) + hashLength(stream), LENGTH);
  digest(stream, to);
}

function begin(stream: usize): i32 {
  open(stream, HASH);
  return OK;
}

function update(stream: usize, at: usize, length: usize): i32 {
  if (!inIo(at, length)) return RANGE;
  if (ownerOf(stream) === NOBODY) return STATE;
  absorb(stream, at, length);
  clearWork(stream);
  return OK;
}

function finish(stream: usize, at: usize): i32 {
  if (!inIo(at, hashLength(stream))) return RANGE;
  if (ownerOf(stream) !== HASH) return STATE;
  digest(stream, at);
  return OK;
}

/** A stream that runs is wiped, and one begun. */
export function sha256Begin(): i32 {
  return begin(SHA256);
}

/** Feeds the stream that runs, whoever began it. */
export function sha256Update(at: usize, length: usize): i32 {
  return update(SHA256, at, length);
}

/** Writes 32 octets. */
export function sha256Finish(at: usize): i32 {
  return finish(SHA256, at);
}

/** A stream that runs is wiped, and one begun. */
export function sha512Begin(): i32 {
  return begin(SHA512);
}

/** Feeds the stream that runs, whoever began it. */
export function sha512Update(at: usize, length: usize): i32 {
  return update(SHA512, at, length);
}

/** Writes 64 octets. */
export function sha512Finish(at: usize): i32 {
  return finish(SHA512, at);
}
