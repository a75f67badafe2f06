// HPKE, base mode, single shot: to seal to a public key. RFC 9180 §5.1, §6.1; KEMs of agreement.ts, HKDF-SHA256, AES-256-GCM.
//
//   shared secret ─LabeledExtract("secret")─► secret ─LabeledExpand─► "key" 32, "base_nonce" 12
//   key_schedule_context = mode 00 ‖ psk_id_hash ‖ info_hash
//
// The key schedule runs in the core, and the key stays there: so a key that is sealed goes from slot to slot (seal-key.ts).
// Each key seals one message, under base_nonce. Secret: shared secret, secret, key. Public: base_nonce (FORMATS §7).

import { asBytes, concat, still, utf8 } from '../core/bytes.ts';
import type { Bytes, Out } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import type { Engine } from '../engine/engine.ts';
import type { Key } from '../engine/key.ts';
import { TAG_LENGTH } from '../format/cose-encrypt0.ts';
import { AEAD_AES_256_GCM, KDF_HKDF_SHA256 } from '../format/hpke-seal.ts';
import { SECRET_LENGTH } from '../format/private-key.ts';
import type { PublicKey } from '../format/public-key.ts';
import { decapsulate, encapsulate, kemOf } from './agreement.ts';
import { I2OSP, labeledExpand, labeledExpandKey, labeledExtract, labeledHash } from './dhkem.ts';
import { withSecretBytes } from './export.ts';

const MODE_BASE = 0x00;
const NOTHING = new Uint8Array(0);
const NONCE_LENGTH = 12;
const NO_ID = '0'.repeat(32);

/** What one message is sealed under. `key` is disposed by who asked for it. */
interface Context<P extends 'seal' | 'wrap'> {
  readonly key: Key<P>;
  readonly baseNonce: Out;
}

/** KeySchedule, §5.1, with psk and psk_id empty. */
function keySchedule<P extends 'seal' | 'wrap'>(
  engine: Engine,
  purpose: P,
  p: { kem: number; shared: Bytes; info: Bytes },
): Context<P> {
  const suite = concat(utf8('HPKE', 'label'), I2OSP(p.kem), I2OSP(KDF_HKDF_SHA256), I2OSP(AEAD_AES_256_GCM));
  const hash = (label: string, of: Bytes): Out => labeledHash(engine, suite, label, of);
  const context = concat(Uint8Array.of(MODE_BASE), hash('psk_id_hash', NOTHING), hash('info_hash', p.info));
  const secret = labeledExtract(engine, suite, p.shared, 'secret', NOTHING);
  try {
    const baseNonce = labeledExpand(engine, suite, secret, 'base_nonce', context, NONCE_LENGTH);
    return { key: labeledExpandKey(engine, suite, secret, 'key', context, { purpose, id: NO_ID }), baseNonce };
  } finally {
    secret.dispose();
  }
}

/** SetupBaseS, §5.1.1. */
export function setupSender<P extends 'seal' | 'wrap'>(
  engine: Engine,
  purpose: P,
  publicKey: PublicKey,
  info: Bytes,
): Context<P> & { kem: number; enc: Out } {
  const { kem, enc, shared } = encapsulate(engine, publicKey);
  try {
    return { ...keySchedule(engine, purpose, { kem, shared, info }), kem, enc };
  } finally {
    shared.fill(0);
  }
}

/** SetupBaseR, §5.1.1. The private key is a handle, or its 32 secret bytes (which keep still, and are the caller's to wipe). */
export function setupRecipient<P extends 'seal' | 'wrap'>(
  engine: Engine,
  purpose: P,
  privateKey: Key<'agree'> | Bytes,
  publicKey: PublicKey,
  p: { kem: number; enc: Bytes; info: Bytes },
): Context<P> {
  if (p.kem !== kemOf(publicKey))
    throw new KeystrataError('ERR_ARGUMENT', `kem: this is sealed to another kind of key than ${publicKey.kind}`);
  const open = (secret: Bytes): Out => decapsulate(engine, secret, publicKey, p.enc);
  const shared =
    privateKey instanceof Uint8Array
      ? open(asSecret(privateKey))
      : withSecretBytes(engine, privateKey, (secret) => open(secret));
  try {
    return keySchedule(engine, purpose, { kem: p.kem, shared, info: p.info });
  } finally {
    shared.fill(0);
  }
}

function asSecret(bytes: Bytes): Bytes {
  if (bytes.length !== SECRET_LENGTH)
    throw new KeystrataError('ERR_ARGUMENT', `private key: ${SECRET_LENGTH} bytes are wanted, not ${bytes.length}`);
  return bytes;
}

export interface Sealed {
  readonly kem: number;
  readonly enc: Bytes;
  readonly ct: Bytes; // with its tag
}

/** Whoever has the private key opens it; nothing says who sealed. ERR_FORMAT where the public key is no valid one. */
export async function hpkeSeal(
  engine: Engine,
  publicKey: PublicKey,
  p: { info: Bytes; aad?: Bytes },
  plaintext: Bytes,
): Promise<{ kem: number; enc: Out; ct: Out }> {
  const { key, baseNonce, kem, enc } = setupSender(engine, 'seal', publicKey, asBytes(p.info, 'info'));
  try {
    const ct = still(plaintext.length + TAG_LENGTH);
    await engine.seal(key, plaintext, { iv: baseNonce, aad: p.aad ?? NOTHING, out: ct });
    return { kem, enc, ct };
  } finally {
    key.dispose();
  }
}

/** AuthenticationError where the key, info, aad or bytes are others; ERR_ARGUMENT where `kem` is not the key's. */
export async function hpkeOpen(
  engine: Engine,
  privateKey: Key<'agree'> | Bytes,
  publicKey: PublicKey,
  { kem, enc, ct }: Sealed,
  p: { info: Bytes; aad?: Bytes },
): Promise<Out> {
  const info = asBytes(p.info, 'info');
  const { key, baseNonce } = setupRecipient(engine, 'seal', privateKey, publicKey, { kem, enc, info });
  try {
    return await engine.open(key, ct, { iv: baseNonce, aad: p.aad ?? NOTHING });
  } finally {
    key.dispose();
  }
}
