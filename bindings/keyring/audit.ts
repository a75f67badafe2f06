// What the log tells, and takes with it: entries in words, and an export that stands under a MAC of the document key. FORMATS §9.
//
// Whoever holds the KEK can verify an export, and could have made one: it proves to the keyring's user that nothing was taken out
// or changed since, not to others who did what.

import { equal, type Bytes, type Out } from '../core/bytes.ts';
import { KeystrataError, authenticationError } from '../core/errors.ts';
import type { KeyId } from '../engine/key.ts';
import {
  EVENTS,
  auditMacInput,
  decodeAuditExport,
  encodeAuditExport,
  type Audit,
  type AuditEvent,
  type AuditExport,
} from '../format/audit.ts';
import type { PrivatePart } from '../format/private-part.ts';
import { auditMacKey } from '../keys/document-key.ts';
import { unwrapUnderKek } from '../keys/kek.ts';
import { isWhole } from './audit-log.ts';
import { Bag } from './bag.ts';
import type { Session } from './session.ts';

/** One line of the log. */
export interface AuditLine {
  readonly sequence: number;
  readonly at: Date;
  /** "event 99" where a newer version wrote it. */
  readonly event: AuditEvent | `event ${number}`;
  readonly subject: KeyId;
  /** Names the device that wrote it. */
  readonly device: KeyId;
  /** Empty where none was given. An export has none: they are for who holds the KEK. */
  readonly reason: string;
}

export interface AuditReport {
  readonly keyring: KeyId;
  readonly revision: number;
  /** How many entries were before the first one here: at most 1,024 are kept. */
  readonly dropped: number;
  readonly entries: readonly AuditLine[];
}

export const auditLines = ({ entries }: Audit, reasons?: PrivatePart['reasons']): AuditLine[] =>
  entries.map(({ sequence, time, event, subject, device }) => ({
    sequence,
    at: new Date(time * 1000),
    event: EVENTS.get(event) ?? `event ${event}`,
    subject,
    device,
    reason: reasons?.get(sequence) ?? '',
  }));

/** The newest log seen here. AuthenticationError where an entry is missing or changed: only who held the KEK can have done that. */
export function audit(session: Session): AuditReport {
  session.use();
  const { header, body, private: opened } = session.snapshot;
  if (!isWhole(session, body.audit)) throw broken();
  const { keyring, revision } = header;
  return { keyring, revision, dropped: body.audit.dropped, entries: auditLines(body.audit, opened.reasons) };
}

export function exportAudit(session: Session): Out {
  session.use();
  const { header, body } = session.snapshot;
  if (!isWhole(session, body.audit)) throw broken();
  const of = { keyring: header.keyring, revision: header.revision, audit: body.audit };
  return encodeAuditExport(of, mac(session, of));
}

/**
 * ERR_FORMAT, ERR_UNSUPPORTED; AuthenticationError where it was altered, is another keyring's, or lacks or changes what the log
 * of the keyring has. An export from before the last rotation of the KEK is verified against that log alone.
 */
export function verifyAudit(session: Session, bytes: Bytes): AuditReport {
  session.use();
  const given = decodeAuditExport(bytes);
  if (given.keyring !== session.keyring)
    throw authenticationError(`this is the log of another keyring, ${given.keyring}: it is not altered for that`);
  const { body, header } = session.snapshot;
  if (given.revision > header.revision)
    throw new KeystrataError(
      'ERR_ROLLBACK',
      `the log was exported at revision ${given.revision}, and the keyring is at ${header.revision}: refresh, or restore the newest copy of the keyring`,
    );
  if (!isWhole(session, given.audit)) throw broken();
  if (!equal(mac(session, given), given.mac) && !isPartOf(given.audit, body.audit))
    throw authenticationError('the log was altered, or exported from another copy of this keyring');
  return {
    keyring: given.keyring,
    revision: given.revision,
    dropped: given.audit.dropped,
    entries: auditLines(given.audit),
  };
}

/**
 * The KEK was replaced after `a`, so that its MAC key is gone, and its last entry stands in `b`: each names the hash of the one
 * before, so that all of `a` do, or did.
 */
function isPartOf(a: Audit, b: Audit): boolean {
  const last = a.entries.at(-1);
  const same = b.entries.find(({ sequence }) => sequence === last?.sequence);
  if (last === undefined || same === undefined) return false;
  const rotated = b.entries.some(
    ({ sequence, event }) => sequence > last.sequence && EVENTS.get(event) === 'rotate KEK',
  );
  return (
    rotated &&
    equal(same.previous, last.previous) &&
    same.time === last.time &&
    same.event === last.event &&
    same.subject === last.subject &&
    same.device === last.device
  );
}

const broken = (): Error =>
  authenticationError(
    'the audit log has a gap, or an entry that was changed: keep this copy, and find out who held the keyring',
  );

/** Under the document key of the present KEK. */
function mac({ engine, kek, keyring, snapshot }: Session, of: AuditExport): Out {
  const { id, wrapped } = snapshot.header.documentKey;
  const bag = new Bag();
  try {
    const documentKey = bag.put(unwrapUnderKek(engine, kek, 'DOCUMENT', wrapped, { keyring, kid: id }));
    return engine.mac(bag.put(auditMacKey(engine, documentKey, keyring)), auditMacInput(of));
  } finally {
    bag.dispose();
  }
}
