// What the document says of a key and of a keypair. FORMATS §4.
//
//   key      1 type   2 family id   3 version   4 space id or null   5 state   6 created   7 transitions
//            8 wrapped key or null   9 originator end   10 recipient end   (11 [granter fp, commitment]: type 4 alone)
//   keypair  1 use   2 kem or alg   3 public COSE_Key   4 wrapped private COSE_Key or null   5 state   6 created   7 transitions
//
// Nothing secret: the keys are wrapped.

import type { Bytes } from '../core/bytes.ts';
import { Major, NULL } from './cbor.ts';
import type { Cbor } from './cbor.ts';
import type { Cursor } from './cursor.ts';
import { WRAPPED_DERIVE_LENGTH, WRAPPED_LENGTH } from './cose-encrypt0.ts';
import {
  asArray,
  asByteString,
  asHash,
  asId,
  asMap,
  asNamed,
  asRecord,
  asTuple,
  asUint,
  bad,
  numberOf,
  over,
} from './fields.ts';
import { idBytes } from './ids.ts';
import type { Id } from './ids.ts';
import { KEMS, SIGNATURES, publicKeyFromCbor, publicKeyToCbor } from './public-key.ts';
import type { PublicKey } from './public-key.ts';
import { STATES } from './states.ts';
import type { KeyState } from './states.ts';

export interface Transition {
  readonly from: KeyState;
  readonly to: KeyState;
  readonly time: number; // Unix seconds, here and below
  readonly reason: number; // a code
}
export type KeyType = 'record' | 'space' | 'body' | 'granted' | 'index';
export interface KeyRecord {
  readonly type: KeyType;
  readonly family: Id; // shared by the versions of one key
  readonly version: number; // from 1
  readonly space: Id | null;
  readonly state: KeyState;
  readonly created: number;
  readonly transitions: readonly Transition[]; // at most 64
  readonly wrapped: Bytes | null; // COSE_Encrypt0 of 123 bytes (granted: 120); null when destroyed
  readonly originatorEnd: number;
  readonly recipientEnd: number;
  readonly grant?: { readonly granter: Bytes; readonly commitment: Bytes }; // granted alone: fp 32, commitment 32
}
export interface KeypairRecord {
  readonly use: KeyUse;
  readonly algorithm: number; // kem or alg
  readonly publicKey: PublicKey;
  readonly wrapped: Bytes | null; // COSE_Encrypt0 of the private COSE_Key; null when destroyed
  readonly state: KeyState;
  readonly created: number;
  readonly transitions: readonly Transition[];
}
export type KeyUse = 'agree' | 'sign';

const TYPES: ReadonlyMap<number, KeyType> = new Map([
  [1, 'record'],
  [2, 'space'],
  [3, 'body'],
  [4, 'granted'],
  [5, 'index'],
]);
export const USES: ReadonlyMap<number, KeyUse> = new Map([
  [1, 'agree'],
  [2, 'sign'],
]);

export const MAX_KEYS = 100_000; // FORMATS §12
const MAX_TRANSITIONS = 64; // FORMATS §12
const MAX_PRIVATE_KEY = 512; // a wrapped private COSE_Key: the largest in use takes under 200 bytes
const DEPTH = 2; // of a key record within the body
const KEY_FIELDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const GRANTED_FIELDS = [...KEY_FIELDS, 11];
const KEYPAIR_FIELDS = [1, 2, 3, 4, 5, 6, 7];

const transitionsToCbor = (transitions: readonly Transition[]): Cbor =>
  transitions.map(({ from, to, time, reason }) => [
    numberOf(from, 'state', STATES),
    numberOf(to, 'state', STATES),
    time,
    reason,
  ]);

const transitionsFromCbor = (value: Cbor | undefined): Transition[] =>
  asArray(value, 'transitions', MAX_TRANSITIONS).map((item) => {
    const [from, to, time, reason] = asTuple(item, 'transition', 4);
    return {
      from: asNamed(from, 'state', STATES),
      to: asNamed(to, 'state', STATES),
      time: asUint(time, 'transition: time'),
      reason: asUint(reason, 'transition: reason'),
    };
  });

export function keyRecordToCbor(key: KeyRecord): Cbor {
  const map = new Map<number, Cbor>([
    [1, numberOf(key.type, 'key type', TYPES)],
    [2, idBytes(key.family, 'family id')],
    [3, key.version],
    [4, key.space === null ? null : idBytes(key.space, 'space id')],
    [5, numberOf(key.state, 'state', STATES)],
    [6, key.created],
    [7, transitionsToCbor(key.transitions)],
    [8, key.wrapped],
    [9, key.originatorEnd],
    [10, key.recipientEnd],
  ]);
  if (key.grant) map.set(11, [key.grant.granter, key.grant.commitment]);
  return map;
}

