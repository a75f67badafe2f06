// The iterations of up to four lanes of PBKDF2 at once. RFC 8018 §5.2 step 3. SIMD builds only.
//
//   W_END   0 ………… 128 ……… 256 ……… 384 ……… 512 ……… 640 ……… 768 ……… 896
//           [ U      ][ padding ][ hash  ][ padding ][ inner ][ outer ][ T     ]
//
// As pbkdf2-lane.ts, every word of it a register of four lanes. (The schedule lies before, from SCRATCH on.)
// Secret: all of it. Public: the number of lanes and iterations.

import { clear } from './bytes';
import { SCRATCH } from './memory';
import { compressLanes, W_END } from './sha256-lanes';

const FIRST: usize = W_END;
const SECOND: usize = W_END + 256;
const INNER: usize = W_END + 512;
const OUTER: usize = W_END + 640;
const T_LANES: usize = W_END + 768;
const END: usize = W_END + 896;
const LENGTH: usize = 32;

/** FIPS 180-4 §5.1.1 for a message of 96 octets, behind the 32 of its second block. */
function pad(block: usize): void {
  v128.store(block, i32x4.splat(0x80000000), 128);
  clear(block + 144, 96);
  v128.store(block, i32x4.splat(8 * 96), 240);
}

/** Eight words into all lanes. */
function spread(to: usize, from: usize): void {
  for (let i: usize = 0; i < LENGTH; i += 4) v128.store(to + 4 * i, v128.load32_splat(from + i));
}

/** Four times eight words, one lane behind the other, into registers. */
function gather(to: usize, from: usize): void {
  for (let i: usize = 0; i < LENGTH; i += 4)
    for (let lane: usize = 0; lane < 4; lane++) store<u32>(to + 4 * i + 4 * lane, load<u32>(from + LENGTH * lane + i));
}

/** The first lanes of registers back to eight words each. */
function scatter(to: usize, from: usize, lanes: usize): void {
  for (let i: usize = 0; i < LENGTH; i += 4)
    for (let lane: usize = 0; lane < lanes; lane++)
      store<u32>(to + LENGTH * lane + i, load<u32>(from + 4 * i + 4 * lane));
}

/** U and T, in words, hold four lanes; the first `lanes` go on from where they are, the others stay. */
export function iterateLanes(inner: usize, outer: usize, U: usize, T: usize, lanes: usize, iterations: i32): void {
  gather(FIRST, U);
  gather(T_LANES, T);
  pad(FIRST);
  pad(SECOND);
  spread(INNER, inner);
  spread(OUTER, outer);
  for (let n = 0; n < iterations; n++) {
    compressLanes(SECOND, INNER, FIRST);
    compressLanes(FIRST, OUTER, SECOND);
    for (let i: usize = 0; i < 128; i += 16)
      v128.store(T_LANES + i, v128.xor(v128.load(T_LANES + i), v128.load(FIRST + i)));
  }
  scatter(U, FIRST, lanes);
  scatter(T, T_LANES, lanes);
  clear(SCRATCH, END - SCRATCH);
}
