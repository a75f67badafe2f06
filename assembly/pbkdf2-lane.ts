// The iterations of one lane of PBKDF2: two compressions of 32 octets each. RFC 8018 §5.2 step 3, RFC 2104 §2.
//
//   SCRATCH   0 ……… 32 ………… 64 ……… 96 ………… 128
//             [ U    ][ padding ][ hash ][ padding ]
//
//   hash = compress(inner, U ‖ padding),  U = compress(outer, hash ‖ padding),  T = T ^ U
//
// Both messages are 64 + 32 octets, so their last blocks have the same padding, and it stays where it is.
// Secret: all of it. Public: the number of iterations.

import { clear, copy, xorInto } from './bytes';
import { SCRATCH } from './memory';
import { clearSchedule, compress256 } from './sha256-block';

const FIRST: usize = SCRATCH;
const SECOND: usize = SCRATCH + 64;
const LENGTH: usize = 32;

/** FIPS 180-4 §5.1.1 for a message of 96 octets, behind the 32 of its second block. */
function pad(block: usize): void {
  clear(block + LENGTH, LENGTH);
  store<u32>(block + LENGTH, 0x80000000);
  store<u32>(block + 60, 8 * 96);
}

/** U and T, in words, are the caller's, and go on from where they are. */
export function iterate(inner: usize, outer: usize, U: usize, T: usize, iterations: i32): void {
  copy(FIRST, U, LENGTH);
  pad(FIRST);
  pad(SECOND);
  for (let i = 0; i < iterations; i++) {
    compress256(SECOND, inner, FIRST);
    compress256(FIRST, outer, SECOND);
    xorInto(T, FIRST, LENGTH);
  }
  copy(U, FIRST, LENGTH);
  clear(SCRATCH, 128);
  clearSchedule();
}
