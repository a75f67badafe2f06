// The KEK of a kid: the present one, or an old one, which opens streams and envelopes alone. FORMATS §4 (body 5). An old one is
// unwrapped where it is used and wiped there.

import { KeystrataError } from '../core/errors.ts';
import type { Id } from '../format/ids.ts';
import type { LendKek } from '../keys/carried.ts';
import { unwrapOldKek } from '../keys/old-kek.ts';
import { makeRoom } from './key-shelf.ts';
import type { Session } from './session.ts';
import { checkState } from './states.ts';

/** Whether the newest document seen here has it. */
export const hasKek = ({ kek, snapshot }: Session, kid: Id): boolean =>
  kid === kek.id || snapshot.body.oldKeks.has(kid);

export const noKek = (kid: Id): KeystrataError =>
  new KeystrataError(
    'ERR_KEY_NOT_FOUND',
    `this was sealed under key ${kid}, which this keyring does not have: it belongs to another keyring, or to a newer copy of this one`,
  );

export const lendKek =
  (session: Session): LendKek =>
  (kid, use) => {
    const { engine, kek, keyring, snapshot } = session;
    if (kid === kek.id) return use(kek);
    const old = snapshot.body.oldKeks.get(kid);
    if (old === undefined) throw noKek(kid);
    checkState(kid, old.state, 'decrypt');
    makeRoom(engine);
    const key = unwrapOldKek(engine, kek, old.wrapped, { keyring, kid });
    try {
      return use(key);
    } finally {
      key.dispose();
    }
  };
