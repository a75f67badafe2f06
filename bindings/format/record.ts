import type { Bytes } from '../core/bytes.ts';
import type { Id } from './ids.ts';

export interface RecordParts {
  readonly kid: Id;
  readonly iv: Bytes; // 12
  readonly protected: Bytes;
  readonly ciphertext: Bytes; // with its tag
}
/** COSE_Encrypt0 of data: `d0 83 55 …`. Views of `bytes`. ERR_FORMAT, ERR_UNSUPPORTED, ERR_LIMIT. */
export declare const decodeRecord: (bytes: Bytes) => RecordParts;
/** Of a plaintext of n bytes, in all. */
export declare const recordSize: (plaintext: number) => number;
