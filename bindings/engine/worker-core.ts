// What a worker of a pool does: it holds keys for sealing in a core of its own, and seals and opens under them.
//
// Secret: keys, from the buffer they came in (zeroed at once) to the core; text. Nothing unverified leaves: where a tag is
// wrong the text is zeroed.

import { KeystrataError } from '../core/errors.ts';
import { open, seal, type Message } from '../core/gcm.ts';
import type { Instance } from '../core/instance.ts';
import { Head, IV_LENGTH, NO_KEY, Outcome, TAG_LENGTH, Way, type Place } from './pool-messages.ts';
import { Slots } from './slots.ts';

export class WorkerCore {
  readonly #core: Instance;
  readonly #slots: Slots;
  /** By the numbers that the pool gives them. */
  readonly #keys = new Map<number, number>();

  constructor(core: Instance) {
    this.#core = core;
    this.#slots = new Slots(core);
  }

  takeKey(key: number, buffer: ArrayBuffer): void {
    const bytes = new Uint8Array(buffer);
    try {
      const slot = this.#slots.take(); // there are as many as in the core that the keys come from
      this.#slots.load(slot, (room) => room.set(bytes));
      this.#keys.set(key, slot);
    } finally {
      bytes.fill(0);
    }
  }

  dropKey(key: number): void {
    const slot = this.#keys.get(key);
    if (slot !== undefined) this.#slots.free(slot);
    this.#keys.delete(key);
  }

  /** All messages of a batch, each by itself: one that fails leaves the others as they are. */
  work(buffer: ArrayBuffer, count: number): void {
    const bytes = new Uint8Array(buffer);
    const head = new Head(buffer);
    for (const place of head.places(count)) if (place.key !== NO_KEY) head.answer(place.index, this.#one(bytes, place));
  }

  #one(bytes: Uint8Array, { way, key, ivAt, aadAt, aadLength, textAt, length }: Place): number {
    const text = bytes.subarray(textAt, textAt + length);
    const message: Message = {
      slot: this.#slotOf(key),
      iv: bytes.subarray(ivAt, ivAt + IV_LENGTH),
      aad: bytes.subarray(aadAt, aadAt + aadLength),
      tagLength: TAG_LENGTH,
    };
    if (way === Way.SEAL) {
      seal(this.#core, message, text, bytes.subarray(textAt, textAt + length + TAG_LENGTH));
      return Outcome.DONE;
    }
    try {
      open(this.#core, message, text, text);
      return Outcome.DONE;
    } catch (error) {
      if (KeystrataError.is(error, 'ERR_AUTHENTICATION')) return Outcome.WRONG_TAG;
      throw error;
    }
  }

  #slotOf(key: number): number {
    const slot = this.#keys.get(key);
    if (slot === undefined) throw new Error('keystrata: a worker was asked for a key that it does not have');
    return slot;
  }

  /** Wipes all of the core. */
  end(): void {
    this.#keys.clear();
    this.#core.dispose();
  }
}
