// PBKDF2-HMAC-SHA256, all at once: it holds the thread until it is done. RFC 8018 §5.2.
// Secret: password, U, T, which stay in a job of the core. Public: iterations, lengths.

import { still, type Bytes, type Out } from './bytes.ts';
import { DIGEST, update } from './hash.ts';
import { putKey } from './hmac.ts';
import type { Instance } from './instance.ts';
import { good, goodJob } from './status.ts';

/** Blocks of output that a job computes side by side. */
const LANES = 4;
/** The core counts iterations of a step in a signed word. */
const MOST = 2 ** 30;

/** Takes a job for the password; pbkdf2End gives it back. May answer FULL. */
export function beginJob(core: Instance, password: Bytes): number {
  return core.door.use(() => {
    const { at, length } = putKey(core, password);
    return core.abi.pbkdf2Begin(at, length);
  });
}

/** U_1 of block `index` (from 1) into a lane: HMAC(P, S ‖ INT(index)). */
export function beginLane(core: Instance, job: number, lane: number, salt: Bytes, index: number): void {
  core.door.use((door) => {
    good(core.abi.pbkdf2Salt(job));
    update(core, salt);
    const int = Uint8Array.of(index >>> 24, index >>> 16, index >>> 8, index);
    good(core.abi.sha256Update(door.put(0, int), int.length));
    good(core.abi.pbkdf2Block(job, lane));
  });
}

export function pbkdf2Sha256(core: Instance, password: Bytes, salt: Bytes, iterations: number, length: number): Out {
  const out = still(length);
  const job = goodJob(beginJob(core, password));
  try {
    const blocks = Math.ceil(length / DIGEST);
    for (let first = 0; first < blocks; first += LANES) {
      const lanes = Math.min(LANES, blocks - first);
      for (let lane = 0; lane < lanes; lane++) beginLane(core, job, lane, salt, first + lane + 1);
      for (let left = iterations - 1; left > 0; left -= MOST)
        good(core.abi.pbkdf2Step(job, lanes, Math.min(left, MOST)));
      for (let lane = 0; lane < lanes; lane++) {
        const from = DIGEST * (first + lane);
        const taken = Math.min(DIGEST, length - from);
        core.door.use((door) => {
          const at = door.room(0, taken);
          good(core.abi.pbkdf2Bytes(job, lane, taken, at));
          door.copyOut(at, taken, out, from);
        });
      }
    }
  } finally {
    core.abi.pbkdf2End(job);
  }
  return out;
}
