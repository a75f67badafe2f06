// New DEKs: drawn, wrapped by the KEK, entered in one write. FORMATS §§4, 5.
//
// A space is a family of versions; the newest is active and encrypts, the others decrypt. The family's label, in the
// private part, is the space's name. With a key goes this device's first share of it, so that it can be used at once.

import { KeystrataError } from '../core/errors.ts';
import type { Id } from '../format/ids.ts';
import { generateRecordDek, wrapUnderKek } from '../keys/kek.ts';
import type { Event } from './audit-log.ts';
import { asLabel, asName, asOptions } from './arguments.ts';
import { apply, type Difference } from './change.ts';
import { now, randomId } from './compose.ts';
import { named } from './data-key.ts';
import { noSpace } from './data-keys.ts';
import { freshRecord } from './fresh-record.ts';
import { makeRoom } from './key-shelf.ts';
import { MOST_KEYS, MOST_LABEL } from './policy.ts';
import { REASON } from './reasons.ts';
import { reserved } from './reservations.ts';
import type { Session } from './session.ts';
import { DEK_SHARE } from './shares.ts';
import type { Snapshot } from './snapshot.ts';
import { moved } from './transitions.ts';
import type { DataKey } from './types.ts';

/** A DEK that is made but in no document yet. */
interface Fresh {
  readonly kid: Id;
  readonly space: string;
  readonly family: Id; // where the space is new
  readonly wrapped: Uint8Array;
}

/** Bytes that a name takes in the private part, with its id and heads. */
export const NAMED_MOST = MOST_LABEL + 20;

/** Keys made between two turns of the event loop: a few milliseconds' worth. */
const TURN = 500;
const nextTurn = (): Promise<void> => new Promise((done) => setTimeout(done));

/** One a space that is named, all in one write. In a space that has one, the new one becomes the active version. */
export async function createDataKeys(session: Session, p: readonly { space: string }[]): Promise<DataKey[]> {
  if (!Array.isArray(p)) throw new KeystrataError('ERR_ARGUMENT', 'a list is wanted: [{ space }, …]');
  const spaces = p.map((one: { space: string }) => asName(asOptions(one, 'p').space, 'space'));
  if (spaces.length > MOST_KEYS) throw tooMany();
  return make(session, spaces, null);
}

/** The next version of a space's key; the one before decrypts. ERR_KEY_NOT_FOUND where the space has none. */
export async function rotateDataKey(session: Session, p: { space: string; reason?: string }): Promise<DataKey> {
  const space = asName(asOptions(p, 'p').space, 'space');
  const reason = asLabel(p.reason ?? '', 'reason');
  const known = (): boolean => session.snapshot.active.newest().has(space);
  if (!known()) await session.refresh();
  if (!known()) throw noSpace(space);
  const [key] = await make(session, [space], reason);
  return key!;
}

/** `reason`: that of a rotation, else null. */
async function make(session: Session, spaces: readonly string[], reason: string | null): Promise<DataKey[]> {
  if (spaces.length > 0) await takeShares(session, spaces, reason ?? '');
  const fresh: Fresh[] = [];
  for (const space of spaces) {
    if (fresh.length % TURN === TURN - 1) await nextTurn();
    session.use();
    fresh.push(generate(session, space));
  }
  if (fresh.length > 0) await apply(session, (current) => added(current, fresh, session.device, reason));
  for (const { kid } of fresh) session.shares.add(kid, DEK_SHARE);
  return fresh.map(({ kid, space }) => named(session, kid, space));
}

/** The KEK wraps every key; the body DEK seals the names of new spaces, and the reason. */
async function takeShares(
  { kek, shares, snapshot: { active } }: Session,
  spaces: readonly string[],
  reason: string,
): Promise<void> {
  const names = spaces.filter((space) => !active.newest().has(space));
  await Promise.all([
    shares.take(kek.id, spaces.length),
    names.length === 0 && reason === '' ? undefined : shares.takeForPrivate((names.length + 1) * NAMED_MOST),
  ]);
}

export const tooMany = (): KeystrataError => new KeystrataError('ERR_LIMIT', `a keyring has at most ${MOST_KEYS} keys`);

function generate({ engine, kek, keyring }: Session, space: string): Fresh {
  makeRoom(engine);
  const dek = generateRecordDek(engine);
  try {
    const wrapped = wrapUnderKek(engine, kek, 'RECORD', dek, keyring);
    return { kid: dek.id, space, family: randomId(engine), wrapped };
  } finally {
    dek.dispose();
  }
}

function added(
  { body, private: { labels }, active }: Snapshot,
  fresh: readonly Fresh[],
  device: Id,
  reason: string | null,
): Difference {
  if (body.keys.size + fresh.length > MOST_KEYS) throw tooMany();
  const time = now();
  const keys = new Map(body.keys);
  const names = new Map(labels);
  const latest = new Map(active.all());
  const newest = new Map(active.newest());
  const events: Event[] = [];
  for (const { kid, space, family, wrapped } of fresh) {
    const before = latest.get(space);
    const older = newest.has(space) ? keys.get(newest.get(space)!)! : undefined; // in whatever state
    if (older === undefined && reason !== null) throw noSpace(space);
    if (older === undefined) names.set(family, space);
    if (before !== undefined)
      keys.set(before, moved(before, keys.get(before)!, 'deactivated', { time, reason: REASON.superseded }));
    const of = { family: older?.family ?? family, version: (older?.version ?? 0) + 1 };
    keys.set(kid, freshRecord({ type: 'record', ...of, wrapped }, { time, policy: body.policy }));
    latest.set(space, kid);
    newest.set(space, kid);
    events.push({ event: 'key create', subject: kid });
    if (before !== undefined) events.push({ event: 'rotate DEK', subject: before, reason: reason ?? '' });
  }
  const reservations = reserved(body, device, new Map(fresh.map(({ kid }) => [kid, DEK_SHARE])));
  return { body: { keys, reservations }, events, ...(names.size > labels.size ? { private: { labels: names } } : {}) };
}
