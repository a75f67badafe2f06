// The engine. Keys, hashes, MACs, HKDF and wrapping are the core's, whatever the kind; the bulk of the work, AES-256-GCM over
// data and PBKDF2, is done by whom the kind says (bulk.ts). Arguments are checked here, before any work.

import { asBytes, type Bytes, type Out } from '../core/bytes.ts';
import { catchLost, dispose, letGo } from '../core/dispose.ts';
import { KeystrataError, authenticationError } from '../core/errors.ts';
import type { Message } from '../core/gcm.ts';
import { sha256, update } from '../core/hash.ts';
import { beginMac, finishMac } from '../core/hmac.ts';
import type { Instance } from '../core/instance.ts';
import { good } from '../core/status.ts';
import type { Variant } from '../core/types.ts';
import type { Bulk, MakeBulk } from './bulk.ts';
import type { As, Engine, Ivs, Nonce, Password, Random, Sharing } from './engine.ts';
import { expandTo, type Expansion } from './hkdf.ts';
import { Key, type Purpose } from './key.ts';
import { IV_LENGTH, lengthOf, SERIES_MOST, TAG_LENGTH, type Series } from './series.ts';
import { Slots } from './slots.ts';
import { checkWrapping, unwrapKey, wrapKey } from './wrap.ts';

const KEY_LENGTH = 32;

export interface CoreEngineOptions {
  kind: Engine['kind'];
  bulk: MakeBulk;
  core: Instance;
  /** Whether the engine ends the core when it ends. */
  owned: boolean;
  random: Random;
}

/** What the net calls: it must not hold the engine. */
const losing = (bulk: Bulk) => (): void => bulk.lose?.();

export class CoreEngine implements Engine {
  readonly kind: Engine['kind'];
  readonly variant: Variant;
  readonly #core: Instance;
  readonly #owned: boolean;
  readonly #random: Random;
  readonly #slots: Slots;
  readonly #bulk: Bulk;
  readonly #passwords = new Set<Password>();
  #disposed = false;

  constructor({ kind, bulk, core, owned, random }: CoreEngineOptions) {
    this.kind = kind;
    this.variant = core.variant;
    this.#core = core;
    this.#owned = owned;
    this.#random = random;
    this.#slots = new Slots(core);
    this.#bulk = bulk(core, this.#slots);
    if (this.#bulk.lose) catchLost(this, losing(this.#bulk));
  }

  get ahead(): number {
    return this.#bulk.ahead ?? 0;
  }

  random(into: Bytes): void {
    this.#live();
    this.#random(asBytes(into, 'into'));
  }

  sha256(...parts: readonly Bytes[]): Out {
    return sha256(this.#live(), allBytes(parts));
  }

  freeSlots(): number {
    this.#live();
    return this.#slots.countFree();
  }

  generateKey<P extends Purpose>(as: As<P>): Key<P> {
    this.#live();
    return this.#slots.makeFrom(as, this.#random);
  }

  importKey<P extends Purpose>(bytes: Bytes, as: As<P>): Key<P> {
    this.#live();
    if (asBytes(bytes, 'bytes').length !== KEY_LENGTH)
      throw new KeystrataError(
        'ERR_ARGUMENT',
        `bytes: a key of ${KEY_LENGTH} bytes is wanted, these are ${bytes.length}`,
      );
    return this.#slots.makeFrom(as, (room) => room.set(bytes));
  }

  exportSecretBytes(key: Key): Out {
    const { abi, door } = this.#live();
    const slot = Key.slotOf(key, null, this.#slots);
    return door.use(() => {
      const at = door.room(0, KEY_LENGTH);
      good(abi.keyExport(slot, at));
      return door.out(at, KEY_LENGTH);
    });
  }

  password(bytes: Bytes): Password {
    this.#live();
    const password = this.#bulk.password(asBytes(bytes, 'bytes'), (ended) => {
      this.#passwords.delete(ended);
    });
    this.#passwords.add(password);
    return password;
  }

  extract<P extends Purpose>({ salt, ikm }: { salt: Bytes; ikm: Bytes }, as: As<P>): Key<P> {
    const core = this.#live();
    asBytes(salt, 'salt');
    asBytes(ikm, 'ikm');
    return this.#slots.make(as, (slot) =>
      core.door.use(() => {
        beginMac(core, salt);
        update(core, ikm);
        good(core.abi.hmacSha256FinishSlot(slot));
      }),
    );
  }

