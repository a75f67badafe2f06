// Unlocking, in the order of FORMATS §3: nothing read from a document is shown or acted on before its MAC is verified.
//
//   bounds → candidate slots → MEK → commitment → KEK (its kid is header field 5) → document key → MAC → owner,
//   (escrow: who sealed it) → rollback memory → the rest
//
// Whoever can write the store can at most make it fail.

import type { Id } from '../format/ids.ts';
import type { DirectSlot, EscrowSlot, RotatableSlot } from '../format/slot.ts';
import { asId, checkWhere } from './arguments.ts';
import { Bag } from './bag.ts';
import { apply } from './change.ts';
import { DeviceMemory } from './device-memory.ts';
import { checkSigner } from './escrow-signer.ts';
import { checkIdle } from './idle-timer.ts';
import { makeRoom } from './key-shelf.ts';
import { openSlot, type Opener } from './open-slot.ts';
import { asWorking } from './progress.ts';
import { raise } from './raise.ts';
import { Session } from './session.ts';
import { telling } from './warnings.ts';
import { takeOpener } from './take-secret.ts';
import { readStored, verify, type Unlocked } from './snapshot.ts';
import type { UnlockBy, UnlockOptions } from './types.ts';

export const unlock = (p: UnlockOptions): Promise<Session> => unlockBy(p, () => takeOpener(p.engine, p));

/** By a secret that is taken once the rest is checked, and disposed here. */
export async function unlockBy(p: UnlockBy, take: () => Opener): Promise<Session> {
  checkWhere(p);
  checkIdle(p.idle);
  const onWarning = telling(p);
  const work = asWorking(p);
  const { engine, store, owner, allowWeak, idle } = p;
  const slot = p.slot === undefined ? undefined : asId(p.slot, 'slot');
  makeRoom(engine);
  const secret = take();
  const bag = new Bag();
  try {
    const memory = new DeviceMemory(p);
    const known = await memory.recall();
    const found = await readStored(store, owner);
    const opened = await openSlot(engine, found.header, secret, { slot, allowWeak }, work);
    const unlocked: Unlocked = { engine, keyring: found.header.keyring, owner, kek: bag.put(opened.kek) };
    const snapshot = await verify(unlocked, found, known);
    if (secret.type === 'escrow') checkSigner(unlocked, snapshot, opened.slot as EscrowSlot, secret.signer);
    await memory.remember(snapshot);
    const session = new Session(unlocked, { store, memory, snapshot, idle, onWarning });
    bag.release();
    if (secret.type === 'escrow') await logged(session, opened.slot.id);
    else await raise(session, opened.slot as DirectSlot | RotatableSlot, secret, work);
    return session;
  } finally {
    bag.dispose();
    secret.dispose();
  }
}

/** An unlocking by the institution is on record before it is one. */
async function logged(session: Session, subject: Id): Promise<void> {
  try {
    await apply(session, () => ({ events: [{ event: 'unlock by escrow', subject }] }));
  } catch (error) {
    session.lock();
    throw error;
  }
}
