// The engine: one door to all symmetric cryptography. Three implementations (wasm, webcrypto, auto), the same results.
//
// Keys live in the core whatever the implementation; what differs is who does bulk AEAD and PBKDF2. The methods of an
// Engine are for the layers above (keys/, keyring/); applications hold it and dispose it.

import type { Bytes, Out } from '../core/bytes.ts';
import type { Variant } from '../core/types.ts';
import type { Key, KeyId, Purpose } from './key.ts';

/** Long work: stops within 50 ms of an abort (ERR_ABORTED) and tells how far it is: 0 … 1, rising, ends with 1. */
export interface Work {
  signal?: AbortSignal;
  onProgress?(fraction: number): void;
}

/** Synchronous, fills all of it. */
export type Random = (into: Bytes) => void;

/** What a key made here will be. */
export interface As<P extends Purpose> {
  purpose: P;
  id: KeyId;
}

/** 12-byte IV and AAD of one GCM invocation. */
export interface Nonce {
  iv: Bytes;
  aad: Bytes;
}

/** With whom the work on a message may be shared. */
export interface Sharing {
  /** Its key goes to no worker. */
  here?: boolean;
}

/** 12-byte IVs of messages that have no AAD; and where what comes of them shall lie, if not in fresh bytes. */
export interface Ivs {
  ivs: readonly Bytes[];
  out?: Out | undefined;
}

/**
 * A passphrase as it can derive again, with another salt, without its text (SP 800-132): HMAC midstates in the core, or a
 * CryptoKey that gives nothing back.
 */
export interface Password extends Disposable {
  /** PBKDF2-HMAC-SHA256, 32 bytes into a slot. Others run meanwhile: the event loop has a turn at least every 20 ms. */
  derive(p: { salt: Bytes; iterations: number; id: KeyId } & Work): Promise<Key<'derive'>>;
  dispose(): void;
}

export interface Engine extends Disposable {
  readonly kind: 'auto' | 'wasm' | 'webcrypto';
  /** Which build of the core runs. */
  readonly variant: Variant;

  /** Fills `into` with the host's random bytes. ERR_NO_ENTROPY where there are none. */
  random(into: Bytes): void;
  sha256(...parts: readonly Bytes[]): Out;

  // ---- keys. ERR_LIMIT where no slot is free: dispose some.
  /** How many of the core's slots are free. */
  freeSlots(): number;
  /** 32 random bytes drawn straight into a slot. */
  generateKey<P extends Purpose>(as: As<P>): Key<P>;
  /** Copies 32 bytes into a slot; the caller wipes theirs. */
  importKey<P extends Purpose>(bytes: Bytes, as: As<P>): Key<P>;
  /** The raw 32 bytes, which the caller must wipe. Only keys/export.ts may call it. */
  exportSecretBytes(key: Key): Out;

  // ---- derivation
  /** Takes the bytes in; the caller wipes theirs. */
  password(bytes: Bytes): Password;
  /** HKDF-Extract (RFC 5869 §2.2), HMAC-SHA256(salt, ikm), into a slot. */
  extract<P extends Purpose>(p: { salt: Bytes; ikm: Bytes }, as: As<P>): Key<P>;
  /**
   * HKDF-Expand (RFC 5869 §2.3) of `length` (at most 128) bytes. Every entry of `keys` takes 32 bytes at `at` into a slot;
   * `rest` is the OKM without them, in order: the public part. No byte of a key passes through JavaScript.
   */
  expand<P extends Purpose>(
    prk: Key<'derive'>,
    p: { hash: 'SHA-256' | 'SHA-512'; info: Bytes; length: number; keys: readonly (As<P> & { at: number })[] },
  ): { keys: Key<P>[]; rest: Out };
  /** HMAC-SHA256 over the parts joined. */
  mac(key: Key<'mac'>, ...parts: readonly Bytes[]): Out;

  // ---- wrapping, slot to slot: seals prefix ‖ 32 key bytes, prefix at most 128 bytes
  /** Returns prefix.length + 48 bytes: ciphertext ‖ tag. */
  wrap(outer: Key<'wrap'>, inner: Key, p: Nonce & { prefix: Bytes }): Out;
  /** AuthenticationError where the tag is wrong, ERR_FORMAT where another prefix is inside. */
  unwrap<P extends Purpose>(outer: Key<'wrap'>, p: Nonce & { prefix: Bytes; sealed: Bytes }, as: As<P>): Key<P>;

  // ---- data, AES-256-GCM, 16-byte tags. The core answers at once, WebCrypto and workers with a promise: until it settles the
  // bytes given are in use; where the key ends meanwhile it rejects with ERR_DISPOSED, where a worker ends with ERR_WORKER.
  /** Writes ciphertext ‖ tag to the front of `out` (plaintext.length + 16 bytes at least; it may be the plaintext's own buffer). */
  seal(key: Key<'seal'>, plaintext: Bytes, p: Nonce & { out: Out } & Sharing): void | Promise<void>;
  /** Fresh plaintext. AuthenticationError: nothing unverified leaves. */
  open(key: Key<'seal'>, sealed: Bytes, p: Nonce & Sharing): Out | Promise<Out>;

  // ---- several messages of one length, 1 to 64 of them, as the chunks of a stream: fewer words than one by one
  /**
   * How many bytes of such messages should be under way before the first is awaited, where there are workers: what is given is
   * copied at once then. 0 where there are none.
   */
  readonly ahead: number;
  /** Ciphertext ‖ tag of each, one behind the other. */
  sealSeries(key: Key<'seal'>, plaintexts: readonly Bytes[], p: Ivs): Out | Promise<Out>;
  /** Their plaintexts, one behind the other, up to the first whose tag is wrong: fewer bytes than wanted say that there is one. */
  openSeries(key: Key<'seal'>, sealed: readonly Bytes[], p: Ivs): Out | Promise<Out>;

  /** Wipes every key, those in workers too, and ends every password; afterwards all throws ERR_DISPOSED. Twice does no harm. */
  dispose(): void;
}
