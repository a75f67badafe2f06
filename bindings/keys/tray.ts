// A tray gathers so many bytes, from pieces of any length, without growing.

import { still } from '../core/bytes.ts';
import type { Bytes, Out } from '../core/bytes.ts';

export class Tray {
  readonly #bytes: Out;
  #filled = 0;

  constructor(length: number) {
    this.#bytes = still(length);
  }

  get full(): boolean {
    return this.#filled === this.#bytes.length;
  }

  get empty(): boolean {
    return this.#filled === 0;
  }

  /** What is there. A view: it holds until the next fill. */
  get content(): Bytes {
    return this.#bytes.subarray(0, this.#filled);
  }

  /** Takes from `piece` what it has room for; returns how many bytes. */
  fill(piece: Bytes): number {
    const taken = Math.min(piece.length, this.#bytes.length - this.#filled);
    this.#bytes.set(piece.subarray(0, taken), this.#filled);
    this.#filled += taken;
    return taken;
  }

  clear(): void {
    this.#bytes.fill(0, 0, this.#filled);
    this.#filled = 0;
  }
}
