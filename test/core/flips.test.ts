// Every bit of key, IV, AAD, ciphertext and tag of short messages flipped; every length cut. One answer to all of it.

import { beforeAll, describe, expect, test } from 'vitest';
import { codeOf, ofBuild, random, VARIANTS, type Implementation, type TagLength } from './implementation.ts';

describe.each(VARIANTS)('%s', (variant) => {
  let asked: Implementation;
  beforeAll(async () => {
    asked = await ofBuild(variant);
  });

  function flips(bytes: Uint8Array, open: (bytes: Uint8Array) => unknown): number {
    for (let bit = 0; bit < 8 * bytes.length; bit++) {
      const flipped = Uint8Array.from(bytes);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      expect(
        codeOf(() => open(flipped)),
        `bit ${bit}`,
      ).toBe('ERR_AUTHENTICATION');
    }
    return 8 * bytes.length;
  }

  test.each([0, 1, 15, 16, 17, 33])('a message of %d bytes, each bit', (n) => {
    const [key, iv, text, aad] = [random(32), random(12), random(n), random(n)];
    const sealed = asked.seal(key, iv, text, aad, 16);
    let bits = flips(sealed, (bytes) => asked.open(key, iv, bytes, aad, 16));
    bits += flips(aad, (bytes) => asked.open(key, iv, sealed, bytes, 16));
    bits += flips(iv, (bytes) => asked.open(key, bytes, sealed, aad, 16));
    bits += flips(key, (bytes) => asked.open(bytes, iv, sealed, aad, 16));
    expect(bits).toBe(8 * (n + 16 + n + 12 + 32));
    expect(Buffer.compare(asked.open(key, iv, sealed, aad, 16), text)).toBe(0);
  });

  test.each([1, 8, 13, 16, 60])('an IV of %d bytes, each bit', (n) => {
    const [key, iv, text] = [random(32), random(n), random(20)];
    const sealed = asked.seal(key, iv, text, text, 16);
    flips(iv, (bytes) => asked.open(key, bytes, sealed, text, 16));
  });

  test('every tag length, each bit of the tag', () => {
    for (const tagLength of [12, 13, 14, 15, 16] as const) {
      const [key, iv, text] = [random(32), random(12), random(20)];
      const sealed = asked.seal(key, iv, text, text, tagLength);
      expect(sealed).toHaveLength(20 + tagLength);
      flips(sealed, (bytes) => asked.open(key, iv, bytes, text, tagLength));
    }
  });

  test('every cut, and one byte more', () => {
    const [key, iv, text] = [random(32), random(12), random(40)];
    const sealed = asked.seal(key, iv, text, text, 16);
    for (let n = 0; n < sealed.length; n++)
      expect(
        codeOf(() => asked.open(key, iv, sealed.subarray(0, n), text, 16)),
        `${n} bytes`,
      ).toBe('ERR_AUTHENTICATION');
    expect(codeOf(() => asked.open(key, iv, Buffer.concat([sealed, random(1)]), text, 16))).toBe('ERR_AUTHENTICATION');
  });

  test('a tag of one length is not taken for another', () => {
    const [key, iv, text] = [random(32), random(12), random(40)];
    const lengths: TagLength[] = [12, 13, 14, 15, 16];
    for (const made of lengths)
      for (const read of lengths.filter((length) => length !== made)) {
        const sealed = asked.seal(key, iv, text, text, made);
        expect(codeOf(() => asked.open(key, iv, sealed, text, read))).toBe('ERR_AUTHENTICATION');
      }
  });
});
