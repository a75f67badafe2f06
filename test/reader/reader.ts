// A reader of keystrata's formats, written from docs/formats.md: a document by its secret, and what lies under it.

import { pbkdf2Sync, timingSafeEqual } from 'node:crypto';
import { X, cbor, coseKey, decrypt0, expand, gcmOpen, hash, hex, hmac, kidOf, uncbor, unwrap } from './primitives.ts';
import type { Bytes, Fields } from './primitives.ts';
import { pointOf, publicKey, unseal, verify1 } from './seals.ts';

export type Secret = { passphrase: string } | { operatorKey: Bytes; operatorKeyId: Bytes };

export interface OpenDocument {
  header: Fields;
  body: Fields;
  /** The private part, decrypted. */
  private: Fields;
  keyring: Bytes;
  kek: Buffer;
  /** The DEK of that kid, 32 bytes. */
  dek(kid: Bytes): Buffer;
  /** Kid of the active record DEK of a space, or of its index key. */
  active(space: string, type?: number): Bytes;
  /** The KEK of that kid: the present one, or an old one out of body 5. */
  readonly kekOf: (kid: Bytes) => Buffer;
}

const DERIVE = [7];
const MAC = [9, 10];
const SEAL = [3, 4];
const WRAP = [5, 6];
const [PASSPHRASE, OPERATOR, DIRECT, ROTATABLE] = [1, 5, 0, 1];
const [RECORD_KEY, BODY_KEY, INDEX_KEY, ACTIVE] = [1, 3, 5, 2];

/** §3: the MEK of a slot, null where the secret is not of its type. */
function mekOf(slot: Fields, secret: Secret): Bytes | null {
  if ('passphrase' in secret)
    return slot.get(2) === PASSPHRASE
      ? pbkdf2Sync(secret.passphrase.normalize('NFKC'), slot.get(5) as Bytes, slot.get(6) as number, 32, 'sha256')
      : null;
  return slot.get(2) === OPERATOR && hex(slot.get(14) as Bytes) === hex(secret.operatorKeyId)
    ? secret.operatorKey
    : null;
}

/** Whose KEK is wanted, as the header says. */
export interface At {
  keyring: Bytes;
  owner: string;
  kek: Bytes;
}

const sealInfo = ({ keyring, owner, kek }: At, slot: Fields, fp: Bytes): Buffer =>
  cbor(['keystrata/slot-seal/v1', keyring, owner, slot.get(1), slot.get(2), kek, fp]);

/** A KEK by its COSE_Key. */
function kekOf(inside: Bytes, kid: Bytes): Buffer {
  const k = (uncbor(inside) as Fields).get(-1) as Bytes;
  if (k.length !== 32 || !coseKey(kid, WRAP, k).equals(inside)) throw new Error('another key is inside');
  return Buffer.from(k);
}

/** §3: the KEK out of a rotatable slot (P-256); null where the MEK is another's. */
export function openRotatable(slot: Fields, mek: Bytes, at: At): Buffer | null {
  const id = slot.get(1) as Bytes;
  const all = X(mek, 'keystrata/slot/v1', [at.keyring, id, Uint8Array.of(slot.get(2) as number, ROTATABLE)], 96);
  if (!timingSafeEqual(all.subarray(32, 64), slot.get(7) as Bytes)) return null;
  const sealed = slot.get(11) as Bytes;
  const mac = hmac(all.subarray(64), cbor(['keystrata/seal-mac/v1', at.keyring, id, at.kek, sealed]));
  if (!timingSafeEqual(mac, slot.get(12) as Bytes)) throw new Error('not sealed by this keyring');
  const kid = (uncbor(sealed) as unknown[])[4] as Bytes;
  const bound = { purpose: 'slot-private-key', scope: at.keyring, bound: kid };
  const d = (uncbor(decrypt0(all.subarray(0, 32), slot.get(9) as Bytes, bound)) as Fields).get(-4) as Bytes;
  const { fp } = publicKey(pointOf(d));
  return kekOf(unseal(d, sealed, sealInfo(at, slot, fp)), at.kek);
}

