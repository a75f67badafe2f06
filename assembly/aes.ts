// AES-256 (FIPS 197), encryption only: all that GCM asks. Which form runs is settled when the module is built.
//
//   round keys, bitsliced   [ round 0 ][ round 1 ] … [ round 14 ]      BATCH bytes each; 0x63 added from round 1 on
//
// Key expansion has no table either, since it would tell the key by its addresses.

import { AFFINE } from './aes-circuit';
import { NARROW, encryptNarrow, sliceNarrow } from './aes-narrow';
import { SCALAR, encryptScalar, sliceScalar, subSlices } from './aes-scalar';
import { clear, copy } from './bytes';
import { SCRATCH } from './memory';
import { swapBits } from './slice';
import { subBlock } from './sub-block';

export const BLOCK: usize = 16;
/** Bytes encrypted at once, and bytes of a bitsliced round key. */
export const BATCH: usize = SCALAR + <usize>ASC_FEATURE_SIMD * (NARROW - SCALAR);
export const ROUND_KEYS_LENGTH: usize = 15 * BATCH;

/** Words w[0 … 59] of the key expansion, FIPS 197 §5.2. */
const W: usize = SCRATCH;
/** Eight slices of u64, for one word. */
const SLICES: usize = W + 240;
export const SCHEDULE_LENGTH: usize = 240 + 64;

/** Encrypts BATCH bytes at `at` in place. */
// @ts-ignore: decorator
@inline
export function encryptBatch(keys: usize, at: usize): void {
  if (ASC_FEATURE_SIMD) encryptNarrow(keys, at);
  else encryptScalar(keys, at);
}

/**
 * SubWord, FIPS 197 §5.2: by lookups in a register, or through the circuit. Either way no table
 * in memory. The other bytes of the slices go along, whatever they are: bytes do not mix in the circuit.
 */
// @ts-ignore: decorator
@inline
function subWord(word: u32): u32 {
  const affine: u32 = AFFINE * 0x01010101;
  if (ASC_FEATURE_SIMD) return (<u32>i32x4.extract_lane(subBlock(i32x4.splat(<i32>word)), 0)) ^ affine;
  store<u32>(SLICES, word);
  swapBits<u64>(SLICES);
  subSlices(SLICES);
  swapBits<u64>(SLICES);
  return load<u32>(SLICES) ^ affine;
}

/** The words of the schedule from the 32 bytes at `key`. Words are loaded little-endian, so RotWord turns right by a byte. */
function expand(key: usize): void {
  copy(W, key, 32);
  let rcon: u32 = 1;
  for (let i: usize = 8; i < 60; i++) {
    let word = load<u32>(W + 4 * i - 4);
    if ((i & 7) === 0) {
      word = subWord(rotr<u32>(word, 8)) ^ rcon;
      rcon <<= 1;
    } else if ((i & 7) === 4) word = subWord(word);
    store<u32>(W + 4 * i, word ^ load<u32>(W + 4 * i - 32));
  }
}

/** The 15 round keys of the 32 bytes at `key`, 16 bytes each, 0x63 added from round 1 on: at the address returned, in SCRATCH. */
export function roundKeys(key: usize): usize {
  expand(key);
  const affine: u64 = 0x0101010101010101 * <u64>AFFINE;
  for (let at = W + BLOCK; at < W + 15 * BLOCK; at += 8) store<u64>(at, load<u64>(at) ^ affine);
  return W;
}

/** Makes the bitsliced round keys at `keys` of the 32 bytes at `key`. */
export function prepareAes(keys: usize, key: usize): void {
  const from = roundKeys(key);
  for (let round: usize = 0; round < 15; round++) {
    if (ASC_FEATURE_SIMD) sliceNarrow(keys + BATCH * round, from + BLOCK * round);
    else sliceScalar(keys + BATCH * round, from + BLOCK * round, round & 1);
  }
  clear(W, SCHEDULE_LENGTH);
}
