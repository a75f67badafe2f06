// COSE_Encrypt0 (RFC 9052 §5.2), A256GCM, in the two shapes written here. FORMATS §§5, 6.
//
//          0  1  2                       8…                 12        28          31     43
//   wrap   d0 83 58 18 a3 01 03 03 18 65 04 50 <kid 16>     | a1 05 4c <iv 12>    | 58 4e or 4b <COSE_Key + tag>
//   record d0 83 55 a2 01 03             04 50 <kid 16>     | a1 05 4c <iv 12>    | <bstr ciphertext + tag>
//                └─ protected { 1: 3, (3: 101,) 4: kid } ─┘   unprotected { 5: iv }
//
//   AAD = CBOR ["Encrypt0", protected, external_aad]        external_aad = CBOR [purpose, scope id, bound]

import { still } from '../core/bytes.ts';
import type { Bytes, Out } from '../core/bytes.ts';
import { headLength, Major, Tagged, writeHead } from './cbor.ts';
import type { Cbor } from './cbor.ts';
import { decode } from './cursor.ts';
import { asByteString, asRecord, asTuple, asUint, bad, unknown } from './fields.ts';
import { ID_LENGTH } from './ids.ts';

export const IV_LENGTH = 12;
export const TAG_LENGTH = 16;

const COSE_ENCRYPT0 = 16; // the CBOR tag
const A256GCM = 3;
const COSE_KEY = 101; // content format application/cose-key

const WRAP_PROTECTED = Uint8Array.of(0xa3, 0x01, 0x03, 0x03, 0x18, 0x65, 0x04, 0x50);
const RECORD_PROTECTED = Uint8Array.of(0xa2, 0x01, 0x03, 0x04, 0x50);
const UNPROTECTED = Uint8Array.of(0xa1, 0x05, 0x4c);

/** What a COSE_Encrypt0 is for: the first element of external_aad, and the whole list of them. FORMATS §5. */
export type Purpose =
  | 'slot-kek' // bound: KEK kid
  | 'slot-private-key' // bound: slot public kid
  | 'document-key' // from here on the contained kid
  | 'old-kek'
  | 'record-key'
  | 'body-key'
  | 'space-key'
  | 'stream-key'
  | 'envelope-key'
  | 'index-key'
  | 'sign-key'
  | 'agree-key'
  | 'space-item-key' // scope: the space id, here and below
  | 'space-metadata-key'
  | 'record' // bound: the context, here and below; scope: the keyring id again
  | 'envelope'
  | 'document-private'; // bound: the body DEK's kid

/** Where the parts of a COSE_Encrypt0 of this shape lie, and its bytes that are always the same. */
export interface Shape {
  readonly fixed: readonly (readonly [at: number, bytes: Bytes])[];
  readonly protectedAt: number;
  readonly protectedEnd: number;
  readonly kidAt: number;
  readonly ivAt: number;
  readonly ciphertextAt: number; // its head
  readonly contentType: number | undefined;
}

function shape(start: readonly number[], header: Bytes, contentType?: number): Shape {
  const kidAt = start.length + header.length;
  const unprotectedAt = kidAt + ID_LENGTH;
  const ivAt = unprotectedAt + UNPROTECTED.length;
  return {
    fixed: [
      [0, Uint8Array.of(...start, ...header)],
      [unprotectedAt, UNPROTECTED],
    ],
    protectedAt: start.length,
    protectedEnd: unprotectedAt,
    kidAt,
    ivAt,
    ciphertextAt: ivAt + IV_LENGTH,
    contentType,
  };
}

export const WRAP = shape([0xd0, 0x83, 0x58, 0x18], WRAP_PROTECTED, COSE_KEY);
export const RECORD = shape([0xd0, 0x83, 0x55], RECORD_PROTECTED);

/** Size in all, for so many bytes of ciphertext and tag. */
export const encrypt0Size = (shape: Shape, ciphertext: number): number =>
  shape.ciphertextAt + headLength(ciphertext) + ciphertext;

/** A wrap in all: of a COSE_Key of 62 bytes (two key ops, alg), and of one of 59 (derives keys). */
export const WRAPPED_LENGTH = encrypt0Size(WRAP, 62 + TAG_LENGTH); // 123
export const WRAPPED_DERIVE_LENGTH = encrypt0Size(WRAP, 59 + TAG_LENGTH); // 120