export function keyRecordFromCbor(value: Cbor): KeyRecord {
  const name = 'key record';
  const type = asNamed(asMap(value, name).get(1), 'key type', TYPES);
  const fields = asRecord(value, name, type === 'granted' ? GRANTED_FIELDS : KEY_FIELDS);
  const space = fields.get(4)!;
  const wrapped = fields.get(8)!;
  const length = type === 'granted' ? WRAPPED_DERIVE_LENGTH : WRAPPED_LENGTH;
  const key: KeyRecord = {
    type,
    family: asId(fields.get(2), 'family id'),
    version: asUint(fields.get(3), 'key version', 1),
    space: space === null ? null : asId(space, 'space id'),
    state: asNamed(fields.get(5), 'state', STATES),
    created: asUint(fields.get(6), 'key: created'),
    transitions: transitionsFromCbor(fields.get(7)),
    wrapped: wrapped === null ? null : asByteString(wrapped, 'wrapped key', length),
    originatorEnd: asUint(fields.get(9), 'originator end'),
    recipientEnd: asUint(fields.get(10), 'recipient end'),
  };
  if (type !== 'granted') return key;
  const [granter, commitment] = asTuple(fields.get(11), 'grant', 2);
  return { ...key, grant: { granter: asHash(granter, 'granter'), commitment: asHash(commitment, 'commitment') } };
}

// ---- the same at speed: a keyring may have 100,000 of them, and all are read at every unlock

const uintOf = (cursor: Cursor, field: number): number | null =>
  cursor.skip(field) ? cursor.head(Major.UNSIGNED) : null;

/** A record as it is mostly written: not granted, of no space. Null for another, and for a wrong one. */
function commonRecord(cursor: Cursor): KeyRecord | null {
  if (cursor.head(Major.MAP) !== KEY_FIELDS.length) return null;
  const type = TYPES.get(uintOf(cursor, 1) ?? 0);
  const family = cursor.skip(2) ? cursor.id() : null;
  const version = uintOf(cursor, 3);
  if (!type || type === 'granted' || family === null || !version || !cursor.skip(4) || !cursor.skip(NULL)) return null;
  const state = STATES.get(uintOf(cursor, 5) ?? 0);
  const created = uintOf(cursor, 6);
  if (state === undefined || created === null || !cursor.skip(7)) return null;
  const transitions = transitionsFromCbor(cursor.item(DEPTH + 1));
  const wrapped = cursor.skip(8) && cursor.head(Major.BYTES) === WRAPPED_LENGTH ? cursor.span(WRAPPED_LENGTH) : null;
  const originatorEnd = uintOf(cursor, 9);
  const recipientEnd = uintOf(cursor, 10);
  if (wrapped === null || originatorEnd === null || recipientEnd === null) return null;
  return {
    type,
    family,
    version,
    space: null,
    state,
    created,
    transitions,
    wrapped,
    originatorEnd,
    recipientEnd,
  };
}

/** Body field 1, at the cursor; null where there is no such map. What is not as mostly is read again, item by item. */
export function readKeys(cursor: Cursor): Map<Id, KeyRecord> | null {
  const size = cursor.head(Major.MAP);
  if (size === null) return null;
  if (size > MAX_KEYS) throw over('keys', MAX_KEYS, 'entries');
  const keys = new Map<Id, KeyRecord>();
  let before = '';
  for (let i = 0; i < size; i++) {
    const kid = cursor.id();
    if (kid === null) return null;
    if (kid <= before) cursor.bad('map keys twice or out of order'); // hex digits have the order of their bytes
    before = kid;
    const { at } = cursor;
    let record = commonRecord(cursor);
    if (record === null) {
      cursor.at = at;
      record = keyRecordFromCbor(cursor.item(DEPTH));
    }
    keys.set(kid, record);
  }
  return keys;
}

export const keypairToCbor = (pair: KeypairRecord): Cbor =>
  new Map<number, Cbor>([
    [1, numberOf(pair.use, 'use', USES)],
    [2, pair.algorithm],
    [3, publicKeyToCbor(pair.publicKey)],
    [4, pair.wrapped],
    [5, numberOf(pair.state, 'state', STATES)],
    [6, pair.created],
    [7, transitionsToCbor(pair.transitions)],
  ]);

export function keypairFromCbor(value: Cbor): KeypairRecord {
  const fields = asRecord(value, 'keypair record', KEYPAIR_FIELDS);
  const use = asNamed(fields.get(1), 'use', USES);
  const kind: PublicKey['kind'] = asNamed(fields.get(2), 'algorithm', use === 'agree' ? KEMS : SIGNATURES);
  const publicKey = publicKeyFromCbor(fields.get(3), 'public key');
  const wrapped = fields.get(4)!;
  if (kind !== publicKey.kind) throw bad('keypair record', 'its public key is not of its algorithm');
  return {
    use,
    algorithm: fields.get(2) as number,
    publicKey,
    wrapped: wrapped === null ? null : asByteString(wrapped, 'wrapped private key', 1, MAX_PRIVATE_KEY),
    state: asNamed(fields.get(5), 'state', STATES),
    created: asUint(fields.get(6), 'keypair: created'),
    transitions: transitionsFromCbor(fields.get(7)),
  };
}