/** §3: the KEK out of an escrow to P-256, signed by the Ed25519 key of the point `signer`. */
export function openEscrow(slot: Fields, d: Bytes, signer: Bytes, at: At): Buffer {
  const sealed = slot.get(11) as Bytes;
  const external = cbor(['keystrata/escrow-sign/v1', at.keyring, at.owner, slot.get(1), at.kek]);
  verify1(signer, slot.get(16) as Bytes, external, sealed);
  const { fp } = publicKey(pointOf(d));
  return kekOf(unseal(d, sealed, sealInfo(at, slot, fp)), at.kek);
}

/** §3: the KEK out of the first slot that the secret opens. */
function openSlots(header: Fields, secret: Secret): Buffer {
  const keyring = header.get(1) as Bytes;
  for (const slot of header.get(7) as Fields[]) {
    const mek = mekOf(slot, secret);
    if (mek === null) continue;
    if (slot.get(3) !== DIRECT) {
      const kek = openRotatable(slot, mek, { keyring, owner: header.get(2) as string, kek: header.get(5) as Bytes });
      if (kek !== null) return kek;
      continue;
    }
    const id = slot.get(1) as Bytes;
    const typeAndMode = Uint8Array.of(slot.get(2) as number, slot.get(3) as number);
    const both = X(mek, 'keystrata/slot/v1', [keyring, id, typeAndMode], 64);
    if (!timingSafeEqual(both.subarray(32), slot.get(7) as Bytes)) continue;
    const wrapped = slot.get(8) as Bytes;
    if (hex(kidOf(wrapped)) !== hex(id)) throw new Error('the wrap is of another slot');
    return unwrap(both.subarray(0, 32), wrapped, 'slot-kek', keyring, header.get(5) as Bytes, WRAP);
  }
  throw new Error('wrong secret');
}

/** §4. */
export function openDocument(bytes: Bytes, secret: Secret, owner: string): OpenDocument {
  if (hex(bytes.subarray(0, 5)) !== '4b53544401') throw new Error('no document of version 1');
  const [headerBytes, bodyBytes, mac] = uncbor(bytes.subarray(5)) as [Bytes, Bytes, Bytes];
  const header = uncbor(headerBytes) as Fields;
  const keyring = header.get(1) as Bytes;
  const kek = openSlots(header, secret);

  const [documentKid, documentWrap] = header.get(6) as [Bytes, Bytes];
  const documentKey = unwrap(kek, documentWrap, 'document-key', keyring, documentKid, DERIVE);
  const macKey = X(documentKey, 'keystrata/document-mac/v1', [keyring, documentKid], 32);
  const macked = cbor(['keystrata/document/v1', headerBytes, hash(bodyBytes)]);
  if (!timingSafeEqual(hmac(macKey, macked), mac)) throw new Error('altered');
  if (header.get(2) !== owner) throw new Error('of another owner');

  const body = uncbor(bodyBytes) as Fields;
  const keys = new Map([...(body.get(1) as Map<Bytes, Fields>)].map(([kid, record]) => [hex(kid), { kid, record }]));
  const dek = (kid: Bytes): Buffer => {
    const { record } = keys.get(hex(kid)) ?? {};
    if (record === undefined) throw new Error('no such key');
    const purpose = { [RECORD_KEY]: 'record-key', [BODY_KEY]: 'body-key' }[record.get(1) as number]!;
    return unwrap(kek, record.get(8) as Bytes, purpose, keyring, kid, SEAL);
  };
  const bodyKid = body.get(10) as Bytes;
  const sealed = body.get(8) as Bytes;
  const inside = decrypt0(dek(bodyKid), sealed, { purpose: 'document-private', scope: keyring, bound: bodyKid });
  const secretPart = uncbor(inside) as Fields;
  const labels = new Map([...(secretPart.get(1) as Map<Bytes, string>)].map(([id, label]) => [hex(id), label]));
  const active = (space: string, type = RECORD_KEY): Bytes => {
    for (const { kid, record } of keys.values())
      if (record.get(1) === type && record.get(5) === ACTIVE && labels.get(hex(record.get(2) as Bytes)) === space)
        return kid;
    throw new Error('no such space');
  };
  const old = new Map([...(body.get(5) as Map<Bytes, unknown[]>)].map(([kid, row]) => [hex(kid), { kid, row }]));
  const kekOf = (kid: Bytes): Buffer => {
    if (hex(kid) === hex(header.get(5) as Bytes)) return kek;
    const { row } = old.get(hex(kid)) ?? {};
    if (row === undefined) throw new Error('under another KEK');
    return unwrap(kek, row[0] as Bytes, 'old-kek', keyring, kid, WRAP);
  };
  return { header, body, private: secretPart, keyring, kek, dek, active, kekOf };
}

