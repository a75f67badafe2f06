// DHKEM and X-Wing's combiner by the book, over node:crypto: what a KEM makes of the values that vectors print.

import { createHash, createHmac, createPrivateKey, createPublicKey, diffieHellman } from 'node:crypto';

const hmac = (key: Uint8Array, ...parts: Uint8Array[]): Buffer =>
  createHmac('sha256', key).update(Buffer.concat(parts)).digest();
const ascii = (text: string): Buffer => Buffer.from(text, 'ascii');
const two = (n: number): Buffer => Buffer.from([n >> 8, n & 255]);

/** RFC 9180 §4.1, ExtractAndExpand(dh, enc ‖ pkR). */
export function sharedSecret(kem: number, dh: Uint8Array, enc: Uint8Array, pkR: Uint8Array): Buffer {
  const suite = Buffer.concat([ascii('KEM'), two(kem)]);
  const prk = hmac(new Uint8Array(0), ascii('HPKE-v1'), suite, ascii('eae_prk'), dh);
  const info = Buffer.concat([two(32), ascii('HPKE-v1'), suite, ascii('shared_secret'), enc, pkR]);
  return hmac(prk, info, Buffer.from([1]));
}

const PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex'); // X25519, RFC 8410 §7
const SPKI = Buffer.from('302a300506032b656e032100', 'hex');

export const x25519 = (secret: Uint8Array, u: Uint8Array): Buffer =>
  diffieHellman({
    privateKey: createPrivateKey({ key: Buffer.concat([PKCS8, secret]), format: 'der', type: 'pkcs8' }),
    publicKey: createPublicKey({ key: Buffer.concat([SPKI, u]), format: 'der', type: 'spki' }),
  });

/** X-Wing draft §5.3: the combiner. */
export const combined = (p: { ssM: Uint8Array; ssX: Uint8Array; ctX: Uint8Array; pkX: Uint8Array }): Buffer =>
  createHash('sha3-256')
    .update(Buffer.concat([p.ssM, p.ssX, p.ctX, p.pkX, ascii('\\.//^\\')]))
    .digest();
