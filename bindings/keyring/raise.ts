// A slot of fewer iterations than the target, a passphrase's or a PIN's, is made anew, with a fresh salt: never with fewer.
// FORMATS §3.
//
// It costs one more derivation, once, from the midstates that unlocking left in the core; and one conditional write.

import type { DirectSlot, RotatableSlot } from '../format/slot.ts';
import { apply } from './change.ts';
import { changed } from './change-passphrase.ts';
import { takeShare } from './edit-slots.ts';
import { forget, kindOf, makeWayIn, type Made } from './make-slot.ts';
import { TARGET_ITERATIONS } from './policy.ts';
import type { Working } from './progress.ts';
import type { Session } from './session.ts';
import type { SlotSecret } from './slot-secret.ts';

/**
 * After `secret` has opened `slot`. What keeps it from being written (a store that cannot be, another writer, an abort) is
 * for the next unlocking to try again: this one has succeeded.
 */
export async function raise(
  session: Session,
  slot: DirectSlot | RotatableSlot,
  secret: SlotSecret,
  { signal }: Working,
): Promise<void> {
  if (!('iterations' in slot) || slot.iterations >= TARGET_ITERATIONS) return;
  let made: Made | undefined;
  try {
    const kept = { id: slot.id, created: slot.created, iterations: TARGET_ITERATIONS, kind: kindOf(slot) };
    made = await makeWayIn(session, secret, kept, { signal });
    await takeShare(session, [], made);
    await apply(session, changed(slot, made));
  } catch {
    return;
  } finally {
    if (made !== undefined) forget(session, made);
  }
}
