// keystrata/core: the public types. Synchronous; passwords, salts, infos, AAD and messages may be empty; floors live in the keyring.

import type { Bytes, Out } from './bytes.ts';

export type Variant = 'relaxed' | 'simd' | 'scalar';

export interface CoreOptions {
  variant?: Variant;
  module?: WebAssembly.Module | BufferSource;
}

export interface Core extends Disposable {
  /** Read from the module itself. */
  readonly variant: Variant;
  /** FIPS 180-4. 32 bytes. */
  sha256(message: Bytes): Out;
  /** RFC 2104, FIPS 198-1. 32 bytes. */
  hmacSha256(key: Bytes, message: Bytes): Out;
  /** RFC 5869. `length` 1 … 8160; an absent salt is 32 zeros, an absent info is empty. */
  hkdfSha256(ikm: Bytes, p: { salt?: Bytes; info?: Bytes; length: number }): Out;
  /** RFC 8018 §5.2. iterations ≥ 1, any length ≥ 1. Blocks the thread while it runs. */
  pbkdf2Sha256(password: Bytes, p: { salt: Bytes; iterations: number; length: number }): Out;
  /** SP 800-38D. `key` is 32 bytes and goes into a slot: ERR_LIMIT when none is free. */
  aes256gcm(key: Bytes, p?: { tagLength?: 12 | 13 | 14 | 15 | 16 }): Cipher;
}

/** AES-256-GCM under one key. IVs of any length from 1 byte; messages up to 2^36 - 32 bytes. */
export interface Cipher extends Disposable {
  /** ciphertext ‖ tag. */
  encrypt(iv: Bytes, plaintext: Bytes, aad?: Bytes): Out;
  /** Throws AuthenticationError; unverified plaintext never leaves. */
  decrypt(iv: Bytes, sealed: Bytes, aad?: Bytes): Out;
  /** Into the caller's bytes (which may be the input's own): nothing is allocated. Returns how many were written. ERR_ARGUMENT where `out` is too short. */
  encryptInto(out: Bytes, iv: Bytes, plaintext: Bytes, aad?: Bytes): number;
  /** As encryptInto. On a wrong tag `out` is zeroed. */
  decryptInto(out: Bytes, iv: Bytes, sealed: Bytes, aad?: Bytes): number;
}
