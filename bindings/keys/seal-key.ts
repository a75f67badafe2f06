// A key sealed to a public key by HPKE, from slot to slot: slots seal the KEK, grants an item key. FORMATS §3 (field 11), §7.
//
//   ct = AES-256-GCM(key, base_nonce, aad empty, COSE_Key)     the core seals `prefix ‖ its own 32 bytes`, and on opening
//                                                             compares the prefix (kty, alg, key_ops, kid) inside
//
// The secret of the HPKE key schedule and the sealed key never pass through JavaScript; the shared secret of the KEM does.

import type { Bytes, Out } from '../core/bytes.ts';
import { authenticationError } from '../core/errors.ts';
import type { Engine } from '../engine/engine.ts';
import type { Key } from '../engine/key.ts';
import { coseKeyPrefix } from '../format/cose-key.ts';
import { kidOf } from '../format/fingerprint.ts';
import { decodeHpkeSeal, encodeHpkeSeal } from '../format/hpke-seal.ts';
import type { Id } from '../format/ids.ts';
import type { PublicKey } from '../format/public-key.ts';
import { kemOf } from './agreement.ts';
import { fingerprint } from './fingerprint.ts';
import { setupRecipient, setupSender } from './hpke.ts';
import { WRAPPED, inRole } from './roles.ts';
import type { RoleKey } from './roles.ts';

/** Which keys are sealed to public keys: the KEK in slots, a stream's DEK in grants. */
export type SealedRole = 'KEK' | 'STREAM';

const NO_AAD = new Uint8Array(0);

/** CBOR [1, kem, 1, 2, recipient kid, enc, ct]: of a KEK 169 bytes (P-256) or 1,227 (X-Wing). `info` says what it is for. */
export function sealKey<R extends SealedRole>(
  engine: Engine,
  role: R,
  key: NoInfer<RoleKey<R>>,
  publicKey: PublicKey,
  info: Bytes,
): Out {
  const { key: outer, baseNonce, kem, enc } = setupSender(engine, 'wrap', publicKey, info);
  try {
    const prefix = coseKeyPrefix(key.id, WRAPPED[role].ops);
    const ct = engine.wrap(outer, key, { iv: baseNonce, aad: NO_AAD, prefix });
    return encodeHpkeSeal({ kem, recipient: kidOf(fingerprint(engine, publicKey)), enc, ct });
  } finally {
    outer.dispose();
  }
}

/**
 * The key `kid` out of a seal to `publicKey`. ERR_FORMAT or ERR_UNSUPPORTED where it is no seal; AuthenticationError where it
 * is sealed to another key, for something else (`info`), of another key, or was altered. HPKE's base mode does not say who
 * sealed: the caller has checked that.
 */
export function openKey<R extends SealedRole>(
  engine: Engine,
  role: R,
  sealed: Bytes,
  privateKey: Key<'agree'> | Bytes,
  publicKey: PublicKey,
  p: { kid: Id; info: Bytes },
): RoleKey<R> {
  const { kem, recipient, enc, ct } = decodeHpkeSeal(sealed);
  if (kem !== kemOf(publicKey) || recipient !== kidOf(fingerprint(engine, publicKey)))
    throw authenticationError(`sealed key: it is sealed to key ${recipient}, which is another one`);
  const { key: outer, baseNonce } = setupRecipient(engine, 'wrap', privateKey, publicKey, { kem, enc, info: p.info });
  try {
    const { ops, purpose } = WRAPPED[role];
    const prefix = coseKeyPrefix(p.kid, ops);
    const key = engine.unwrap(outer, { iv: baseNonce, aad: NO_AAD, prefix, sealed: ct }, { purpose, id: p.kid });
    return inRole(role, key);
  } finally {
    outer.dispose();
  }
}
