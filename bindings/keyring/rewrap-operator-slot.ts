// One keyring from an old operator key to the active one: its slot is replaced in one write, no other key and no data is
// touched. Done again it does nothing, so any number of machines may come to the same keyring.

import { KeystrataError } from '../core/errors.ts';
import type { Id } from '../format/ids.ts';
import type { DirectSlot, RotatableSlot, Slot } from '../format/slot.ts';
import { Bag } from './bag.ts';
import { apply } from './change.ts';
import { changed } from './change-passphrase.ts';
import { takeShare } from './edit-slots.ts';
import { makeRoom } from './key-shelf.ts';
import { forget, kindOf, makeWayIn } from './make-slot.ts';
import type { OperatorRing } from './operator-ring.ts';
import { Session } from './session.ts';
import type { SlotSecret } from './slot-secret.ts';
import { readStored } from './snapshot.ts';
import type { CreateBy } from './types.ts';
import { unlockBy } from './unlock.ts';

/**
 * `rewrapped` here and now. `current`: it was opened with the active key, its MAC is true, and it has no slot under another
 * key of the ring. `without`: no operator key opens it. `gone`: it was deleted.
 */
export type Outcome = 'rewrapped' | 'current' | 'without' | 'gone';

/** Others may come to the same keyring at the same time; each try that fails is their success. */
const TRIES = 8;

/** Errors as of unlocking: ERR_WRONG_SECRET where it has slots under keys alone that the ring has not. */
export async function rewrapOperatorSlot(ring: OperatorRing, p: Place): Promise<Outcome> {
  for (let tries = 1; ; tries++)
    try {
      return await attempt(ring, p);
    } catch (error) {
      if (!KeystrataError.is(error, 'ERR_CONFLICT') || tries === TRIES) throw error;
    }
}

type Place = Pick<CreateBy, 'store' | 'owner' | 'memory'>;

async function attempt(ring: OperatorRing, p: Place): Promise<Outcome> {
  const secret = ring.secret();
  const session = await unlockBy({ ...p, engine: ring.engine }, () => secret).catch((error: unknown) =>
    closed(p, error),
  );
  if (!(session instanceof Session)) return session;
  try {
    const old = session.snapshot.header.slots.filter((slot) => isOld(ring, slot, ring.active));
    for (const slot of old) await move(session, secret, slot);
    return old.length === 0 ? 'current' : 'rewrapped';
  } finally {
    session.lock();
  }
}

/** Why it did not open, where that is no failure. */
async function closed({ store, owner }: Place, error: unknown): Promise<Outcome> {
  if (KeystrataError.is(error, 'ERR_NOT_FOUND')) return 'gone';
  if (!KeystrataError.is(error, 'ERR_WRONG_SECRET')) throw error;
  const { header } = await readStored(store, owner);
  if (header.slots.some(({ type }) => type === 'operator')) throw error;
  return 'without';
}

const isOld = (ring: OperatorRing, slot: Slot, active: Id): slot is DirectSlot | RotatableSlot =>
  slot.type === 'operator' && slot.operatorKey !== active && ring.has(slot.operatorKey);

/** It keeps its id, its name and its mode. ConflictError where somebody else was first. */
async function move(session: Session, secret: SlotSecret, slot: DirectSlot | RotatableSlot): Promise<void> {
  makeRoom(session.engine);
  const bag = session.hold(new Bag());
  try {
    const kept = { id: slot.id, created: slot.created, iterations: 0, kind: kindOf(slot) };
    const made = await makeWayIn(session, secret, kept, {});
    bag.put({ dispose: () => forget(session, made) });
    await takeShare(session, [], made);
    await apply(session, changed(slot, made));
  } finally {
    session.release(bag);
    bag.dispose();
  }
}
