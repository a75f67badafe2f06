// The roles of keys, what each may do, and who may wrap whom. A pair that is not here does not compile.
//
//   MEK ─derives─► SLOT ─wraps─► KEK ─wraps─► DOCUMENT ─derives─► DOCUMENT_MAC
//                                    ├──────► RECORD, BODY, ENVELOPE ─seal─► data
//                                    ├──────► INDEX ─MAC─► what equal values are found by
//                                    ├──────► STREAM ─derives─► the key of one stream's chunks
//                                    ├──────► SPACE
//                                    └──────► OLD_KEK ─unwraps─► STREAM, ENVELOPE
//
// Roles are types alone: at run time a key is a handle with one purpose (engine/key.ts), and its bytes lie in the core.

import type { Engine } from '../engine/engine.ts';
import type { Key, Purpose } from '../engine/key.ts';
import { still } from '../core/bytes.ts';
import type { Purpose as Label } from '../format/cose-encrypt0.ts';
import type { KeyOps } from '../format/cose-key.ts';
import { ID_LENGTH, idOf } from '../format/ids.ts';

/** Role → the one purpose of its handle (SP 800-57 Part 1 §5.2). */
export interface Roles {
  MEK: 'derive'; //          of a passphrase, or an operator key: opens one slot (SP 800-132)
  SLOT: 'wrap'; //           a slot's wrap key, from the MEK
  KEK: 'wrap';
  DOCUMENT: 'derive'; //     the document key: derives the MAC keys
  DOCUMENT_MAC: 'mac';
  RECORD: 'seal'; //         a record DEK
  BODY: 'seal'; //           the DEK of the document's private part
  STREAM: 'derive'; //       a stream DEK, for one stream
  ENVELOPE: 'seal'; //       an envelope DEK, for one envelope
  INDEX: 'mac'; //           an index key
  SPACE: 'wrap'; //          one's own key in a space: wraps the item keys received there
  OLD_KEK: 'wrap'; //        a KEK that another has followed: it wraps nothing any more
}
export type Role = keyof Roles;

/** Who wraps whom. */
export interface Wraps {
  SLOT: 'KEK';
  KEK: 'DOCUMENT' | 'RECORD' | 'BODY' | 'STREAM' | 'ENVELOPE' | 'INDEX' | 'SPACE' | 'OLD_KEK';
}
/** Who unwraps whom: whoever wraps, and old KEKs what data carries with it. */
export interface Unwraps extends Wraps {
  OLD_KEK: Carried;
}
/** DEKs that travel with their data, so that nobody can wrap all of them anew. */
export type Carried = 'STREAM' | 'ENVELOPE';
export type Wrapper = keyof Wraps;
export type Unwrapper = keyof Unwraps;
export type Wrapped = Wraps[Wrapper];

/** The private keys of pairs (keypair.ts): role → the one purpose of its handle. */
export interface PairRoles {
  AGREE: 'agree'; //         a person's agreement key
  SIGN: 'sign'; //           a person's signing key
  SLOT_PRIVATE: 'agree'; //  the private key of a rotatable slot
}
export type PairRole = keyof PairRoles;
/** Who wraps the private keys. */
export interface WrapsPrivate {
  SLOT: 'SLOT_PRIVATE';
  KEK: 'AGREE' | 'SIGN';
}

declare const role: unique symbol;
/** A handle of a private key with a role. Its id is the kid of its public key: fp[0..16). */
export type PrivateKey<R extends PairRole = PairRole> = Key<PairRoles[R]> & { readonly [role]: R };
declare const stretched: unique symbol;
/** A handle with a role. Its id is the kid (a SLOT's and a passphrase MEK's: the slot id; an operator key's: its own). */
export type RoleKey<R extends Role> = Key<Roles[R]> & { readonly [role]: R };

export type Mek = RoleKey<'MEK'>;
export type SlotKey = RoleKey<'SLOT'>;
export type Kek = RoleKey<'KEK'>;
export type DocumentKey = RoleKey<'DOCUMENT'>;
export type DocumentMacKey = RoleKey<'DOCUMENT_MAC'>;
export type RecordDek = RoleKey<'RECORD'>;
export type BodyDek = RoleKey<'BODY'>;
export type StreamDek = RoleKey<'STREAM'>;
export type EnvelopeDek = RoleKey<'ENVELOPE'>;
export type IndexKey = RoleKey<'INDEX'>;
export type OldKek = RoleKey<'OLD_KEK'>;
/** What PBKDF2 makes of a PIN: on its way to a MEK (pin.ts), and no key by itself. */
export type StretchedPin = Key<'derive'> & { readonly [stretched]: true };

/** What a wrapped key is bound to (external_aad), how its COSE_Key says what it may do, what its handle will be. FORMATS §§2, 5. */
export const WRAPPED: {
  readonly [R in Wrapped]: { readonly label: Label; readonly ops: KeyOps; readonly purpose: Roles[R] };
} = {
  KEK: { label: 'slot-kek', ops: 'wrap', purpose: 'wrap' },
  DOCUMENT: { label: 'document-key', ops: 'derive', purpose: 'derive' },
  RECORD: { label: 'record-key', ops: 'seal', purpose: 'seal' },
  BODY: { label: 'body-key', ops: 'seal', purpose: 'seal' },
  STREAM: { label: 'stream-key', ops: 'derive', purpose: 'derive' },
  ENVELOPE: { label: 'envelope-key', ops: 'seal', purpose: 'seal' },
  INDEX: { label: 'index-key', ops: 'mac', purpose: 'mac' },
  SPACE: { label: 'space-key', ops: 'wrap', purpose: 'wrap' },
  OLD_KEK: { label: 'old-kek', ops: 'wrap', purpose: 'wrap' },
};

/** What a wrapped private key is bound to, and what its handle will be. FORMATS §5. */
export const PRIVATE: {
  readonly [R in PairRole]: { readonly label: Label; readonly purpose: PairRoles[R] };
} = {
  AGREE: { label: 'agree-key', purpose: 'agree' },
  SIGN: { label: 'sign-key', purpose: 'sign' },
  SLOT_PRIVATE: { label: 'slot-private-key', purpose: 'agree' },
};

/** The one place where a handle is given its role: only those in keys/ that made it know. */
export const inRole = <R extends Role>(_role: R, key: Key<Roles[R]>): RoleKey<R> => key as RoleKey<R>;
/** … and the handle of a private key. */
export const inPairRole = <R extends PairRole>(_role: R, key: Key<PairRoles[R]>): PrivateKey<R> => key as PrivateKey<R>;

/** A fresh key under a fresh random kid. */
export function generate<R extends Wrapped>(engine: Engine, role: R): RoleKey<R> {
  const kid = still(ID_LENGTH);
  engine.random(kid);
  const purpose: Purpose & Roles[R] = WRAPPED[role].purpose;
  return inRole(role, engine.generateKey({ purpose, id: idOf(kid) }));
}
