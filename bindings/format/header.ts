import type { Bytes, Out } from '../core/bytes.ts';
import type { Id } from './ids.ts';
import type { Slot } from './slot.ts';

export type Profile = 'default' | 'regulated';

export interface Header {
  readonly keyring: Id;
  readonly owner: string; // 1 … 255 bytes
  readonly revision: number; // 1 … 2^53 - 1, one more with every write
  readonly device: Id; // of the writer
  readonly kek: Id;
  readonly documentKey: { readonly id: Id; readonly wrapped: Bytes }; // COSE_Encrypt0, 120
  readonly slots: readonly Slot[]; // 1 … 32; written sorted by id, whatever the order here
  readonly profile: Profile;
  readonly time: number; // Unix seconds
  readonly previous: readonly Bytes[]; // H(document) of up to 16 documents before, newest first
}
export declare const encodeHeader: (header: Header) => Out;
/** ERR_FORMAT, ERR_UNSUPPORTED, ERR_LIMIT. Proves nothing: the MAC does. */
export declare const decodeHeader: (bytes: Bytes) => Header;
