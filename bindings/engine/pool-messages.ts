// What the threads of a pool say to each other, and how jobs lie in a batch. A job is one message, or a series of messages of
// one length. Answers come in the order of the batches.
//
//   head   [ words: five a job, 64 jobs ][ IV 12 ……: 16 bytes a message, 64 messages ]
//   words  way, key, messages, AAD's length, a text's length
//
//   body   [ AAD …… ‖ text, room 16 ‖ text, room 16 ‖ … ][ AAD …… ‖ … ] …                 to seal, and with tags for room sealed
//          [ AAD …… ‖ text ‖ tag ‖ text ‖ tag ‖ … ] …    ──►  [ AAD …… ‖ text ‖ text ‖ … ]   to open; opened, from the front
//
// The worker seals and opens in place, and writes over the way how many messages of the job are done, from the first on; then
// the same buffers come back. Both threads walk through the head and find each job behind the one before, so no place is told.
// A series alone in a batch fills its body, which is the result as it is. Buffers are transferred, never shared.
// Secret: the text, and the 32 bytes of `key`, whose buffer the worker zeroes. Public: all else.

import type { Bytes } from '../core/bytes.ts';
import { IV_LENGTH, TAG_LENGTH } from './series.ts';

export const Way = { SEAL: 1, OPEN: 2 } as const;
export type Way = (typeof Way)[keyof typeof Way];

/** In the place of a key that ended before the batch went: nothing is done. */
export const NO_KEY = 0xffff_ffff;

/** Messages a batch has at most. */
export const MESSAGES_MOST = 64;
const WORDS = 5;
type Words = [way: Way, key: number, messages: number, aadLength: number, length: number];
const IV_ROOM = 16;
const IVS = 4 * WORDS * MESSAGES_MOST;
const HEAD = IVS + IV_ROOM * MESSAGES_MOST;

/** The next multiple of 16, where texts begin. */
const aligned = (length: number): number => (length + 15) & ~15;

/** From text to text: what is sealed grows in its place. */
const stepOf = (way: Way, length: number): number => (way === Way.SEAL ? length + TAG_LENGTH : length);

/** Bytes that a job takes of the body. `length`: of what is given of each message. */
export const spanOf = (way: Way, messages: number, aadLength: number, length: number): number =>
  aligned(aadLength) + aligned(messages * stepOf(way, length));

/** The buffers of a batch. */
export interface Cargo {
  head: ArrayBuffer;
  body: ArrayBuffer;
}

export const cargoOf = (length: number): Cargo => ({ head: new ArrayBuffer(HEAD), body: new ArrayBuffer(length) });

/** A job of a batch, and where its parts are. */
export interface Place {
  readonly index: number;
  readonly way: Way;
  readonly key: number; //      its number in the pool
  readonly messages: number;
  readonly first: number; //    how many messages are before it in the batch
  readonly aadAt: number;
  readonly aadLength: number;
  readonly textAt: number;
  readonly length: number; //   of each text to seal, or of each ciphertext ‖ tag
}

/** Where message i of a job is given, and where what comes of it lies. */
export const givenAt = ({ way, textAt, length }: Place, i: number): number => textAt + i * stepOf(way, length);
export const madeAt = ({ way, textAt, length }: Place, i: number): number => textAt + i * madeLength(way, length);
/** Bytes that come of a message. */
const madeLength = (way: Way, length: number): number => (way === Way.SEAL ? length + TAG_LENGTH : length - TAG_LENGTH);

/** What stands before the bodies. */
export class Head {
  readonly #words: Uint32Array;
  readonly #ivs: Uint8Array;

  constructor(buffer: ArrayBuffer) {
    this.#words = new Uint32Array(buffer, 0, IVS / 4);
    this.#ivs = new Uint8Array(buffer, IVS);
  }

  write({ index, way, key, messages, first, aadLength, length }: Place, ivs: readonly Bytes[]): void {
    this.#words.set([way, key, messages, aadLength, length], WORDS * index);
    for (const [i, iv] of ivs.entries()) this.#ivs.set(iv, IV_ROOM * (first + i));
  }

  iv({ first }: Place, i: number): Bytes {
    const at = IV_ROOM * (first + i);
    return this.#ivs.subarray(at, at + IV_LENGTH);
  }

  /** Nothing is to be done for this one any more. */
  cross(index: number): void {
    this.#words[WORDS * index + 1] = NO_KEY;
  }

  answer(index: number, done: number): void {
    this.#words[WORDS * index] = done;
  }

  done(index: number): number {
    return this.#words[WORDS * index]!;
  }

  /** In their order; an answer may be written meanwhile. */
  *places(jobs: number): Generator<Place> {
    for (let index = 0, at = 0, first = 0; index < jobs; index++) {
      const from = WORDS * index;
      const [way, key, messages, aadLength, length] = this.#words.subarray(from, from + WORDS) as unknown as Words;
      yield placeAt(at, { first, index, way, key, messages, aadLength, length });
      at += spanOf(way, messages, aadLength, length);
      first += messages;
    }
  }
}

/** A job whose parts begin at `at` of the body. */
export const placeAt = (at: number, job: Omit<Place, 'aadAt' | 'textAt'>): Place => ({
  ...job,
  aadAt: at,
  textAt: at + aligned(job.aadLength),
});

export type ToWorker =
  | { kind: 'core'; module: WebAssembly.Module } //            the first
  | { kind: 'key'; key: number; bytes: ArrayBuffer } //        of a record or a stream, and no other
  | { kind: 'drop'; key: number } //                           wipes it
  | ({ kind: 'batch'; jobs: number } & Cargo)
  | { kind: 'end' }; //                                        wipes all

export type FromWorker = { kind: 'ready' } | ({ kind: 'done' } & Cargo) | { kind: 'ended' };
