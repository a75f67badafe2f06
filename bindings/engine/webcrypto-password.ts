// PBKDF2-HMAC-SHA256 by the platform. RFC 8018 §5.2; Web Cryptography API §33. It works on a thread of its own and cannot be
// stopped: whoever aborts is let go at once, and the result is zeroed when it comes.
//
//   password ──importKey──► CryptoKey ──deriveBits──► 32 bytes in JavaScript ──► slot; zeroed
//
// Secret: the password, of which our copy is zeroed when it is imported; the key, which passes through JavaScript here and
// nowhere else. Public: salt, iterations, time.

import { still, type Bytes, type Out } from '../core/bytes.ts';
import { dispose } from '../core/dispose.ts';
import { KeystrataError } from '../core/errors.ts';
import type { Instance } from '../core/instance.ts';
import { checkDerivation, passwordEnded, type Derivation } from './derivation.ts';
import type { Password } from './engine.ts';
import { Estimate } from './estimate.ts';
import { Key } from './key.ts';
import { checkAborted } from './pause.ts';
import type { Rates } from './rates.ts';
import type { Slots } from './slots.ts';
import { unseen } from './unseen.ts';

const KEY_BITS = 256;
/** Iterations a millisecond, until one derivation has been seen. */
const RATE = 2000;

export class WebPassword implements Password {
  /** Rejects where the platform takes no such password. */
  readonly ready: Promise<CryptoKey>;
  readonly #subtle: SubtleCrypto;
  readonly #rates: Rates;
  readonly #core: Instance;
  readonly #slots: Slots;
  readonly #onEnd: (password: Password) => void;
  readonly #end = new AbortController();

  constructor(
    subtle: SubtleCrypto,
    rates: Rates,
    core: Instance,
    slots: Slots,
    bytes: Bytes,
    onEnd: (password: Password) => void,
  ) {
    this.#subtle = subtle;
    this.#rates = rates;
    this.#core = core;
    this.#slots = slots;
    this.#onEnd = onEnd;
    this.ready = importPassword(subtle, bytes);
    this.ready.catch(() => {}); // who waits hears of it
  }

  async derive(p: Derivation): Promise<Key<'derive'>> {
    checkDerivation(p);
    this.#check(p);
    const slot = this.#slots.take(); // before the work: where there is none, nothing was done in vain
    let bits: Out | null = null;
    try {
      const { signal } = this.#end;
      const estimate = new Estimate(p.iterations / (this.#rates.webcrypto || RATE), p);
      const look = (): void => {
        this.#check(p);
        estimate.tell();
      };
      const signals = p.signal === undefined ? [signal] : [signal, p.signal];
      bits = new Uint8Array(await unseen(this.#deriveBits(p), signals, look));
      this.#check(p);
      this.#rates.sawWhole(p.iterations, estimate.elapsed);
      this.#slots.load(slot, (room) => room.set(bits!));
      estimate.done();
      return new Key(this.#slots, slot, 'derive', p.id);
    } catch (error) {
      this.#slots.free(slot);
      throw error;
    } finally {
      bits?.fill(0);
    }
  }

  dispose(): void {
    this.#end.abort();
    this.#onEnd(this);
  }

  [dispose](): void {
    this.dispose();
  }

  /** Throws where there is nobody to derive for. */
  #check({ signal }: Derivation): void {
    this.#core.live();
    if (this.#end.signal.aborted) throw passwordEnded();
    checkAborted(signal);
  }

  async #deriveBits({ salt, iterations }: Derivation): Promise<ArrayBuffer> {
    try {
      const algorithm = { name: 'PBKDF2', hash: 'SHA-256', salt: salt as BufferSource, iterations };
      return await this.#subtle.deriveBits(algorithm, await this.ready, KEY_BITS);
    } catch (cause) {
      throw new KeystrataError(
        'ERR_UNSUPPORTED',
        'the WebCrypto of this platform cannot derive this key: createEngine({ prefer: "wasm" }) does without it',
        { cause },
      );
    }
  }
}

/** A CryptoKey that gives nothing back. Our copy of the bytes ends with the import. */
async function importPassword(subtle: SubtleCrypto, bytes: Bytes): Promise<CryptoKey> {
  const copy = still(bytes.length);
  copy.set(bytes);
  try {
    return await subtle.importKey('raw', copy, 'PBKDF2', false, ['deriveBits']);
  } finally {
    copy.fill(0);
  }
}