  expand<P extends Purpose>(prk: Key<'derive'>, p: Expansion<P>): { keys: Key<P>[]; rest: Out } {
    const core = this.#live();
    return expandTo(core, this.#slots, Key.slotOf(prk, 'derive', this.#slots), p);
  }

  mac(key: Key<'mac'>, ...parts: readonly Bytes[]): Out {
    const core = this.#live();
    const slot = Key.slotOf(key, 'mac', this.#slots);
    allBytes(parts);
    return core.door.use(() => {
      good(core.abi.hmacSha256BeginSlot(slot));
      for (const part of parts) update(core, part);
      return finishMac(core);
    });
  }

  wrap(outer: Key<'wrap'>, inner: Key, p: Nonce & { prefix: Bytes }): Out {
    const core = this.#live();
    const slots = [Key.slotOf(outer, 'wrap', this.#slots), Key.slotOf(inner, null, this.#slots)] as const;
    checkIv(p.iv);
    checkWrapping(core, p);
    return wrapKey(core, ...slots, p);
  }

  unwrap<P extends Purpose>(outer: Key<'wrap'>, p: Nonce & { prefix: Bytes; sealed: Bytes }, as: As<P>): Key<P> {
    const core = this.#live();
    const slot = Key.slotOf(outer, 'wrap', this.#slots);
    checkIv(p.iv);
    checkWrapping(core, p);
    asBytes(p.sealed, 'sealed');
    return this.#slots.make(as, (target) => unwrapKey(core, slot, target, p.sealed, p));
  }

  seal(key: Key<'seal'>, plaintext: Bytes, p: Nonce & { out: Out } & Sharing): void | Promise<void> {
    this.#live();
    const message = this.#message(key, p);
    checkOut(p.out, asBytes(plaintext, 'plaintext').length + TAG_LENGTH);
    const sealing = this.#bulk.seal(message, plaintext, p.out, p);
    return sealing && Key.during(key, sealing);
  }

  open(key: Key<'seal'>, sealed: Bytes, p: Nonce & Sharing): Out | Promise<Out> {
    this.#live();
    const message = this.#message(key, p);
    if (asBytes(sealed, 'sealed').length < TAG_LENGTH) throw authenticationError();
    const opened = this.#bulk.open(message, sealed, p);
    return opened instanceof Promise ? Key.during(key, opened) : opened;
  }

  sealSeries(key: Key<'seal'>, plaintexts: readonly Bytes[], p: Ivs): Out | Promise<Out> {
    this.#live();
    const sealing = this.#bulk.sealSeries(this.#series(key, plaintexts, p, TAG_LENGTH));
    return sealing instanceof Promise ? Key.during(key, sealing) : sealing;
  }

  openSeries(key: Key<'seal'>, sealed: readonly Bytes[], p: Ivs): Out | Promise<Out> {
    this.#live();
    const opening = this.#bulk.openSeries(this.#series(key, sealed, p, -TAG_LENGTH));
    return opening instanceof Promise ? Key.during(key, opening) : opening;
  }

  /** Ends passwords, keys and workers, and the core where it is the engine's own. Twice does no harm. */
  dispose(): void {
    if (this.#disposed) return;
    for (const password of [...this.#passwords]) password.dispose();
    this.#slots.dispose();
    this.#bulk.dispose?.();
    letGo(this);
    if (this.#owned) this.#core.dispose();
    this.#disposed = true;
  }

  [dispose](): void {
    this.dispose();
  }

  #live(): Instance {
    if (this.#disposed) throw new KeystrataError('ERR_DISPOSED', 'this engine was disposed: create another one');
    this.#core.live();
    return this.#core;
  }

  #message(key: Key<'seal'>, { iv, aad }: Nonce): Message {
    const slot = Key.slotOf(key, 'seal', this.#slots);
    checkIv(iv);
    return { slot, iv, aad: asBytes(aad, 'aad'), tagLength: TAG_LENGTH };
  }

  /** Each of `texts` will grow by `grows`. */
  #series(key: Key<'seal'>, texts: readonly Bytes[], { ivs, out }: Ivs, grows: number): Series {
    const slot = Key.slotOf(key, 'seal', this.#slots);
    if (texts.length < 1 || texts.length > SERIES_MOST || ivs.length !== texts.length)
      throw new KeystrataError('ERR_ARGUMENT', `1 to ${SERIES_MOST} messages are wanted, and an IV for each`);
    for (const iv of ivs) checkIv(iv);
    const length = Math.max(texts[0]!.length, -grows);
    if (allBytes(texts).some((text) => text.length !== length))
      throw new KeystrataError(
        'ERR_ARGUMENT',
        'messages of one length are wanted, and of that of a tag at least to open',
      );
    if (out) checkOut(out, lengthOf({ texts }, grows));
    return { slot, ivs, texts, out: out ?? null };
  }
}

function checkOut(out: Out, length: number): void {
  if (asBytes(out, 'out').length < length)
    throw new KeystrataError('ERR_ARGUMENT', `out: ${length} bytes are wanted, these are ${out.length}`);
}

function checkIv(iv: Bytes): void {
  if (asBytes(iv, 'iv').length !== IV_LENGTH)
    throw new KeystrataError('ERR_ARGUMENT', `iv: ${IV_LENGTH} bytes are wanted, these are ${iv.length}`);
}

function allBytes(parts: readonly Bytes[]): readonly Bytes[] {
  for (const part of parts) asBytes(part, 'parts');
  return parts;
}
