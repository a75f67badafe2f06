// A snapshot: one stored document, read and verified. FORMATS §3 (order of unlocking), §4.
//
//   stored ──bounds──► parts, header ──the MAC, the owner──► body ──body DEK──► private part
//          nothing proved             what the KEK vouches for
//
// Secret: the seal keys in the private part. Its names and labels are for whoever has the KEK.

import type { Bytes } from '../core/bytes.ts';
import { KeystrataError, authenticationError, conflictError } from '../core/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { decodeBody, type Body, type KeyRecord } from '../format/body.ts';
import { decodeDocument, type DocumentParts } from '../format/document.ts';
import { decodeHeader, type Header } from '../format/header.ts';
import type { Id } from '../format/ids.ts';
import { decodePrivatePart, type PrivatePart } from '../format/private-part.ts';
import { openPrivatePart } from '../keys/dek.ts';
import { documentMacKey, verifyDocument } from '../keys/document-key.ts';
import { unwrapUnderKek } from '../keys/kek.ts';
import type { BodyDek, DocumentMacKey, Kek } from '../keys/roles.ts';
import type { Store, Stored } from '../store/store.ts';
import { ActiveKeys } from './active-keys.ts';
import { Bag } from './bag.ts';
import { anotherKeyring, checkSuccession, type Known } from './succession.ts';

/**
 * What an unlocked keyring holds in the core, the KEK alone, and what its documents must agree with. Document key, MAC key
 * and body DEK are unwrapped where they are used and wiped there: slots are few, and what is not there cannot be found.
 */
export interface Unlocked {
  readonly engine: Engine;
  readonly keyring: Id;
  readonly owner: string;
  readonly kek: Kek;
}

/** A document whose bounds are checked, and nothing else. */
export interface Unverified {
  readonly version: string; // the store's
  readonly bytes: Bytes;
  readonly parts: DocumentParts;
  readonly header: Header;
}

export interface Snapshot {
  readonly version: string; // the store's
  readonly hash: Bytes; //     H(document)
  readonly header: Header;
  readonly body: Body;
  readonly stored: StoredBody;
  readonly private: PrivatePart;
  readonly active: ActiveKeys;
}

/** The body as it lies in the store, and H(body): a change of the header alone encodes and hashes neither again. */
export interface StoredBody {
  readonly bytes: Bytes;
  readonly hash: Bytes;
}

export function parse({ bytes, version }: Stored): Unverified {
  const parts = decodeDocument(bytes);
  return { version, bytes, parts, header: decodeHeader(parts.header) };
}

/** ERR_NOT_FOUND where the owner has no keyring in the store. */
export async function readStored(store: Store, owner: string): Promise<Unverified> {
  const stored = await store.get(owner);
  if (stored === null)
    throw new KeystrataError(
      'ERR_NOT_FOUND',
      `there is no keyring of ${JSON.stringify(owner)} in this store: check the name and the place, or create one`,
    );
  return parse(stored);
}

/**
 * MAC, owner, what this device knows; only then the rest. AuthenticationError, ERR_ROLLBACK, or ConflictError where another
 * KEK holds it now.
 */
export async function verify(unlocked: Unlocked, unverified: Unverified, known: Known | null): Promise<Snapshot> {
  const { engine, owner, kek } = unlocked;
  const { version, bytes, parts, header } = unverified;
  if (header.keyring !== unlocked.keyring) throw anotherKeyring(known ?? unlocked, header.keyring);
  if (header.kek !== kek.id)
    throw conflictError('the key encryption key was changed by another process: lock, then unlock again');
  const bodyHash = underMac(unlocked, header, (key) => verifyDocument(engine, key, parts));
  if (header.owner !== owner)
    throw authenticationError(
      `this is the keyring of another owner, put in place of that of ${JSON.stringify(owner)}: restore the right one`,
    );
  const hash = engine.sha256(bytes);
  if (known !== null) checkSuccession(known, header, hash);
  const body = decodeBody(parts.body);
  const opened = await openedPrivatePart(unlocked, body);
  const stored = { bytes: parts.body, hash: bodyHash };
  return { version, hash, header, body, stored, private: opened, active: new ActiveKeys(body.keys, opened.labels) };
}

/** Unwraps the document key, derives the MAC key, and wipes both when `work` is done. */
export function underMac<T>({ engine, kek, keyring }: Unlocked, header: Header, work: (key: DocumentMacKey) => T): T {
  const { id, wrapped } = header.documentKey;
  const bag = new Bag();
  try {
    const documentKey = bag.put(unwrapUnderKek(engine, kek, 'DOCUMENT', wrapped, { keyring, kid: id }));
    return work(bag.put(documentMacKey(engine, documentKey, keyring)));
  } finally {
    bag.dispose();
  }
}

/** Its secrets are views of one piece of memory, which `wipePrivate` clears. */
async function openedPrivatePart(unlocked: Unlocked, body: Body): Promise<PrivatePart> {
  const dek = unwrapBodyDek(unlocked, body);
  try {
    return decodePrivatePart(await openPrivatePart(unlocked.engine, dek, body.private, unlocked.keyring));
  } finally {
    dek.dispose();
  }
}

/** Clears the seal keys: at the end, or, where another part took its place, those that are not in that one. */
export function wipePrivate({ slots }: PrivatePart, next?: PrivatePart): void {
  const kept = new Set([...(next?.slots.values() ?? [])].map(({ sealKey }) => sealKey));
  for (const { sealKey } of slots.values()) if (!kept.has(sealKey)) sealKey.fill(0);
}

/** The DEK of the private part; the caller disposes it. */
export function unwrapBodyDek({ engine, kek, keyring }: Unlocked, { keys, bodyKey }: Body): BodyDek {
  const record = keys.get(bodyKey);
  if (record?.type !== 'body' || record.wrapped === null)
    throw new KeystrataError('ERR_FORMAT', 'document: the key of its private part is missing');
  return unwrapUnderKek(engine, kek, 'BODY', record.wrapped, { keyring, kid: bodyKey });
}

/** The name of a record DEK's space; empty where it has none. */
export const spaceOf = (labels: PrivatePart['labels'], record: KeyRecord): string => labels.get(record.family) ?? '';
