// A change is a function from the current document to the next, put by compare-and-swap. FORMATS §4 (concurrent change).
//
//   snapshot ──change──► content ──compose──► bytes ──put if still that version──► the new snapshot
//      ▲                                                       │ lost race
//      └───────────────── read, verify, succession ◄───────────┘        at most 16 times

import { equal, type Bytes } from '../core/bytes.ts';
import { KeystrataError, conflictError } from '../core/errors.ts';
import type { Body } from '../format/body.ts';
import type { Header } from '../format/header.ts';
import type { PrivatePart } from '../format/private-part.ts';
import { entered, type Event } from './audit-log.ts';
import { compose, nextHeader, now, type Composed } from './compose.ts';
import { MOST_AGAIN } from './policy.ts';
import type { Session, Write } from './session.ts';
import type { Snapshot, Unlocked } from './snapshot.ts';
import { checkUnderKek } from './under-kek.ts';

/** What differs in the next document; what is not named stays. */
export interface Difference {
  readonly header?: Partial<Pick<Header, 'slots' | 'kek' | 'documentKey'>>;
  readonly body?: Partial<Omit<Body, 'private'>>;
  readonly private?: Partial<PrivatePart>;
  /** What the audit log says of it: entered in the same write. */
  readonly events?: readonly Event[];
}

/** Applied to whatever document is current: changes nothing by itself, and throws where its own precondition is gone. */
export type Change = (current: Snapshot) => Difference;

/** The change that replaces the KEK: its document stands under another one, and is looked at before it is put. */
export interface Handover {
  readonly under: Unlocked;
  check(next: Composed): Promise<void>;
}

interface Applying {
  readonly repeatable?: boolean;
  readonly handover?: Handover;
  /** Told of it: what the call returns is lost unless its caller hears of it. */
  readonly write?: Write;
}

/**
 * Resolves when the change is durable. ConflictError: the precondition is gone, or the race was lost too often. A write whose
 * answer was lost is found by its hash, which takes that nobody else writes the same bytes: a change without anything random
 * in it is `repeatable`, and applied again instead.
 */
export function apply(
  session: Session,
  change: Change,
  { repeatable = false, handover, write }: Applying = {},
): Promise<void> {
  return session.inTurn(async () => {
    let tried: Bytes | null = null;
    for (let again = 0; again <= MOST_AGAIN; again++) {
      if (session.crowd.met) {
        await session.crowd.pause(); // before reading: what is read then shall still be there when it is replaced
        await session.reread(handover?.under);
        if (tried !== null && descends(session.snapshot, tried)) return; // it was written, and only the answer was lost
      }
      const next = await composed(session, change, handover?.under);
      await handover?.check(next);
      session.use(); // not a write begins after the end
      write?.begun();
      const version = await put(session, next.bytes);
      if (version !== null) {
        session.adopt({ ...next, version }, handover?.under);
        // What must be heard of is not lost to a memory that fails: whatever is read or written next is remembered.
        return write === undefined ? session.remember() : session.remember().catch(() => undefined);
      }
      write?.refused();
      if (!repeatable) tried = next.hash;
    }
    throw conflictError(`others changed this keyring ${MOST_AGAIN} times in a row: nothing was written, try again`);
  });
}

/** The new version, or null where another writer was first. */
async function put({ store, owner, snapshot, crowd }: Session, bytes: Bytes): Promise<string | null> {
  try {
    const { version } = await store.put(owner, bytes, { ifVersion: snapshot.version });
    crowd.won();
    return version;
  } catch (error) {
    if (!KeystrataError.is(error, 'ERR_CONFLICT')) throw error;
    crowd.lost();
    return null;
  }
}

/** Whether the document is that of the hash, or one of the 16 after it. */
const descends = ({ hash, header }: Snapshot, from: Bytes): boolean =>
  [hash, ...header.previous].some((ancestor) => equal(ancestor, from));

function composed(session: Session, change: Change, under: Unlocked = session): Promise<Composed> {
  const current = session.snapshot;
  const { header = {}, body, private: opened, events = [] } = change(current);
  const at = { time: now(), device: session.device };
  const next = body === undefined ? current.body : { ...current.body, ...body };
  const part = opened === undefined ? current.private : { ...current.private, ...opened };
  const log = entered(session, { audit: next.audit, reasons: part.reasons }, events, at);
  checkUnderKek(under.kek.id, current.body, next);
  const content = {
    header: nextHeader(current, header, at),
    body: log.audit === next.audit ? next : { ...next, audit: log.audit },
    private: log.reasons === part.reasons ? part : { ...part, reasons: log.reasons },
  };
  return compose(under, content, current);
}
