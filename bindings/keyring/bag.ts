// What is wiped whatever happens: put in as it is made, disposed in `finally`, or handed over whole.

export class Bag {
  #things: { dispose(): void }[] = [];

  put<T extends { dispose(): void }>(thing: T): T {
    this.#things.push(thing);
    return thing;
  }

  /** They, or one of them, have another owner now. */
  release(one?: { dispose(): void }): void {
    this.#things = one === undefined ? [] : this.#things.filter((thing) => thing !== one);
  }

  /** The last first. */
  dispose(): void {
    for (const thing of this.#things.reverse()) thing.dispose();
    this.#things = [];
  }
}
