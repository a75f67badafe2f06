// AES-256-GCM under one key, as users of the core have it. SP 800-38D.
// Secret: the key, in a slot of the core; the text. Public: IV, AAD, tag, lengths.

import { asBytes, asInteger, still, type Bytes, type Out } from './bytes.ts';
import { catchLost, dispose, letGo } from './dispose.ts';
import { KeystrataError } from './errors.ts';
import { open, seal, type Message } from './gcm.ts';
import type { Instance } from './instance.ts';
import { good, goodSlot } from './status.ts';
import type { Cipher } from './types.ts';

const KEY_LENGTH = 32;
const TAG_LEAST = 12; // SP 800-38D §5.2.1.2; the 4 and 8 bytes of its appendix C are not offered
const TAG_MOST = 16;
const NONE = new Uint8Array(0);

/** What the net calls: it must not hold the cipher. */
const freeing = (core: Instance, slot: number) => (): void => {
  if (!core.disposed) core.abi.keyFree(slot);
};

export class Gcm implements Cipher {
  readonly #core: Instance;
  readonly #tagLength: number;
  #slot: number | null;

  /** Takes a slot of the core for the key. */
  constructor(core: Instance, key: Bytes, tagLength: number = TAG_MOST) {
    if (asBytes(key, 'key').length !== KEY_LENGTH)
      throw new KeystrataError('ERR_ARGUMENT', `key: ${KEY_LENGTH} bytes are wanted, these are ${key.length}`);
    this.#tagLength = asInteger(tagLength, 'tagLength', TAG_LEAST, TAG_MOST);
    this.#core = core;
    const slot = goodSlot(core.abi.keyAllocate());
    core.memory.set(key, good(core.abi.keyAddress(slot)));
    good(core.abi.keyLoad(slot));
    this.#slot = slot;
    catchLost(this, freeing(core, slot));
  }

  encrypt(iv: Bytes, plaintext: Bytes, aad?: Bytes): Out {
    const message = this.#message(iv, aad);
    const out = still(asBytes(plaintext, 'plaintext').length + this.#tagLength);
    seal(this.#core, message, plaintext, out);
    return out;
  }

  decrypt(iv: Bytes, sealed: Bytes, aad?: Bytes): Out {
    const message = this.#message(iv, aad);
    const out = still(Math.max(0, asBytes(sealed, 'sealed').length - this.#tagLength));
    open(this.#core, message, sealed, out);
    return out;
  }

  encryptInto(out: Bytes, iv: Bytes, plaintext: Bytes, aad?: Bytes): number {
    const message = this.#message(iv, aad);
    const length = asBytes(plaintext, 'plaintext').length + this.#tagLength;
    room(out, length);
    seal(this.#core, message, plaintext, out);
    return length;
  }

  decryptInto(out: Bytes, iv: Bytes, sealed: Bytes, aad?: Bytes): number {
    const message = this.#message(iv, aad);
    const length = Math.max(0, asBytes(sealed, 'sealed').length - this.#tagLength);
    room(out, length);
    open(this.#core, message, sealed, out);
    return length;
  }

  [dispose](): void {
    if (this.#slot === null) return;
    freeing(this.#core, this.#slot)();
    this.#slot = null;
    letGo(this);
  }

  #message(iv: Bytes, aad: Bytes = NONE): Message {
    this.#core.live();
    if (this.#slot === null)
      throw new KeystrataError('ERR_DISPOSED', 'this cipher was disposed: make another one with aes256gcm()');
    if (asBytes(iv, 'iv').length === 0) throw new KeystrataError('ERR_ARGUMENT', 'iv: at least one byte is wanted');
    asBytes(aad, 'aad');
    return { slot: this.#slot, iv, aad, tagLength: this.#tagLength };
  }
}

function room(out: Bytes, length: number): void {
  if (asBytes(out, 'out').length < length)
    throw new KeystrataError('ERR_ARGUMENT', `out: ${length} bytes are wanted, these are ${out.length}`);
}
