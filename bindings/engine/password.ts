// PBKDF2-HMAC-SHA256 in steps: others run between them, and an abort is heard. RFC 8018 §5.2, SP 800-132.
// Secret: password and key, which stay in the core. Public: salt, iterations, time.

import type { Bytes } from '../core/bytes.ts';
import { dispose } from '../core/dispose.ts';
import type { Instance } from '../core/instance.ts';
import { beginLane } from '../core/pbkdf2.ts';
import { good } from '../core/status.ts';
import { checkDerivation, type Derivation } from './derivation.ts';
import type { Password } from './engine.ts';
import { Job } from './job.ts';
import { Key } from './key.ts';
import { checkAborted, pause, unlessAborted } from './pause.ts';
import type { Slots } from './slots.ts';

/** A step should last so long, in milliseconds: at most 20 may pass until others run, at most 50 until an abort is heard, and
 * the system may take the processor away in between. */
const TARGET = 5;
/** Iterations of the first step, which measures; of the shortest; and of the longest, where the clock is too coarse to tell. */
const FIRST = 256;
const LEAST = 64;
const MOST = 16_384;
/** One block of output is a key: one lane of the job. */
const LANE = 0;
const NOTHING = new Uint8Array(0);

export class CorePassword implements Password {
  readonly #core: Instance;
  readonly #slots: Slots;
  readonly #job: Job;
  readonly #onEnd: (password: Password) => void;
  #before: Promise<void> = Promise.resolve();

  constructor(core: Instance, slots: Slots, bytes: Bytes, onEnd: (password: Password) => void) {
    this.#core = core;
    this.#slots = slots;
    this.#job = new Job(core, bytes);
    this.#onEnd = onEnd;
  }

  async derive(p: Derivation): Promise<Key<'derive'>> {
    checkDerivation(p);
    const { signal } = p;
    const before = this.#before; // a job derives one key at a time
    let done!: () => void;
    const mine = new Promise<void>((resolve) => (done = resolve));
    this.#before = before.then(() => mine);
    try {
      await unlessAborted(before, signal);
      await unlessAborted(this.#job.ready, signal);
      return await this.#run(p);
    } finally {
      done();
    }
  }

  dispose(): void {
    this.#job.end();
    this.#onEnd(this);
  }

  [dispose](): void {
    this.dispose();
  }

  async #run(p: Derivation): Promise<Key<'derive'>> {
    const { abi } = this.#core;
    const slot = this.#slots.take(); // before the work: where there is none, nothing was done in vain
    try {
      beginLane(this.#core, this.#job.number, LANE, p.salt, 1);
      let step = FIRST;
      for (let left = p.iterations - 1; left > 0;) {
        const now = Math.min(left, step);
        const began = performance.now();
        good(abi.pbkdf2Step(this.#job.number, LANE + 1, now));
        step = pace(now, performance.now() - began);
        left -= now;
        if (left > 0) p.onProgress?.(1 - left / p.iterations);
        await pause();
        checkAborted(p.signal);
      }
      good(abi.pbkdf2Key(this.#job.number, LANE, slot));
      p.onProgress?.(1);
      return new Key(this.#slots, slot, 'derive', p.id);
    } catch (error) {
      this.#slots.free(slot);
      throw error;
    } finally {
      this.#overwrite();
    }
  }

  /** The lane, which held the key or went towards it, becomes U_1 of no salt. Where the job ended, it was wiped. */
  #overwrite(): void {
    if (!this.#core.disposed && this.#job.began) beginLane(this.#core, this.#job.number, LANE, NOTHING, 1);
  }
}

/** How many iterations the next step should have, when `now` of them took `elapsed` milliseconds. */
function pace(now: number, elapsed: number): number {
  const wanted = elapsed > 0 ? Math.floor((now * TARGET) / elapsed) : MOST;
  return Math.max(LEAST, Math.min(wanted, 2 * now, MOST));
}
