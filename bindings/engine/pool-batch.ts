// Messages on their way through a pool: each is a job, several are a batch (pool-messages.ts). What is given is copied once,
// at once, so the caller's bytes stay the caller's.
//
//   given ──copied──► batch ──transferred──► worker ──transferred──► batch ──copied──► out
//
// Secret: the text. What was to be sealed lies in a batch until the worker has sealed it there; what was opened is zeroed in
// it when it has been copied out, or when nobody waits for it any more.

import { still, type Bytes, type Out } from '../core/bytes.ts';
import { authenticationError, KeystrataError } from '../core/errors.ts';
import type { Message } from '../core/gcm.ts';
import { HEAD, Head, MESSAGES_MOST, Outcome, placeAt, spanOf, TAG_LENGTH, Way, type Place } from './pool-messages.ts';

/** Sixteen sealed chunks of a stream: fewer bytes are not worth the way, more would leave others idle at the end. */
const BODY = 16 * spanOf(Way.SEAL, 0, 16_384);

/** Bytes of a batch, unless one message is longer: none is ever cut. */
export const BATCH = HEAD + BODY;

/** One message. Settles once. */
export class Job {
  readonly promise: Promise<Out>;
  readonly way: Way;
  readonly slot: number;
  readonly #out: Bytes | null;
  #resolve!: (out: Out) => void;
  #reject!: (error: Error) => void;
  settled = false;

  /** Where `out` is given, it is sealed into that. */
  constructor(slot: number, out: Bytes | null) {
    this.slot = slot;
    this.way = out === null ? Way.OPEN : Way.SEAL;
    this.#out = out;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** `made` is ciphertext ‖ tag, or plaintext: a view. */
  done(made: Bytes): void {
    const out = (this.#out ?? still(made.length)) as Out;
    if (out.length < made.length) throw takenAway();
    out.set(made);
    this.settled = true;
    this.#resolve(out);
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
  #bytes: Out;
  #head: Head;
  #end = HEAD;

  /** `buffer` has BATCH bytes, or as many as the one message takes. */
  constructor(buffer: ArrayBuffer) {
    this.#bytes = new Uint8Array(buffer);
    this.#head = new Head(buffer);
  }

  /** Of the messages, so far. */
  get length(): number {
    return this.#end - HEAD;
  }

  /** Whether a message of that span has its place here. */
  fits(span: number): boolean {
    return this.#end + span <= this.#bytes.length && this.jobs.length < MESSAGES_MOST;
  }

  add(job: Job, { iv, aad }: Message, given: Bytes): void {
    const place = placeAt(this.#end, this.jobs.length, job.way, job.slot, aad.length, given.length);
    this.#bytes.set(iv, place.ivAt);
    this.#bytes.set(aad, place.aadAt);
    this.#bytes.set(given, place.textAt);
    this.#head.write(place);
    this.jobs.push(job);
    this.#places.push(place);
    this.#end += spanOf(job.way, aad.length, given.length);
  }

  /** To be transferred. What nobody waits for any more is crossed out, and zeroed. */
  buffer(): ArrayBuffer {
    for (const [i, job] of this.jobs.entries())
      if (job.settled) {
        this.#head.cross(i);
        this.#clear(i);
      }
    return this.#bytes.buffer;
  }

  /** Back from the worker: settles the jobs. `check` throws where the key of a slot has ended. */
  settle(buffer: ArrayBuffer, check: (slot: number) => void): void {
    this.#bytes = new Uint8Array(buffer);
    this.#head = new Head(buffer);
    for (const [i, job] of this.jobs.entries()) {
      if (!job.settled) this.#settle(i, job, check);
      if (job.way === Way.OPEN) this.#clear(i);
    }
  }

  #settle(i: number, job: Job, check: (slot: number) => void): void {
    try {
      check(job.slot);
      if (this.#head.outcome(i) === Outcome.WRONG_TAG) throw authenticationError();
      const { textAt, length } = this.#places[i]!;
      const made = job.way === Way.SEAL ? length + TAG_LENGTH : length - TAG_LENGTH;
      job.done(this.#bytes.subarray(textAt, textAt + made));
    } catch (error) {
      job.fail(error as Error);
    }
  }

  #clear(i: number): void {
    const { textAt, length } = this.#places[i]!;
    this.#bytes.fill(0, textAt, textAt + length);
  }
}

/** Bytes that a batch for one message of that span has. */
export const batchFor = (span: number): number => Math.max(BATCH, HEAD + span);
