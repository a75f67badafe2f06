// The kind whose bulk work is the platform's: AES-GCM and PBKDF2 of WebCrypto. SP 800-38D; Web Cryptography API §§29, 33.
// Secret: text; key and password, which the platform holds as CryptoKeys. Public: IV, AAD, lengths.

import type { Bytes, Out } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import type { Message } from '../core/gcm.ts';
import type { Instance } from '../core/instance.ts';
import type { Bulk } from './bulk.ts';
import { CryptoKeys, type Held } from './crypto-keys.ts';
import type { Password } from './engine.ts';
import type { Rates } from './rates.ts';
import { messageOf, outOf, TAG_LENGTH, type Series } from './series.ts';
import type { Slots } from './slots.ts';
import { CoreBulk } from './wasm.ts';
import { WebPassword } from './webcrypto-password.ts';

export class WebCryptoBulk implements Bulk {
  readonly #subtle: SubtleCrypto;
  readonly #rates: Rates;
  readonly #core: Instance;
  readonly #slots: Slots;
  readonly #keys: CryptoKeys;
  /** Does what the platform refuses (memory that is shared, say), and has the last word on a tag: the platform says no why. */
  readonly #inCore: CoreBulk;
  #before: Promise<void> | null = null;

  constructor(subtle: SubtleCrypto, rates: Rates, core: Instance, slots: Slots) {
    this.#subtle = subtle;
    this.#rates = rates;
    this.#core = core;
    this.#slots = slots;
    this.#keys = new CryptoKeys(subtle, slots);
    this.#inCore = new CoreBulk(core, slots);
  }

  /** Whether the platform has nothing to seal or open. */
  get idle(): boolean {
    return this.#keys.idle;
  }

  /** What is asked of the platform from now on waits for `work`. */
  hold(work: Promise<void>): void {
    this.#before = work;
    void work.finally(() => (this.#before = null));
  }

  seal(message: Message, plaintext: Bytes, out: Bytes): void | Promise<void> {
    const held = this.#keys.lend(message.slot);
    return held === null ? this.#inCore.seal(message, plaintext, out) : this.#seal(held, message, plaintext, out);
  }

  open(message: Message, sealed: Bytes): Out | Promise<Out> {
    const held = this.#keys.lend(message.slot);
    return held === null ? this.#inCore.open(message, sealed) : this.#open(held, message, sealed);
  }

  /** Side by side. What fails is told when nothing of it is under way any more. */
  async sealSeries(series: Series): Promise<Out> {
    const out = outOf(series, TAG_LENGTH);
    const step = series.texts[0]!.length + TAG_LENGTH;
    const sealing = series.texts.map(async (text, i) =>
      this.seal(messageOf(series, i), text, out.subarray(i * step, (i + 1) * step)),
    );
    await Promise.allSettled(sealing);
    await Promise.all(sealing);
    return out;
  }

  /** … as is what was opened behind one whose tag is wrong: zeroed. */
  async openSeries(series: Series): Promise<Out> {
    const out = outOf(series, -TAG_LENGTH);
    const opening = series.texts.map(async (sealed, i) => this.open(messageOf(series, i), sealed));
    const all = await Promise.allSettled(opening);
    const wrong = all.find((opened) => opened.status === 'rejected');
    const good = wrong ? all.indexOf(wrong) : all.length;
    let at = 0;
    for (const [i, opened] of all.entries()) {
      if (opened.status === 'rejected') continue;
      if (i < good) {
        out.set(opened.value, at);
        at += opened.value.length;
      }
      opened.value.fill(0);
    }
    if (!wrong || KeystrataError.is(wrong.reason, 'ERR_AUTHENTICATION')) return out.subarray(0, at);
    out.fill(0);
    throw wrong.reason as Error;
  }

  password(bytes: Bytes, onEnd: (password: Password) => void): WebPassword {
    return new WebPassword(this.#subtle, this.#rates, this.#core, this.#slots, bytes, onEnd);
  }

  async #seal(held: Held, message: Message, plaintext: Bytes, out: Bytes): Promise<void> {
    const sealed = await this.#ask(held, message.slot, (key) =>
      this.#subtle.encrypt(gcm(message), key, plaintext as BufferSource),
    );
    if (sealed === null) this.#inCore.seal(message, plaintext, out);
    else out.set(sealed);
  }

  async #open(held: Held, message: Message, sealed: Bytes): Promise<Out> {
    const plaintext = await this.#ask(held, message.slot, (key) =>
      this.#subtle.decrypt(gcm(message), key, sealed as BufferSource),
    );
    return plaintext ?? this.#inCore.open(message, sealed);
  }

  /** What the platform answers; null where it fails. ERR_DISPOSED, and the answer zeroed, where the key ended meanwhile. */
  async #ask(held: Held, slot: number, work: (key: CryptoKey) => Promise<ArrayBuffer>): Promise<Out | null> {
    let answer: Out | null = null;
    try {
      if (this.#before !== null) await this.#before;
      answer = new Uint8Array(await work(held.key ?? (await held.ready)));
    } catch {
      answer = null;
    } finally {
      this.#keys.giveBack(held);
    }
    if (this.#keys.holds(slot, held)) return answer;
    answer?.fill(0);
    throw new KeystrataError('ERR_DISPOSED', 'the key was disposed while it was in use: unlock or load it again');
  }
}

const gcm = ({ iv, aad, tagLength }: Message): AesGcmParams => ({
  name: 'AES-GCM',
  iv: iv as BufferSource,
  additionalData: aad as BufferSource,
  tagLength: 8 * tagLength,
});
