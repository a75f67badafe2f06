// The roles of keys, what each may do, and who may wrap whom. A pair that is not here does not compile.

import type { Key } from '../engine/key.ts';

/** Role → the one purpose of its handle (SP 800-57 Part 1 §5.2). */
export interface Roles {
  MEK: 'derive'; //          of a passphrase, or an operator key: opens one slot
  SLOT: 'wrap'; //           a slot's wrap key, from the MEK: wraps the KEK
  KEK: 'wrap';
  DOCUMENT: 'derive'; //     the document key: derives the MAC keys
  DOCUMENT_MAC: 'mac';
  RECORD: 'seal'; //         a record DEK
  BODY: 'seal'; //           the DEK of the document's private part
  STREAM: 'derive'; //       a stream DEK, for one stream
}
export type Role = keyof Roles;

export interface Wraps {
  SLOT: 'KEK';
  KEK: 'DOCUMENT' | 'RECORD' | 'BODY' | 'STREAM';
}

declare const role: unique symbol;
/** A handle with a role. Its id is the kid (a MEK's and a SLOT's: the slot id). */
export type RoleKey<R extends Role> = Key<Roles[R]> & { readonly [role]: R };

export type Mek = RoleKey<'MEK'>;
export type SlotKey = RoleKey<'SLOT'>;
export type Kek = RoleKey<'KEK'>;
export type DocumentKey = RoleKey<'DOCUMENT'>;
export type DocumentMacKey = RoleKey<'DOCUMENT_MAC'>;
export type RecordDek = RoleKey<'RECORD'>;
export type BodyDek = RoleKey<'BODY'>;
export type StreamDek = RoleKey<'STREAM'>;
