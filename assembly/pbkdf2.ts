// PBKDF2-HMAC-SHA-256, cut in steps. RFC 8018 §5.2.
//
//   T_i = U_1 ^ U_2 ^ … ^ U_c,   U_1 = HMAC(P, S ‖ INT(i)),   U_j = HMAC(P, U_(j-1))
//
//   job    0 …… 32 …… 64 ……… 192 ……… 320 …… 324 …… 328
//          [ inner ][ outer ][ U × 4 ][ T × 4 ][ used ][ lanes ]
//
// inner and outer are the midstates of P; a lane is one T_i with its U, in words; used says that the job is taken, lanes has a
// bit for every lane that is begun.
// Secret: P, U, T. Public: numbers of jobs, lanes and iterations.

import { clear, copy } from './bytes';
import { close, digestMac, openMac, ownerOf, PBKDF2_BLOCK } from './hash';
import { midstates } from './hmac';
import { addressOf, isAllocated, markLoaded } from './keys';
import { JOB, JOB_LENGTH, JOBS, SHA256 } from './memory';
import { iterate } from './pbkdf2-lane';
import { iterateLanes } from './pbkdf2-lanes';
import { inIo } from './range';
import { FULL, OK, RANGE, SLOT, STATE } from './status';
import { turn } from './words';

export const LANES: i32 = 4;
/** Octets of a U or a T. */
const LENGTH: usize = 32;

const OUTER: usize = 32;
const U: usize = 64;
const T: usize = 192;
const USED: usize = 320;
const BEGUN: usize = 324;

// @ts-ignore: decorator
@inline
function addressOfJob(job: i32): usize {
  return JOB + JOB_LENGTH * <usize>job;
}

// @ts-ignore: decorator
@inline
function isUsed(job: i32): bool {
  return <u32>job < <u32>JOBS && load<u32>(addressOfJob(job) + USED) !== 0;
}

// @ts-ignore: decorator
@inline
function isLane(lane: i32): bool {
  return <u32>lane < <u32>LANES;
}

/** Whether all lanes of the mask are begun. */
// @ts-ignore: decorator
@inline
function areBegun(job: i32, lanes: u32): bool {
  return (load<u32>(addressOfJob(job) + BEGUN) & lanes) === lanes;
}

/** Takes a job for a password of any length, whose midstates it keeps: the job, or FULL. */
export function pbkdf2Begin(passwordAt: usize, passwordLength: usize): i32 {
  if (!inIo(passwordAt, passwordLength)) return RANGE;
  for (let job = 0; job < JOBS; job++) {
    if (isUsed(job)) continue;
    const at = addressOfJob(job);
    midstates(SHA256, at, at + OUTER, passwordAt, passwordLength);
    store<u32>(at + USED, 1);
    return job;
  }
  return FULL;
}

/** Starts the stream of U_1: S ‖ INT(i) goes in by sha256Update. */
export function pbkdf2Salt(job: i32): i32 {
  if (!isUsed(job)) return SLOT;
  openMac(SHA256, PBKDF2_BLOCK + job, addressOfJob(job), addressOfJob(job) + OUTER);
  return OK;
}

/** Ends the stream that pbkdf2Salt of this job began: U = T = U_1 of the lane. */
export function pbkdf2Block(job: i32, lane: i32): i32 {
  if (!isUsed(job)) return SLOT;
  if (!isLane(lane)) return RANGE;
  if (ownerOf(SHA256) !== PBKDF2_BLOCK + job) return STATE;
  const at = addressOfJob(job) + LENGTH * <usize>lane;
  digestMac(SHA256, at + U);
  turn(4, at + U, at + U, LENGTH);
  copy(at + T, at + U, LENGTH);
  store<u32>(addressOfJob(job) + BEGUN, load<u32>(addressOfJob(job) + BEGUN) | (1 << lane));
  return OK;
}

/** So many further iterations of the lanes 0 … lanes - 1, all of which are begun. Four at once cost as much as 2.2 alone. */
export function pbkdf2Step(job: i32, lanes: i32, iterations: i32): i32 {
  if (!isUsed(job)) return SLOT;
  if (!isLane(lanes - 1) || iterations < 0) return RANGE;
  if (!areBegun(job, (1 << lanes) - 1)) return STATE;
  const at = addressOfJob(job);
  if (ASC_FEATURE_SIMD && lanes > 2) iterateLanes(at, at + OUTER, at + U, at + T, lanes, iterations);
  else
    for (let i: usize = 0; i < LENGTH * <usize>lanes; i += LENGTH)
      iterate(at, at + OUTER, at + U + i, at + T + i, iterations);
  return OK;
}

/** T of a lane becomes the key of an allocated slot. */
export function pbkdf2Key(job: i32, lane: i32, slot: i32): i32 {
  if (!isUsed(job)) return SLOT;
  if (!isLane(lane)) return RANGE;
  if (!areBegun(job, 1 << lane)) return STATE;
  if (!isAllocated(slot)) return SLOT;
  turn(4, addressOf(slot), addressOfJob(job) + T + LENGTH * <usize>lane, LENGTH);
  markLoaded(slot);
  return OK;
}

/** The first `length` octets, 0 … 32, of T of a lane, to the I/O region. */
export function pbkdf2Bytes(job: i32, lane: i32, length: usize, at: usize): i32 {
  if (!isUsed(job)) return SLOT;
  if (!isLane(lane) || length > LENGTH || !inIo(at, length)) return RANGE;
  if (!areBegun(job, 1 << lane)) return STATE;
  const T_i = addressOfJob(job) + T + LENGTH * <usize>lane;
  for (let i: usize = 0; i < length; i++) store<u8>(at + i, load<u8>(T_i + (i ^ 3)));
  return OK;
}

/** Wipes and frees the job, and ends its stream. Twice does no harm. */
export function pbkdf2End(job: i32): i32 {
  if (<u32>job >= <u32>JOBS) return SLOT;
  if (ownerOf(SHA256) === PBKDF2_BLOCK + job) close(SHA256);
  clear(addressOfJob(job), JOB_LENGTH);
  return OK;
}
