// The worked examples of keypairs in docs/formats.md, §14, by an independent writer: node:crypto and cborg alone.

import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { Tagged } from 'cborg';
import { sharedSecret, x25519 } from './dhkem.ts';
import { Page } from './annotate.ts';
import type { Remarks } from './annotate.ts';
import { cbor, encrypt0, expand, gcmSeal, hash, hmac } from './primitives.ts';
import type { Bytes } from './primitives.ts';

const drawn = (name: string, n: number): Buffer => hash(Buffer.from(`keystrata example: ${name}`)).subarray(0, n);
const run = (first: number, n: number): Buffer => Buffer.from(Array.from({ length: n }, (_, i) => first + i));

export const CONTEXT = 'letter/1';
export const MESSAGE = 'Hello, Bob!';
export const PAYLOAD = 'I owe you a lunch';
export const KEYRING = run(0x10, 16);
export const KEK = { kid: run(0x40, 16), k: drawn('KEK', 32) };
export const AGREE = drawn('agreement key', 32); // X25519
export const SIGN = drawn('signing key', 32); // Ed25519, the seed
export const EPHEMERAL = drawn('ephemeral key', 32); // of the message
export const IV = drawn('IV of the wrapped agreement key', 12);

const BASE = Uint8Array.of(9, ...new Uint8Array(31));
const X25519 = 4;
const ED25519 = 6;
const OKP = (curve: number, x: Bytes): Buffer => cbor(new Map<number, unknown>([[1, 1], [-1, curve], [-2, x]])); // prettier-ignore
const label = 'keystrata/message/v1';

const agreePublic = x25519(AGREE, BASE);
const fpAgree = hash(OKP(X25519, agreePublic));
const kidAgree = fpAgree.subarray(0, 16);

const ed25519 = createPrivateKey({
  key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), SIGN]),
  format: 'der',
  type: 'pkcs8',
});
const signPublic = Buffer.from(createPublicKey(ed25519).export({ format: 'jwk' }).x!, 'base64url');
const fpSign = hash(OKP(ED25519, signPublic));

/** RFC 9180 §5.1, base mode: key and base nonce. */
function schedule(kem: number, shared: Bytes, info: Bytes): { key: Buffer; nonce: Buffer } {
  const suite = Buffer.from([0x48, 0x50, 0x4b, 0x45, kem >> 8, kem & 255, 0, 1, 0, 2]); // "HPKE", kem, kdf 1, aead 2
  const version = Buffer.from('HPKE-v1');
  const extract = (salt: Bytes, name: string, ikm: Bytes): Buffer =>
    hmac(salt, Buffer.concat([version, suite, Buffer.from(name), ikm]));
  const none = Buffer.alloc(0);
  const context = Buffer.concat([Buffer.of(0), extract(none, 'psk_id_hash', none), extract(none, 'info_hash', info)]);
  const secret = extract(shared, 'secret', none);
  const out = (name: string, n: number): Buffer =>
    expand('sha256', secret, Buffer.concat([Buffer.of(0, n), version, suite, Buffer.from(name), context]), n);
  return { key: out('key', 32), nonce: out('base_nonce', 12) };
}

function message(): Buffer {
  const enc = x25519(EPHEMERAL, BASE);
  const shared = sharedSecret(0x20, x25519(EPHEMERAL, agreePublic), enc, agreePublic);
  const { key, nonce } = schedule(0x20, shared, cbor([label, fpAgree, Buffer.from(CONTEXT)]));
  return cbor([1, 0x20, 1, 2, kidAgree, enc, gcmSeal(key, nonce, Buffer.from(MESSAGE))]);
}

function signature(): Buffer {
  const header = cbor(new Map<number, unknown>([[1, -8], [4, fpSign.subarray(0, 16)]])); // prettier-ignore
  const payload = Buffer.from(PAYLOAD);
  const externalAad = cbor([label, fpSign, Buffer.from(CONTEXT)]);
  const signed = sign(null, cbor(['Signature1', header, externalAad, payload]), ed25519);
  return cbor(new Tagged(18, [header, new Map(), payload, signed]));
}

const privateKey = cbor(new Map<number, unknown>([[1, 1], [2, kidAgree], [-1, X25519], [-4, AGREE]])); // prettier-ignore

export const keypairExamples = (): Record<
  'public-key' | 'private-key' | 'private-wrap' | 'message' | 'signature',
  Buffer
> => ({
  'public-key': OKP(X25519, agreePublic),
  'private-key': privateKey,
  'private-wrap': encrypt0(
    KEK.k,
    KEK.kid,
    IV,
    privateKey,
    { purpose: 'agree-key', scope: KEYRING, bound: kidAgree },
    true,
  ),
  message: message(),
  signature: signature(),
});
export const signingKey = (): Buffer => OKP(ED25519, signPublic);

const REMARKS: Readonly<Record<keyof ReturnType<typeof keypairExamples>, Remarks>> = {
  'public-key': { '': 'COSE_Key', '/1': 'kty: OKP', '/-1': 'crv: X25519', '/-2': 'x' },
  'private-key': { '': 'COSE_Key', '/1': 'kty: OKP', '/2': 'kid: fp[0..16)', '/-1': 'crv: X25519', '/-4': 'd' },
  'private-wrap': {
    '': 'COSE_Encrypt0',
    '/tag/0/(': '',
    '/tag/0': 'protected',
    '/tag/0/(/1': 'alg A256GCM',
    '/tag/0/(/3': 'content application/cose-key',
    '/tag/0/(/4': 'kid: the KEK',
    '/tag/1': 'unprotected',
    '/tag/1/5': 'IV',
    '/tag/2': 'the private COSE_Key, sealed, and the tag',
  },
  message: {
    '/0': 'version',
    '/1': 'kem: DHKEM(X25519, HKDF-SHA256)',
    '/2': 'kdf: HKDF-SHA256',
    '/3': 'aead: AES-256-GCM',
    '/4': 'recipient kid',
    '/5': 'enc: the ephemeral public key',
    '/6': 'ct: "Hello, Bob!", sealed, and the tag',
  },
  signature: {
    '': 'COSE_Sign1',
    '/tag/0/(': '',
    '/tag/0': 'protected',
    '/tag/0/(/1': 'alg EdDSA',
    '/tag/0/(/4': 'kid of the signer',
    '/tag/1': 'unprotected',
    '/tag/2': 'payload: "I owe you a lunch"',
    '/tag/3': 'signature: R, S',
  },
};

/** Annotated as docs/formats.md shows them. */
export const keypairPages = (made = keypairExamples()): Record<string, string> =>
  Object.fromEntries(
    Object.entries(REMARKS).map(([name, remarks]) => [
      name,
      new Page(remarks).cbor(made[name as keyof typeof made], '').toString(),
    ]),
  );
