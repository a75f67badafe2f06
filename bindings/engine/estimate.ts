// How far work is that tells nothing of itself: by the clock, and by how fast such work was before.

import type { Work } from './engine.ts';

/** Until this part of the expected time it is taken at its word; what lasts longer comes ever nearer to 1. */
const SURE = 0.9;

/** The fraction to tell when `part` of the expected time is over: rises, and is under 1. */
export const likely = (part: number): number =>
  part <= SURE ? part : 1 - (1 - SURE) * Math.exp((SURE - part) / (1 - SURE));

export class Estimate {
  readonly #expected: number;
  readonly #work: Work;
  readonly #began = performance.now();
  #told = 0;

  /** `expected`: in milliseconds from now on. */
  constructor(expected: number, work: Work) {
    this.#expected = expected;
    this.#work = work;
  }

  get elapsed(): number {
    return performance.now() - this.#began;
  }

  /** Tells how far it may be, where that is more than was told. */
  tell(): void {
    const fraction = likely(this.elapsed / this.#expected);
    if (fraction > this.#told && fraction < 1) this.#work.onProgress?.((this.#told = fraction));
  }

  /** … that it is done. */
  done(): void {
    this.#work.onProgress?.(1);
  }
}
