// The log of a keyring: what a change does is entered in the same write. FORMATS §9.
//
//   Difference.events ──► entries, each with the hash of the one before ──► body field 7;  texts of reasons ──► private part 4

import { equal } from '../core/bytes.ts';
import type { Engine } from '../engine/engine.ts';
import { EVENTS, MAX_AUDIT, auditHashInput, type Audit, type AuditEntry, type AuditEvent } from '../format/audit.ts';
import { numberOf } from '../format/fields.ts';
import type { Id } from '../format/ids.ts';
import type { PrivatePart } from '../format/private-part.ts';

/** A reason's text, if there is one, stands in the private part: `Shares.takeForPrivate` before the change. */
export interface Event {
  readonly event: AuditEvent;
  readonly subject: Id;
  readonly reason?: string;
}

interface Log {
  readonly audit: Audit;
  readonly reasons: PrivatePart['reasons'];
}

const entryHash = (engine: Engine, keyring: Id, entry: AuditEntry): Uint8Array =>
  engine.sha256(auditHashInput(keyring, entry));

/** The hash that the next entry names. */
const head = (engine: Engine, keyring: Id, { anchor, entries }: Audit): Uint8Array => {
  const last = entries.at(-1);
  return last === undefined ? anchor : entryHash(engine, keyring, last);
};

/** With the events entered, the oldest dropped over 1,024; texts of those are left out where another one is added. */
export function entered(
  { engine, keyring }: { engine: Engine; keyring: Id },
  log: Log,
  events: readonly Event[],
  at: { time: number; device: Id },
): Log {
  if (events.length === 0) return log;
  const { dropped, anchor, entries } = log.audit;
  const all = [...entries];
  const texts: [number, string][] = [];
  let previous = head(engine, keyring, log.audit);
  for (const { event, subject, reason } of events) {
    const entry = {
      sequence: dropped + all.length,
      time: at.time,
      event: numberOf(event, 'event', EVENTS),
      subject,
      device: at.device,
      previous,
    };
    all.push(entry);
    previous = entryHash(engine, keyring, entry);
    if (reason !== undefined && reason !== '') texts.push([entry.sequence, reason]);
  }
  const over = Math.max(0, all.length - MAX_AUDIT);
  const kept = all.slice(over);
  const audit = { dropped: dropped + over, anchor: over === 0 ? anchor : kept[0]!.previous, entries: kept };
  const known = ([sequence]: readonly [number, string]): boolean => sequence >= audit.dropped;
  const reasons = texts.length === 0 ? log.reasons : new Map([...log.reasons, ...texts].filter(known));
  return { audit, reasons };
}

/** Whether the log, as far as it is kept, tells of this already. */
export function isEntered({ entries }: Audit, { event, subject }: Event): boolean {
  const number = numberOf(event, 'event', EVENTS);
  return entries.some((entry) => entry.event === number && entry.subject === subject);
}

/** Whether every entry names the one before it, and none is missing. */
export function isWhole(
  { engine, keyring }: { engine: Engine; keyring: Id },
  { dropped, anchor, entries }: Audit,
): boolean {
  let previous = anchor;
  return entries.every((entry, i) => {
    const fits = entry.sequence === dropped + i && equal(entry.previous, previous);
    previous = entryHash(engine, keyring, entry);
    return fits;
  });
}
