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

/** Iterations a millisecond, the best seen; 0: not seen yet. */
export class Rates {
  wasm = 0;
  /** As short trials show the platform: they may be mended by later ones. */
  trial = 0;
  #whole = 0;

  get webcrypto(): number {
    return Math.max(this.#whole, this.trial);
  }

  /** The platform has derived a key. */
  sawWhole(iterations: number, elapsed: number): void {
    if (elapsed > 0) this.#whole = Math.max(this.#whole, iterations / elapsed);
  }

  get faster(): Deriver {
    return this.webcrypto > 0 && this.wasm > MARGIN * this.webcrypto ? 'wasm' : 'webcrypto';
  }
}

export class DeriverChoice {
  readonly #subtle: SubtleCrypto;
  readonly #core: Instance;
  readonly #rates: Rates;
  /** Milliseconds of a derivation on the platform, the least seen: of one iteration, which is the call itself, and of a trial. */
  #call = Infinity;
  #lasted = Infinity;
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
    const elapsed = this.#lasted - this.#call;
    if (elapsed > 0) this.#rates.trial = (ITERATIONS - 1) / elapsed;
  }

  #inCore(): void {
    const { abi } = this.#core;
    const job = beginJob(this.#core, SAMPLE);
    if (job < 0) return; // all are taken: another time
    try {
      beginLane(this.#core, job, 0, SAMPLE, 1);
      const began = performance.now();
      good(abi.pbkdf2Step(job, 1, ITERATIONS));
      const elapsed = performance.now() - began;
      if (elapsed > 0) this.#rates.wasm = Math.max(this.#rates.wasm, ITERATIONS / elapsed);
    } finally {
      abi.pbkdf2End(job);
    }
  }

  /** What a trial takes more than the call itself. */
  async #onPlatform(): Promise<void> {
    const key = await this.#subtle.importKey('raw', SAMPLE, 'PBKDF2', false, ['deriveBits']);
    const last = async (iterations: number): Promise<number> => {
      const began = performance.now();
      await this.#subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt: SAMPLE, iterations }, key, 256);
      return performance.now() - began;
    };
    await last(1); // wakes a thread
    this.#call = Math.min(this.#call, await last(1));
    this.#lasted = Math.min(this.#lasted, await last(ITERATIONS));
  }
}
