// What the document says of a key and of a keypair. FORMATS §4.
//
//   key      1 type   2 family id   3 version   4 space id or null   5 state   6 created   7 transitions
//            8 wrapped key or null   9 originator end   10 recipient end   (11 [granter fp, commitment]: type 4 alone)
//   keypair  1 use   2 kem or alg   3 public COSE_Key   4 wrapped private COSE_Key   5 state   6 created   7 transitions
//
// Nothing secret: the keys are wrapped.

import type { Bytes } from '../core/bytes.ts';
import type { Cbor } from './cbor.ts';
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
export type KeyType = 'record' | 'space' | 'body' | 'granted';
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
  readonly wrapped: Bytes; // COSE_Encrypt0 of the private COSE_Key
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
]);
export const USES: ReadonlyMap<number, KeyUse> = new Map([
  [1, 'agree'],
  [2, 'sign'],
]);

const MAX_TRANSITIONS = 64; // FORMATS §12
const MAX_PRIVATE_KEY = 512; // a wrapped private COSE_Key: the largest in use takes under 200 bytes
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
  if (kind !== publicKey.kind) throw bad('keypair record', 'its public key is not of its algorithm');
  return {
    use,
    algorithm: fields.get(2) as number,
    publicKey,
    wrapped: asByteString(fields.get(4), 'wrapped private key', 1, MAX_PRIVATE_KEY),
    state: asNamed(fields.get(5), 'state', STATES),
    created: asUint(fields.get(6), 'keypair: created'),
    transitions: transitionsFromCbor(fields.get(7)),
  };
}
