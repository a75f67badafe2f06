// Keypairs: KEK → the private key of a pair, and a slot's wrap key → the slot's own. FORMATS §§0, 2, 5.
//
//   COSE_Encrypt0 of the private COSE_Key, slot to slot (wrap.ts); bound is the kid of the public key, fp[0..16)
//
// A private key is accepted only if the public key computed from it is the recorded one. Separate keys agree and sign. Secret:
// 32 bytes, in the core; outside of it while a curve is computed, and wiped.

import { asBytes, equal } from '../core/bytes.ts';
import type { Bytes, Out } from '../core/bytes.ts';
import { KeystrataError, authenticationError } from '../core/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { kidOf } from '../format/fingerprint.ts';
import type { Id } from '../format/ids.ts';
import { SECRET_LENGTH, privateKeyPrefix } from '../format/private-key.ts';
import { encodePublicKey } from '../format/public-key.ts';
import type { PublicKey } from '../format/public-key.ts';
import { agreementKind, agreementPublicKey, drawAgreementSecret } from './agreement.ts';
import type { AgreementKind } from './agreement.ts';
import { withSecretBytes } from './export.ts';
import { fingerprint } from './fingerprint.ts';
import { PRIVATE, inPairRole } from './roles.ts';
import type { PairRole, PrivateKey, RoleKey, WrapsPrivate } from './roles.ts';
import { drawSigningSecret, signingKind, signingPublicKey } from './signing.ts';
import type { SigningKind } from './signing.ts';
import { unwrapBound, wrapBound } from './wrap.ts';

export type KindOf<R extends PairRole> = R extends 'SIGN' ? SigningKind : AgreementKind;

/** A public key and the handle of its private key, whose id is the kid. */
export interface Keypair<R extends PairRole = PairRole> {
  readonly publicKey: PublicKey;
  readonly privateKey: PrivateKey<R>;
}

const publicKeyOf = (role: PairRole, kind: PublicKey['kind'], secret: Bytes): PublicKey =>
  role === 'SIGN' ? signingPublicKey(kind as SigningKind, secret) : agreementPublicKey(kind as AgreementKind, secret);

function pairOf<R extends PairRole>(engine: Engine, role: R, kind: KindOf<R>, secret: Bytes): Keypair<R> {
  const publicKey = publicKeyOf(role, kind, secret);
  const id = kidOf(fingerprint(engine, publicKey));
  const { purpose } = PRIVATE[role];
  return { publicKey, privateKey: inPairRole(role, engine.importKey(secret, { purpose, id })) };
}

/** A fresh pair. */
export function generateKeypair<R extends PairRole>(engine: Engine, role: R, kind: KindOf<R>): Keypair<R> {
  const secret =
    role === 'SIGN'
      ? drawSigningSecret(engine, kind as SigningKind)
      : drawAgreementSecret(engine, kind as AgreementKind);
  try {
    return pairOf(engine, role, kind, secret);
  } finally {
    secret.fill(0);
  }
}

/** The pair of a private key from elsewhere: its 32 secret bytes, which the caller wipes. ERR_ARGUMENT where they are none. */
export function importKeypair<R extends PairRole>(engine: Engine, role: R, kind: KindOf<R>, secret: Bytes): Keypair<R> {
  if (asBytes(secret, 'private key').length !== SECRET_LENGTH)
    throw new KeystrataError('ERR_ARGUMENT', `private key: ${SECRET_LENGTH} bytes are wanted, not ${secret.length}`);
  try {
    return pairOf(engine, role, kind, secret);
  } catch (cause) {
    if (KeystrataError.is(cause)) throw cause; // no slot is free
    throw new KeystrataError('ERR_ARGUMENT', `private key: these bytes are no private key of ${kind}`, { cause });
  }
}

const binding = (engine: Engine, role: PairRole, publicKey: PublicKey, keyring: Id) => {
  const { kind } = publicKey;
  if (role === 'SIGN') signingKind(publicKey);
  else agreementKind(publicKey);
  const kid = kidOf(fingerprint(engine, publicKey));
  return { kid, bound: { label: PRIVATE[role].label, prefix: privateKeyPrefix(kind, kid), keyring } };
};

/** The private key under the KEK, or a slot's under its wrap key: 119 bytes, or 123 (X-Wing). */
export const wrapPrivateKey = <O extends keyof WrapsPrivate, R extends WrapsPrivate[O]>(
  engine: Engine,
  outer: RoleKey<O>,
  role: R,
  { privateKey, publicKey }: NoInfer<Keypair<R>>,
  keyring: Id,
): Out => wrapBound(engine, outer, privateKey, binding(engine, role, publicKey, keyring).bound);

/**
 * A pair out of its private key, where the public key is recorded by its kid alone: a slot's, before the KEK is there. Whoever
 * opens what is sealed to it binds the whole fingerprint (HPKE's info). Errors as unwrapPrivateKey.
 */
export function unwrapKeypair<O extends keyof WrapsPrivate, R extends WrapsPrivate[O]>(
  engine: Engine,
  outer: RoleKey<O>,
  role: R,
  wrapped: Bytes,
  { kind, kid, keyring }: { kind: KindOf<R>; kid: Id; keyring: Id },
): Keypair<R> {
  const { purpose, label } = PRIVATE[role];
  const bound = { label, prefix: privateKeyPrefix(kind, kid), keyring };
  const privateKey = inPairRole(role, unwrapBound(engine, outer, wrapped, bound, { purpose, id: kid }));
  try {
    const publicKey = withSecretBytes(engine, privateKey, (secret) => publicKeyOf(role, kind, secret));
    if (kidOf(fingerprint(engine, publicKey)) === kid) return { publicKey, privateKey };
    throw authenticationError(`private key ${kid}: it is not that of the recorded public key`);
  } catch (error) {
    privateKey.dispose();
    throw error;
  }
}

/**
 * … and back; `publicKey` is the recorded one. ERR_FORMAT or ERR_UNSUPPORTED where it is no such wrap; AuthenticationError
 * where key, binding or bytes are not right, or the private key inside is that of another public key.
 */
export function unwrapPrivateKey<O extends keyof WrapsPrivate, R extends WrapsPrivate[O]>(
  engine: Engine,
  outer: RoleKey<O>,
  role: R,
  wrapped: Bytes,
  publicKey: PublicKey,
  keyring: Id,
): PrivateKey<R> {
  const { kid, bound } = binding(engine, role, publicKey, keyring);
  const { purpose } = PRIVATE[role];
  const privateKey = inPairRole(role, unwrapBound(engine, outer, wrapped, bound, { purpose, id: kid }));
  try {
    const computed = withSecretBytes(engine, privateKey, (secret) => publicKeyOf(role, publicKey.kind, secret));
    if (equal(encodePublicKey(computed), encodePublicKey(publicKey))) return privateKey;
    throw authenticationError(`private key ${kid}: it is not that of the recorded public key`);
  } catch (error) {
    privateKey.dispose();
    throw error;
  }
}
