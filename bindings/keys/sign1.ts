// COSE_Sign1 made and verified. RFC 9052 §4.4; FORMATS §§3, 7, 8. The layout: format/cose-sign1.ts.

import type { Bytes, Out } from '../core/bytes.ts';
import { authenticationError } from '../core/errors.ts';
import type { Engine } from '../engine/engine.ts';
import type { Key } from '../engine/key.ts';
import { decodeSign1, encodeSign1, payloadOf, sign1Input, sign1Protected } from '../format/cose-sign1.ts';
import { kidOf } from '../format/fingerprint.ts';
import type { PublicKey } from '../format/public-key.ts';
import { fingerprint } from './fingerprint.ts';
import { algorithmOf, sign, verify } from './signing.ts';

export interface Sign1Options {
  payload: Bytes;
  externalAad: Bytes;
  /** The payload stands elsewhere: 92 bytes in all. */
  detached: boolean;
}

export function sign1(engine: Engine, privateKey: Key<'sign'>, publicKey: PublicKey, p: Sign1Options): Out {
  const header = sign1Protected(algorithmOf(publicKey), kidOf(fingerprint(engine, publicKey)));
  const signature = sign(engine, privateKey, publicKey, sign1Input(header, p.externalAad, p.payload));
  return encodeSign1({ protected: header, payload: p.detached ? null : p.payload, signature });
}

/**
 * The payload, once the signature is seen to be true of it: a view. `payload` is given where it is detached, and only there.
 * ERR_FORMAT, ERR_UNSUPPORTED; AuthenticationError where another key signed, or something else.
 */
export function verifySign1(
  engine: Engine,
  signed: Bytes,
  publicKey: PublicKey,
  p: { externalAad: Bytes; payload?: Bytes },
): Bytes {
  const parts = decodeSign1(signed);
  const payload = payloadOf(parts, p.payload);
  const own = parts.algorithm === algorithmOf(publicKey) && parts.signer === kidOf(fingerprint(engine, publicKey));
  if (own && verify(engine, publicKey, sign1Input(parts.protected, p.externalAad, payload), parts.signature))
    return payload;
  throw authenticationError('signature: not by this key over these bytes');
}
