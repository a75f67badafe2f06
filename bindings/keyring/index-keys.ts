// Index keys of a keyring: a family of versions a space, as DEKs are, found by the space's name. FORMATS §4 (type 5).

import { KeystrataError } from '../core/errors.ts';
import type { Body, KeyRecord } from '../format/body.ts';
import type { Id } from '../format/ids.ts';
import type { PrivatePart } from '../format/private-part.ts';
import { unwrapUnderKek } from '../keys/kek.ts';
import type { IndexKey } from '../keys/roles.ts';
import type { Session } from './session.ts';
import type { Snapshot } from './snapshot.ts';

/** One version. */
export interface IndexVersion {
  readonly kid: Id;
  readonly record: KeyRecord;
}
type Found = ReadonlyMap<string, readonly IndexVersion[]>;

/** Found out at the first question to a document, and kept as long as its keys. */
const FOUND = new WeakMap<Body['keys'], { readonly labels: PrivatePart['labels']; readonly found: Found }>();

/** Of a space, the newest first; none where it has no index key. */
export function indexVersions(
  { body: { keys }, private: { labels } }: Snapshot,
  space: string,
): readonly IndexVersion[] {
  let known = FOUND.get(keys);
  if (known?.labels !== labels) FOUND.set(keys, (known = { labels, found: find(keys, labels) }));
  return known.found.get(space) ?? [];
}

function find(keys: Body['keys'], labels: PrivatePart['labels']): Found {
  const found = new Map<string, IndexVersion[]>();
  for (const [kid, record] of keys) {
    const space = record.type === 'index' ? labels.get(record.family) : undefined;
    if (space === undefined) continue;
    found.set(space, [...(found.get(space) ?? []), { kid, record }]);
  }
  for (const versions of found.values()) versions.sort((a, b) => b.record.version - a.record.version);
  return found;
}

/** The handle, which stays the session's. ERR_KEY_STATE where its bytes are gone. */
export function indexKeyHandle(session: Session, { kid, record: { wrapped } }: IndexVersion): IndexKey {
  return session.shelf.take(kid, () => {
    if (wrapped === null)
      throw new KeystrataError(
        'ERR_KEY_STATE',
        `index key ${kid} was destroyed: what it indexed cannot be found again`,
      );
    const { engine, kek, keyring } = session;
    return unwrapUnderKek(engine, kek, 'INDEX', wrapped, { keyring, kid });
  });
}
