// Another recovery code: the one before it stops working. FORMATS §3, type 2.

import { equal } from '../core/bytes.ts';
import { KeystrataError, conflictError } from '../core/errors.ts';
import type { Work } from '../engine/engine.ts';
import type { DirectSlot, Slot } from '../format/slot.ts';
import type { Event } from './audit-log.ts';
import { Bag } from './bag.ts';
import { apply, type Change } from './change.ts';
import { now, randomId } from './compose.ts';
import { makeRoom } from './key-shelf.ts';
import { makeSlot } from './make-slot.ts';
import { asWorking } from './progress.ts';
import { RecoverySecret } from './recovery-secret.ts';
import type { Session } from './session.ts';

/** The new code. In one write all recovery slots give way to its own; ConflictError where another process was first. */
export async function replaceRecoveryCode(session: Session, p: Work): Promise<string> {
  const work = asWorking(p);
  makeRoom(session.engine);
  const bag = session.hold(new Bag());
  try {
    await session.refresh();
    const before = recoverySlots(session.snapshot.header.slots);
    const secret = bag.put(RecoverySecret.draw(session.engine));
    const first = { id: before[0]?.id ?? randomId(session.engine), created: now(), iterations: 0 };
    const slot = await makeSlot(session, secret, first, { signal: work.signal });
    await apply(session, replaced(before, slot));
    work.onProgress?.(1);
    return secret.code();
  } finally {
    session.release(bag);
    bag.dispose();
  }
}

function recoverySlots(slots: readonly Slot[]): DirectSlot[] {
  const found = slots.filter(({ type }) => type === 'recovery');
  const direct = found.filter((slot) => slot.mode === 'direct');
  if (direct.length < found.length)
    throw new KeystrataError('ERR_UNSUPPORTED', 'this version replaces direct recovery slots alone: update keystrata');
  return direct;
}

/** Where the recovery slots are still those that `before` were: else somebody would hold a code that was never good. */
const replaced =
  (before: readonly DirectSlot[], after: DirectSlot): Change =>
  ({ header: { slots } }) => {
    const there = recoverySlots(slots);
    const same =
      there.length === before.length && there.every((slot, i) => equal(slot.commitment, before[i]!.commitment));
    if (!same)
      throw conflictError('the recovery code was replaced by another process meanwhile: yours was not made, try again');
    const gone = there.filter(({ id }) => id !== after.id);
    return {
      header: { slots: [...slots.filter(({ type }) => type !== 'recovery'), after] },
      events: [
        { event: gone.length < there.length ? 'slot change' : 'slot add', subject: after.id },
        ...gone.map(({ id }): Event => ({ event: 'slot remove', subject: id })),
      ],
    };
  };
