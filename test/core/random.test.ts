// Every length from 0 to 600, and around every edge, against node:crypto on random inputs. The longest here is past two full
// I/O regions, where a message has been cut into three pieces.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { instanceOf } from '../../bindings/core/internal.ts';
import { loadCore } from '../../bindings/core/load.ts';
import type { Core } from '../../bindings/core/types.ts';
import { node, ofCore, random, same, VARIANTS, type Implementation, type TagLength } from './implementation.ts';

/** 64: a hash's block; 128: a narrow batch of the cipher; 256: of GHASH; 2048: a wide batch, and the grain of pieces. */
const GRAINS = [64, 128, 256, 2048, 4096];

describe.each(VARIANTS)('%s', (variant) => {
  let core: Core;
  let asked: Implementation;
  let io: number;
  beforeAll(async () => {
    core = await loadCore({ variant });
    asked = ofCore(core);
    io = instanceOf(core).door.length;
  });
  afterAll(() => core[Symbol.dispose]());

  const around = (edge: number, reach: number): number[] =>
    Array.from({ length: 2 * reach + 1 }, (_, i) => edge - reach + i).filter((n) => n >= 0);
  const lengths = (): number[] => [
    ...Array.from({ length: 601 }, (_, n) => n),
    ...GRAINS.flatMap((grain) => [1, 2, 3].flatMap((times) => around(grain * times, 2))),
    ...around(io, 66), // the tag, IV and AAD share the region with the text
    ...around(io - 2048, 2),
    ...around(2 * (io - 2048), 2),
    2 * io + 1,
  ];

  test('SHA-256', () => {
    for (const n of lengths()) {
      const message = random(n);
      expect(same(asked.sha256(message), node.sha256(message)), `${n} bytes`).toBe(true);
    }
  });

  test('HMAC-SHA256: every length of key, every length of message', () => {
    for (const n of lengths()) {
      const [key, message] = [random(n), random(100)];
      expect(same(asked.hmac(key, message), node.hmac(key, message)), `key of ${n}`).toBe(true);
      expect(same(asked.hmac(message, key), node.hmac(message, key)), `message of ${n}`).toBe(true);
    }
  });

  test('HKDF-SHA256: every length of each input and of the output', () => {
    for (let n = 0; n <= 600; n++) {
      const [ikm, salt, info] = [random(n), random((n * 7) % 601), random((n * 13) % 601)];
      const length = 1 + ((n * 14) % 8160);
      expect(same(asked.hkdf(ikm, salt, info, length), node.hkdf(ikm, salt, info, length)), `${n}`).toBe(true);
    }
    const [ikm, salt] = [random(2 * io), random(io + 1)];
    const info = random(3 * io);
    const prk = node.hmac(salt, ikm); // node's own HKDF takes at most 1,024 bytes of info: by the book, RFC 5869 §2.3
    const t1 = node.hmac(prk, Buffer.concat([info, Buffer.of(1)]));
    const t2 = node.hmac(prk, Buffer.concat([t1, info, Buffer.of(2)]));
    expect(Buffer.concat([t1, t2]).equals(asked.hkdf(ikm, salt, info, 64))).toBe(true);
    const none = new Uint8Array(0);
    expect(same(asked.hkdf(ikm, salt, none, 8160), node.hkdf(ikm, salt, none, 8160))).toBe(true);
  });

  test('HKDF-SHA256: an absent salt is an empty one, an absent info too', () => {
    const ikm = random(40);
    expect(core.hkdfSha256(ikm, { length: 50 })).toEqual(node.hkdf(ikm, new Uint8Array(0), new Uint8Array(0), 50));
  });

  test('PBKDF2: every length of password, of salt and of output; one iteration too', () => {
    for (let n = 0; n <= 300; n++) {
      const [password, salt] = [random(n), random((n * 7) % 301)];
      const [iterations, length] = [1 + (n % 4), 1 + ((n * 11) % 400)];
      const made = asked.pbkdf2(password, salt, iterations, length);
      expect(same(made, node.pbkdf2(password, salt, iterations, length)), `${n}`).toBe(true);
    }
    const [password, salt] = [random(io + 1), random(2 * io)];
    expect(same(asked.pbkdf2(password, salt, 3, 40), node.pbkdf2(password, salt, 3, 40))).toBe(true);
  });

  test('AES-256, 1 to 300 blocks', () => {
    for (let blocks = 1; blocks <= 300; blocks++) {
      const [key, text] = [random(32), random(16 * blocks)];
      expect(same(asked.aes(key, text), node.aes(key, text)), `${blocks} blocks`).toBe(true);
    }
  });

  test('AES-256-GCM: every length of text, sealed and opened', () => {
    for (const n of lengths()) {
      const [key, iv, text, aad] = [random(32), random(12), random(n), random(n % 40)];
      const tagLength = (12 + (n % 5)) as TagLength;
      const sealed = asked.seal(key, iv, text, aad, tagLength);
      expect(same(sealed, node.seal(key, iv, text, aad, tagLength)), `${n} bytes`).toBe(true);
      expect(same(asked.open(key, iv, sealed, aad, tagLength), text), `${n} bytes`).toBe(true);
    }
  });

  test('AES-256-GCM: every length of AAD', () => {
    for (const n of lengths()) {
      const [key, iv, text, aad] = [random(32), random(12), random(n % 50), random(n)];
      const sealed = asked.seal(key, iv, text, aad, 16);
      expect(same(sealed, node.seal(key, iv, text, aad, 16)), `${n} bytes`).toBe(true);
      expect(same(asked.open(key, iv, sealed, aad, 16), text), `${n} bytes`).toBe(true);
    }
  });

  test('AES-256-GCM: every length of IV that node takes, 1 to 128 bytes', () => {
    for (let n = 1; n <= 128; n++) {
      const [key, iv, text, aad] = [random(32), random(n), random(n), random(3)];
      expect(same(asked.seal(key, iv, text, aad, 16), node.seal(key, iv, text, aad, 16)), `${n}`).toBe(true);
    }
  });

  test('AES-256-GCM: an IV longer than the I/O region gives J0 by GHASH, SP 800-38D §7.1 step 2', () => {
    const [key, iv] = [random(32), random(io + 5)];
    const H = node.aes(key, new Uint8Array(16));
    const J0 = ghash(H, Buffer.concat([iv, Buffer.alloc((16 - (iv.length % 16)) % 16), lengthBlock(0, iv.length)]));
    const sealed = asked.seal(key, iv, new Uint8Array(0), new Uint8Array(0), 16); // GHASH of nothing is zero: the tag is E(J0)
    expect(same(sealed, node.aes(key, J0))).toBe(true);
  });
});

/** The lengths of two strings in bits, big-endian. */
function lengthBlock(a: number, b: number): Buffer {
  const block = Buffer.alloc(16);
  block.writeBigUInt64BE(8n * BigInt(a), 0);
  block.writeBigUInt64BE(8n * BigInt(b), 8);
  return block;
}

/** SP 800-38D §6.4 with the product of §6.3, word for word. */
function ghash(H: Uint8Array, blocks: Uint8Array): Buffer {
  const number = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
  const R = 0xe1n << 120n;
  const h = number(H);
  let y = 0n;
  for (let at = 0; at < blocks.length; at += 16) {
    const x = y ^ number(blocks.subarray(at, at + 16));
    let z = 0n;
    let v = h;
    for (let i = 127n; i >= 0n; i--) {
      if ((x >> i) & 1n) z ^= v;
      v = v & 1n ? (v >> 1n) ^ R : v >> 1n;
    }
    y = z;
  }
  return Buffer.from(y.toString(16).padStart(32, '0'), 'hex');
}
