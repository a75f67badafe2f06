// One key in another state, by its owner's word. SP 800-57 Part 1 Rev. 5 §7; FORMATS §§4, 9.
//
// What is destroyed is gone from the document, and a tombstone says that it was there: no later change brings it back. Copies
// of older documents still have it; rotateKek makes them useless to whoever gets the secrets of today, not to who had those
// of then.

import { KeystrataError, conflictError } from '../core/errors.ts';
import type { Body, KeyRecord, KeypairRecord } from '../format/body.ts';
import type { Id } from '../format/ids.ts';
import { STATES, type KeyState } from '../format/states.ts';
import { TOMBSTONE } from '../format/tombstones.ts';
import { asId, asLabel } from './arguments.ts';
import { apply, type Change, type Difference } from './change.ts';
import { now } from './compose.ts';
import { noKey } from './data-keys.ts';
import type { Session } from './session.ts';
import { checkTransition } from './states.ts';
import { moved } from './transitions.ts';

type Found = { readonly key: KeyRecord } | { readonly pair: KeypairRecord };

/**
 * ERR_KEY_NOT_FOUND; ERR_KEY_STATE where the table does not allow it, or where it is the keyring's own key; ConflictError where
 * another process changed the key's state meanwhile.
 */
export async function setState(session: Session, id: string, state: KeyState, reason: string): Promise<void> {
  const kid = asId(id, 'id');
  if (![...STATES.values()].includes(state))
    throw new KeystrataError('ERR_ARGUMENT', `state: one of ${[...STATES.values()].join(', ')} is wanted`);
  const text = asLabel(reason, 'reason');
  await session.refresh();
  const before = recordOf(find(session.snapshot, kid)).state;
  checkTransition(kid, before, state);
  if (text !== '') await session.shares.takeForPrivate(REASON_MOST);
  await apply(session, changed(kid, before, state, text));
}

/** Bytes that a reason takes in the private part, with its key and heads. */
export const REASON_MOST = 255 + 12;

const recordOf = (found: Found): KeyRecord | KeypairRecord => ('key' in found ? found.key : found.pair);

function find({ header, body }: { header: { kek: Id }; body: Body }, kid: Id): Found {
  const key = body.keys.get(kid);
  if (kid === header.kek || body.oldKeks.has(kid) || key?.type === 'body')
    throw new KeystrataError('ERR_KEY_STATE', `key ${kid} is the keyring's own: rotateKek makes another in its place`);
  if (key !== undefined) return { key };
  const pair = body.keypairs.get(kid);
  if (pair === undefined) throw noKey(kid);
  return { pair };
}

function changed(kid: Id, before: KeyState, to: KeyState, reason: string): Change {
  return ({ header, body }): Difference => {
    const found = find({ header, body }, kid);
    if (recordOf(found).state !== before)
      throw conflictError(`another process made key ${kid} ${recordOf(found).state} meanwhile: look at it again`);
    const time = now();
    const events = [{ event: to === 'destroyed' ? 'destroy' : 'state', subject: kid, reason } as const];
    const dead = (kind: number): Pick<Body, 'tombstones'> | undefined =>
      to === 'destroyed' ? { tombstones: new Map(body.tombstones).set(kid, { kind, time }) } : undefined;
    if ('pair' in found) {
      const keypairs = new Map(body.keypairs).set(kid, moved(kid, found.pair, to, { time }));
      return { body: { keypairs, ...dead(TOMBSTONE.keypair) }, events };
    }
    if (to === 'active') checkAlone(body, kid, found.key);
    const keys = new Map(body.keys).set(kid, moved(kid, found.key, to, { time }));
    return { body: { keys, ...dead(TOMBSTONE.key) }, events };
  };
}

/** A family has one active version at a time. */
function checkAlone({ keys }: Body, kid: Id, { family }: KeyRecord): void {
  for (const [other, record] of keys)
    if (record.family === family && record.state === 'active' && other !== kid)
      throw new KeystrataError(
        'ERR_KEY_STATE',
        `version ${record.version}, key ${other}, is active in place of key ${kid}: suspend or deactivate that one first`,
      );
}
