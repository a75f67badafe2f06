// Pieces of work under way: they may be done together and end in any order, and what comes of them leaves in theirs. Their bytes
// are bounded: whoever adds waits until there is room, so that a slow receiver holds up a fast source.
//
//   add ──► [ k ][ k+1 ][ k+2 ] … ──in order──► emit
//
// Secret: results that were not emitted, when it stops: they are zeroed.

import type { Out } from '../core/bytes.ts';

export type Emit = (out: Out) => void;

/** What came of a piece of work; and why nothing may follow it, where that is so. */
export interface Part {
  out: Out;
  broken?: Error | undefined;
}

/** Where the next result shall lie, asked in their order: fresh bytes, or the receiver's. */
export type Room = (length: number) => Out;

export class Flight {
  /** Bytes that may be under way when `room` resolves; 0: none. */
  readonly most: number;
  readonly #underWay: Promise<void>[] = [];
  #bytes = 0;
  #last: Promise<void> = Promise.resolve();
  #broken: (error: Error) => void = () => {};
  #stopped = false;

  constructor(most: number) {
    this.most = most;
  }

  /** Told of the first piece that fails, at once: nobody may be waiting. */
  onBroken(listener: (error: Error) => void): void {
    this.#broken = listener;
  }

  /** Emits when this one and all before it are there. After one that fails none is emitted. */
  add(work: Promise<Part>, length: number, emit: Emit): void {
    this.#bytes += length;
    const mine = this.#emit(work, length, this.#last, emit);
    this.#last = mine;
    this.#underWay.push(mine);
    mine.catch(() => {}); // who waits hears of it, and so does `onBroken`
  }

  async #emit(work: Promise<Part>, length: number, before: Promise<void>, emit: Emit): Promise<void> {
    let part: Part | null = null;
    try {
      part = await work;
    } catch (error) {
      await before; // an earlier one that failed is the reason
      this.#break(error as Error);
      throw error;
    }
    try {
      await before;
      if (this.#stopped) throw new Error('the stream has ended'); // why is known to whoever ended it
      if (part.out.length > 0) emit(part.out);
    } catch (error) {
      part.out.fill(0);
      throw error;
    }
    if (part.broken) {
      this.#break(part.broken);
      throw part.broken;
    }
    void this.#underWay.shift();
    this.#bytes -= length;
  }

  #break(error: Error): void {
    const broken = this.#broken;
    this.#broken = () => {};
    broken(error);
  }

  /** Resolves when no more is under way than may be. Rejects, when none is, where one failed. */
  async room(): Promise<void> {
    try {
      while (this.#bytes > this.most) await this.#underWay[0];
    } catch (error) {
      await Promise.allSettled(this.#underWay);
      throw error;
    }
  }

  /** Resolves when all were emitted. */
  drain(): Promise<void> {
    return this.#last;
  }

  /** Nothing is emitted any more. */
  stop(): void {
    this.#stopped = true;
  }
}
