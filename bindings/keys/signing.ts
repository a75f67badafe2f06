// Signatures, as rows of a table. RFC 9053 §2, FORMATS §0.
//
//   -7  ES256   P-256 with SHA-256: r ‖ s, k by RFC 6979, s ≤ n/2 made and wanted       FIPS 186-5 §6.4
//   -8  EdDSA   Ed25519: R ‖ S, deterministic; keys and R of low order are refused      RFC 8032 §5.1
//
// The curves are @noble's, the hash of ES256 is the core's. Secret: the secret of 32 bytes (d, or the seed).

import { ed25519 } from '@noble/curves/ed25519.js';
import { p256 } from '@noble/curves/nist.js';
import { asBytes, still } from '../core/bytes.ts';
import type { Bytes, Out } from '../core/bytes.ts';
import type { Engine } from '../engine/engine.ts';
import type { Key } from '../engine/key.ts';
import { SIGNATURE_LENGTH } from '../format/cose-sign1.ts';
import { bad } from '../format/fields.ts';
import { SECRET_LENGTH } from '../format/private-key.ts';
import { publicKeyFromRaw, rawPublicKey } from '../format/public-key.ts';
import type { PublicKey } from '../format/public-key.ts';
import { drawP256, stilled } from './agreement.ts';
import { withSecretBytes } from './export.ts';

export type SigningKind = 'P-256' | 'Ed25519';

interface Signature {
  readonly algorithm: number;
  draw(engine: Engine): Out;
  publicOf(secret: Bytes): Out;
  check(raw: Bytes): void;
  sign(engine: Engine, secret: Bytes, message: Bytes): Out;
  verify(engine: Engine, raw: Bytes, message: Bytes, signature: Bytes): boolean;
}

const ES256 = { prehash: false, lowS: true, format: 'compact' } as const; // the hash is given

const TABLE: Readonly<Record<SigningKind, Signature>> = {
  'P-256': {
    algorithm: -7,
    draw: drawP256,
    publicOf: (secret) => stilled(p256.getPublicKey(secret, false)),
    check: (raw) => p256.Point.fromBytes(raw).assertValidity(),
    sign: (engine, secret, message) => stilled(p256.sign(engine.sha256(message), secret, ES256)),
    verify: (engine, raw, message, signature) => p256.verify(signature, engine.sha256(message), raw, ES256),
  },
  Ed25519: {
    algorithm: -8,
    draw: (engine) => {
      const seed = still(SECRET_LENGTH);
      engine.random(seed);
      return seed;
    },
    publicOf: (secret) => stilled(ed25519.getPublicKey(secret)),
    check: (raw) => {
      const point = ed25519.Point.fromBytes(raw, false);
      point.assertValidity();
      if (point.isSmallOrder()) throw new Error('a point of low order');
    },
    sign: (_engine, secret, message) => stilled(ed25519.sign(message, secret)),
    verify: (_engine, raw, message, signature) => ed25519.verify(signature, message, raw, { zip215: false }),
  },
};

/** ERR_FORMAT where the key is for agreement. */
export function signingKind({ kind }: PublicKey): SigningKind {
  if (kind === 'X25519' || kind === 'X-Wing') throw bad('public key', `${kind} agrees on keys, and signs nothing`);
  return kind;
}

export const algorithmOf = (key: PublicKey): number => TABLE[signingKind(key)].algorithm;

export const drawSigningSecret = (engine: Engine, kind: SigningKind): Out => TABLE[kind].draw(engine);

/** The public key of 32 secret bytes. */
export const signingPublicKey = (kind: SigningKind, secret: Bytes): PublicKey =>
  publicKeyFromRaw(kind, TABLE[kind].publicOf(secret));

/** ERR_FORMAT where it is no point of its curve, not written as the standard writes it, or of low order. */
export function checkSigningKey(key: PublicKey): void {
  try {
    TABLE[signingKind(key)].check(rawPublicKey(key));
  } catch (cause) {
    throw bad('public key', `not a valid ${key.kind} key`, cause);
  }
}

/** 64 bytes, the same each time. The public key tells the algorithm. */
export const sign = (engine: Engine, privateKey: Key<'sign'>, publicKey: PublicKey, message: Bytes): Out =>
  withSecretBytes(engine, privateKey, (secret) =>
    TABLE[signingKind(publicKey)].sign(engine, secret, asBytes(message, 'message')),
  );

/** False where the signature is not of this key and message, ES256 with a high s, or no signature at all. ERR_FORMAT: no valid key. */
export function verify(engine: Engine, publicKey: PublicKey, message: Bytes, signature: Bytes): boolean {
  checkSigningKey(publicKey);
  if (asBytes(signature, 'signature').length !== SIGNATURE_LENGTH) return false;
  try {
    return TABLE[signingKind(publicKey)].verify(
      engine,
      rawPublicKey(publicKey),
      asBytes(message, 'message'),
      signature,
    );
  } catch {
    return false; // what the curve refuses to read
  }
}
