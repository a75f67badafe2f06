// What the seals of slots are bound to. FORMATS §3, fields 11, 12 and 16.
//
//   info (HPKE)           CBOR ["keystrata/slot-seal/v1", keyring id, owner, slot id, type, KEK kid, fp of the recipient key]
//   MAC input             CBOR ["keystrata/seal-mac/v1", keyring id, slot id, KEK kid, field 11]
//   external_aad (Sign1)  CBOR ["keystrata/escrow-sign/v1", keyring id, owner, slot id, KEK kid]

import type { Bytes, Out } from '../core/bytes.ts';
import { encode } from './cbor.ts';
import { idBytes, type Id } from './ids.ts';
import { ESCROW_SIGN, SEAL_MAC, SLOT_SEAL } from './labels.ts';
import { slotTypeNumber, type SlotType } from './slot.ts';

/** Whose KEK is sealed, and in which slot. */
export interface SealAt {
  readonly keyring: Id;
  readonly owner: string;
  readonly slot: Id;
  readonly type: SlotType;
}

export const slotSealInfo = ({ keyring, owner, slot, type }: SealAt, kek: Id, recipient: Bytes): Out =>
  encode([SLOT_SEAL, idBytes(keyring), owner, idBytes(slot), slotTypeNumber(type), idBytes(kek), recipient]);

export const sealMacInput = ({ keyring, slot }: Pick<SealAt, 'keyring' | 'slot'>, kek: Id, seal: Bytes): Out =>
  encode([SEAL_MAC, idBytes(keyring), idBytes(slot), idBytes(kek), seal]);

export const escrowSignAad = ({ keyring, owner, slot }: Omit<SealAt, 'type'>, kek: Id): Out =>
  encode([ESCROW_SIGN, idBytes(keyring), owner, idBytes(slot), idBytes(kek)]);
