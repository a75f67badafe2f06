// The body DEK's share for sealing the private part again, once for each time that a change may have to be applied.
// FORMATS §10.

import { MOST_AGAIN, MOST_LABEL } from './policy.ts';
import { unitsOf } from './reservations.ts';
import type { Session } from './session.ts';

/** Bytes that an entry takes beside its text: id, heads, a slot's public key of X-Wing and its seal key. */
const ENTRY = 2048;

/** For a change that enters at most `entries` names, reasons or slots. */
export function takePrivateShare(session: Session, entries = 1): Promise<void> {
  const { bodyKey, private: sealed } = session.snapshot.body;
  return session.shares.take(bodyKey, (MOST_AGAIN + 1) * unitsOf(sealed.length + entries * (MOST_LABEL + ENTRY)));
}
