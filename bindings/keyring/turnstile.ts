// A turnstile: so many at a time, the others wait in the order they came. Where the platform seals or opens, an envelope's DEK
// keeps its slot until that is done, and slots are few (64).

import type { Engine } from '../engine/engine.ts';

/** Envelopes that the platform works on at the same time, over all keyrings of an engine. */
const MOST = 16;

class Turnstile {
  #inside = 0;
  readonly #waiting: (() => void)[] = [];

  get full(): boolean {
    return this.#inside >= MOST;
  }

  /** For whoever is in already. All who are in must leave. */
  count(): void {
    this.#inside++;
  }

  /** Resolves when the caller is in. */
  async enter(): Promise<void> {
    if (this.full)
      await new Promise<void>((resolve) => this.#waiting.push(resolve)); // and has the place of whoever left
    else this.#inside++;
  }

  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#inside--;
    else next();
  }
}

const TURNSTILES = new WeakMap<Engine, Turnstile>();

export function turnstileOf(engine: Engine): Turnstile {
  let turnstile = TURNSTILES.get(engine);
  if (turnstile === undefined) TURNSTILES.set(engine, (turnstile = new Turnstile()));
  return turnstile;
}
