// How many others write at the same time, as far as lost races tell: each loss doubles the pause before the next try, each
// win halves it. So writers spread out until about every second try succeeds, and sixteen losses in a row do not happen.
// (Pauses that grow for the loser alone starve it: whoever just won comes back at once.)

const SHORTEST = 4; // ms
const LONGEST = 512;

export class Crowd {
  #most = 0; // ms

  lost(): void {
    this.#most = Math.min(LONGEST, Math.max(SHORTEST, 2 * this.#most));
  }

  won(): void {
    this.#most = this.#most <= SHORTEST ? 0 : this.#most / 2;
  }

  get met(): boolean {
    return this.#most > 0;
  }

  /** A moment that differs from writer to writer. Not secret. */
  pause(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, Math.random() * this.#most));
  }
}
