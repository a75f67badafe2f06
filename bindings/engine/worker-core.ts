// What a worker of a pool does: it holds keys for sealing in a core of its own, and seals and opens under them.
//
// Secret: keys, from the buffer they came in (zeroed at once) to the core; text. Nothing unverified leaves: what a wrong tag
// was found in is zeroed.

import { still, type Out } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import { open, seal, type Message } from '../core/gcm.ts';
import type { Instance } from '../core/instance.ts';
import { IV_LENGTH, TAG_LENGTH, textAt, type FromWorker, type Part, type PartResult } from './pool-messages.ts';
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
      const slot = this.#slots.take();
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

  /** Does all parts, each by itself: one that fails leaves the others as they are. */
  work(buffer: ArrayBuffer, parts: readonly Part[]): FromWorker {
    const bytes = new Uint8Array(buffer);
    return { kind: 'done', buffer, results: parts.map((part) => this.#one(bytes, part)) };
  }

  #one(bytes: Out, part: Part): PartResult {
    const { way, key, at, aadLength, length } = part;
    const text = bytes.subarray(textAt(part), textAt(part) + length);
    try {
      const message: Message = {
        slot: this.#slotOf(key),
        iv: bytes.subarray(at, at + IV_LENGTH),
        aad: bytes.subarray(at + IV_LENGTH, textAt(part)),
        tagLength: TAG_LENGTH,
      };
      if (way === 'open') {
        const out = still(length - TAG_LENGTH);
        open(this.#core, message, text, out);
        return out.buffer;
      }
      seal(this.#core, message, text, bytes.subarray(textAt(part), textAt(part) + length + TAG_LENGTH));
      return null;
    } catch (error) {
      if (way === 'seal') text.fill(0);
      const { message } = error as Error;
      return { code: KeystrataError.is(error) ? error.code : 'ERR_WORKER', message };
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
