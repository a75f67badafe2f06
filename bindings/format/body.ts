import type { Bytes, Out } from '../core/bytes.ts';
import type { Id } from './ids.ts';
import type { PublicKey } from './public-key.ts';
import type { KeyState } from './states.ts';

export interface Transition {
  readonly from: KeyState;
  readonly to: KeyState;
  readonly time: number;
  readonly reason: number; // a code
}
export interface KeyRecord {
  readonly type: 'record' | 'space' | 'body' | 'granted';
  readonly family: Id;
  readonly version: number; // from 1
  readonly space: Id | null;
  readonly state: KeyState;
  readonly created: number;
  readonly transitions: readonly Transition[]; // at most 64
  readonly wrapped: Bytes | null; // COSE_Encrypt0, null when destroyed
  readonly originatorEnd: number; // Unix seconds
  readonly recipientEnd: number;
  readonly grant?: { readonly granter: Bytes; readonly commitment: Bytes }; // type granted only: fp 32, commitment 32
}
export interface KeypairRecord {
  readonly use: 'agree' | 'sign';
  readonly algorithm: number; // kem or alg
  readonly publicKey: PublicKey;
  readonly wrapped: Bytes | null; // private COSE_Key
  readonly state: KeyState;
  readonly created: number;
  readonly transitions: readonly Transition[];
}
export interface SpaceRecord {
  readonly key: Id; // own space key
  readonly epoch: number;
  readonly epochHash: Bytes;
  readonly signedEpoch: Bytes; // COSE_Sign1
  readonly agree: Id; // own agreement kid
  readonly sign: Id; // own signing kid
}
export interface OldKek {
  readonly wrapped: Bytes;
  readonly state: KeyState;
  readonly time: number;
}
export interface Tombstone {
  readonly kind: number;
  readonly time: number;
}
export interface AuditEntry {
  readonly sequence: number;
  readonly time: number;
  readonly event: number;
  readonly subject: Id;
  readonly device: Id;
  readonly previous: Bytes;
}
export interface Audit {
  readonly dropped: number;
  readonly anchor: Bytes;
  readonly entries: readonly AuditEntry[];
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
  readonly private: Bytes; // COSE_Encrypt0 under the body DEK (keys/private-part.ts)
  readonly policy: Policy;
  readonly bodyKey: Id; // kid of the body DEK, which stands among keys with type 'body'
}
export declare const encodeBody: (body: Body) => Out;
export declare const decodeBody: (bytes: Bytes) => Body;
