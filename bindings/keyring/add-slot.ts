// One more way to the KEK: a slot made of a secret, entered in one write. FORMATS §3.

import { KeystrataError } from '../core/errors.ts';
import type { Work } from '../engine/engine.ts';
import type { AgreementKind } from '../keys/agreement.ts';
import { asIterations, asLabel, asOptions, checkLength, checkPin } from './arguments.ts';
import { Bag } from './bag.ts';
import { apply } from './change.ts';
import { now, randomId } from './compose.ts';
import { entered, takeShare } from './edit-slots.ts';
import { slotInfo } from './slot-info.ts';
import { makeRoom } from './key-shelf.ts';
import { forget, makeWayIn } from './make-slot.ts';
import { asWorking, type Working } from './progress.ts';
import { RecoverySecret } from './recovery-secret.ts';
import type { Session, Write } from './session.ts';
import type { SlotSecret } from './slot-secret.ts';
import { takeSecret } from './take-secret.ts';
import { checkKem } from './ways-in.ts';
import type { Secret, SlotInfo } from './types.ts';

export interface AddOptions {
  /** For people: 0 … 255 bytes, kept in the document's encrypted part. */
  label?: string;
  /** Of PBKDF2, for a passphrase or a PIN: 600,000 (default) … 10,000,000. */
  iterations?: number;
  /** Of a passphrase, in code points after NFKC: 12 by default. */
  minLength?: number;
  /**
   * With a key of its own, to which the next KEK is sealed: `rotateKek` needs the secret of this slot no more. Direct by
   * default: then the secret is wanted again when the KEK is replaced.
   */
  rotatable?: boolean;
  /** Of a rotatable slot: P-256 by default, and under the regulated profile; X-Wing is never the only way in. */
  kem?: 'P-256' | 'X-Wing';
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
  checkAdding(session, p);
  makeRoom(session.engine);
  const secret = takeSecret(session.engine, p);
  return enter(session, secret, p, work);
}

/** Once its `write` has begun it ends as that does: a slot stands whose code nobody else has. */
export async function addRecovery(
  session: Session,
  p: Work & AddOptions,
  write: Write,
): Promise<{ slot: SlotInfo; recoveryCode: string }> {
  const work = asWorking(asOptions(p, 'p'));
  checkAdding(session, p);
  makeRoom(session.engine);
  const secret = RecoverySecret.draw(session.engine);
  const recoveryCode = secret.code();
  return { slot: await enter(session, secret, p, work, write), recoveryCode };
}

interface Adding {
  readonly label: string;
  readonly iterations: number;
  readonly kind: AgreementKind | null;
}

function checkAdding(
  session: Session,
  { label = '', iterations, allowWeak, rotatable = false, kem }: AddOptions,
): Adding {
  if (typeof rotatable !== 'boolean') throw new KeystrataError('ERR_ARGUMENT', 'rotatable: true or false is wanted');
  if (kem !== undefined && !rotatable)
    throw new KeystrataError('ERR_ARGUMENT', 'kem: a direct slot has none; say rotatable: true with it');
  if (kem !== undefined && kem !== 'P-256' && kem !== 'X-Wing')
    throw new KeystrataError('ERR_ARGUMENT', 'kem: "P-256" (the default) or "X-Wing" is wanted');
  const kind = rotatable ? (kem ?? 'P-256') : null;
  if (kind !== null) checkKem(session.snapshot.header.profile, kind);
  return { label: asLabel(label, 'label'), iterations: asIterations(iterations, allowWeak), kind };
}

/** Makes the slot and enters it. Ends the secret. */
async function enter(
  session: Session,
  secret: SlotSecret,
  p: AddOptions,
  work: Working,
  write?: Write,
): Promise<SlotInfo> {
  const bag = session.hold(new Bag());
  bag.put(secret);
  try {
    const { label, iterations, kind } = checkAdding(session, p);
    const fresh = { id: randomId(session.engine), created: now(), iterations, kind };
    const made = await makeWayIn(session, secret, fresh, work);
    bag.put({ dispose: () => forget(session, made) });
    await takeShare(session, [], made, label);
    await apply(session, entered(made, label), { write });
    return slotInfo(made.slot, { labels: new Map([[made.slot.id, label]]) });
  } finally {
    session.release(bag);
    bag.dispose();
  }
}
