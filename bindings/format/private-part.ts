// The document's private part, before encryption under the body DEK. FORMATS §4: what a reader of the store must not see.
//
//   1 {id: label}   2 {slot id: [kem, public COSE_Key, seal key 32, flags]}
//   3 {fp: [name, use, trust, time, sequence]}   4 {audit sequence: reason text}
//
// Secret: the seal keys. Who encodes or decodes wipes the bytes: the seal keys of a decoded part are views of them.

import type { Bytes, Out } from '../core/bytes.ts';
import { hex, text, unhex } from '../core/bytes.ts';
import { Major, encode } from './cbor.ts';
import type { Cbor } from './cbor.ts';
import { Cursor, decode } from './cursor.ts';
import {
  asByteString,
  asHash,
  asIdMap,
  asMap,
  asNamed,
  asRecord,
  asText,
  asTuple,
  asUint,
  fromIdMap,
  inBytes,
  numberOf,
  over,
} from './fields.ts';
import { readIdMap } from './id-map.ts';
import { FINGERPRINT_LENGTH } from './ids.ts';
import type { Id } from './ids.ts';
import { USES } from './key-record.ts';
import type { KeyUse } from './key-record.ts';
import { KEMS, publicKeyFromCbor, publicKeyToCbor } from './public-key.ts';
import type { PublicKey } from './public-key.ts';

/** A flag of a rotatable slot: the KEK was compromised while its secret was away, so its seal key is known to others. */
export const ENROL_AGAIN = 1;

/** What seals the next KEK to a rotatable slot without its secret. */
export interface SlotSealing {
  readonly kem: number;
  readonly publicKey: PublicKey;
  readonly sealKey: Bytes; // 32, secret
  readonly flags: number;
}
export type Trust = 'first use' | 'introduced' | 'verified' | 'changed';
export interface Contact {
  readonly name: string; // 0 … 255 bytes
  readonly use: KeyUse;
  readonly trust: Trust;
  readonly time: number; // Unix seconds
  readonly sequence: number;
}
export interface PrivatePart {
  readonly labels: ReadonlyMap<Id, string>; // 0 … 255 bytes each
  readonly slots: ReadonlyMap<Id, SlotSealing>;
  readonly contacts: ReadonlyMap<string, Contact>; // by fp, 64 hex digits
  readonly reasons: ReadonlyMap<number, string>; // audit sequence → text, 0 … 255 bytes
}

const TRUST: ReadonlyMap<number, Trust> = new Map([
  [1, 'first use'],
  [2, 'introduced'],
  [3, 'verified'],
  [4, 'changed'],
]);

const MAX_TEXT = 255; // FORMATS §12: label, reason, name
const MAX_LABELS = 300_000; // keys 100,000, and as many spaces and slots or devices
const MAX_SLOTS = 32;
const MAX_CONTACTS = 100_000;
const MAX_REASONS = 1024; // as many as audit entries
const SEAL_KEY = 32;

const label = (value: Cbor): string => asText(value, 'label', 0, MAX_TEXT);

function sealingFrom(value: Cbor): SlotSealing {
  const [kem, publicKey, sealKey, flags] = asTuple(value, 'slot sealing', 4);
  asNamed(kem, 'kem', KEMS);
  return {
    kem: kem as number,
    publicKey: publicKeyFromCbor(publicKey, 'slot public key'),
    sealKey: asByteString(sealKey, 'seal key', SEAL_KEY),
    flags: asUint(flags, 'slot flags'),
  };
}

function contactFrom(value: Cbor): Contact {
  const [name, use, trust, time, sequence] = asTuple(value, 'contact', 5);
  return {
    name: asText(name, 'name', 0, MAX_TEXT),
    use: asNamed(use, 'use', USES),
    trust: asNamed(trust, 'trust', TRUST),
    time: asUint(time, 'contact: time'),
    sequence: asUint(sequence, 'contact: sequence'),
  };
}

export const encodePrivatePart = (part: PrivatePart): Out =>
  encode(
    new Map<number, Cbor>([
      [1, fromIdMap(part.labels, (text) => inBytes(text, 'label', 0, MAX_TEXT))],
      [2, fromIdMap(part.slots, (s) => [s.kem, publicKeyToCbor(s.publicKey), s.sealKey, s.flags])],
      [
        3,
        new Map(
          [...part.contacts].map(([fp, c]) => [
            unhex(fp, FINGERPRINT_LENGTH, 'fingerprint'),
            [
              inBytes(c.name, 'name', 0, MAX_TEXT),
              numberOf(c.use, 'use', USES),
              numberOf(c.trust, 'trust', TRUST),
              c.time,
              c.sequence,
            ],
          ]),
        ),
      ],
      [4, new Map([...part.reasons].map(([sequence, text]) => [sequence, inBytes(text, 'reason', 0, MAX_TEXT)]))],
    ]),
  );

const FIELDS = [1, 2, 3, 4];

/** Field 1, at the cursor. */
const readLabels = (cursor: Cursor): Map<Id, string> | null =>
  readIdMap(cursor, MAX_LABELS, (at) => {
    const length = at.head(Major.TEXT);
    return length !== null && length <= MAX_TEXT ? text(at.span(length), 'label') : null;
  });

/** The labels, which are many, and the other fields as items; otherwise as it may be, all of it item by item. */
function fieldsOf(bytes: Bytes): { labels: Map<Id, string>; fields: ReadonlyMap<number, Cbor> } {
  const cursor = new Cursor(bytes, 'private part');
  const labels = cursor.head(Major.MAP) === FIELDS.length && cursor.skip(1) ? readLabels(cursor) : null;
  if (labels !== null) {
    const fields = new Map<number, Cbor>();
    for (let field = 2; cursor.skip(field); field++) fields.set(field, cursor.item(1));
    if (fields.size === FIELDS.length - 1) {
      cursor.end();
      return { labels, fields };
    }
  }
  const fields = asRecord(decode(bytes, 'private part'), 'private part', FIELDS);
  return { labels: asIdMap(fields.get(1), 'labels', MAX_LABELS, label), fields };
}

export function decodePrivatePart(bytes: Bytes): PrivatePart {
  const { labels, fields } = fieldsOf(bytes);
  const contacts = asMap(fields.get(3), 'contacts');
  const reasons = asMap(fields.get(4), 'reasons');
  if (contacts.size > MAX_CONTACTS) throw over('contacts', MAX_CONTACTS, 'entries');
  if (reasons.size > MAX_REASONS) throw over('reasons', MAX_REASONS, 'entries');
  return {
    labels,
    slots: asIdMap(fields.get(2), 'slot sealings', MAX_SLOTS, sealingFrom),
    contacts: new Map([...contacts].map(([fp, item]) => [hex(asHash(fp, 'fingerprint')), contactFrom(item)])),
    reasons: new Map(
      [...reasons].map(([sequence, item]) => [asUint(sequence, 'audit sequence'), asText(item, 'reason', 0, MAX_TEXT)]),
    ),
  };
}
