// Work on its way through a pool: a job is one message or a series, several jobs are a batch (pool-messages.ts). What is given
// is copied once, at once, so the caller's bytes stay the caller's.
//
//   given ──copied──► batch ──transferred──► worker ──transferred──► batch ──copied──► out
//                                                                      └──────────────────► a series alone in it: its own buffer
//
// Secret: the text. What was to be sealed lies in a batch until the worker has sealed it there; what was opened is zeroed in
// it when it has been copied out, or when nobody waits for it any more.

import { still, type Bytes, type Out } from '../core/bytes.ts';
import { authenticationError, KeystrataError } from '../core/errors.ts';
import { givenAt, Head, madeAt, MESSAGES_MOST, placeAt, spanOf, Way, type Cargo, type Place } from './pool-messages.ts';
import { TOGETHER } from './series.ts';

/** Chunks of a stream that are handed on together. */
export const BATCH = spanOf(Way.SEAL, TOGETHER, 0, 16_384);

/** What a job is to be: `out` null is fresh bytes. */
export interface Order {
  way: Way;
  slot: number;
  /** Where it is none, a wrong tag is an error; else the result is shorter. */
  series: boolean;
  ivs: readonly Bytes[];
  aad: Bytes;
  texts: readonly Bytes[];
  out: Bytes | null;
}

/** Settles once. */
export class Job {
  readonly promise: Promise<Out>;
  readonly way: Way;
  readonly slot: number;
  readonly #series: boolean;
  readonly #out: Bytes | null;
  #resolve!: (out: Out) => void;
  #reject!: (error: Error) => void;
  settled = false;

  constructor({ way, slot, series, out }: Order) {
    this.way = way;
    this.slot = slot;
    this.#series = series;
    this.#out = out;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Whether what comes of it may stay in the buffer that it comes in. */
  get keeps(): boolean {
    return this.#series && this.#out === null;
  }

  /** `made` of so many messages: a view, of a buffer that is the receiver's own where it `stays`. */
  done(messages: number, made: Out, stays: boolean): void {
    if (messages === 0 && !this.#series) throw authenticationError();
    const out = (stays ? made : (this.#out ?? still(made.length))) as Out;
    if (out.length < made.length) throw takenAway();
    if (!stays) out.set(made);
    this.settled = true;
    this.#resolve(out.subarray(0, made.length));
  }

  fail(error: Error): void {
    this.settled = true;
    this.#reject(error);
  }
}

const takenAway = (): KeystrataError =>
  new KeystrataError(
    'ERR_ARGUMENT',
    'out: its bytes were transferred away while in use; leave them until the work is done',
  );

export class Batch {
  readonly jobs: Job[] = [];
  readonly #places: Place[] = [];
  /** Not this thread's while a worker has it. */
  #body: Out;
  #head: Head;
  #cargo: Cargo;
  #end = 0;
  #messages = 0;

  constructor(cargo: Cargo) {
    this.#cargo = cargo;
    this.#body = new Uint8Array(cargo.body);
    this.#head = new Head(cargo.head);
  }

  /** Of the body, so far. */
  get length(): number {
    return this.#end;
  }

  /** Whether a job of that span and so many messages has its place here. */
  fits(span: number, messages: number): boolean {
    return this.#end + span <= this.#body.length && this.#messages + messages <= MESSAGES_MOST;
  }

  add(job: Job, { way, slot, ivs, aad, texts }: Order): void {
    const { length } = texts[0]!;
    const [index, first, messages] = [this.jobs.length, this.#messages, texts.length];
    const place = placeAt(this.#end, { index, first, way, key: slot, messages, aadLength: aad.length, length });
    this.#body.set(aad, place.aadAt);
    for (const [i, text] of texts.entries()) this.#body.set(text, givenAt(place, i));
    this.#head.write(place, ivs);
    this.jobs.push(job);
    this.#places.push(place);
    this.#end += spanOf(way, texts.length, aad.length, length);
    this.#messages += texts.length;
  }

  /** To be transferred. What nobody waits for any more is crossed out, and zeroed. */
  cargo(): Cargo {
    for (const [i, job] of this.jobs.entries())
      if (job.settled) {
        this.#head.cross(i);
        this.#clear(i);
      }
    return this.#cargo;
  }

  /**
   * Back from the worker: settles the jobs. `check` throws where the key of a slot has ended. What may be used again, or null
   * where the receiver has it.
   */
  settle(cargo: Cargo, check: (slot: number) => void): Cargo | null {
    this.#cargo = cargo;
    this.#body = new Uint8Array(cargo.body);
    this.#head = new Head(cargo.head);
    const alone = this.jobs.length === 1;
    for (const [i, job] of this.jobs.entries()) {
      if (!job.settled && this.#settle(i, job, alone, check)) return null;
      if (job.way === Way.OPEN) this.#clear(i);
    }
    return cargo;
  }

  /** Whether the body is the receiver's own now. */
  #settle(i: number, job: Job, alone: boolean, check: (slot: number) => void): boolean {
    try {
      check(job.slot);
      const done = this.#head.done(i);
      const place = this.#places[i]!;
      const made = this.#body.subarray(place.textAt, madeAt(place, done));
      const stays = alone && job.keeps && 2 * made.length > this.#body.length;
      job.done(done, made, stays);
      return stays;
    } catch (error) {
      job.fail(error as Error);
      return false;
    }
  }

  #clear(i: number): void {
    const place = this.#places[i]!;
    this.#body.fill(0, place.textAt, givenAt(place, place.messages));
  }
}
