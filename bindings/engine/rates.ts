// How fast PBKDF2 runs here, in the core and on the platform; and from it, who shall do it.
//
// A cold runtime runs the core slower than it will: the short measurement is made with each of the first few passwords, and
// the best that was ever seen is what counts.

import type { Instance } from '../core/instance.ts';
import { beginJob, beginLane } from '../core/pbkdf2.ts';
import { good } from '../core/status.ts';

export type Deriver = 'wasm' | 'webcrypto';

const TRIALS = 3;
const ROUNDS = 2;
/** Iterations of a trial: under a millisecond, and much longer than a call of the platform takes by itself. */
const ITERATIONS = 2048;
/** A page stays more responsive while the platform works: the core must be faster by more than this. */
const MARGIN = 1.05;
/** Any password and salt take as long. */
const SAMPLE = new Uint8Array(32);

export class Rates {
  /** Iterations a millisecond, the best seen; 0: not seen yet. */
  wasm = 0;
  webcrypto = 0;

  saw(who: Deriver, iterations: number, elapsed: number): void {
    if (elapsed > 0) this[who] = Math.max(this[who], iterations / elapsed);
  }

  get faster(): Deriver {
    return this.wasm > MARGIN * this.webcrypto ? 'wasm' : 'webcrypto';
  }
}

export class DeriverChoice {
  readonly #subtle: SubtleCrypto;
  readonly #core: Instance;
  readonly #rates: Rates;
  #left = TRIALS;
  #trial: Promise<void> | null = null;

  constructor(subtle: SubtleCrypto, core: Instance, rates: Rates) {
    this.#subtle = subtle;
    this.#core = core;
    this.#rates = rates;
  }

  /** Who shall serve the next password. */
  async choose(): Promise<Deriver> {
    if (this.#left > 0) {
      this.#trial ??= this.#measure().finally(() => {
        this.#left--;
        this.#trial = null;
      });
      await this.#trial;
    }
    return this.#rates.faster;
  }

  async #measure(): Promise<void> {
    for (let round = 0; round < ROUNDS; round++) {
      if (this.#core.disposed) return;
      this.#inCore();
      try {
        await this.#onPlatform();
      } catch {
        return; // whoever asks it to derive hears why
      }
    }
  }

  #inCore(): void {
    const { abi } = this.#core;
    const job = beginJob(this.#core, SAMPLE);
    if (job < 0) return; // all are taken: another time
    try {
      beginLane(this.#core, job, 0, SAMPLE, 1);
      const began = performance.now();
      good(abi.pbkdf2Step(job, 1, ITERATIONS));
      this.#rates.saw('wasm', ITERATIONS, performance.now() - began);
    } finally {
      abi.pbkdf2End(job);
    }
  }

  /** What ITERATIONS take more than one does: the call itself is not counted. */
  async #onPlatform(): Promise<void> {
    const key = await this.#subtle.importKey('raw', SAMPLE, 'PBKDF2', false, ['deriveBits']);
    const last = async (iterations: number): Promise<number> => {
      const began = performance.now();
      await this.#subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt: SAMPLE, iterations }, key, 256);
      return performance.now() - began;
    };
    const call = await last(1);
    this.#rates.saw('webcrypto', ITERATIONS - 1, (await last(ITERATIONS)) - call);
  }
}
