import type { Bytes } from '../core/bytes.ts';
import type { Cbor } from './cbor.ts';
import type { Id } from './ids.ts';
import type { PublicKey } from './public-key.ts';

export type SlotType = 'passphrase' | 'recovery' | 'pin' | 'prf' | 'operator' | 'escrow';
export type SlotMode = 'direct' | 'rotatable' | 'sealed';

interface Base {
  readonly id: Id;
  readonly created: number; // Unix seconds
}
/** What the slot's secret needs to become a MEK. */
export type SlotSource =
  | { readonly type: 'passphrase' | 'pin'; readonly salt: Bytes; readonly iterations: number } // salt 32
  | { readonly type: 'recovery'; readonly salt: Bytes }
  | { readonly type: 'prf'; readonly salt: Bytes; readonly credential: Bytes } // credential id, 1 … 1023 bytes
  | { readonly type: 'operator'; readonly operatorKey: Id };
/** How the KEK lies under it. */
export interface DirectWrap {
  readonly mode: 'direct';
  readonly commitment: Bytes; // 32
  readonly wrappedKek: Bytes; // COSE_Encrypt0, 123
}
export interface RotatableWrap {
  readonly mode: 'rotatable';
  readonly commitment: Bytes; // 32
  readonly wrappedPrivateKey: Bytes; // COSE_Encrypt0
  readonly kem: number;
  readonly seal: Bytes;
  readonly sealMac: Bytes; // 32
}
export interface EscrowWrap {
  readonly type: 'escrow';
  readonly mode: 'sealed';
  readonly kem: number;
  readonly seal: Bytes;
  readonly escrowKey: PublicKey;
  readonly signature: Bytes; // COSE_Sign1, empty where the user has no signing key
}
export type DirectSlot = Base & SlotSource & DirectWrap;
export type RotatableSlot = Base & SlotSource & RotatableWrap;
export type EscrowSlot = Base & EscrowWrap;
export type Slot = DirectSlot | RotatableSlot | EscrowSlot;

/** The numbers of type and mode: the two bytes behind the ids in X(MEK, SLOT label, …). */
export declare const typeAndMode: (type: SlotType, mode: SlotMode) => Bytes;
export declare const slotToCbor: (slot: Slot) => Cbor;
export declare const slotFromCbor: (value: Cbor) => Slot;
