// What may be told of a slot: its type, its age, what is needed to try it; never a secret. FORMATS §3.

import { concat } from '../core/bytes.ts';
import { ENROL_AGAIN, type PrivatePart } from '../format/private-part.ts';
import { encodePublicKey } from '../format/public-key.ts';
import type { EscrowSlot, Slot } from '../format/slot.ts';
import { kindOfKem } from '../keys/agreement.ts';
import { date } from './info.ts';
import type { SlotInfo } from './types.ts';

const escrowInfo = ({ escrowKey, signature }: EscrowSlot): NonNullable<SlotInfo['escrow']> => ({
  publicKey: encodePublicKey(escrowKey),
  signed: signature.length > 0,
});

/** `opened`: the private part, where it is at hand. */
export function slotInfo(slot: Slot, opened: Partial<Pick<PrivatePart, 'labels' | 'slots'>> = {}): SlotInfo {
  const flags = opened.slots?.get(slot.id)?.flags ?? 0;
  return {
    id: slot.id,
    type: slot.type,
    label: opened.labels?.get(slot.id) ?? '',
    created: date(slot.created),
    ...('iterations' in slot ? { iterations: slot.iterations } : {}),
    rotatable: slot.mode === 'rotatable',
    ...(slot.type === 'prf' ? { salt: concat(slot.salt), credentialId: concat(slot.credential) } : {}),
    ...(slot.type === 'operator' ? { operatorKeyId: slot.operatorKey } : {}),
    ...(slot.mode === 'direct' ? {} : { kem: kindOfKem(slot.kem)! }),
    ...(slot.type === 'escrow' ? { escrow: escrowInfo(slot) } : {}),
    ...((flags & ENROL_AGAIN) !== 0 ? { enrolAgain: true } : {}),
  };
}
