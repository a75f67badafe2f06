import type { Bytes, Out } from '../core/bytes.ts';
import type { Id } from './ids.ts';
import type { PublicKey } from './public-key.ts';

export interface SlotSealing {
  readonly kem: number;
  readonly publicKey: PublicKey;
  readonly sealKey: Bytes; // 32, secret
  readonly flags: number;
}
export interface Contact {
  readonly name: string;
  readonly use: 'agree' | 'sign';
  readonly trust: 'first use' | 'introduced' | 'verified' | 'changed';
  readonly time: number;
  readonly sequence: number;
}
/** The document's private part, before encryption. */
export interface PrivatePart {
  readonly labels: ReadonlyMap<Id, string>; // 0 … 255 bytes each
  readonly slots: ReadonlyMap<Id, SlotSealing>;
  readonly contacts: ReadonlyMap<string, Contact>; // by fp, 64 hex digits
  readonly reasons: ReadonlyMap<number, string>; // audit sequence → text, at most 255 bytes
}
export declare const encodePrivatePart: (part: PrivatePart) => Out;
export declare const decodePrivatePart: (bytes: Bytes) => PrivatePart;