/** A COSE_Encrypt0 with room for IV and ciphertext: at `ivAt`, and at the end. */
export const encrypt0 = (shape: Shape, kid: Bytes, ciphertext: number): Out =>
  writeEncrypt0(still(encrypt0Size(shape, ciphertext)), shape, kid, ciphertext);

/** The same into bytes of exactly that size. */
export function writeEncrypt0(into: Out, shape: Shape, kid: Bytes, ciphertext: number): Out {
  for (const [at, bytes] of shape.fixed) into.set(bytes, at);
  into.set(kid, shape.kidAt);
  writeHead(into, shape.ciphertextAt, Major.BYTES, ciphertext);
  return into;
}

export interface Encrypt0Parts {
  readonly protected: Bytes;
  readonly kid: Bytes;
  readonly iv: Bytes;
  readonly ciphertext: Bytes; // with its tag
}

const isAt = (bytes: Bytes, at: number, part: Bytes): boolean => part.every((byte, i) => bytes[at + i] === byte);

/** Views of `bytes`, which must be one COSE_Encrypt0 of this shape and nothing else. ERR_FORMAT, ERR_UNSUPPORTED. */
export function encrypt0Parts(shape: Shape, bytes: Bytes, name: string): Encrypt0Parts {
  if (!shape.fixed.every(([at, part]) => isAt(bytes, at, part))) throw refusal(shape, bytes, name);
  const ciphertext = asByteString(decode(bytes.subarray(shape.ciphertextAt), name), name, TAG_LENGTH, Infinity);
  const view = (from: number, length: number): Bytes => bytes.subarray(from, from + length);
  return {
    protected: bytes.subarray(shape.protectedAt, shape.protectedEnd),
    kid: view(shape.kidAt, ID_LENGTH),
    iv: view(shape.ivAt, IV_LENGTH),
    ciphertext,
  };
}

/** Why bytes that differ in a fixed byte are refused: as another kind (ERR_UNSUPPORTED) or as no such thing (ERR_FORMAT). */
function refusal(shape: Shape, bytes: Bytes, name: string): Error {
  const tagged = decode(bytes, name, [COSE_ENCRYPT0]);
  if (!(tagged instanceof Tagged)) return bad(name, 'no COSE_Encrypt0');
  const [protectedHeader, unprotectedHeader, ciphertext] = asTuple(tagged.value, name, 3);
  const header: Cbor = decode(asByteString(protectedHeader, name, 0, Infinity), `${name}: protected header`);
  asByteString(ciphertext, name, TAG_LENGTH, Infinity);
  asRecord(unprotectedHeader, `${name}: unprotected header`, [5]);
  const fields = asRecord(header, `${name}: protected header`, shape.contentType === undefined ? [1, 4] : [1, 3, 4]);
  if (fields.get(1) !== A256GCM && typeof fields.get(1) === 'number') return unknown(name, 'unknown algorithm');
  if (fields.get(3) !== shape.contentType && asUint(fields.get(3), name) >= 0) return unknown(name, 'unknown content');
  return bad(name, 'a header with other lengths or kinds than COSE_Encrypt0 has here');
}

const ENCRYPT0 = Uint8Array.of(0x83, 0x68, 0x45, 0x6e, 0x63, 0x72, 0x79, 0x70, 0x74, 0x30); // array (3), text "Encrypt0"

/** AAD of RFC 9052 §5.3, in one allocation: records are many. `purpose` is ASCII, shorter than 24. */
export function encrypt0Aad(header: Bytes, purpose: Purpose, scope: Bytes, bound: Bytes): Out {
  const external = 1 + 1 + purpose.length + 1 + scope.length + headLength(bound.length) + bound.length;
  const fixed = ENCRYPT0.length + headLength(header.length) + header.length;
  const out = still(fixed + headLength(external) + external);
  out.set(ENCRYPT0);
  let at = writeHead(out, ENCRYPT0.length, Major.BYTES, header.length);
  out.set(header, at);
  at = writeHead(out, at + header.length, Major.BYTES, external);
  at = writeHead(out, at, Major.ARRAY, 3);
  at = writeHead(out, at, Major.TEXT, purpose.length);
  for (let i = 0; i < purpose.length; i++) out[at++] = purpose.charCodeAt(i);
  at = writeHead(out, at, Major.BYTES, scope.length);
  out.set(scope, at);
  at = writeHead(out, at + scope.length, Major.BYTES, bound.length);
  out.set(bound, at);
  return out;
}
