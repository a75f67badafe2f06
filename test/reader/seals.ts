// What §3 of docs/formats.md takes for granted beside primitives.ts: HPKE over P-256 (RFC 9180) and EdDSA. node:crypto alone.

import { createECDH, createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { Tagged } from 'cborg';
import { cbor, expand, gcmOpen, gcmSeal, hash, hmac, uncbor } from './primitives.ts';
import type { Bytes, Fields } from './primitives.ts';

const KEM_P256 = 0x0010;
const SUITE_KEM = Buffer.from([...Buffer.from('KEM'), 0, 0x10]);
const SUITE = Buffer.from([...Buffer.from('HPKE'), 0, 0x10, 0, 1, 0, 2]); // HKDF-SHA256, AES-256-GCM
const NOTHING = Buffer.alloc(0);

const labeled = (suite: Bytes, label: string, rest: Bytes): Buffer =>
  Buffer.concat([Buffer.from('HPKE-v1'), suite, Buffer.from(label), rest]);
const extract = (suite: Bytes, salt: Bytes, label: string, ikm: Bytes): Buffer =>
  hmac(salt, labeled(suite, label, ikm));
const expandTo = (suite: Bytes, prk: Bytes, label: string, info: Bytes, n: number): Buffer =>
  expand('sha256', prk, Buffer.concat([Buffer.of(0, n), labeled(suite, label, info)]), n);

/** §4.1 and §5.1 of RFC 9180, base mode: the key and the nonce of the one message. */
function keySchedule(dh: Bytes, enc: Bytes, recipient: Bytes, info: Bytes): { key: Buffer; nonce: Buffer } {
  const prk = extract(SUITE_KEM, NOTHING, 'eae_prk', dh);
  const shared = expandTo(SUITE_KEM, prk, 'shared_secret', Buffer.concat([enc, recipient]), 32);
  const ids = [extract(SUITE, NOTHING, 'psk_id_hash', NOTHING), extract(SUITE, NOTHING, 'info_hash', info)];
  const context = Buffer.concat([Buffer.of(0), ...ids]);
  const secret = extract(SUITE, shared, 'secret', NOTHING);
  return {
    key: expandTo(SUITE, secret, 'key', context, 32),
    nonce: expandTo(SUITE, secret, 'base_nonce', context, 12),
  };
}

/** The uncompressed point of a scalar. */
export function pointOf(d: Bytes): Buffer {
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(d);
  return ecdh.getPublicKey();
}

/** §0: the public COSE_Key of a point, its fingerprint and its kid. */
export function publicKey(point: Bytes): { key: Map<number, unknown>; fp: Buffer; kid: Buffer } {
  const key = new Map<number, unknown>([[1, 2], [-1, 1], [-2, point.subarray(1, 33)], [-3, point.subarray(33)]]); // prettier-ignore
  const fp = hash(cbor(key));
  return { key, fp, kid: fp.subarray(0, 16) };
}

/** Field 11: CBOR [1, kem, 1, 2, recipient kid, enc, ct]. */
export function seal(recipient: Bytes, ephemeral: Bytes, info: Bytes, text: Bytes): Buffer {
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(ephemeral);
  const enc = ecdh.getPublicKey();
  const { key, nonce } = keySchedule(ecdh.computeSecret(recipient), enc, recipient, info);
  return cbor([1, KEM_P256, 1, 2, publicKey(recipient).kid, enc, gcmSeal(key, nonce, text)]);
}

export function unseal(d: Bytes, sealed: Bytes, info: Bytes): Buffer {
  const [version, kem, kdf, aead, kid, enc, ct] = uncbor(sealed) as [
    number,
    number,
    number,
    number,
    Bytes,
    Bytes,
    Bytes,
  ];
  if (String([version, kem, kdf, aead]) !== String([1, KEM_P256, 1, 2])) throw new Error('another suite');
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(d);
  const recipient = ecdh.getPublicKey();
  if (!publicKey(recipient).kid.equals(kid)) throw new Error('sealed to another key');
  const { key, nonce } = keySchedule(ecdh.computeSecret(enc), enc, recipient, info);
  return gcmOpen(key, nonce, ct);
}

// ---- COSE_Sign1 by Ed25519, detached, §3 field 16

const SIGN1 = 18;
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex'); // RFC 8410 §7, before the seed
const SPKI = Buffer.from('302a300506032b6570032100', 'hex'); // §4, before the point

const privateOf = (seed: Bytes) =>
  createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });

/** §0: the public COSE_Key of a seed, and its kid. */
export function signingKey(seed: Bytes): { x: Buffer; fp: Buffer; kid: Buffer } {
  const x = createPublicKey(privateOf(seed)).export({ format: 'der', type: 'spki' }).subarray(SPKI.length);
  const fp = hash(cbor(new Map<number, unknown>([[1, 1], [-1, 6], [-2, x]]))); // prettier-ignore
  return { x, fp, kid: fp.subarray(0, 16) };
}

const toSign = (header: Bytes, external: Bytes, payload: Bytes): Buffer =>
  cbor(['Signature1', header, external, payload]);

export function sign1(seed: Bytes, external: Bytes, payload: Bytes): Buffer {
  const header = cbor(new Map<number, unknown>([[1, -8], [4, signingKey(seed).kid]])); // prettier-ignore
  const signature = sign(null, toSign(header, external, payload), privateOf(seed));
  return cbor(new Tagged(SIGN1, [header, new Map(), null, signature]));
}

/** By the key of this point: throws where it is not. */
export function verify1(x: Bytes, signed: Bytes, external: Bytes, payload: Bytes): void {
  const [header, , none, signature] = (uncbor(signed, SIGN1) as Tagged).value as [Bytes, Fields, null, Bytes];
  if ((uncbor(header) as Fields).get(1) !== -8 || none !== null) throw new Error('no detached EdDSA');
  const key = createPublicKey({ key: Buffer.concat([SPKI, x]), format: 'der', type: 'spki' });
  if (!verify(null, toSign(header, external, payload), key, signature)) throw new Error('not signed by this key');
}
