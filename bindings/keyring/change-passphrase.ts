// Another passphrase for a slot: the KEK is wrapped anew, no other key and no data is touched.
//
// Who has an old copy of the document and the old passphrase still gets the same KEK from them.

import { KeystrataError } from '../core/errors.ts';
import type { Work } from '../engine/engine.ts';
import type { KeyId } from '../engine/key.ts';
import type { Header } from '../format/header.ts';
import type { Id } from '../format/ids.ts';
import type { DirectSlot, RotatableSlot } from '../format/slot.ts';
import type { Passphrase } from '../keys/passphrase.ts';
import { asId, checkLength } from './arguments.ts';
import { Bag } from './bag.ts';
import { apply, type Change } from './change.ts';
import { replaced, takeShare } from './edit-slots.ts';
import { makeRoom } from './key-shelf.ts';
import { forget, kindOf, makeWayIn, type Made } from './make-slot.ts';
import { openSlot } from './open-slot.ts';
import { PassphraseSecret } from './passphrase-secret.ts';
import { TARGET_ITERATIONS } from './policy.ts';
import { asWorking, Progress } from './progress.ts';
import { given, rotate, type RotateOptions } from './rotate-kek.ts';
import type { Session } from './session.ts';
import type { SlotSecret } from './slot-secret.ts';
import { takeSecret } from './take-secret.ts';

export interface ChangeOptions extends Pick<RotateOptions, 'secrets' | 'dropSlots'>, Work {
  slot?: KeyId;
  /** Another KEK too, in the same write: as rotateKek, whose `secrets` and `dropSlots` are for the other slots. */
  rekey?: boolean;
}

/** What shows the right to it: the present passphrase, or the recovery code of whoever lost that. */
export type Current = { passphrase: Passphrase } | { recoveryCode: string };

/**
 * WrongSecretError where `current` opens no slot (or not that which is named: ERR_NOT_FOUND where there is none); ERR_ARGUMENT
 * where a recovery code comes without "slot", and there are several; ConflictError where the slot was changed or removed meanwhile.
 */
export async function changePassphrase(
  session: Session,
  current: Current,
  next: Passphrase,
  p: ChangeOptions,
): Promise<void> {
  const work = asWorking(p);
  const slotId = p.slot === undefined ? undefined : asId(p.slot, 'slot');
  checkLength(next);
  makeRoom(session.engine);
  const bag = session.hold(new Bag());
  try {
    const old = bag.put(takeSecret(session.engine, current));
    const fresh = bag.put(new PassphraseSecret(session.engine, next));
    if (p.rekey === true) return await rekeyed(session, { ...p, slot: slotId }, bag, { old, fresh });
    await session.refresh();
    const progress = new Progress(work, 2);
    const { header } = session.snapshot;
    // A weak slot may be left behind: what replaces it has the target's iterations.
    const choice = { slot: old.type === 'passphrase' ? slotId : undefined, allowWeak: true };
    const { kek, slot: opened } = await openSlot(session.engine, header, old, choice, progress.part(1));
    kek.dispose();
    const slot = opened.type === 'passphrase' ? opened : passphraseSlot(header, slotId);
    const iterations = Math.max(TARGET_ITERATIONS, 'iterations' in slot ? slot.iterations : 0);
    const kept = { id: slot.id, created: slot.created, iterations, kind: kindOf(slot) };
    const made = await makeWayIn(session, fresh, kept, progress.part(1));
    bag.put({ dispose: () => forget(session, made) });
    await takeShare(session, [], made);
    await apply(session, changed(slot, made));
    progress.end();
  } finally {
    session.release(bag);
    bag.dispose();
  }
}

/** The slot, direct or rotatable, changes its passphrase as the KEK is rotated: one write, or none. */
function rekeyed(
  session: Session,
  p: ChangeOptions,
  bag: Bag,
  { old, fresh }: { old: SlotSecret; fresh: SlotSecret },
): Promise<void> {
  if (old.type !== 'passphrase')
    throw new KeystrataError('ERR_ARGUMENT', 'rekey: the present passphrase is wanted, not a recovery code');
  const { secrets, drop } = given(session, p, bag);
  const exchange = { opened: old, by: fresh, slot: p.slot };
  return rotate(session, p, bag, { secrets: [old, ...secrets], drop, exchange });
}

/** The one that `slotId` names, or the only one. */
function passphraseSlot({ slots }: Header, slotId: Id | undefined): DirectSlot | RotatableSlot {
  const found = slots.filter(({ id, type }) => type === 'passphrase' && (slotId === undefined || id === slotId));
  if (found.length > 1)
    throw new KeystrataError('ERR_ARGUMENT', `${found.length} slots open with a passphrase: name one with "slot"`);
  const [slot] = found;
  if (slot === undefined || slot.mode === 'sealed')
    throw new KeystrataError(
      'ERR_NOT_FOUND',
      'this keyring has no such slot with a passphrase: inspect lists those it has',
    );
  return slot;
}

/** Where the slot is still the one that `before` was. */
export const changed = (before: DirectSlot | RotatableSlot, made: Made): Change =>
  replaced([before], made, {
    of: ({ id }) => id === before.id,
    lost: 'the secret of this slot was changed by another process meanwhile: yours was not set',
  });
