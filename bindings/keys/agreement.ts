// Agreement keys and the KEMs over them, as rows of a table. RFC 9180 §4.1 (DHKEM), §7.1; X-Wing draft §5.
//
//   0x0010  DHKEM(P-256, HKDF-SHA256)      SP 800-56A §5.7.1.2      secret: d, big-endian, 1 … n-1       enc: 04 ‖ x ‖ y
//   0x0020  DHKEM(X25519, HKDF-SHA256)     RFC 7748 §6.1            secret: 32 bytes, clamped in use     enc: u
//   0x647a  X-Wing                         ML-KEM-768 and X25519    secret: the seed of both             enc: ct_M ‖ ct_X
//
// Curves and ML-KEM are @noble's. Secret: secrets, DH values, shared secrets: 32 bytes each that keep still and are wiped; what
// the curves make of them on the way is out of reach (SECURITY.md). Public: public keys, enc.

import { p256 } from '@noble/curves/nist.js';
import { x25519 } from '@noble/curves/ed25519.js';
import { ml_kem768_x25519 as xwing } from '@noble/post-quantum/hybrid.js';
import { concat, still } from '../core/bytes.ts';
import type { Bytes, Out } from '../core/bytes.ts';
import { KeystrataError, authenticationError } from '../core/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { bad } from '../format/fields.ts';
import { ENC_LENGTHS } from '../format/hpke-seal.ts';
import { SECRET_LENGTH } from '../format/private-key.ts';
import { KEMS, UNCOMPRESSED, publicKeyFromRaw, rawPublicKey } from '../format/public-key.ts';
import type { PublicKey } from '../format/public-key.ts';
import { extractAndExpand } from './dhkem.ts';

export type AgreementKind = Exclude<PublicKey['kind'], 'Ed25519'>;

/** Fresh, the caller's to wipe. */
export interface Encapsulated {
  readonly shared: Out; // 32, secret
  readonly enc: Out;
}

interface Kem {
  readonly kem: number;
  /** 32 random bytes that are a secret of this kind. */
  draw(engine: Engine): Out;
  /** Raw. */
  publicOf(secret: Bytes): Out;
  /** Throws where the bytes are no public key, or one with which every shared secret would be known. */
  check(raw: Bytes): void;
  encapsulate(engine: Engine, raw: Bytes): Encapsulated;
  decapsulate(engine: Engine, secret: Bytes, raw: Bytes, enc: Bytes): Out;
}

/** Copied where it keeps still; what came is wiped. */
export function stilled(bytes: Bytes): Out {
  const own = still(bytes.length);
  own.set(bytes);
  bytes.fill(0);
  return own;
}

function random32(engine: Engine): Out {
  const bytes = still(SECRET_LENGTH);
  engine.random(bytes);
  return bytes;
}

/** d by testing candidates, FIPS 186-5 §A.2.2: one in 2^32 is none. */
export function drawP256(engine: Engine): Out {
  for (;;) {
    const candidate = random32(engine);
    if (p256.utils.isValidSecretKey(candidate)) return candidate;
    candidate.fill(0);
  }
}

type Dh = Omit<Kem, 'encapsulate' | 'decapsulate'> & { dh(secret: Bytes, raw: Bytes): Out };

/** DHKEM over a group, RFC 9180 §4.1: Encap and Decap. */
const dhkem = (group: Dh): Kem => ({
  ...group,
  encapsulate(engine, raw) {
    const secret = group.draw(engine);
    try {
      const enc = group.publicOf(secret);
      return { shared: extractAndExpand(engine, group.kem, group.dh(secret, raw), concat(enc, raw)), enc };
    } finally {
      secret.fill(0);
    }
  },
  decapsulate: (engine, secret, raw, enc) =>
    extractAndExpand(engine, group.kem, group.dh(secret, enc), concat(enc, raw)),
});

const BASE_POINT = Uint8Array.of(9, ...new Uint8Array(31));

