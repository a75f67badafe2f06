// The next KEK, sealed to a slot whose secret is not at hand: to a rotatable slot's public key, or to the institution's of an
// escrow. FORMATS §3 (KEK rotation).

import { KeystrataError } from '../core/errors.ts';
import { ENROL_AGAIN, type SlotSealing } from '../format/private-part.ts';
import type { EscrowSlot, RotatableSlot } from '../format/slot.ts';
import { sealEscrow } from '../keys/escrow.ts';
import type { Keypair } from '../keys/keypair.ts';
import { resealRotatable } from '../keys/rotatable.ts';
import type { Unlocked } from './snapshot.ts';

/** The same slot over the KEK in `unlocked`. ERR_FORMAT where the document has nothing to seal with. */
export function resealSlot(
  { engine, keyring, owner, kek }: Unlocked,
  slot: RotatableSlot,
  sealing: SlotSealing | undefined,
): RotatableSlot {
  if (sealing === undefined)
    throw new KeystrataError('ERR_FORMAT', `document: what seals to slot ${slot.id} is missing; remove the slot`);
  return { ...slot, ...resealRotatable(engine, kek, sealing, { keyring, owner, slot: slot.id, type: slot.type }) };
}

/** `signer`: the user's signing key, null where there is none. */
export const resealEscrow = (
  { engine, keyring, owner, kek }: Unlocked,
  slot: EscrowSlot,
  signer: Keypair<'SIGN'> | null,
): EscrowSlot => ({ ...slot, ...sealEscrow(engine, kek, slot.escrowKey, { keyring, owner, slot: slot.id }, signer) });

/** After a compromise: whoever had the old KEK has the slot's seal key too, until it is enrolled again. */
export const flagged = (sealing: SlotSealing): SlotSealing => ({ ...sealing, flags: sealing.flags | ENROL_AGAIN });
