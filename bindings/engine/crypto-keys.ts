// The platform's own form of a key, beside its slot: made at the first use, dropped when the slot is freed.
//
//   slot ──first use──► importing ──► CryptoKey, not extractable ──slot freed──► dropped; the collector has the platform's copy
//
// Secret: the 32 bytes, given as a view of the core's memory, so that no copy of ours is made.

import type { Slots } from './slots.ts';

export interface Held {
  /** null until it is there. */
  key: CryptoKey | null;
  readonly ready: Promise<CryptoKey>;
}

export class CryptoKeys {
  readonly #subtle: SubtleCrypto;
  readonly #slots: Slots;
  readonly #held = new Map<number, Held>();

  constructor(subtle: SubtleCrypto, slots: Slots) {
    this.#subtle = subtle;
    this.#slots = slots;
    slots.onFree((slot) => this.#held.delete(slot));
  }

  /** Of the key that is in the slot now. */
  of(slot: number): Held {
    const found = this.#held.get(slot);
    if (found !== undefined) return found;
    const held: Held = { key: null, ready: this.#import(slot) };
    held.ready.then(
      (key) => (held.key = key),
      () => {}, // who waits for it hears of it
    );
    this.#held.set(slot, held);
    return held;
  }

  /** Whether the key in the slot is still the one that `held` was made of. */
  holds(slot: number, held: Held): boolean {
    return this.#held.get(slot) === held && this.#slots.owns(slot);
  }

  async #import(slot: number): Promise<CryptoKey> {
    const bytes = this.#slots.bytesOf(slot) as BufferSource;
    return this.#subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']);
  }
}
