// Another recovery code: the one before it stops working. FORMATS §3, type 2.

import type { Work } from '../engine/engine.ts';
import type { DirectSlot, RotatableSlot, Slot } from '../format/slot.ts';
import { Bag } from './bag.ts';
import { apply } from './change.ts';
import { now, randomId } from './compose.ts';
import { replaced, takeShare } from './edit-slots.ts';
import { makeRoom } from './key-shelf.ts';
import { forget, kindOf, makeWayIn } from './make-slot.ts';
import { asWorking } from './progress.ts';
import { RecoverySecret } from './recovery-secret.ts';
import type { Session, Write } from './session.ts';

/**
 * The new code. In one write all recovery slots give way to its own; ConflictError where another process was first. Once its
 * `write` has begun it ends as that does: where it was made the old code opens nothing, and nobody else has the new one.
 */
export async function replaceRecoveryCode(session: Session, p: Work, write: Write): Promise<string> {
  const work = asWorking(p);
  makeRoom(session.engine);
  const bag = session.hold(new Bag());
  try {
    await session.refresh();
    const before = session.snapshot.header.slots.filter(isRecovery);
    const secret = bag.put(RecoverySecret.draw(session.engine));
    const code = secret.code(); // the end of the session wipes it
    const [first] = before;
    const id = first?.id ?? randomId(session.engine);
    const kind = first === undefined ? null : kindOf(first);
    const made = await makeWayIn(session, secret, { id, created: now(), iterations: 0, kind }, work);
    bag.put({ dispose: () => forget(session, made) });
    const gone = before.map((slot) => slot.id).filter((one) => one !== id);
    await takeShare(session, gone, made);
    await apply(session, replaced(before, made, { of: isRecovery, lost: LOST }), { write });
    return code;
  } finally {
    session.release(bag);
    bag.dispose();
  }
}

const LOST = 'the recovery code was replaced by another process meanwhile: yours was not made, try again';

type RecoverySlot = DirectSlot | RotatableSlot;

const isRecovery = (slot: Slot): slot is RecoverySlot => slot.type === 'recovery';
