// A key is a thing, not bytes: it has an id and one purpose, and its 32 bytes lie in a slot of the core.

import { catchLost, dispose, letGo } from '../core/dispose.ts';
import { KeystrataError } from '../core/errors.ts';

/** 32 hex digits of the 16-byte kid. */
export type KeyId = string;

/** What a key may do: one thing (SP 800-57 Part 1 §5.2). */
export type Purpose =
  | 'derive' // HKDF-Expand: a MEK, the document key, a stream DEK, an operator key
  | 'wrap' //   wraps and unwraps other keys: a slot's wrap key, the KEK
  | 'seal' //   AES-256-GCM over data: a record DEK, a stream's chunk key
  | 'mac' //    HMAC-SHA256: the document MAC key
  | 'agree' //  key encapsulation: the private key of an agreement pair
  | 'sign'; //  signatures: the private key of a signing pair

/** Where keys live: one engine's slots. */
export interface Owner {
  owns(slot: number): boolean;
  /** Wipes. Does nothing where the slot is not the owner's any more. */
  free(slot: number): void;
}

/** What the net calls: it must not hold the key. */
const freeing = (owner: Owner, slot: number) => (): void => owner.free(slot);

/** Opaque. Ends with `dispose`, which wipes; after that every use throws ERR_DISPOSED. Never prints or serialises its bytes. */
export class Key<P extends Purpose = Purpose> implements Disposable {
  readonly id: KeyId;
  readonly purpose: P;
  readonly #owner: Owner;
  #slot: number | null;
  #uses = 0;

  /** For engines: takes over a loaded slot. */
  constructor(owner: Owner, slot: number, purpose: P, id: KeyId) {
    this.#owner = owner;
    this.#slot = slot;
    this.purpose = purpose;
    this.id = id;
    catchLost(this, freeing(owner, slot));
  }

  /** True after `dispose`, its engine's too. */
  get disposed(): boolean {
    return this.#slot === null || !this.#owner.owns(this.#slot);
  }

  /** Whether work is under way that its end would break off. */
  get busy(): boolean {
    return this.#uses > 0;
  }

  /** For engines: the key is busy until `work` settles; the collector does not take it before. */
  static async during<T>(key: Key, work: Promise<T>): Promise<T> {
    key.#uses++;
    try {
      return await work;
    } finally {
      key.#uses--;
    }
  }

  /** For engines: the slot, where the key lives, serves `purpose` (null: whichever) and belongs to `owner`. */
  static slotOf(key: Key, purpose: Purpose | null, owner: Owner): number {
    if (typeof key !== 'object' || key === null || !(#slot in key))
      throw new KeystrataError('ERR_ARGUMENT', 'key: a key that an engine made is wanted');
    if (key.#slot === null || key.disposed)
      throw new KeystrataError('ERR_DISPOSED', `key ${key.id} was disposed: unlock or load it again`);
    if (purpose !== null && key.purpose !== purpose)
      throw new KeystrataError('ERR_ARGUMENT', `key ${key.id} serves "${key.purpose}", not "${purpose}"`);
    if (key.#owner !== owner) throw new KeystrataError('ERR_ARGUMENT', `key ${key.id} belongs to another engine`);
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
    if (this.#slot === null) return;
    this.#owner.free(this.#slot);
    this.#slot = null;
    letGo(this);
  }

  [dispose](): void {
    this.dispose();
  }
}
