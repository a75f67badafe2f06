// Public keys as applications hold them: COSE_Key bytes or a JWK; and what people compare.

import { asBytes } from '../core/bytes.ts';
import type { Bytes, Out } from '../core/bytes.ts';
import type { Engine } from '../engine/engine.ts';
import { fingerprintText } from '../format/fingerprint.ts';
import { publicKeyFromJwk, publicKeyToJwk } from '../format/jwk.ts';
import type { PublicJwk } from '../format/jwk.ts';
import type { KeyUse } from '../format/key-record.ts';
import { decodePublicKey, encodePublicKey } from '../format/public-key.ts';
import type { PublicKey } from '../format/public-key.ts';
import { fingerprint } from './fingerprint.ts';

/** A public COSE_Key (RFC 9052 §7), or a public JWK (RFC 7517). */
export type PublicKeyInput = Bytes | PublicJwk;

/** ERR_FORMAT, ERR_UNSUPPORTED; ERR_ARGUMENT where a JWK holds a private key. Whether it is a point of its curve is not asked. */
export function asPublicKey(given: PublicKeyInput, use?: KeyUse): PublicKey {
  if (typeof given === 'object' && given !== null && !ArrayBuffer.isView(given)) return publicKeyFromJwk(given, use);
  return decodePublicKey(asBytes(given, 'publicKey'));
}

/**
 * The SHA-256 fingerprint of a public key (RFC 9679) to be read aloud: 13 groups of 4 symbols. The whole of it is compared, by
 * two people who know each other's voices or faces; what a server says of it proves nothing.
 */
export const fingerprintOf = (engine: Engine, publicKey: PublicKeyInput): string =>
  fingerprintText(fingerprint(engine, asPublicKey(publicKey)));

/** The JWK as COSE_Key. ERR_FORMAT, ERR_UNSUPPORTED. */
export const publicKeyAsCose = (publicKey: PublicKeyInput): Out => encodePublicKey(asPublicKey(publicKey));

/** The COSE_Key as JWK. ERR_FORMAT, ERR_UNSUPPORTED. */
export const publicKeyAsJwk = (publicKey: PublicKeyInput): PublicJwk => publicKeyToJwk(asPublicKey(publicKey));
