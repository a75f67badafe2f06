// The document's body. FORMATS §4. All fields present, empty where unused.
//
//   1 {kid: key record}   2 {kid: keypair record}   3 {space id: space record}   4 {device id: {kid: units}}
//   5 {old KEK kid: [wrapped, state, time]}   6 {id: [kind, time]} tombstones   7 audit [dropped, anchor 32, entries]
//   8 private part (COSE_Encrypt0 under the body DEK)   9 policy {1, 2, 3}   10 body DEK kid
//
// Nothing secret in clear. True only after the document's MAC is verified.

import type { Bytes, Out } from '../core/bytes.ts';
import { auditFromCbor, auditToCbor } from './audit.ts';
import type { Audit } from './audit.ts';
import { Encoded, Major, encode } from './cbor.ts';
import type { Cbor } from './cbor.ts';
import { Cursor, decode } from './cursor.ts';
import { WRAPPED_LENGTH } from './cose-encrypt0.ts';
import {
  asByteString,
  asHash,
  asId,
  asIdMap,
  asNamed,
  asRecord,
  asTuple,
  asUint,
  fromIdMap,
  numberOf,
} from './fields.ts';
import { readIdMap } from './id-map.ts';
import { idBytes } from './ids.ts';
import type { Id } from './ids.ts';
import {
  MAX_KEYS,
  keyRecordFromCbor,
  keyRecordToCbor,
  keypairFromCbor,
  keypairToCbor,
  readKeys,
} from './key-record.ts';
import type { KeyRecord, KeypairRecord } from './key-record.ts';
import { STATES } from './states.ts';
import type { KeyState } from './states.ts';

export type { Audit, AuditEntry } from './audit.ts';
export type { KeyRecord, KeypairRecord, Transition } from './key-record.ts';

export interface SpaceRecord {
  readonly key: Id; // own space key
  readonly epoch: number;
  readonly epochHash: Bytes; // 32
  readonly signedEpoch: Bytes; // COSE_Sign1
  readonly agree: Id; // own agreement kid
  readonly sign: Id; // own signing kid
}
export interface OldKek {
  readonly wrapped: Bytes; // COSE_Encrypt0 under the KEK, 123
  readonly state: KeyState;
  readonly time: number; // Unix seconds, here and below
}
export interface Tombstone {
  readonly kind: number;
  readonly time: number;
}
export interface Policy {
  readonly originator: number; // seconds
  readonly recipient: number; // seconds
  readonly units: number; // unit limit
}
export interface Body {
  readonly keys: ReadonlyMap<Id, KeyRecord>; // at most 100,000
  readonly keypairs: ReadonlyMap<Id, KeypairRecord>;
  readonly spaces: ReadonlyMap<Id, SpaceRecord>;
  readonly reservations: ReadonlyMap<Id, ReadonlyMap<Id, number>>; // device → kid → units
  readonly oldKeks: ReadonlyMap<Id, OldKek>;
  readonly tombstones: ReadonlyMap<Id, Tombstone>;
  readonly audit: Audit;
  readonly private: Bytes; // COSE_Encrypt0 under the body DEK: keys/private-part.ts
  readonly policy: Policy;
  readonly bodyKey: Id; // the body DEK, which stands among the keys with type 'body'
}

const MAX_ENTRIES = MAX_KEYS; // of whatever else has an id
const MAX_UNITS = 2 ** 32; // FORMATS §10

const spaceToCbor = (space: SpaceRecord): Cbor =>
  new Map<number, Cbor>([
    [1, idBytes(space.key, 'space key kid')],
    [2, space.epoch],
    [3, space.epochHash],
    [4, space.signedEpoch],
    [5, idBytes(space.agree, 'agreement kid')],
    [6, idBytes(space.sign, 'signing kid')],
  ]);

function spaceFromCbor(value: Cbor): SpaceRecord {
  const fields = asRecord(value, 'space record', [1, 2, 3, 4, 5, 6]);
  return {
    key: asId(fields.get(1), 'space key kid'),
    epoch: asUint(fields.get(2), 'epoch'),
    epochHash: asHash(fields.get(3), 'epoch hash'),
    signedEpoch: asByteString(fields.get(4), 'epoch', 1, Infinity), // its own reader bounds it
    agree: asId(fields.get(5), 'agreement kid'),
    sign: asId(fields.get(6), 'signing kid'),
  };
}

function oldKekFromCbor(value: Cbor): OldKek {
  const [wrapped, state, time] = asTuple(value, 'old KEK', 3);
  return {
    wrapped: asByteString(wrapped, 'old KEK', WRAPPED_LENGTH),
    state: asNamed(state, 'state', STATES),
    time: asUint(time, 'old KEK: time'),
  };
}

function tombstoneFromCbor(value: Cbor): Tombstone {
  const [kind, time] = asTuple(value, 'tombstone', 2);
  return { kind: asUint(kind, 'tombstone: kind'), time: asUint(time, 'tombstone: time') };
}

function policyFromCbor(value: Cbor | undefined): Policy {
  const fields = asRecord(value, 'policy', [1, 2, 3]);
  return {
    originator: asUint(fields.get(1), 'policy: originator seconds'),
    recipient: asUint(fields.get(2), 'policy: recipient seconds'),
    units: asUint(fields.get(3), 'policy: unit limit', 0, MAX_UNITS),
  };
}

