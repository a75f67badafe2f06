// One more way to the KEK: a slot made of a secret, entered in one write. FORMATS §3.

import { KeystrataError } from '../core/errors.ts';
import type { Work } from '../engine/engine.ts';
import { asIterations, asLabel, asOptions, checkLength, checkPin } from './arguments.ts';
import { Bag } from './bag.ts';
import { apply } from './change.ts';
import { now, randomId } from './compose.ts';
import { ENTRY, entered } from './edit-slots.ts';
import { slotInfo } from './info.ts';
import { makeRoom } from './key-shelf.ts';
import { makeSlot } from './make-slot.ts';
import { asWorking, type Working } from './progress.ts';
import { RecoverySecret } from './recovery-secret.ts';
import type { Session } from './session.ts';
import type { SlotSecret } from './slot-secret.ts';
import { takeSecret } from './take-secret.ts';
import type { Secret, SlotInfo } from './types.ts';

export interface AddOptions {
  /** For people: 0 … 255 bytes, kept in the document's encrypted part. */
  label?: string;
  /** Of PBKDF2, for a passphrase or a PIN: 600,000 (default) … 10,000,000. */
  iterations?: number;
  /** Of a passphrase, in code points after NFKC: 12 by default. */
  minLength?: number;
  /** Takes fewer iterations than 600,000: for tests, and devices that can do no more. */
  allowWeak?: boolean;
}

/** ERR_ARGUMENT where the secret makes no slot, ERR_LIMIT where 32 are there. */
export async function addSlot(session: Session, p: Secret & Work & AddOptions): Promise<SlotInfo> {
  const options = asOptions(p, 'p');
  const given = options as { recoveryCode?: unknown; escrowKey?: unknown };
  if (given.recoveryCode !== undefined)
    throw new KeystrataError('ERR_ARGUMENT', 'recoveryCode: addRecovery draws one, none is taken');
  if (given.escrowKey !== undefined)
    throw new KeystrataError('ERR_ARGUMENT', 'escrowKey: addEscrow takes the public key, never the private one');
  const work = asWorking(p);
  if ('passphrase' in p && p.passphrase !== undefined) checkLength(p.passphrase, p.minLength);
  if ('pin' in p && p.pin !== undefined) checkPin(p.pin);
  checkAdding(p);
  makeRoom(session.engine);
  const secret = takeSecret(session.engine, p);
  return enter(session, secret, p, work);
}

export async function addRecovery(
  session: Session,
  p: Work & AddOptions,
): Promise<{ slot: SlotInfo; recoveryCode: string }> {
  const work = asWorking(asOptions(p, 'p'));
  checkAdding(p);
  makeRoom(session.engine);
  const secret = RecoverySecret.draw(session.engine);
  const recoveryCode = secret.code();
  return { slot: await enter(session, secret, p, work), recoveryCode };
}

function checkAdding({ label = '', iterations, allowWeak }: AddOptions): { label: string; iterations: number } {
  return { label: asLabel(label, 'label'), iterations: asIterations(iterations, allowWeak) };
}

/** Makes the slot and enters it. Ends the secret. */
async function enter(session: Session, secret: SlotSecret, p: AddOptions, work: Working): Promise<SlotInfo> {
  const bag = session.hold(new Bag());
  bag.put(secret);
  try {
    const { label, iterations } = checkAdding(p);
    const { kek } = session;
    const slot = await makeSlot(session, secret, { id: randomId(session.engine), created: now(), iterations }, work);
    await session.shares.takeForPrivate(ENTRY);
    await apply(session, entered({ slot, label }, kek.id));
    return slotInfo(slot, new Map([[slot.id, label]]));
  } finally {
    session.release(bag);
    bag.dispose();
  }
}
