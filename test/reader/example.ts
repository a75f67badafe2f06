// The worked examples of docs/formats.md, written by an independent writer from fixed inputs: node:crypto and cborg alone.

import { pbkdf2Sync } from 'node:crypto';
import { X, cbor, coseKey, encrypt0, expand, gcmSeal, hash, hmac } from './primitives.ts';
import type { Binding, Bytes } from './primitives.ts';
import { pointOf, publicKey, seal, sign1 } from './seals.ts';

/** n bytes: first, first + 1, first + 2, … */
const run = (first: number, n: number): Buffer => Buffer.from(Array.from({ length: n }, (_, i) => (first + i) % 256));
/** The random bytes of an example: the first n of SHA-256("keystrata example: " ‖ name). */
const drawn = (name: string, n: number): Buffer => hash(Buffer.from(`keystrata example: ${name}`)).subarray(0, n);
const key = (name: string): Buffer => drawn(name, 32);
const iv = (name: string): Buffer => drawn(`IV of ${name}`, 12);

export const OWNER = 'alice';
export const PASSPHRASE = 'correct horse battery staple';
export const ITERATIONS = 600_000;
export const SPACE = 'notes';
export const TIME = 1_767_225_600; // 2026-01-01 00:00:00 UTC
export const RECORD_TEXT = 'Dear diary';
export const RECORD_CONTEXT = 'note/17';
export const STREAM_TEXT = 'Hello, stream!';
export const STREAM_CONTEXT = 'photo.raw';
export const ENVELOPE_TEXT = 'Hello, envelope!';
export const ENVELOPE_CONTEXT = 'row/4';
export const INDEX_FIELD = 'email';
export const INDEX_VALUE = 'alice@example.org';

const keyring = run(0x10, 16);
const slotId = run(0x20, 16);
const device = run(0x30, 16);
const kekKid = run(0x40, 16);
const documentKid = run(0x50, 16);
const bodyKid = run(0x60, 16);
const recordKid = run(0x70, 16);
const streamKid = run(0x80, 16);
const bodyFamily = run(0x90, 16);
const recordFamily = run(0xa0, 16);
export const indexFamily = run(0xb0, 16);
const envelopeKid = run(0xe0, 16);
export const indexKid = run(0xf0, 16);
const salt = run(0xc0, 32);
const kek = key('KEK');
const [SEAL, WRAP, DERIVE, MAC] = [[3, 4], [5, 6], [7], [9, 10]]; // prettier-ignore

const bind = (purpose: string, bound: Bytes): Binding => ({ purpose, scope: keyring, bound });
/** A key under another, §5. */
const wrapped = (outer: Bytes, outerKid: Bytes, purpose: string, name: string, kid: Bytes, ops: number[]): Buffer =>
  encrypt0(outer, outerKid, iv(`the wrapped ${name}`), coseKey(kid, ops, key(name)), bind(purpose, kid), true);
const underKek = (purpose: string, name: string, kid: Bytes, ops: number[]): Buffer =>
  wrapped(kek, kekKid, purpose, name, kid, ops);

function slot(): Map<number, unknown> {
  const mek = pbkdf2Sync(PASSPHRASE.normalize('NFKC'), salt, ITERATIONS, 32, 'sha256');
  const both = X(mek, 'keystrata/slot/v1', [keyring, slotId, Uint8Array.of(1, 0)], 64);
  return new Map<number, unknown>([
    [1, slotId],
    [2, 1],
    [3, 0],
    [4, TIME],
    [5, salt],
    [6, ITERATIONS],
    [7, both.subarray(32)],
    [8, wrapped(both.subarray(0, 32), slotId, 'slot-kek', 'KEK', kekKid, WRAP)],
  ]);
}

const keyRecord = (type: number, family: Bytes, wrap: Bytes): Map<number, unknown> =>
  new Map<number, unknown>([
    [1, type],
    [2, family],
    [3, 1],
    [4, null],
    [5, 2],
    [6, TIME],
    [7, []],
    [8, wrap],
    [9, TIME + 63_072_000],
    [10, TIME + 157_680_000],
  ]);

function document(slotRecord: Map<number, unknown>): Buffer {
  const header = cbor(
    new Map<number, unknown>([
      [1, keyring],
      [2, OWNER],
      [3, 1],
      [4, device],
      [5, kekKid],
      [6, [documentKid, underKek('document-key', 'document key', documentKid, DERIVE)]],
      [7, [slotRecord]],
      [8, 0],
      [9, TIME],
      [10, []],
    ]),
  );
  const none = new Map();
  const secretPart = cbor(new Map<number, unknown>([[1, new Map([[recordFamily, SPACE]])], [2, none], [3, none], [4, none]])); // prettier-ignore
  const body = cbor(
    new Map<number, unknown>([
      [
        1,
        new Map([
          [bodyKid, keyRecord(3, bodyFamily, underKek('body-key', 'body DEK', bodyKid, SEAL))],
          [recordKid, keyRecord(1, recordFamily, underKek('record-key', 'record DEK', recordKid, SEAL))],
        ]),
      ],
      [2, none],
      [3, none],
      [4, none],
      [5, none],
      [6, none],
      [7, [0, Buffer.alloc(32), []]],
      [8, encrypt0(key('body DEK'), bodyKid, iv('the private part'), secretPart, bind('document-private', bodyKid))],
      [9, new Map([[1, 63_072_000], [2, 157_680_000], [3, 2 ** 32]])], // prettier-ignore
      [10, bodyKid],
    ]),
  );
  const macKey = X(key('document key'), 'keystrata/document-mac/v1', [keyring, documentKid], 32);
  const mac = hmac(macKey, cbor(['keystrata/document/v1', header, hash(body)]));
  return Buffer.concat([Buffer.from('KSTD\u0001'), cbor([header, body, mac])]);
}

