// A slot made: the KEK under what its secret derives to, directly or by a slot key of its own. FORMATS §3.

import type { Id } from '../format/ids.ts';
import type { SlotSealing } from '../format/private-part.ts';
import type { DirectSlot, RotatableSlot, Slot, SlotSource } from '../format/slot.ts';
import { kindOfKem, type AgreementKind } from '../keys/agreement.ts';
import { sealDirect } from '../keys/mek.ts';
import type { Mek } from '../keys/roles.ts';
import { sealRotatable } from '../keys/rotatable.ts';
import type { Working } from './progress.ts';
import type { Session } from './session.ts';
import type { SlotSecret } from './slot-secret.ts';
import type { Unlocked } from './snapshot.ts';

interface Making {
  readonly id: Id;
  readonly created: number; // Unix seconds
  readonly iterations: number;
}

/** A slot that leads to the KEK `kek`, and, where the next one can be sealed to it, with what. */
export interface Made<S extends Slot = Slot> {
  readonly slot: S;
  readonly kek: Id;
  readonly sealing: SlotSealing | null;
}

/** Direct, with a fresh salt where its type has one. */
export async function makeSlot(
  { engine, keyring, kek }: Pick<Unlocked, 'engine' | 'keyring' | 'kek'>,
  secret: SlotSecret,
  p: Making,
  work: Working,
): Promise<DirectSlot> {
  const source = secret.source(p.iterations);
  const mek = await secret.mek({ id: p.id, keyring, ...source }, work);
  const wrap = sealDirect(engine, mek, kek, { keyring, slot: p.id, type: source.type });
  return { id: p.id, created: p.created, ...source, ...wrap };
}

/** Under the MEK that `source` gives: direct, or rotatable, with a pair of its own. `forget` what is not entered. */
export function sealWayIn(
  { engine, keyring, owner, kek }: Unlocked,
  mek: Mek,
  p: { id: Id; created: number; source: SlotSource; kind: AgreementKind | null },
): Made<DirectSlot | RotatableSlot> {
  const { id, created, source, kind } = p;
  const at = { keyring, owner, slot: id, type: source.type };
  if (kind === null)
    return { slot: { id, created, ...source, ...sealDirect(engine, mek, kek, at) }, kek: kek.id, sealing: null };
  const { wrap, sealing } = sealRotatable(engine, mek, kek, at, kind);
  return { slot: { id, created, ...source, ...wrap }, kek: kek.id, sealing };
}

/**
 * `kind`: of the slot's pair; null for a direct one. `forget` what is not entered. Over the KEK that `unlocked` has when the secret
 * has derived: it may be replaced meanwhile.
 */
export async function makeWayIn(
  unlocked: Unlocked,
  secret: SlotSecret,
  { kind, ...p }: Making & { kind: AgreementKind | null },
  work: Working,
): Promise<Made<DirectSlot | RotatableSlot>> {
  const source = secret.source(p.iterations);
  const mek = await secret.mek({ id: p.id, keyring: unlocked.keyring, ...source }, work);
  return sealWayIn(unlocked, mek, { id: p.id, created: p.created, source, kind });
}

/** What a slot made in place of this one would be. */
export const kindOf = (slot: DirectSlot | RotatableSlot): AgreementKind | null =>
  slot.mode === 'direct' ? null : kindOfKem(slot.kem)!;

/** Wipes the seal key, unless the session's document has it: at the end of whatever made the slot. */
export function forget(session: Session, { sealing }: Made): void {
  const entered = [...session.snapshot.private.slots.values()];
  if (sealing !== null && !entered.some(({ sealKey }) => sealKey === sealing.sealKey)) sealing.sealKey.fill(0);
}
