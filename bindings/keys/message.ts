// An application's own messages: sealed to a public key, or signed. FORMATS §7 has the forms.
//
//   sealed   CBOR [1, kem, 1, 2, recipient kid, enc, ct]    info         = CBOR ["keystrata/message/v1", recipient fp, context]
//   signed   COSE_Sign1 { 1: alg, 4: signer kid }            external_aad = CBOR ["keystrata/message/v1", signer fp, context]
//
// The label keeps them apart from what the keyring itself seals and signs with such keys (slots, grants, epochs): nobody can
// have one opened or signed as the other. HPKE's base mode does not say who sealed: sign what must have an author.

import { asBytes, concat, utf8 } from '../core/bytes.ts';
import type { Bytes, Out } from '../core/bytes.ts';
import { authenticationError } from '../core/errors.ts';
import type { Engine } from '../engine/engine.ts';
import type { Key } from '../engine/key.ts';
import { encode } from '../format/cbor.ts';
import { contextBytes } from '../format/context.ts';
import type { Context } from '../format/context.ts';
import { TAG_LENGTH } from '../format/cose-encrypt0.ts';
import { kidOf } from '../format/fingerprint.ts';
import { decodeHpkeSeal, encodeHpkeSeal } from '../format/hpke-seal.ts';
import type { HpkeSeal } from '../format/hpke-seal.ts';
import { MESSAGE } from '../format/labels.ts';
import type { PublicKey } from '../format/public-key.ts';
import { MAX_PLAINTEXT, checkRecordPlaintext } from '../format/record.ts';
import { kemOf } from './agreement.ts';
import { fingerprint } from './fingerprint.ts';
import { hpkeOpen, hpkeSeal } from './hpke.ts';
import { asPublicKey } from './public-key.ts';
import type { PublicKeyInput } from './public-key.ts';
import { sign1, verifySign1 } from './sign1.ts';

const boundTo = (engine: Engine, key: PublicKey, context: Bytes): Out =>
  encode([MESSAGE, fingerprint(engine, key), context]);

/**
 * Seals to a public key: `keypairs.open` of whoever has the private key opens it, under the same context. Nothing says who
 * sealed. At most 64 MiB (ERR_LIMIT): of more, seal a stream. Over the data: 106 to 110 bytes (P-256), 74 to 78 (X25519), 1,164 to
 * 1,168 (X-Wing). ERR_FORMAT where the key is no valid one: compare its fingerprint before you trust it. RFC 9180.
 */
export async function sealTo(
  engine: Engine,
  publicKey: PublicKeyInput,
  plaintext: Bytes | string,
  p: { context: Context },
): Promise<Out> {
  const key = asPublicKey(publicKey, 'agree');
  const context = contextBytes(p.context);
  const own = typeof plaintext === 'string';
  const bytes = own ? utf8(plaintext, 'plaintext') : asBytes(plaintext, 'plaintext');
  try {
    checkRecordPlaintext(bytes.length);
    const sealed = await hpkeSeal(engine, key, { info: boundTo(engine, key, context) }, bytes);
    return encodeHpkeSeal({ ...sealed, recipient: kidOf(fingerprint(engine, key)) });
  } finally {
    if (own) bytes.fill(0);
  }
}

/** What `sealTo` made, taken apart: its recipient's kid finds the key. ERR_FORMAT, ERR_UNSUPPORTED. */
export const decodeMessage = (sealed: Bytes): HpkeSeal =>
  decodeHpkeSeal(asBytes(sealed, 'sealed'), 'message', MAX_PLAINTEXT + TAG_LENGTH);

/** The plaintext. AuthenticationError where key, context or bytes are others. */
export function openMessage(
  engine: Engine,
  privateKey: Key<'agree'>,
  publicKey: PublicKey,
  message: HpkeSeal,
  context: Bytes,
): Promise<Out> {
  if (message.kem !== kemOf(publicKey)) throw authenticationError('message: sealed to another kind of key');
  return hpkeOpen(engine, privateKey, publicKey, message, { info: boundTo(engine, publicKey, context) });
}

/** COSE_Sign1 of the payload, which stands in it unless it is `detached` (92 bytes then). */
export const signMessage = (
  engine: Engine,
  privateKey: Key<'sign'>,
  publicKey: PublicKey,
  payload: Bytes,
  p: { context: Bytes; detached: boolean },
): Out =>
  sign1(engine, privateKey, publicKey, {
    payload,
    externalAad: boundTo(engine, publicKey, p.context),
    detached: p.detached,
  });

/**
 * The payload that `keypairs.sign` signed, once it is seen to be signed by this key, under this context. `payload` is given
 * where it was detached, and only there. AuthenticationError: another key, context or payload, or altered bytes. ERR_FORMAT,
 * ERR_UNSUPPORTED. What the key is trusted for is the caller's to know.
 */
export function verifySignature(
  engine: Engine,
  signed: Bytes,
  p: { publicKey: PublicKeyInput; context: Context; payload?: Bytes },
): Out {
  const key = asPublicKey(p.publicKey, 'sign');
  const externalAad = boundTo(engine, key, contextBytes(p.context));
  const payload = p.payload === undefined ? {} : { payload: asBytes(p.payload, 'payload') };
  return concat(verifySign1(engine, asBytes(signed, 'signed'), key, { externalAad, ...payload }));
}
