// DEKs of a keyring, found by kid, brought into the core on demand. FORMATS §4 (key record).

import { KeystrataError } from '../core/errors.ts';
import type { KeyRecord } from '../format/body.ts';
import type { Id } from '../format/ids.ts';
import { unwrapUnderKek } from '../keys/kek.ts';
import type { RecordDek } from '../keys/roles.ts';
import type { Session } from './session.ts';
import type { Snapshot } from './snapshot.ts';
import { destroyed } from './states.ts';

/** The record of a record DEK, where the newest known document has one. */
export function dataKeyRecord({ body }: Snapshot, kid: Id): KeyRecord | undefined {
  const record = body.keys.get(kid);
  return record?.type === 'record' ? record : undefined;
}

/** The handle of a DEK, which stays the session's. ERR_KEY_STATE where its bytes are gone. */
export function dataKeyHandle(session: Session, kid: Id, { wrapped }: KeyRecord): RecordDek {
  return session.shelf.take(kid, () => {
    if (wrapped === null) throw destroyed(kid);
    const { engine, kek, keyring } = session;
    return unwrapUnderKek(engine, kek, 'RECORD', wrapped, { keyring, kid });
  });
}

export const noSpace = (space: string): KeystrataError =>
  new KeystrataError(
    'ERR_KEY_NOT_FOUND',
    `space ${JSON.stringify(space)} has no active key: make one with createDataKey({ space })`,
  );

export const noKey = (kid: Id): KeystrataError =>
  new KeystrataError(
    'ERR_KEY_NOT_FOUND',
    `this keyring has no data key ${kid}: it belongs to another keyring, or to a newer copy of this one`,
  );
