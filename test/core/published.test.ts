// The published examples, asked of every build and of node:crypto.

import { beforeAll, describe, expect, test } from 'vitest';
import { ascii, fromHex, toHex } from '../vectors/hex.ts';
import * as published from '../vectors/published.ts';
import { node, ofBuild, VARIANTS, type Implementation } from './implementation.ts';

function suite(name: string, make: () => Promise<Implementation>): void {
  describe(name, () => {
    let asked: Implementation;
    beforeAll(async () => {
      asked = await make();
    });

    test.each(published.SHA256)('SHA-256, FIPS 180-4: $digest', ({ message, digest }) => {
      expect(toHex(asked.sha256(ascii(message)))).toBe(digest);
    });

    test('AES-256, FIPS 197 C.3', () => {
      const { key, plaintext, ciphertext } = published.AES256;
      expect(toHex(asked.aes(fromHex(key), fromHex(plaintext)))).toBe(ciphertext);
    });

    test.each(published.HMAC_SHA256)('HMAC-SHA256, RFC 4231: $mac', ({ key, message, mac }) => {
      expect(toHex(asked.hmac(fromHex(key), fromHex(message))).slice(0, mac.length)).toBe(mac);
    });

    test.each(published.HKDF_SHA256)('HKDF-SHA256, RFC 5869: $okm', ({ ikm, salt, info, length, prk, okm }) => {
      expect(toHex(asked.hmac(fromHex(salt), fromHex(ikm)))).toBe(prk);
      expect(toHex(asked.hkdf(fromHex(ikm), fromHex(salt), fromHex(info), length))).toBe(okm);
    });

    test.each(published.PBKDF2_SHA256)(
      'PBKDF2, RFC 7914 §11: $password',
      ({ password, salt, iterations, length, key }) => {
        expect(toHex(asked.pbkdf2(ascii(password), ascii(salt), iterations, length))).toBe(key);
      },
    );

    test.each(published.AES256_GCM)('AES-256-GCM, case $number', ({ key, iv, aad, plaintext, ciphertext, tag }) => {
      const [k, i, a] = [fromHex(key), fromHex(iv), fromHex(aad)];
      expect(toHex(asked.seal(k, i, fromHex(plaintext), a, 16))).toBe(ciphertext + tag);
      expect(toHex(asked.open(k, i, fromHex(ciphertext + tag), a, 16))).toBe(plaintext);
    });
  });
}

test('there are as many examples as the standards have', () => {
  const counts = [
    published.SHA256,
    published.HMAC_SHA256,
    published.HKDF_SHA256,
    published.PBKDF2_SHA256,
    published.AES256_GCM,
  ];
  expect(counts.map((examples) => examples.length)).toEqual([4, 7, 3, 2, 6]);
});

suite('node:crypto', () => Promise.resolve(node));
for (const variant of VARIANTS) suite(variant, () => ofBuild(variant));
