// What somebody should know before it is too late: a period that ends, a count that nears its limit, a key that others may have.
// SP 800-57 Part 1 Rev. 5 §5.3 (cryptoperiods), §7; SP 800-38D §8.3; FORMATS §10.
//
// A period that is over stops nothing by itself: a clock that is wrong would lock people out of their own data. The count does.

import { KeystrataError } from '../core/errors.ts';
import type { KeyId } from '../engine/key.ts';
import type { Body, KeyRecord } from '../format/body.ts';
import type { Header } from '../format/header.ts';
import type { Id } from '../format/ids.ts';
import type { PrivatePart } from '../format/private-part.ts';
import type { Warned } from './types.ts';
import { limitOf, usedUnits } from './reservations.ts';

export interface Warning {
  /** "period": time to encrypt, or to decrypt, is short or over; "count": half of the uses are reserved; "compromised": see `message`. */
  readonly kind: 'period' | 'count' | 'compromised';
  readonly key: KeyId;
  readonly space?: string;
  /** When the period ends. */
  readonly ends?: Date;
  readonly message: string;
}

const DAY = 86_400;
/** Before a period ends: 30 days, or a tenth of it where that is less. */
const lead = (period: number): number => Math.min(30 * DAY, Math.floor(period / 10));

/** At `time`, in Unix seconds. No secret is in it. */
export function warningsOf(
  { header, body, labels }: { header: Header; body: Body; labels: PrivatePart['labels'] },
  time: number,
): Warning[] {
  const used = usedUnits(body);
  const limit = limitOf(body);
  const warnings: Warning[] = [];
  const count = (key: Id, instead: string, space?: string): void => {
    const units = used.get(key) ?? 0;
    if (units < limit / 2) return;
    warnings.push({
      kind: 'count',
      key,
      ...(space === undefined ? {} : { space }),
      message: `key ${key} has ${units} of ${limit} uses reserved: ${instead}`,
    });
  };
  count(header.kek, 'replace it with rotateKek');
  for (const [key, { state }] of body.oldKeks)
    if (state === 'compromised')
      warnings.push({
        kind: 'compromised',
        key,
        message: `KEK ${key} may be known to others: seal anew the envelopes and files that are under it (reencrypt), wrapping them anew is not enough`,
      });
  for (const [key, record] of body.keys) {
    const space = labels.get(record.family);
    const named = space === undefined ? {} : { space };
    if (record.state === 'active') count(key, instead(record), space);
    if (record.state === 'compromised')
      warnings.push({
        kind: 'compromised',
        key,
        ...named,
        message: `key ${key} may be known to others: seal anew what is under it (reencrypt), then destroy it`,
      });
    const period = periodOf(record, time);
    if (period !== null)
      warnings.push({
        kind: 'period',
        key,
        ...named,
        ends: new Date(period.end * 1000),
        message: `key ${key}${period.what}`,
      });
  }
  return warnings;
}

const instead = ({ type }: KeyRecord): string =>
  type === 'body' ? 'replace it with the KEK, by rotateKek' : 'make its space a new one with rotateDataKey';

function periodOf(record: KeyRecord, time: number): { end: number; what: string } | null {
  const { state, created, originatorEnd, recipientEnd } = record;
  if (state === 'destroyed') return null;
  const short = (end: number): boolean => time >= end - lead(end - created);
  const when = (end: number): string => (time >= end ? 'is over' : 'ends soon');
  if (state === 'active' && short(originatorEnd))
    return { end: originatorEnd, what: `: its time to encrypt ${when(originatorEnd)}; ${instead(record)}` };
  if (record.type !== 'body' && short(recipientEnd))
    return {
      end: recipientEnd,
      what: `: its time to decrypt ${when(recipientEnd)}; seal anew what is under it (reencrypt)`,
    };
  return null;
}

/** ERR_ARGUMENT where it is no function. */
export function telling(p: Warned): ((warning: Warning) => void) | undefined {
  if (p.onWarning !== undefined && typeof p.onWarning !== 'function')
    throw new KeystrataError('ERR_ARGUMENT', 'onWarning: a function is wanted');
  return p.onWarning && ((warning) => p.onWarning!(warning));
}

/** Tells each thing once. */
export class Warner {
  readonly #tell: (warning: Warning) => void;
  readonly #told = new Set<string>();

  constructor(tell: (warning: Warning) => void) {
    this.#tell = tell;
  }

  look(warnings: readonly Warning[]): void {
    for (const warning of warnings) {
      const what = `${warning.kind} ${warning.key}`;
      if (this.#told.has(what)) continue;
      this.#told.add(what);
      queueMicrotask(() => this.#tell(warning)); // what it throws is not the keyring's
    }
  }
}
