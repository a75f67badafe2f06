// Which slots a keyring must not be without. FORMATS §3: somebody who uses it must hold one; an escrow alone is the
// institution's, and X-Wing, a draft, is never the only way in.

import { KeystrataError } from '../core/errors.ts';
import type { Profile } from '../format/header.ts';
import type { PublicKey } from '../format/public-key.ts';
import type { Slot } from '../format/slot.ts';
import { MOST_SLOTS } from './policy.ts';

const XWING = 0x647a;

const held = (slot: Slot): boolean => slot.type !== 'escrow';
const rests = (slot: Slot): boolean => held(slot) && !(slot.mode === 'rotatable' && slot.kem === XWING);

/** ERR_KEY_STATE or ERR_LIMIT where these must not be a keyring's slots. */
export function checkWaysIn(slots: readonly Slot[]): void {
  if (slots.length > MOST_SLOTS)
    throw new KeystrataError('ERR_LIMIT', `a keyring has at most ${MOST_SLOTS} slots: remove one that is not used`);
  if (!slots.some(held))
    throw new KeystrataError(
      'ERR_KEY_STATE',
      'this is the last slot that you hold (an escrow is not yours): add another one first, then remove this',
    );
  if (!slots.some(rests))
    throw new KeystrataError(
      'ERR_KEY_STATE',
      'X-Wing would be the only way in, and its format may still change: keep or add a slot without it first',
    );
}

/** ERR_ARGUMENT where the profile does not know the kind: regulated is P-256 alone. */
export function checkKem(profile: Profile, kind: PublicKey['kind']): void {
  if (profile === 'regulated' && kind !== 'P-256')
    throw new KeystrataError('ERR_ARGUMENT', `${kind}: the regulated profile of this keyring takes P-256 alone`);
}
