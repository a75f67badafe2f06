// The audit log: what was done to a keyring, when, from which device; each entry names the one before by its hash. FORMATS §9.
//
//   entry  [sequence, time, event, subject id, device id, previous hash]        body field 7  [dropped, anchor 32, entries]
//   hash   H(CBOR ["keystrata/audit/v1", keyring id, entry]); the first `previous` is the anchor: zeros, or the hash of the
//          last entry that was dropped
//
// Nothing secret: texts of reasons are in the private part.

import type { Bytes, Out } from '../core/bytes.ts';
import { encode, type Cbor } from './cbor.ts';
import { decode } from './cursor.ts';
import { asArray, asHash, asId, asTuple, asUint, bad, over, unknown } from './fields.ts';
import { idBytes, type Id } from './ids.ts';
import { AUDIT } from './labels.ts';

export interface AuditEntry {
  readonly sequence: number; // from 0, over the whole life of the keyring
  readonly time: number; // Unix seconds
  readonly event: number; // EVENTS, or one that a newer version knows
  readonly subject: Id;
  readonly device: Id;
  readonly previous: Bytes; // hash of the entry before, 32
}
export interface Audit {
  readonly dropped: number; // how many there were before the first entry here
  readonly anchor: Bytes; // 32
  readonly entries: readonly AuditEntry[]; // at most 1,024
}

/** What happened, to whom: the keyring's id where nothing else is said. */
export type AuditEvent =
  | 'create'
  | 'slot add' //            the slot
  | 'slot remove'
  | 'slot change'
  | 'escrow add'
  | 'unlock by escrow'
  | 'key create' //          the key, or the keypair
  | 'state'
  | 'rotate DEK' //          the version that gave way, of an index key too
  | 'rotate KEK' //          the KEK that gave way
  | 'destroy' //             the key
  | 'grant'
  | 'accept'
  | 'member change'
  | 'reservation refused'; // the key

export const EVENTS: ReadonlyMap<number, AuditEvent> = new Map([
  [1, 'create'],
  [2, 'slot add'],
  [3, 'slot remove'],
  [4, 'slot change'],
  [5, 'escrow add'],
  [6, 'unlock by escrow'],
  [7, 'key create'],
  [8, 'state'],
  [9, 'rotate DEK'],
  [10, 'rotate KEK'],
  [11, 'destroy'],
  [12, 'grant'],
  [13, 'accept'],
  [14, 'member change'],
  [15, 'reservation refused'],
]);

export const MAX_AUDIT = 1024; // FORMATS §9
const MAX_EXPORT = 256 * 1024; // an entry takes under 100 bytes

const entryToCbor = (entry: AuditEntry): Cbor => [
  entry.sequence,
  entry.time,
  entry.event,
  idBytes(entry.subject, 'audit: subject id'),
  idBytes(entry.device, 'device id'),
  entry.previous,
];

export const auditToCbor = ({ dropped, anchor, entries }: Audit): Cbor => [dropped, anchor, entries.map(entryToCbor)];

export function auditFromCbor(value: Cbor | undefined): Audit {
  const [dropped, anchor, entries] = asTuple(value, 'audit', 3);
  return {
    dropped: asUint(dropped, 'audit: dropped'),
    anchor: asHash(anchor, 'audit: anchor'),
    entries: asArray(entries, 'audit', MAX_AUDIT).map((item) => {
      const [sequence, time, event, subject, device, previous] = asTuple(item, 'audit entry', 6);
      return {
        sequence: asUint(sequence, 'audit: sequence'),
        time: asUint(time, 'audit: time'),
        event: asUint(event, 'audit: event'),
        subject: asId(subject, 'audit: subject id'),
        device: asId(device, 'device id'),
        previous: asHash(previous, 'audit: previous hash'),
      };
    }),
  };
}

/** What the hash of an entry is over. */
export const auditHashInput = (keyring: Id, entry: AuditEntry): Out =>
  encode([AUDIT, idBytes(keyring), entryToCbor(entry)]);

// ---- export: CBOR [1, keyring id, revision, dropped, anchor, entries, MAC 32], the MAC over the six before

export interface AuditExport {
  readonly keyring: Id;
  readonly revision: number;
  readonly audit: Audit;
}

const EXPORT = 1;

const exported = ({ keyring, revision, audit }: AuditExport): Cbor[] => [
  EXPORT,
  idBytes(keyring),
  revision,
  ...(auditToCbor(audit) as readonly Cbor[]),
];

/** What is MACed. */
export const auditMacInput = (of: AuditExport): Out => encode(exported(of));

export const encodeAuditExport = (of: AuditExport, mac: Bytes): Out => encode([...exported(of), mac]);

/** ERR_FORMAT, ERR_UNSUPPORTED, ERR_LIMIT. Proves nothing: the MAC does. */
export function decodeAuditExport(bytes: Bytes): AuditExport & { readonly mac: Bytes } {
  if (bytes.length > MAX_EXPORT) throw over('audit log', MAX_EXPORT, 'bytes');
  const items = asArray(decode(bytes, 'audit log'), 'audit log', 7);
  if (items[0] !== EXPORT)
    throw typeof items[0] === 'number'
      ? unknown('audit log', `version ${items[0]}`)
      : bad('audit log', 'this is no exported log');
  const [, keyring, revision, dropped, anchor, entries, mac] = asTuple([...items], 'audit log', 7);
  return {
    keyring: asId(keyring, 'audit: keyring id'),
    revision: asUint(revision, 'audit: revision', 1),
    audit: auditFromCbor([dropped!, anchor!, entries!]),
    mac: asHash(mac, 'audit: MAC'),
  };
}
