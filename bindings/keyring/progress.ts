// Long work that is stopped by a signal and tells how far it is: one fraction out of several pieces, rising, ending with 1.

import { KeystrataError } from '../core/errors.ts';
import type { Work } from '../engine/engine.ts';

/** A Work that is checked, and whose `onProgress` needs no object to be called on. */
export interface Working {
  readonly signal?: AbortSignal;
  readonly onProgress?: (fraction: number) => void;
}

/** ERR_ARGUMENT; ERR_ABORTED where the signal is aborted already. */
export function asWorking(p: Work): Working {
  const { signal } = p;
  const wanted = (what: string): KeystrataError => new KeystrataError('ERR_ARGUMENT', `${what} is wanted`);
  if (p.onProgress !== undefined && typeof p.onProgress !== 'function') throw wanted('onProgress: a function');
  if (signal !== undefined && typeof (signal as Partial<AbortSignal> | null)?.aborted !== 'boolean')
    throw wanted('signal: an AbortSignal');
  if (signal?.aborted === true)
    throw new KeystrataError('ERR_ABORTED', 'aborted before it began', { cause: signal.reason as unknown });
  return { signal, onProgress: p.onProgress && ((fraction) => p.onProgress!(fraction)) };
}

export class Progress {
  readonly #work: Working;
  readonly #total: number;
  #done = 0;
  #told = -1;

  /** `total`: the sum of the parts, in any unit. */
  constructor(work: Working, total: number) {
    this.#work = work;
    this.#total = total;
  }

  /** The next part of the work. */
  part(size: number): Working {
    const before = this.#done;
    this.#done += size;
    const { signal, onProgress } = this.#work;
    if (onProgress === undefined || this.#total === 0) return { signal };
    // 1 is said at the end alone.
    return { signal, onProgress: (fraction) => this.#say(Math.min((before + fraction * size) / this.#total, 0.999)) };
  }

  end(): void {
    this.#say(1);
  }

  #say(fraction: number): void {
    if (fraction <= this.#told) return;
    this.#told = fraction;
    this.#work.onProgress?.(fraction);
  }
}
