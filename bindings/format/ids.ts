// Ids: 16 random bytes (keyring, slot, device, space, item, symmetric kid, key family), never a counter. FORMATS §0.
//
// On the wire they are byte strings of 16; in memory 32 lower-case hex digits, so that they can be map keys and be shown.

import { unhex } from '../core/bytes.ts';
import type { Bytes, Out } from '../core/bytes.ts';

/** 32 lower-case hex digits of 16 bytes. */
export type Id = string;

export const ID_LENGTH = 16;
export const FINGERPRINT_LENGTH = 32; // RFC 9679 COSE Key Thumbprint with SHA-256
export const HASH_LENGTH = 32;

const DIGITS = new TextEncoder().encode('0123456789abcdef');
const room = new Uint8Array(2 * ID_LENGTH); // ids are public, and every unlock reads as many as there are keys
const ascii = new TextDecoder('latin1');

/** Of the 16 bytes at `at`, which must be there. */
export function idOf(bytes: Bytes, at = 0): Id {
  for (let i = 0; i < ID_LENGTH; i++) {
    room[2 * i] = DIGITS[bytes[at + i]! >> 4]!;
    room[2 * i + 1] = DIGITS[bytes[at + i]! & 15]!;
  }
  return ascii.decode(room);
}

/** The 16 bytes of an id. ERR_ARGUMENT where it is none. */
export const idBytes = (id: Id, name = 'id'): Out => unhex(id, ID_LENGTH, name);
