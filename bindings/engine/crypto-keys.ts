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
  uses: number;
}

/** Keys that may be in use at once: as long each needs its slot, and slots are few. */
const LENT_MOST = 16;

export class CryptoKeys {
  readonly #subtle: SubtleCrypto;
  readonly #slots: Slots;
  readonly #held = new Map<number, Held>();
  #lent = 0;

  constructor(subtle: SubtleCrypto, slots: Slots) {
    this.#subtle = subtle;
    this.#slots = slots;
    slots.onFree((slot) => this.#held.delete(slot));
  }

  /** Whether no key is in use. */
  get idle(): boolean {
    return this.#lent === 0;
  }

  /** Of the key that is in the slot now, until `giveBack`. null where too many keys are in use. */
  lend(slot: number): Held | null {
    const found = this.#held.get(slot);
    if (this.#lent === LENT_MOST && !found?.uses) return null;
    const held = found ?? this.#make(slot);
    if (held.uses++ === 0) this.#lent++;
    return held;
  }

  giveBack(held: Held): void {
    if (--held.uses === 0) this.#lent--;
  }

  #make(slot: number): Held {
    const held: Held = { key: null, ready: this.#import(slot), uses: 0 };
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
