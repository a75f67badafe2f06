// Locks what nobody uses. One timer, set again only when it fires: a use costs one reading of the clock.

import { asInteger } from '../core/bytes.ts';

const LONGEST = 2 ** 31 - 1; // of setTimeout, in milliseconds

/** ERR_ARGUMENT unless `idle` is absent or 1 … 2^31 - 1 milliseconds. */
export function checkIdle(idle: number | undefined): void {
  if (idle !== undefined) asInteger(idle, 'idle', 1, LONGEST);
}

export class IdleTimer {
  readonly #idle: number | undefined;
  readonly #expire: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #used = 0;

  constructor(idle: number | undefined, expire: () => void) {
    this.#idle = idle;
    this.#expire = expire;
    this.touch();
    if (idle !== undefined) this.#wait(idle);
  }

  touch(): void {
    if (this.#idle !== undefined) this.#used = performance.now();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #wait(milliseconds: number): void {
    this.#timer = setTimeout(() => {
      const left = this.#idle! - (performance.now() - this.#used);
      if (left <= 0) this.#expire();
      else this.#wait(Math.ceil(left));
    }, milliseconds);
    // In Node the timer keeps no process alive.
    if (typeof this.#timer === 'object') (this.#timer as { unref?(): void }).unref?.();
  }
}
