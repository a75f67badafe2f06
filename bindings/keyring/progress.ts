// One fraction out of several pieces of work: rising, and 1 at the end, once.

export class Progress {
  readonly #tell: ((fraction: number) => void) | undefined;
  readonly #total: number;
  #done = 0;
  #told = -1;

  /** `total`: the sum of the parts, in any unit. */
  constructor(tell: ((fraction: number) => void) | undefined, total: number) {
    this.#tell = tell;
    this.#total = total;
  }

  /** The `onProgress` of the next part. */
  part(size: number): ((fraction: number) => void) | undefined {
    if (this.#tell === undefined) return undefined;
    const before = this.#done;
    this.#done += size;
    return (fraction) => {
      if (this.#total > 0) this.#say(Math.min((before + fraction * size) / this.#total, 0.999)); // 1 is for the end
    };
  }

  end(): void {
    this.#say(1);
  }

  #say(fraction: number): void {
    if (fraction <= this.#told) return;
    this.#told = fraction;
    this.#tell?.(fraction);
  }
}
