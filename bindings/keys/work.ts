// One run of long work over data: it heeds the signal, tells how far it is, lets others have their turn, and ends once.

import { KeystrataError } from '../core/errors.ts';
import type { Work } from '../engine/engine.ts';
import { checkAborted, pause } from '../engine/pause.ts';

export interface RunOptions extends Work {
  size?: number; // of the input in bytes, for progress
  onEnd?(): void; // called once: finished, failed, cancelled or disposed
}

const TURN = 20; // ms without a turn of the event loop

export class Run {
  readonly #p: RunOptions;
  readonly #wipe: () => void;
  #error: Error | null = null; // why it ended, where it did
  #listeners: ((error: Error) => void)[] = [];
  #done = 0;
  #told = 0;
  #turn = performance.now();

  /** `wipe` is called once, at the end, whatever the end is. */
  constructor(p: RunOptions, wipe: () => void) {
    this.#p = p;
    this.#wipe = wipe;
    checkAborted(p.signal);
    p.signal?.addEventListener('abort', this.#abort);
  }

  readonly #abort = (): void => {
    try {
      checkAborted(this.#p.signal);
    } catch (error) {
      this.#end(error as Error);
    }
  };

  #end(error: Error): Error {
    if (this.#error !== null) return this.#error;
    this.#error = error;
    this.#p.signal?.removeEventListener('abort', this.#abort);
    this.#wipe();
    for (const listener of this.#listeners) listener(error);
    this.#p.onEnd?.();
    return error;
  }

  #refuseEnded(): void {
    if (this.#error !== null) throw this.#error;
  }

  /** Told why, once, when the run ends before its work is done. */
  onBreak(listener: (error: Error) => void): void {
    this.#listeners.push(listener);
  }

  /** Does a part of the work, unless the run has ended. An error ends it. */
  async part<T>(work: () => Promise<T>): Promise<T> {
    this.#refuseEnded();
    try {
      const result = await work();
      if (performance.now() - this.#turn > TURN) {
        await pause();
        this.#turn = performance.now();
      }
      this.#refuseEnded();
      return result;
    } catch (error) {
      throw this.#end(error as Error);
    }
  }

  /** So many bytes of the input are done. */
  advance(bytes: number): void {
    this.#done += bytes;
    const fraction = this.#done / (this.#p.size ?? Infinity);
    if (fraction > this.#told && fraction < 1) this.#p.onProgress?.((this.#told = fraction));
  }

  /** The work is done. */
  finish(): void {
    this.#listeners = [];
    this.#end(new KeystrataError('ERR_DISPOSED', 'this stream is finished'));
    this.#p.onProgress?.(1);
  }

  /** Something failed while nobody waited for it. */
  fail(error: Error): void {
    this.#end(error);
  }

  /** The work is given up. */
  dispose(): void {
    this.#end(
      new KeystrataError('ERR_DISPOSED', 'this stream was disposed: its keyring was locked, or it was cancelled'),
    );
  }
}
