// GCM by the book and slowly: what the fast form is compared with, and how an IV is found whose J0 is a wanted one.
// NIST SP 800-38D §6.2 (inc32), §6.3 (product), §6.4 (GHASH), §6.5 (GCTR), §7.1. Blocks are BigInts, the first bit highest.

import { createCipheriv } from 'node:crypto';

type Bytes = Uint8Array;

const R = 0xe1n << 120n; // §6.3
const ONE = 1n << 127n;

/** X • Y: Algorithm 1, word for word. */
export function multiply(x: bigint, y: bigint): bigint {
  let z = 0n;
  let v = y;
  for (let i = 127n; i >= 0n; i--) {
    if ((x >> i) & 1n) z ^= v;
    v = v & 1n ? (v >> 1n) ^ R : v >> 1n;
  }
  return z;
}

/** The y with X • Y = 1, for an X that is not 0: X^(2^128 − 2), as X^(2^128 − 1) = 1. */
export function inverse(x: bigint): bigint {
  let power = x;
  let y = ONE;
  for (let i = 1; i < 128; i++) {
    power = multiply(power, power);
    y = multiply(y, power);
  }
  return y;
}

export const toBlock = (bytes: Bytes): bigint => BigInt(`0x0${Buffer.from(bytes).toString('hex')}`);
export const fromBlock = (block: bigint): Buffer => Buffer.from(block.toString(16).padStart(32, '0'), 'hex');

/** The blocks of a string, the last one filled with zeros. */
function blocks(bytes: Bytes): bigint[] {
  const padded = Buffer.alloc(16 * Math.ceil(bytes.length / 16));
  padded.set(bytes);
  return Array.from({ length: padded.length / 16 }, (_, i) => toBlock(padded.subarray(16 * i, 16 * i + 16)));
}

/** CIPH_K of one block. */
export const encryptBlock = (key: Bytes, block: bigint): bigint =>
  toBlock(createCipheriv('aes-256-ecb', key, null).setAutoPadding(false).update(fromBlock(block)));

/** H = CIPH_K(0^128). */
export const hashKey = (key: Bytes): bigint => encryptBlock(key, 0n);

const ghash = (h: bigint, of: readonly bigint[]): bigint => of.reduce((y, x) => multiply(y ^ x, h), 0n);

/** inc32. */
const next = (block: bigint): bigint => (block & ~0xffffffffn) | ((block + 1n) & 0xffffffffn);

/** GCTR from J0 on: the text's first counter is inc32(J0). */
export function gctr(key: Bytes, j0: bigint, text: Bytes): Buffer {
  let counter = j0;
  const out = blocks(text).map((block) => fromBlock(block ^ encryptBlock(key, (counter = next(counter)))));
  return Buffer.concat(out).subarray(0, text.length);
}

/** T of ciphertext and AAD. `textLength`: what stands for the ciphertext's length in the last block. */
export function tag(key: Bytes, j0: bigint, aad: Bytes, ciphertext: Bytes, textLength = ciphertext.length): Buffer {
  const lengths = (BigInt(8 * aad.length) << 64n) | (8n * BigInt(textLength));
  return fromBlock(ghash(hashKey(key), [...blocks(aad), ...blocks(ciphertext), lengths]) ^ encryptBlock(key, j0));
}

/** J0 of an IV, §7.1 step 2. */
export function j0Of(key: Bytes, iv: Bytes): bigint {
  if (iv.length === 12) return (toBlock(iv) << 32n) | 1n;
  return ghash(hashKey(key), [...blocks(iv), BigInt(8 * iv.length)]);
}

/**
 * An IV that begins with `front` (whole blocks) and has one block more, whose J0 is `j0`: GHASH is linear, so the last block B
 * of it follows from ((Y ^ B) • H ^ length) • H = J0, where Y is the hash of the front.
 */
export function ivFor(key: Bytes, j0: bigint, front: Bytes): Buffer {
  const h = hashKey(key);
  const back = inverse(h);
  const length = BigInt(8 * (front.length + 16));
  const last = multiply(multiply(j0, back) ^ length, back) ^ ghash(h, blocks(front));
  return Buffer.concat([front, fromBlock(last)]);
}
