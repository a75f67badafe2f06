// The one map of the core's memory, top to bottom. Everything from SECRET_BEGIN on may hold secrets; wipe() clears it whole.
//
//   0 ………………… 4096 ……………………………………………………………………………………………………………………………… end of memory
//   [ constants ][ key table ][ contexts ][ hash ][ HKDF ][ PBKDF2 jobs ][ GCM ][ scratch ][ I/O region ]
//                ^ SECRET_BEGIN
//
// Offsets are sums: to move a thing, change its length. 16-byte alignment holds throughout.

/* eslint no-ternary: "off" -- on the build, decided by the compiler */

import { clear } from './bytes';

/** Static data (round constants) lies below; a test compares `__heap_base`. */
export const SECRET_BEGIN: usize = 4096;

// ---- key table: keys.ts
export const SLOTS: i32 = 64;
export const KEYS: usize = SECRET_BEGIN; //                    32 bytes a slot
export const KEY_STATES: usize = KEYS + 32 * 64; //            a byte a slot: 0 free, 1 allocated, 2 loaded

// ---- prepared contexts: context.ts
export const CONTEXTS: i32 = ASC_FEATURE_SIMD ? 8 : 2;
export const CONTEXT_LENGTH: usize = ASC_FEATURE_SIMD ? 13072 : 1024;
export const CONTEXT_TABLE: usize = KEY_STATES + 64; //        bookkeeping, 16 bytes a context: which slot, age, whether wide
export const CONTEXT: usize = CONTEXT_TABLE + 128;

// ---- hash streams: hash.ts. 400 bytes each: H, an HMAC's second midstate, block, words, length, owner
export const SHA256: usize = CONTEXT + <usize>CONTEXTS * CONTEXT_LENGTH;
export const SCHEDULE: usize = SHA256 + 400; //                64 bytes, sha256-block.ts
export const SHA512: usize = SHA256 + 512;

// ---- HKDF-Expand: hkdf.ts. 264 bytes: OKM 128, the PRK's midstates 128, which hash, how many blocks
export const HKDF: usize = SHA512 + 400;

// ---- PBKDF2: pbkdf2.ts
export const JOBS: i32 = 4;
export const JOB_LENGTH: usize = 336; //                       midstates 64, U and T of four lanes 256, state 8
export const JOB: usize = HKDF + 272;

// ---- GCM: gcm.ts
export const GCM: usize = JOB + <usize>JOBS * JOB_LENGTH; // 512 bytes: context, J0, counter, Y, key stream left over, lengths
export const SCRATCH: usize = GCM + 512; //                    wiped at the end of every call that uses it
export const SCRATCH_LENGTH: usize = ASC_FEATURE_SIMD ? 8192 : 4096;
export const BOX: usize = SCRATCH + SCRATCH_LENGTH - 256; //  wrap.ts: behind what GCM takes of SCRATCH

// ---- what comes in and goes out
export const IO: usize = SCRATCH + SCRATCH_LENGTH;
export const IO_LENGTH: usize = ASC_FEATURE_SIMD ? 131072 : 32768;
export const END: usize = IO + IO_LENGTH;

/** Clears everything a secret may have touched. */
export function wipeAll(): void {
  clear(SECRET_BEGIN, END - SECRET_BEGIN);
}
