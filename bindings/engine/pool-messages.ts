// What the threads of a pool say to each other, and how messages lie in a batch. Answers come in the order of the batches.
//
//   batch   [ head: four words a message, 64 messages ][ IV 12 …16 ‖ AAD …… ‖ text …… ‖ room 16, to seal ][ … ][ … ]
//   words   way, key, AAD's length, text's length
//
// The worker seals and opens in place, and writes an outcome over the way; then the same buffer comes back. Both threads walk
// through the head and find each message behind the one before, so no place is told. Buffers are transferred, never shared.
// Secret: the text, and the 32 bytes of `key`, whose buffer the worker zeroes. Public: all else.

export const IV_LENGTH = 12;
export const TAG_LENGTH = 16;

export const Way = { SEAL: 1, OPEN: 2 } as const;
export type Way = (typeof Way)[keyof typeof Way];

export const Outcome = { DONE: 0, WRONG_TAG: 1 } as const; // whatever else happens ends the worker

/** In the place of a key that ended before the batch went: nothing is done. */
export const NO_KEY = 0xffff_ffff;

const WORDS = 4;
const IV_ROOM = 16;
/** Messages a batch has at most, and where the first begins. */
export const MESSAGES_MOST = 64;
export const HEAD = 4 * WORDS * MESSAGES_MOST;

/** The next multiple of 16, where texts begin. */
const aligned = (length: number): number => (length + 15) & ~15;

/** Bytes that a message takes behind the head. `length`: of what is given. */
export const spanOf = (way: Way, aadLength: number, length: number): number =>
  IV_ROOM + aligned(aadLength) + aligned(way === Way.SEAL ? length + TAG_LENGTH : length);

/** A message of a batch, and where its parts are. */
export interface Place {
  readonly index: number;
  readonly way: Way;
  readonly key: number; //    its number in the pool
  readonly ivAt: number;
  readonly aadAt: number;
  readonly aadLength: number;
  readonly textAt: number;
  readonly length: number; // of the text to seal, or of ciphertext ‖ tag
}

export function placeAt(at: number, index: number, way: Way, key: number, aadLength: number, length: number): Place {
  const aadAt = at + IV_ROOM;
  return { index, way, key, ivAt: at, aadAt, aadLength, textAt: aadAt + aligned(aadLength), length };
}

/** The words at the front of a batch. */
export class Head {
  readonly #words: Uint32Array;

  constructor(buffer: ArrayBuffer) {
    this.#words = new Uint32Array(buffer, 0, HEAD / 4);
  }

  write({ index, way, key, aadLength, length }: Place): void {
    this.#words.set([way, key, aadLength, length], WORDS * index);
  }

  /** Nothing is to be done for this one any more. */
  cross(index: number): void {
    this.#words[WORDS * index + 1] = NO_KEY;
  }

  answer(index: number, outcome: number): void {
    this.#words[WORDS * index] = outcome;
  }

  outcome(index: number): number {
    return this.#words[WORDS * index]!;
  }

  /** In their order; an answer may be written meanwhile. */
  *places(count: number): Generator<Place> {
    for (let index = 0, at = HEAD; index < count; index++) {
      const from = WORDS * index;
      const [way, key, aadLength, length] = [0, 1, 2, 3].map((i) => this.#words[from + i]!);
      yield placeAt(at, index, way as Way, key!, aadLength!, length!);
      at += spanOf(way as Way, aadLength!, length!);
    }
  }
}

export type ToWorker =
  | { kind: 'core'; module: WebAssembly.Module } //            the first
  | { kind: 'key'; key: number; bytes: ArrayBuffer } //        of a record or a stream, and no other
  | { kind: 'drop'; key: number } //                           wipes it
  | { kind: 'batch'; buffer: ArrayBuffer; count: number }
  | { kind: 'end' }; //                                        wipes all

export type FromWorker = { kind: 'ready' } | { kind: 'done'; buffer: ArrayBuffer } | { kind: 'ended' };