/**
 * What is large, as it was read or written last: most documents follow one that has the same keys, and encoding 10,000 of
 * them takes longer than hashing the whole. A map that is in a body does not change any more.
 */
const ENCODED = new WeakMap<object, Encoded>();

function kept<T extends object>(map: T, write: (map: T) => Cbor): Encoded {
  let encoded = ENCODED.get(map);
  if (encoded === undefined) ENCODED.set(map, (encoded = new Encoded(encode(write(map)))));
  return encoded;
}

const keysToCbor = (keys: Body['keys']): Cbor => fromIdMap(keys, keyRecordToCbor);
const reservationsToCbor = (reservations: Body['reservations']): Cbor =>
  fromIdMap(reservations, (units) => fromIdMap(units, (n) => n));

export const encodeBody = (body: Body): Out =>
  encode(
    new Map<number, Cbor>([
      [1, kept(body.keys, keysToCbor)],
      [2, fromIdMap(body.keypairs, keypairToCbor)],
      [3, fromIdMap(body.spaces, spaceToCbor)],
      [4, kept(body.reservations, reservationsToCbor)],
      [5, fromIdMap(body.oldKeks, ({ wrapped, state, time }) => [wrapped, numberOf(state, 'state', STATES), time])],
      [6, fromIdMap(body.tombstones, ({ kind, time }) => [kind, time])],
      [7, auditToCbor(body.audit)],
      [8, body.private],
      [
        9,
        new Map([
          [1, body.policy.originator],
          [2, body.policy.recipient],
          [3, body.policy.units],
        ]),
      ],
      [10, idBytes(body.bodyKey, 'body DEK kid')],
    ]),
  );

const FIELDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];

type Reservations = Map<Id, ReadonlyMap<Id, number>>;

/** Body field 4, at the cursor. */
const readReservations = (cursor: Cursor): Reservations | null =>
  readIdMap(cursor, MAX_ENTRIES, (of) =>
    readIdMap(of, MAX_ENTRIES, (at) => {
      const units = at.head(Major.UNSIGNED);
      return units !== null && units <= MAX_UNITS ? units : null;
    }),
  );

const reservationsFromCbor = (value: Cbor | undefined): Reservations =>
  asIdMap(value, 'devices', MAX_ENTRIES, (of) =>
    asIdMap(of, 'reservations', MAX_ENTRIES, (units) => asUint(units, 'units', 0, MAX_UNITS)),
  );

interface Fields {
  readonly keys: Map<Id, KeyRecord>;
  readonly reservations: Reservations;
  readonly fields: ReadonlyMap<number, Cbor>;
}

/** What is large, and the other fields as items. Where they do not stand as they are written, all of it is read item by item. */
function fieldsOf(bytes: Bytes): Fields {
  const cursor = new Cursor(bytes, 'body');
  const asRead = <T extends object>(read: (at: Cursor) => T | null): T | null => {
    const { at } = cursor;
    const map = read(cursor);
    if (map !== null) ENCODED.set(map, new Encoded(bytes.subarray(at, cursor.at)));
    return map;
  };
  const keys = cursor.head(Major.MAP) === FIELDS.length && cursor.skip(1) ? asRead(readKeys) : null;
  if (keys !== null) {
    const fields = new Map<number, Cbor>();
    let reservations: Reservations | null = null;
    for (let field = 2; cursor.skip(field); field++) {
      if (field === 4) reservations = asRead(readReservations);
      fields.set(field, field === 4 && reservations !== null ? null : cursor.item(1));
    }
    if (fields.size === FIELDS.length - 1) {
      cursor.end();
      return { keys, reservations: reservations ?? reservationsFromCbor(fields.get(4)), fields };
    }
  }
  const fields = asRecord(decode(bytes, 'body'), 'body', FIELDS);
  return {
    keys: asIdMap(fields.get(1), 'keys', MAX_KEYS, keyRecordFromCbor),
    reservations: reservationsFromCbor(fields.get(4)),
    fields,
  };
}

/** ERR_FORMAT, ERR_UNSUPPORTED, ERR_LIMIT. Proves nothing: the MAC does. Byte strings are views of `bytes`. */
export function decodeBody(bytes: Bytes): Body {
  const { keys, reservations, fields } = fieldsOf(bytes);
  return {
    keys,
    keypairs: asIdMap(fields.get(2), 'keypairs', MAX_ENTRIES, keypairFromCbor),
    spaces: asIdMap(fields.get(3), 'spaces', MAX_ENTRIES, spaceFromCbor),
    reservations,
    oldKeks: asIdMap(fields.get(5), 'old KEKs', MAX_ENTRIES, oldKekFromCbor),
    tombstones: asIdMap(fields.get(6), 'tombstones', MAX_ENTRIES, tombstoneFromCbor),
    audit: auditFromCbor(fields.get(7)),
    private: asByteString(fields.get(8), 'private part', 1, Infinity),
    policy: policyFromCbor(fields.get(9)),
    bodyKey: asId(fields.get(10), 'body DEK kid'),
  };
}
