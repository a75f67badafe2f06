// What is wiped whatever happens: put in as it is made, disposed in `finally`, or handed over whole.

export class Bag {
  #things: { dispose(): void }[] = [];

  put<T extends { dispose(): void }>(thing: T): T {
    this.#things.push(thing);
    return thing;
  }

  /** They have another owner now. */
  release(): void {
    this.#things = [];
  }

  /** The last first. */
  dispose(): void {
    for (const thing of this.#things.reverse()) thing.dispose();
    this.#things = [];
  }
}
