// A key is a thing, not bytes: it has an id and one purpose, and its 32 bytes lie in a slot of the core.

import type { Abi } from '../core/abi.ts';
import { KeystrataError } from '../core/errors.ts';

/** 32 hex digits of the 16-byte kid. */
export type KeyId = string;

/** What a key may do: one thing (SP 800-57 Part 1 §5.2). */
export type Purpose =
  | 'derive' // HKDF-Expand: a MEK, the document key, a stream DEK, an operator key
  | 'wrap' //   wraps and unwraps other keys: a slot's wrap key, the KEK
  | 'seal' //   AES-256-GCM over data: a record DEK, a stream's chunk key
  | 'mac'; //   HMAC-SHA256: the document MAC key

/** Opaque. Ends with `dispose`, which wipes; after that every use throws ERR_DISPOSED. Never prints or serialises its bytes. */
export class Key<P extends Purpose = Purpose> implements Disposable {
  readonly id: KeyId;
  readonly purpose: P;
  readonly #abi: Abi;
  #slot: number | null;

  /** For engines: takes over a loaded slot. */
  constructor(abi: Abi, slot: number, purpose: P, id: KeyId) {
    this.#abi = abi;
    this.#slot = slot;
    this.purpose = purpose;
    this.id = id;
  }

  get disposed(): boolean {
    return this.#slot === null;
  }

  /** For engines: the slot, where the key lives, serves `purpose` and belongs to this core. */
  static slotOf(key: Key, purpose: Purpose, abi: Abi): number {
    if (key.#slot === null) throw new KeystrataError('ERR_DISPOSED', `key ${key.id} was disposed: unlock or load it again`);
    if (key.purpose !== purpose) throw new KeystrataError('ERR_ARGUMENT', `key ${key.id} serves "${key.purpose}", not "${purpose}"`);
    if (key.#abi !== abi) throw new KeystrataError('ERR_ARGUMENT', `key ${key.id} belongs to another engine`);
    return key.#slot;
  }

  toJSON(): string {
    return this.toString();
  }

  toString(): string {
    return `[key ${this.purpose} ${this.id}]`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  dispose(): void {
    if (this.#slot !== null) this.#abi.keyFree(this.#slot);
    this.#slot = null;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