const P256: Dh = {
  kem: 0x0010,
  draw: drawP256,
  publicOf: (secret) => stilled(p256.getPublicKey(secret, false)),
  check: (raw) => p256.Point.fromBytes(raw).assertValidity(),
  dh: (secret, raw) => stilled(p256.getSharedSecret(secret, raw).subarray(1)), // x alone: SEC 1 §3.3.1
};
const X25519: Dh = {
  kem: 0x0020,
  draw: random32,
  publicOf: (secret) => stilled(x25519.getPublicKey(secret)),
  check: (raw) => void x25519.getSharedSecret(BASE_POINT, raw), // any clamped scalar takes a point of low order to zero, which throws
  dh: (secret, raw) => stilled(x25519.getSharedSecret(secret, raw)),
};
const XWING: Kem = {
  kem: 0x647a,
  draw: random32,
  publicOf: (secret) => stilled(xwing.getPublicKey(secret)),
  check: (raw) => void xwing.encapsulate(raw, new Uint8Array(64)),
  encapsulate(engine, raw) {
    const seed = still(64); // eseed
    engine.random(seed);
    try {
      const { cipherText, sharedSecret } = xwing.encapsulate(raw, seed);
      return { shared: stilled(sharedSecret), enc: stilled(cipherText) };
    } finally {
      seed.fill(0);
    }
  },
  decapsulate: (_engine, secret, _raw, enc) => stilled(xwing.decapsulate(enc, secret)),
};

const TABLE: Readonly<Record<AgreementKind, Kem>> = { 'P-256': dhkem(P256), X25519: dhkem(X25519), 'X-Wing': XWING };

/** Undefined where no KEM has this number. */
export const kindOfKem = (kem: number): AgreementKind | undefined => KEMS.get(kem) as AgreementKind | undefined;
export const kemOf = (key: PublicKey): number => TABLE[agreementKind(key)].kem;

/** ERR_FORMAT where the key is for signatures. */
export function agreementKind({ kind }: PublicKey): AgreementKind {
  if (kind === 'Ed25519') throw bad('public key', 'Ed25519 signs, and agrees on nothing');
  return kind;
}

export const drawAgreementSecret = (engine: Engine, kind: AgreementKind): Out => TABLE[kind].draw(engine);

/** The public key of 32 secret bytes. */
export const agreementPublicKey = (kind: AgreementKind, secret: Bytes): PublicKey =>
  publicKeyFromRaw(kind, TABLE[kind].publicOf(secret));

/** ERR_FORMAT where it is no point of its curve, of low order, or out of ML-KEM's bounds (FIPS 203 §7.2). */
export function checkAgreementKey(key: PublicKey): void {
  try {
    TABLE[agreementKind(key)].check(rawPublicKey(key));
  } catch (cause) {
    throw bad('public key', `not a valid ${key.kind} key`, cause);
  }
}

/** A shared secret for whoever has the private key. ERR_FORMAT as checkAgreementKey. */
export function encapsulate(engine: Engine, key: PublicKey): Encapsulated & { kem: number } {
  const row = TABLE[agreementKind(key)];
  try {
    return { ...row.encapsulate(engine, rawPublicKey(key)), kem: row.kem };
  } catch (cause) {
    if (KeystrataError.is(cause)) throw cause; // no slot is free, no randomness
    throw bad('public key', `not a valid ${key.kind} key`, cause);
  }
}

/** The shared secret in `enc`, the caller's to wipe. AuthenticationError where `enc` is no public key. */
export function decapsulate(engine: Engine, secret: Bytes, key: PublicKey, enc: Bytes): Out {
  const kind = agreementKind(key);
  const written = enc.length === ENC_LENGTHS[kind] && (kind !== 'P-256' || enc[0] === UNCOMPRESSED); // RFC 9180 §7.1.1
  if (!written) throw authenticationError('sealed to a public key: altered, or made wrongly');
  try {
    return TABLE[kind].decapsulate(engine, secret, rawPublicKey(key), enc);
  } catch (cause) {
    if (KeystrataError.is(cause)) throw cause;
    throw authenticationError('sealed to a public key: altered, or made wrongly', cause);
  }
}
