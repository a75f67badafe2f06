// A document opened by hand from an operator key: node:crypto and cborg, the numbers of docs/formats.md, nothing of ours.

import { createDecipheriv, createHash, createHmac } from 'node:crypto';
import { decode, encode, rfc8949EncodeOptions } from 'cborg';

type Fields = Map<number, unknown>;

const OPERATOR = 5; // the type of slot whose secret is the MEK itself

export const cbor = (value: unknown): Uint8Array => encode(value, rfc8949EncodeOptions);
const read = (bytes: Uint8Array, tags?: Record<number, (x: () => unknown) => unknown>): unknown =>
  decode(bytes, { useMaps: true, rejectDuplicateMapKeys: true, strict: true, ...(tags ? { tags } : {}) });
export const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();
export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** HKDF-Expand-SHA256, RFC 5869 §2.3, of label ‖ 00 ‖ ids. */
export function X(key: Uint8Array, label: string, ids: readonly Uint8Array[], length: number): Buffer {
  const info = Buffer.concat([Buffer.from(`${label}\0`), ...ids]);
  let block = Buffer.alloc(0);
  let okm = Buffer.alloc(0);
  for (let i = 1; okm.length < length; i++) {
    block = createHmac('sha256', key)
      .update(Buffer.concat([block, info, Buffer.of(i)]))
      .digest();
    okm = Buffer.concat([okm, block]);
  }
  return okm.subarray(0, length);
}

/** The plaintext of a COSE_Encrypt0 under `key`, bound to [purpose, scope, bound]; its kid is checked. */
export function open0(sealed: Uint8Array, key: Uint8Array, kid: Uint8Array, external: readonly unknown[]): Buffer {
  const [header, unprotected, text] = read(sealed, { 16: (inner) => inner() }) as [Uint8Array, Fields, Uint8Array];
  const named = (read(header) as Fields).get(4) as Uint8Array;
  if (hex(named) !== hex(kid)) throw new Error(`kid ${hex(named)}, not ${hex(kid)}`);
  const gcm = createDecipheriv('aes-256-gcm', key, unprotected.get(5) as Uint8Array);
  gcm.setAAD(cbor(['Encrypt0', header, cbor(external)]));
  gcm.setAuthTag(text.subarray(text.length - 16));
  return Buffer.concat([gcm.update(text.subarray(0, text.length - 16)), gcm.final()]);
}

/** k of a symmetric COSE_Key whose kid and operations are as wanted. */
function keyOf(bytes: Uint8Array, kid: Uint8Array, operations: readonly number[]): Uint8Array {
  const key = read(bytes) as Fields;
  if (hex(key.get(2) as Uint8Array) !== hex(kid)) throw new Error('another kid inside');
  if (String(key.get(4)) !== String(operations)) throw new Error(`key_ops ${String(key.get(4))}`);
  return key.get(-1) as Uint8Array;
}

const WRAP = [5, 6];
const SEAL = [3, 4];
const DERIVE = [7];

/** Header and body as they lie there, nothing checked. */
export function raw(document: Uint8Array): {
  header: Fields;
  body: Fields;
  parts: [Uint8Array, Uint8Array, Uint8Array];
} {
  if (hex(document.subarray(0, 5)) !== '4b53544401') throw new Error('no KSTD version 1');
  const parts = read(document.subarray(5)) as [Uint8Array, Uint8Array, Uint8Array];
  return { header: read(parts[0]) as Fields, body: read(parts[1]) as Fields, parts };
}

export class ByHand {
  readonly header: Fields;
  readonly body: Fields;
  readonly keyring: Uint8Array;
  readonly kek: Uint8Array;
  readonly documentKey: Uint8Array;
  readonly macHolds: boolean;

  /** By the first slot of the type, whose MEK it is. */
  constructor(document: Uint8Array, mek: Uint8Array, type = OPERATOR) {
    const { header: head, body: rest, parts } = raw(document);
    const [header, body, mac] = parts;
    this.header = head;
    this.body = rest;
    this.keyring = this.header.get(1) as Uint8Array;
    const slot = (this.header.get(7) as Fields[]).find((one) => one.get(2) === type)!;
    const slotId = slot.get(1) as Uint8Array;
    const okm = X(mek, 'keystrata/slot/v1', [this.keyring, slotId, Buffer.of(slot.get(2) as number, 0)], 64);
    if (hex(okm.subarray(32)) !== hex(slot.get(7) as Uint8Array)) throw new Error('the commitment is another');
    const kekId = this.header.get(5) as Uint8Array;
    const wrap = okm.subarray(0, 32);
    this.kek = keyOf(open0(slot.get(8) as Uint8Array, wrap, slotId, ['slot-kek', this.keyring, kekId]), kekId, WRAP);
    const [documentId, wrapped] = this.header.get(6) as [Uint8Array, Uint8Array];
    this.documentKey = this.unwrap('document-key', documentId, wrapped, DERIVE);
    const macKey = X(this.documentKey, 'keystrata/document-mac/v1', [this.keyring, documentId], 32);
    const message = cbor(['keystrata/document/v1', header, sha256(body)]);
    this.macHolds = hex(createHmac('sha256', macKey).update(message).digest()) === hex(mac);
  }

  unwrap(purpose: string, kid: Uint8Array, wrapped: Uint8Array, operations: readonly number[]): Uint8Array {
    const kek = this.header.get(5) as Uint8Array;
    return keyOf(open0(wrapped, this.kek, kek, [purpose, this.keyring, kid]), kid, operations);
  }

  /** Key records by kid, hex. */
  get records(): Map<string, Fields> {
    const keys = this.body.get(1) as Map<Uint8Array, Fields>;
    return new Map([...keys].map(([kid, record]) => [hex(kid), record]));
  }

  dek(kid: string): Uint8Array {
    const record = this.records.get(kid)!;
    const purpose = record.get(1) === 3 ? 'body-key' : 'record-key';
    return this.unwrap(purpose, Buffer.from(kid, 'hex'), record.get(8) as Uint8Array, SEAL);
  }

  /** Body field 8, decrypted. */
  get privatePart(): Fields {
    const kid = this.body.get(10) as Uint8Array;
    const external = ['document-private', this.keyring, kid];
    return read(open0(this.body.get(8) as Uint8Array, this.dek(hex(kid)), kid, external)) as Fields;
  }
}
