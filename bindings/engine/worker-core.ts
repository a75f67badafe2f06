// What a worker of a pool does: it holds keys for sealing in a core of its own, and seals and opens under them.
//
// Secret: keys, from the buffer they came in (zeroed at once) to the core; text. Nothing unverified leaves: where a tag is
// wrong the text is zeroed.

import { seal, type Message } from '../core/gcm.ts';
import type { Instance } from '../core/instance.ts';
import { givenAt, Head, madeAt, NO_KEY, Way, type Cargo, type Place } from './pool-messages.ts';
import { opens, TAG_LENGTH } from './series.ts';
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

  /** All jobs of a batch, each by itself: one that fails leaves the others as they are. */
  work({ head, body }: Cargo, jobs: number): void {
    const bytes = new Uint8Array(body);
    const read = new Head(head);
    for (const place of read.places(jobs))
      if (place.key !== NO_KEY) read.answer(place.index, this.#job(read, bytes, place));
  }

  /** How many of its messages were done: of those to open up to the first whose tag is wrong. */
  #job(head: Head, bytes: Uint8Array, place: Place): number {
    const { way, aadAt, aadLength, length, messages } = place;
    const slot = this.#slotOf(place.key);
    const aad = bytes.subarray(aadAt, aadAt + aadLength);
    for (let i = 0; i < messages; i++) {
      const message: Message = { slot, iv: head.iv(place, i), aad, tagLength: TAG_LENGTH };
      const from = givenAt(place, i);
      const given = bytes.subarray(from, from + length);
      const out = bytes.subarray(madeAt(place, i), madeAt(place, i + 1));
      if (way === Way.SEAL) seal(this.#core, message, given, out);
      else if (!opens(this.#core, message, given, out)) return i;
    }
    return messages;
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
