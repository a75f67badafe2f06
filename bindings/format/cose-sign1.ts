// COSE_Sign1 (RFC 9052 §4.2, §4.4). FORMATS §§3, 7, 8.
//
//   d2 84                               tag 18, array(4)
//     55 a2 01 <alg> 04 50 <kid 16>     protected { 1: alg (-7 ES256, -8 EdDSA), 4: signer kid }
//     a0                                unprotected: empty
//     f6, or <bstr>                     payload: null where it is detached
//     58 40 <64>                        signature                          92 bytes with a detached payload
//
//   what is signed   CBOR ["Signature1", protected, external_aad, payload]
//
// Nothing secret. The kid is a hint: whoever verifies has the signer's whole public key from elsewhere.

import type { Bytes, Out } from '../core/bytes.ts';
import { Tagged, encode } from './cbor.ts';
import { decode } from './cursor.ts';
import { asByteString, asId, asNamed, asRecord, asTuple, bad } from './fields.ts';
import { idBytes } from './ids.ts';
import type { Id } from './ids.ts';
import { SIGNATURES } from './public-key.ts';

const COSE_SIGN1 = 18; // the CBOR tag
export const SIGNATURE_LENGTH = 64; // ES256: r ‖ s; EdDSA: R ‖ S

export interface Sign1 {
  readonly protected: Bytes; // as it stands
  readonly algorithm: number;
  readonly signer: Id; // kid
  readonly payload: Bytes | null; // null: detached
  readonly signature: Bytes; // 64
}

export const sign1Protected = (algorithm: number, signer: Id): Out =>
  encode(
    new Map<number, number | Bytes>([
      [1, algorithm],
      [4, idBytes(signer, 'signer kid')],
    ]),
  );

/** Sig_structure, §4.4: what is signed. */
export const sign1Input = (header: Bytes, externalAad: Bytes, payload: Bytes): Out =>
  encode(['Signature1', header, externalAad, payload]);

export const encodeSign1 = (sign1: Pick<Sign1, 'protected' | 'payload' | 'signature'>): Out =>
  encode(new Tagged(COSE_SIGN1, [sign1.protected, new Map(), sign1.payload, sign1.signature]));

/** ERR_FORMAT, ERR_UNSUPPORTED. Views of `bytes`; proves nothing. */
export function decodeSign1(bytes: Bytes, name = 'signature'): Sign1 {
  const tagged = decode(bytes, name, [COSE_SIGN1]);
  if (!(tagged instanceof Tagged)) throw bad(name, 'no COSE_Sign1');
  const [header, unprotected, payload, signature] = asTuple(tagged.value, name, 4);
  const headerBytes = asByteString(header, `${name}: protected header`, 0, Infinity);
  const fields = asRecord(decode(headerBytes, `${name}: protected header`), `${name}: protected header`, [1, 4]);
  asNamed(fields.get(1), `${name}: algorithm`, SIGNATURES);
  asRecord(unprotected, `${name}: unprotected header`, []);
  return {
    protected: headerBytes,
    algorithm: fields.get(1) as number,
    signer: asId(fields.get(4), `${name}: signer kid`),
    payload: payload === null ? null : asByteString(payload, `${name}: payload`, 0, Infinity),
    signature: asByteString(signature, name, SIGNATURE_LENGTH),
  };
}

/** The payload that was signed apart from it. ERR_FORMAT where one stands inside, and where neither is there. */
export function payloadOf({ payload }: Sign1, detached: Bytes | undefined, name = 'signature'): Bytes {
  if ((payload === null) !== (detached !== undefined))
    throw bad(name, payload === null ? 'its payload is missing' : 'a payload inside, where it stands apart');
  return payload ?? detached!;
}