/** §6: the plaintext of a record. */
export const openRecord = (document: OpenDocument, record: Bytes, context: string): Buffer =>
  decrypt0(document.dek(kidOf(record)), record, {
    purpose: 'record',
    scope: document.keyring,
    bound: Buffer.from(context),
  });

/** §6: the plaintext of an envelope, whose first 125 bytes are array (3), 1 and the wrap. */
export function openEnvelope({ keyring, kekOf }: OpenDocument, envelope: Bytes, context: string): Buffer {
  if (hex(envelope.subarray(0, 2)) !== '8301') throw new Error('no envelope of version 1');
  const [wrap, record] = [envelope.subarray(2, 125), envelope.subarray(125)];
  const kid = kidOf(record);
  const dek = unwrap(kekOf(kidOf(wrap)), wrap, 'envelope-key', keyring, kid, SEAL);
  return decrypt0(dek, record, { purpose: 'envelope', scope: keyring, bound: Buffer.from(context) });
}

/** §6: the index of a value, under a wrapped index key of that kid and family. */
export function indexUnder(
  { keyring, kek }: OpenDocument,
  key: { wrapped: Bytes; kid: Bytes; family: Bytes },
  field: string,
  value: string,
): Buffer {
  const k = unwrap(kek, key.wrapped, 'index-key', keyring, key.kid, MAC);
  return hmac(k, cbor(['keystrata/index/v1', keyring, key.family, field, Buffer.from(value)]));
}

/** … under the active index key of a space. */
export function indexIn(document: OpenDocument, space: string, field: string, value: string): Buffer {
  const kid = document.active(space, INDEX_KEY);
  const keys = document.body.get(1) as Map<Bytes, Fields>;
  const [, record] = [...keys].find(([one]) => hex(one) === hex(kid))!;
  const key = { wrapped: record.get(8) as Bytes, kid, family: record.get(2) as Bytes };
  return indexUnder(document, key, field, value);
}

const CHUNK = 16_400;

/** §6: the plaintext of a stream. */
export function openStream({ keyring, kekOf }: OpenDocument, stream: Bytes, context: string): Buffer {
  if (hex(stream.subarray(0, 7)) !== '4b535453' + '01' + '0078') throw new Error('no stream of version 1');
  const kid = stream.subarray(7, 23);
  const wrap = stream.subarray(23, 143);
  const dek = unwrap(kekOf(kidOf(wrap)), wrap, 'stream-key', keyring, kid, DERIVE);

  const salt = stream.subarray(143, 167);
  const label = Buffer.from('c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0');
  const okm = expand('sha512', dek, Buffer.concat([label, salt, kid, Buffer.from(context)]), 76);
  if (!timingSafeEqual(okm.subarray(44), stream.subarray(167, 199))) throw new Error('wrong key or context');
  const parts: Buffer[] = [];
  for (let i = 0, at = 199; ; i++, at += CHUNK) {
    const chunk = stream.subarray(at, at + CHUNK);
    const nonce = Buffer.from(okm.subarray(32, 44));
    nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ i) >>> 0, 8); // fewer than 2^32 chunks
    parts.push(gcmOpen(okm.subarray(0, 32), nonce, chunk));
    if (chunk.length < CHUNK) return Buffer.concat(parts); // the last chunk is always shorter, and always there
  }
}