function stream(): { prefix: Buffer; chunks: Buffer } {
  const wrap = underKek('stream-key', 'stream DEK', streamKid, DERIVE);
  const prefix = Buffer.concat([Buffer.from('KSTS\u0001'), Uint8Array.of(0, wrap.length), streamKid, wrap]);
  const salt24 = drawn('salt of the stream', 24);
  const label = Buffer.from('c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0');
  const okm = expand(
    'sha512',
    key('stream DEK'),
    Buffer.concat([label, salt24, streamKid, Buffer.from(STREAM_CONTEXT)]),
    76,
  );
  const chunk = gcmSeal(okm.subarray(0, 32), okm.subarray(32, 44), Buffer.from(STREAM_TEXT));
  return { prefix, chunks: Buffer.concat([salt24, okm.subarray(44), chunk]) };
}

function envelope(): Buffer {
  const text = Buffer.from(ENVELOPE_TEXT);
  const bound = bind('envelope', Buffer.from(ENVELOPE_CONTEXT));
  const record = encrypt0(key('envelope DEK'), envelopeKid, iv('the record in the envelope'), text, bound);
  const wrap = underKek('envelope-key', 'envelope DEK', envelopeKid, SEAL);
  return Buffer.concat([Uint8Array.of(0x83, 1), wrap, record]); // an array of three: 1, and two that are CBOR already
}

const index = (): Buffer =>
  hmac(key('index key'), cbor(['keystrata/index/v1', keyring, indexFamily, INDEX_FIELD, Buffer.from(INDEX_VALUE)]));

export const rotatableId = run(0x00, 16);
export const escrowId = run(0x28, 16);
export const operatorId = run(0x38, 16);
export const OPERATOR_KEY = key('operator key');
export const INSTITUTION = key('private key of the institution');
export const SIGNER = key('seed of the signing key');
export { keyring as keyringId, kekKid };

/** §3: HPKE info of a slot's seal. */
const sealInfo = (slotOf: Bytes, type: number, fp: Bytes): Buffer =>
  cbor(['keystrata/slot-seal/v1', keyring, OWNER, slotOf, type, kekKid, fp]);

/** An operator key's slot, rotatable. */
function rotatableSlot(): Map<number, unknown> {
  const all = X(OPERATOR_KEY, 'keystrata/slot/v1', [keyring, rotatableId, Uint8Array.of(5, 1)], 96);
  const d = key('private key of the rotatable slot');
  const { fp, kid } = publicKey(pointOf(d));
  const privateKey = cbor(new Map<number, unknown>([[1, 2], [2, kid], [-1, 1], [-4, d]])); // prettier-ignore
  const wrap = encrypt0(all.subarray(0, 32), rotatableId, iv('the wrapped slot private key'), privateKey, bind('slot-private-key', kid), true); // prettier-ignore
  const ephemeral = key('ephemeral key of the rotatable slot');
  const sealed = seal(pointOf(d), ephemeral, sealInfo(rotatableId, 5, fp), coseKey(kekKid, WRAP, kek));
  return new Map<number, unknown>([
    [1, rotatableId],
    [2, 5],
    [3, 1],
    [4, TIME],
    [7, all.subarray(32, 64)],
    [9, wrap],
    [10, 0x0010],
    [11, sealed],
    [12, hmac(all.subarray(64), cbor(['keystrata/seal-mac/v1', keyring, rotatableId, kekKid, sealed]))],
    [14, operatorId],
  ]);
}

/** An institution's slot, signed by the user's key. */
function escrowSlot(): Map<number, unknown> {
  const institution = publicKey(pointOf(INSTITUTION));
  const ephemeral = key('ephemeral key of the escrow');
  const info = sealInfo(escrowId, 6, institution.fp);
  const sealed = seal(pointOf(INSTITUTION), ephemeral, info, coseKey(kekKid, WRAP, kek));
  return new Map<number, unknown>([
    [1, escrowId],
    [2, 6],
    [3, 2],
    [4, TIME],
    [10, 0x0010],
    [11, sealed],
    [15, institution.key],
    [16, sign1(SIGNER, cbor(['keystrata/escrow-sign/v1', keyring, OWNER, escrowId, kekKid]), sealed)],
  ]);
}

export interface Examples {
  slot: Buffer;
  rotatable: Buffer;
  escrow: Buffer;
  wrap: Buffer;
  document: Buffer;
  record: Buffer;
  envelope: Buffer;
  /** Wrapped. */
  indexKey: Buffer;
  index: Buffer;
  prefix: Buffer;
  /** The rest of the stream, behind the prefix. */
  chunks: Buffer;
}

export function examples(): Examples {
  const slotRecord = slot();
  return {
    slot: cbor(slotRecord),
    rotatable: cbor(rotatableSlot()),
    escrow: cbor(escrowSlot()),
    wrap: underKek('record-key', 'record DEK', recordKid, SEAL),
    document: document(slotRecord),
    record: encrypt0(
      key('record DEK'),
      recordKid,
      iv('the record'),
      Buffer.from(RECORD_TEXT),
      bind('record', Buffer.from(RECORD_CONTEXT)),
    ),
    envelope: envelope(),
    indexKey: underKek('index-key', 'index key', indexKid, MAC),
    index: index(),
    ...stream(),
  };
}
