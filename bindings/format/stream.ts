// A stream: data of any length under a DEK of its own, which it carries wrapped. FORMATS §6.
//
//   0     4    5      7        23         143      167            199
//   KSTS  01   00 78  kid 16   wrap 120 | salt 24  commitment 32 | chunk 0 … n-1, 16384 + 16 each | last, 0 … 16383 + 16
//   └──────────── prefix 143 ────────────┘└─ Cobblestone-256 (c2sp.org/chunked-encryption): header 56, chunks ─┘
//
// The last chunk is always there and always shorter than the others: a cut between chunks is seen. Nothing secret here.

import { concat, still, utf8 } from '../core/bytes.ts';
import type { Bytes, Out } from '../core/bytes.ts';
import { IV_LENGTH, TAG_LENGTH, WRAP, WRAPPED_DERIVE_LENGTH, encrypt0Parts } from './cose-encrypt0.ts';
import { bad, unknown } from './fields.ts';
import { ID_LENGTH, idBytes, idOf } from './ids.ts';
import type { Id } from './ids.ts';

export const CHUNK = 16_384; //                   plaintext of every chunk but the last
export const SEALED_CHUNK = CHUNK + TAG_LENGTH;
export const SALT = 24;
const COMMITMENT = 32;
export const COBBLESTONE_HEADER = SALT + COMMITMENT;
export const COBBLESTONE_OKM = 32 + IV_LENGTH + COMMITMENT; // key, base_nonce, commitment

const MAGIC_STREAM = Uint8Array.of(0x4b, 0x53, 0x54, 0x53); // "KSTS"
const VERSION = 1;
const WRAP_LENGTH_AT = 5; // two bytes, big-endian
const KID_AT = 7;
export const WRAP_AT = KID_AT + ID_LENGTH;
export const STREAM_PREFIX_LENGTH = WRAP_AT + WRAPPED_DERIVE_LENGTH; // 143

export interface PrefixParts {
  readonly kid: Id; // the stream DEK's
  readonly kek: Id; // the KEK that the wrap names
  readonly wrap: Bytes; // COSE_Encrypt0, 120
}

export const streamPrefix = (kid: Id, wrap: Bytes): Out =>
  concat(MAGIC_STREAM, Uint8Array.of(VERSION, 0, WRAPPED_DERIVE_LENGTH), idBytes(kid, 'kid'), wrap);

export const isStream = (bytes: Bytes): boolean => MAGIC_STREAM.every((byte, i) => bytes[i] === byte);

/** Of the first 143 bytes. ERR_FORMAT, ERR_UNSUPPORTED. Views of `bytes`. */
export function decodePrefix(bytes: Bytes): PrefixParts {
  if (!isStream(bytes)) throw bad('stream', 'this is no sealed stream');
  if (bytes.length < STREAM_PREFIX_LENGTH) throw bad('stream', 'cut off');
  if (bytes[WRAP_LENGTH_AT - 1] !== VERSION) throw unknown('stream', `version ${bytes[WRAP_LENGTH_AT - 1]}`);
  if (bytes[WRAP_LENGTH_AT] !== 0 || bytes[WRAP_LENGTH_AT + 1] !== WRAPPED_DERIVE_LENGTH)
    throw bad('stream', 'a wrapped key of another length');
  const wrap = bytes.subarray(WRAP_AT, STREAM_PREFIX_LENGTH);
  const { kid } = encrypt0Parts(WRAP, wrap, 'stream: wrapped key');
  return { kid: idOf(bytes.subarray(KID_AT, WRAP_AT)), kek: idOf(kid), wrap };
}

// ---- Cobblestone-256; sizes without the prefix

const COBBLESTONE_LABEL = utf8('c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0', 'label');

/** Sealed size of so many bytes. */
export const cobblestoneSize = (plaintext: number): number =>
  COBBLESTONE_HEADER + plaintext + TAG_LENGTH * (Math.floor(plaintext / CHUNK) + 1);

/** … and back, or null for a size that no plaintext has. */
export function cobblestonePlaintext(sealed: number): number | null {
  const chunks = sealed - COBBLESTONE_HEADER;
  if (chunks < TAG_LENGTH || chunks % SEALED_CHUNK < TAG_LENGTH) return null;
  return chunks - TAG_LENGTH * (Math.floor(chunks / SEALED_CHUNK) + 1);
}

/** info = label ‖ 00 ‖ salt ‖ context, for HKDF-Expand-SHA512 of key 32 ‖ base_nonce 12 ‖ commitment 32. */
export const cobblestoneInfo = (salt: Bytes, context: Bytes): Out => concat(COBBLESTONE_LABEL, salt, context);

/** nonce_i = base_nonce XOR i (big-endian, right-aligned). */
export function chunkNonce(base: Bytes, i: number): Out {
  const nonce = still(IV_LENGTH);
  nonce.set(base);
  for (let at = IV_LENGTH - 1, rest = i; rest > 0; at--, rest = Math.floor(rest / 256)) nonce[at]! ^= rest % 256;
  return nonce;
}
