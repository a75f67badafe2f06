// A DEK by name: what an application may keep, since no byte of the key is in it.

import { KeystrataError } from '../core/errors.ts';
import type { KeyId } from '../engine/key.ts';
import { asId, asName, asOptions } from './arguments.ts';
import { dataKeyRecord, noKey, noSpace } from './data-keys.ts';
import { encryptUnder } from './records.ts';
import type { Session } from './session.ts';
import { spaceOf } from './snapshot.ts';
import type { DataKey } from './types.ts';

export const named = (session: Session, id: KeyId, space: string): DataKey =>
  Object.freeze<DataKey>({
    id,
    space,
    encrypt: async (plaintext, p) => encryptUnder(session, plaintext, id, asOptions(p, 'p').context),
  });

/** A space's active one, or that of an id. ERR_KEY_NOT_FOUND where the newest document seen here has none. */
export function dataKey(session: Session, p: { space: string } | { id: KeyId }): DataKey {
  session.use();
  const { space, id } = asOptions(p, 'p') as { space?: string; id?: KeyId };
  if ((space === undefined) === (id === undefined))
    throw new KeystrataError('ERR_ARGUMENT', 'a space or an id is wanted, one of them');
  if (space !== undefined) {
    const kid = session.snapshot.active.get(asName(space, 'space'));
    if (kid === undefined) throw noSpace(space);
    return named(session, kid, space);
  }
  const kid = asId(id, 'id');
  const record = dataKeyRecord(session.snapshot, kid);
  if (record === undefined) throw noKey(kid);
  return named(session, kid, spaceOf(session.snapshot.private.labels, record));
}
