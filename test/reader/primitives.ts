// What docs/formats.md takes for granted: CBOR, HKDF-Expand, AES-256-GCM, COSE_Encrypt0. node:crypto and cborg alone.
//
// Nothing in this folder but its tests imports from bindings/: it is the proof that the page says enough.

import { createCipheriv, createDecipheriv, createHash, createHmac } from 'node:crypto';
import { Tagged, decode, encode, rfc8949EncodeOptions } from 'cborg';

export type Bytes = Uint8Array;
export type Fields = Map<unknown, unknown>;

export const cbor = (value: unknown): Buffer => Buffer.from(encode(value, rfc8949EncodeOptions));

/** §0: strict, and the same bytes when it is encoded again. */
export function uncbor(bytes: Bytes, ...tags: number[]): unknown {
  const value: unknown = decode(bytes, {
    strict: true,
    useMaps: true,
    allowIndefinite: false,
    allowUndefined: false,
    allowBigInt: false,
    rejectDuplicateMapKeys: true,
    tags: Tagged.preserve(...tags),
  });
  if (!cbor(value).equals(bytes)) throw new Error('not deterministic');
  return value;
}

export const hash = (...parts: Bytes[]): Buffer =>
  parts.reduce((h, part) => h.update(part), createHash('sha256')).digest();
export const hmac = (key: Bytes, message: Bytes): Buffer => createHmac('sha256', key).update(message).digest();

export function expand(algorithm: 'sha256' | 'sha512', prk: Bytes, info: Bytes, length: number): Buffer {
  const blocks: Buffer[] = [];
  for (let i = 1, size = 0; size < length; i++) {
    const block = createHmac(algorithm, prk).update(blocks.at(-1) ?? Buffer.alloc(0)).update(info).update(Uint8Array.of(i)).digest(); // prettier-ignore
    blocks.push(block);
    size += block.length;
  }
  return Buffer.concat(blocks).subarray(0, length);
}

/** §0: X(key, label, ids…, n). */
export const X = (key: Bytes, label: string, ids: Bytes[], n: number): Buffer =>
  expand('sha256', key, Buffer.concat([Buffer.from(`${label}\0`), ...ids]), n);

export function gcmSeal(key: Bytes, iv: Bytes, text: Bytes, aad: Bytes = new Uint8Array()): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(aad);
  return Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
}

export function gcmOpen(key: Bytes, iv: Bytes, sealed: Bytes, aad: Bytes = new Uint8Array()): Buffer {
  const tag = sealed.subarray(sealed.length - 16);
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: 16 }).setAAD(aad).setAuthTag(tag);
  return Buffer.concat([decipher.update(sealed.subarray(0, sealed.length - 16)), decipher.final()]);
}

// ---- COSE_Encrypt0, §5

const ENCRYPT0 = 16;
const COSE_KEY = 101;

const aadOf = (header: Bytes, purpose: string, scope: Bytes, bound: Bytes): Buffer =>
  cbor(['Encrypt0', header, cbor([purpose, scope, bound])]);

export interface Binding {
  purpose: string;
  scope: Bytes;
  bound: Bytes;
}

export function encrypt0(key: Bytes, kid: Bytes, iv: Bytes, text: Bytes, b: Binding, wrap = false): Buffer {
  const header = cbor(new Map<number, unknown>([[1, 3], ...(wrap ? [[3, COSE_KEY] as const] : []), [4, kid]]));
  const sealed = gcmSeal(key, iv, text, aadOf(header, b.purpose, b.scope, b.bound));
  return cbor(new Tagged(ENCRYPT0, [header, new Map([[5, iv]]), sealed]));
}

/** The kid that a COSE_Encrypt0 names. */
export function kidOf(encrypted: Bytes): Buffer {
  const [header] = (uncbor(encrypted, ENCRYPT0) as Tagged).value as Bytes[];
  return Buffer.from((uncbor(header!) as Fields).get(4) as Bytes);
}

export function decrypt0(key: Bytes, encrypted: Bytes, b: Binding): Buffer {
  const [header, unprotected, sealed] = (uncbor(encrypted, ENCRYPT0) as Tagged).value as [Bytes, Fields, Bytes];
  if ((uncbor(header) as Fields).get(1) !== 3) throw new Error('not A256GCM');
  return gcmOpen(key, unprotected.get(5) as Bytes, sealed, aadOf(header, b.purpose, b.scope, b.bound));
}

/** §0, §2: a symmetric COSE_Key. */
export const coseKey = (kid: Bytes, ops: number[], k: Bytes): Buffer =>
  cbor(new Map<number, unknown>([[1, 4], [2, kid], ...(ops.length === 2 ? [[3, ops[0] === 9 ? 5 : 3] as const] : []), [4, ops], [-1, k]])); // prettier-ignore

/** §5: the key `kid` out of its wrap: kty, alg, key_ops, kid and length are what they must be. */
export function unwrap(key: Bytes, wrapped: Bytes, purpose: string, scope: Bytes, kid: Bytes, ops: number[]): Buffer {
  const inside = decrypt0(key, wrapped, { purpose, scope, bound: kid });
  const k = (uncbor(inside) as Fields).get(-1) as Bytes;
  if (k.length !== 32 || !coseKey(kid, ops, k).equals(inside)) throw new Error('another key is inside');
  return Buffer.from(k);
}

export const hex = (bytes: Bytes): string => Buffer.from(bytes).toString('hex');
