import type { Bytes } from '../core/bytes.ts';
import type { Cbor } from './cbor.ts';

/** A public COSE_Key, FORMATS §0. */
export type PublicKey =
  | { readonly kind: 'P-256'; readonly x: Bytes; readonly y: Bytes } // 32, 32
  | { readonly kind: 'X25519' | 'Ed25519'; readonly x: Bytes } // 32
  | { readonly kind: 'X-Wing'; readonly publicKey: Bytes }; // 1216
export declare const publicKeyToCbor: (key: PublicKey) => Cbor;
export declare const publicKeyFromCbor: (value: Cbor, name: string) => PublicKey;
