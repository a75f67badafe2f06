// A new index key: drawn, wrapped by the KEK, entered in one write. FORMATS §§4, 5. A space's second one is its new active
// version; indexes under the older ones can still be computed, to find what was not indexed anew.

import type { Id } from '../format/ids.ts';
import { generateIndexKey, wrapUnderKek } from '../keys/kek.ts';
import type { Event } from './audit-log.ts';
import { apply, type Difference } from './change.ts';
import { now, randomId } from './compose.ts';
import { NAMED_MOST, tooMany } from './create-data-keys.ts';
import { namedIndexKey } from './index-values.ts';
import { freshRecord } from './fresh-record.ts';
import { indexVersions } from './index-keys.ts';
import { makeRoom } from './key-shelf.ts';
import { MOST_KEYS } from './policy.ts';
import { REASON } from './reasons.ts';
import type { Session } from './session.ts';
import type { Snapshot } from './snapshot.ts';
import { moved } from './transitions.ts';
import type { IndexKeyName } from './types.ts';

interface Fresh {
  readonly kid: Id;
  readonly family: Id; // where the space has none
  readonly wrapped: Uint8Array;
}

export async function createIndexKey(session: Session, space: string): Promise<IndexKeyName> {
  await takeShares(session, space);
  session.use();
  const fresh = generate(session);
  let version = 0;
  await apply(session, (current) => {
    const newest = indexVersions(current, space)[0];
    version = (newest?.record.version ?? 0) + 1;
    return added(current, space, fresh);
  });
  return namedIndexKey(session, { id: fresh.kid, space, version });
}

/** The KEK wraps it; the body DEK seals its space's name, where it is new. */
async function takeShares({ kek, shares, snapshot }: Session, space: string): Promise<void> {
  const known = indexVersions(snapshot, space).length > 0;
  await Promise.all([shares.take(kek.id, 1), known ? undefined : shares.takeForPrivate(NAMED_MOST)]);
}

function generate({ engine, kek, keyring }: Session): Fresh {
  makeRoom(engine);
  const key = generateIndexKey(engine);
  try {
    return { kid: key.id, family: randomId(engine), wrapped: wrapUnderKek(engine, kek, 'INDEX', key, keyring) };
  } finally {
    key.dispose();
  }
}

function added(current: Snapshot, space: string, { kid, family, wrapped }: Fresh): Difference {
  const { body, private: opened } = current;
  if (body.keys.size >= MOST_KEYS) throw tooMany();
  const time = now();
  const versions = indexVersions(current, space);
  const [newest] = versions;
  const keys = new Map(body.keys);
  const events: Event[] = [{ event: 'key create', subject: kid }];
  for (const { kid: older, record } of versions)
    if (record.state === 'active') {
      keys.set(older, moved(older, record, 'deactivated', { time, reason: REASON.superseded }));
      events.push({ event: 'rotate DEK', subject: older });
    }
  const of = { family: newest?.record.family ?? family, version: (newest?.record.version ?? 0) + 1 };
  keys.set(kid, freshRecord({ type: 'index', ...of, wrapped }, { time, policy: body.policy }));
  const names = newest === undefined ? { private: { labels: new Map(opened.labels).set(family, space) } } : {};
  return { body: { keys }, events, ...names };
}
