// A record: a piece of data under a DEK of the keyring. FORMATS §6. COSE_Encrypt0, 57 bytes over a plaintext of 8 … 239.
//
//   d0 83 55 a2 01 03 04 50 <kid 16> a1 05 4c <iv 12> <bstr ciphertext ‖ tag>

import type { Bytes } from '../core/bytes.ts';
import { RECORD, TAG_LENGTH, encrypt0Parts } from './cose-encrypt0.ts';
import { over } from './fields.ts';
import { idOf } from './ids.ts';
import type { Id } from './ids.ts';

export interface RecordParts {
  readonly kid: Id;
  readonly iv: Bytes; // 12
  readonly protected: Bytes;
  readonly ciphertext: Bytes; // with its tag
}

export const MAX_PLAINTEXT = 64 * 1024 * 1024;

/** ERR_LIMIT over 64 MiB. */
export function checkRecordPlaintext(length: number): void {
  if (length > MAX_PLAINTEXT) throw over('record', MAX_PLAINTEXT, 'bytes: seal it as a stream');
}

/** Views of `bytes`. ERR_FORMAT, ERR_UNSUPPORTED, ERR_LIMIT. */
export function decodeRecord(bytes: Bytes): RecordParts {
  const parts = encrypt0Parts(RECORD, bytes, 'record');
  checkRecordPlaintext(parts.ciphertext.length - TAG_LENGTH);
  return { kid: idOf(parts.kid), iv: parts.iv, protected: parts.protected, ciphertext: parts.ciphertext };
}
