// Public keys as COSE_Key (RFC 9052 §7, RFC 9053 §7). FORMATS §0.
//
//   P-256             { 1: 2 (EC2), -1: 1, -2: x 32, -3: y 32 }
//   X25519, Ed25519   { 1: 1 (OKP), -1: 4 or 6, -2: x 32 }
//   X-Wing            { 1: 7 (AKP), 3: -65537, -1: public key 1216 }
//
// Nothing secret. Whether the bytes are a point of the curve is for those who use the key.

import { concat } from '../core/bytes.ts';
import type { Bytes, Out } from '../core/bytes.ts';
import { encode } from './cbor.ts';
import type { Cbor } from './cbor.ts';
import { decode } from './cursor.ts';
import { asByteString, asMap, asRecord, asUint, bad, unknown } from './fields.ts';

export type PublicKey =
  | { readonly kind: 'P-256'; readonly x: Bytes; readonly y: Bytes } // 32, 32
  | { readonly kind: 'X25519' | 'Ed25519'; readonly x: Bytes } // 32
  | { readonly kind: 'X-Wing'; readonly publicKey: Bytes }; // 1216

/** Key encapsulation mechanisms, RFC 9180 §7.1 and the X-Wing draft. */
export const KEMS: ReadonlyMap<number, PublicKey['kind']> = new Map([
  [0x0010, 'P-256'],
  [0x0020, 'X25519'],
  [0x647a, 'X-Wing'],
]);
/** Signature algorithms, RFC 9053 §2: ES256 and EdDSA. */
export const SIGNATURES: ReadonlyMap<number, PublicKey['kind']> = new Map([
  [-7, 'P-256'],
  [-8, 'Ed25519'],
]);

const OKP = 1;
const EC2 = 2;
const AKP = 7;
const XWING_ALG = -65537;
const CURVES = { 'P-256': 1, X25519: 4, Ed25519: 6 } as const; // RFC 9053 §7.1
const COORDINATE = 32;
/** The first byte of an uncompressed point, SEC 1 §2.3.3. */
export const UNCOMPRESSED = 0x04;
const XWING_PUBLIC = 1216;

export function publicKeyToCbor(key: PublicKey): Cbor {
  if (key.kind === 'X-Wing')
    return new Map<number, Cbor>([
      [1, AKP],
      [3, XWING_ALG],
      [-1, key.publicKey],
    ]);
  const map = new Map<number, Cbor>([
    [1, key.kind === 'P-256' ? EC2 : OKP],
    [-1, CURVES[key.kind]],
    [-2, key.x],
  ]);
  if (key.kind === 'P-256') map.set(-3, key.y);
  return map;
}

export function publicKeyFromCbor(value: Cbor | undefined, name: string): PublicKey {
  const map = asMap(value, name);
  const kty = asUint(map.get(1), `${name}: kty`);
  if (kty === EC2) {
    asRecord(map, name, [1, -1, -2, -3]);
    if (map.get(-1) !== CURVES['P-256']) throw unknown(name, 'unknown curve');
    return {
      kind: 'P-256',
      x: asByteString(map.get(-2), name, COORDINATE),
      y: asByteString(map.get(-3), name, COORDINATE),
    };
  }
  if (kty === OKP) {
    asRecord(map, name, [1, -1, -2]);
    const kind = (['X25519', 'Ed25519'] as const).find((curve) => CURVES[curve] === map.get(-1));
    if (kind === undefined) throw unknown(name, 'unknown curve');
    return { kind, x: asByteString(map.get(-2), name, COORDINATE) };
  }
  if (kty !== AKP) throw unknown(name, `unknown key type ${kty}`);
  asRecord(map, name, [1, 3, -1]);
  if (typeof map.get(3) !== 'number') throw bad(name, 'no alg');
  if (map.get(3) !== XWING_ALG) throw unknown(name, 'unknown alg');
  return { kind: 'X-Wing', publicKey: asByteString(map.get(-1), name, XWING_PUBLIC) };
}

/** The COSE_Key itself. */
export const encodePublicKey = (key: PublicKey): Out => encode(publicKeyToCbor(key));

/** Exactly one public COSE_Key. ERR_FORMAT, ERR_UNSUPPORTED. Views of `bytes`. */
export const decodePublicKey = (bytes: Bytes, name = 'public key'): PublicKey =>
  publicKeyFromCbor(decode(bytes, name), name);

/** As curves and KEMs take it: P-256 uncompressed (SEC 1 §2.3.3: 04 ‖ x ‖ y), the others as they are. */
export function rawPublicKey(key: PublicKey): Bytes {
  if (key.kind === 'P-256') return concat(Uint8Array.of(UNCOMPRESSED), key.x, key.y);
  return key.kind === 'X-Wing' ? key.publicKey : key.x;
}

const RAW_LENGTHS = { 'P-256': 1 + 2 * COORDINATE, X25519: COORDINATE, Ed25519: COORDINATE, 'X-Wing': XWING_PUBLIC };

/** … and back. ERR_FORMAT where it has not the length, or is compressed. */
export function publicKeyFromRaw(kind: PublicKey['kind'], raw: Bytes, name = 'public key'): PublicKey {
  if (raw.length !== RAW_LENGTHS[kind]) throw bad(name, `${raw.length} bytes, which no ${kind} key has`);
  if (kind === 'X-Wing') return { kind, publicKey: raw };
  if (kind !== 'P-256') return { kind, x: raw };
  if (raw[0] !== UNCOMPRESSED) throw bad(name, 'no uncompressed point');
  return { kind, x: raw.subarray(1, 1 + COORDINATE), y: raw.subarray(1 + COORDINATE) };
}
