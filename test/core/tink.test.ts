// Tink's AES-GCM-HKDF streaming, on every build: nothing that keystrata writes, but other people's values for HKDF and GCM.
//
//   header = size 1 ‖ salt (as long as a key) ‖ nonce prefix 7        segments of one size; the first is shorter by the header
//   derived key = HKDF(key, salt, info = associated data); nonce i = nonce prefix ‖ i (4 bytes) ‖ 01 in the last, else 00
//
// Where a set asks for HKDF with SHA-1 or SHA-512, or for 16-byte keys, node:crypto does that half, and it is counted.

import { createCipheriv, createHash, hkdfSync } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../vectors/hex.ts';
import { withSet } from '../vectors/sets.ts';
import { ofBuild, VARIANTS, type Bytes, type Implementation } from './implementation.ts';

interface Parameters {
  hkdfHashType: 'SHA1' | 'SHA256' | 'SHA512';
  derivedAesGcmKeySizeBytes: 16 | 32;
  ciphertextSegmentSizeBytes: number;
  key: string;
  associatedData: string;
}

const TAG = 16;
const NONCE_PREFIX = 7;
const NONE = new Uint8Array(0);

function seal128(key: Bytes, iv: Bytes, plaintext: Bytes): Bytes {
  const cipher = createCipheriv('aes-128-gcm', key, iv);
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

describe.each(VARIANTS)('%s', (variant) => {
  let asked: Implementation;
  beforeAll(async () => {
    asked = await ofBuild(variant);
  });

  /** The whole stream; `ours` is told which halves were the core's. */
  function stream(p: Parameters, header: Bytes, plaintext: Bytes, ours: { hkdf: number; gcm: number }): Buffer {
    const size = p.derivedAesGcmKeySizeBytes;
    const [key, info, salt] = [fromHex(p.key), fromHex(p.associatedData), header.subarray(1, 1 + size)];
    const derived =
      p.hkdfHashType === 'SHA256'
        ? asked.hkdf(key, salt, info, size)
        : new Uint8Array(hkdfSync(p.hkdfHashType, key, salt, info, size));
    if (p.hkdfHashType === 'SHA256') ours.hkdf++;
    if (size === 32) ours.gcm++;
    const segments: Bytes[] = [header];
    let from = 0;
    let room = p.ciphertextSegmentSizeBytes - header.length - TAG;
    for (let i = 0; ; i++) {
      const last = plaintext.length - from <= room;
      const nonce = Buffer.alloc(12);
      nonce.set(header.subarray(1 + size, 1 + size + NONCE_PREFIX));
      nonce.writeUInt32BE(i, NONCE_PREFIX);
      nonce[11] = last ? 1 : 0;
      const segment = plaintext.subarray(from, from + room);
      segments.push(size === 32 ? asked.seal(derived, nonce, segment, NONE, TAG) : seal128(derived, nonce, segment));
      if (last) return Buffer.concat(segments);
      from += room;
      room = p.ciphertextSegmentSizeBytes - TAG;
    }
  }

  withSet<Parameters & { plaintext: string; ciphertext: string }>('tink/aes-gcm-hkdf-streaming', 8, (cases) => {
    test('8 streams: HKDF is ours in 1, GCM in 3, nothing in 4', () => {
      const ours = { hkdf: 0, gcm: 0 };
      for (const c of cases) {
        const header = fromHex(c.ciphertext).subarray(0, 1 + c.derivedAesGcmKeySizeBytes + NONCE_PREFIX);
        expect(header[0]).toBe(header.length);
        expect(toHex(stream(c, header, fromHex(c.plaintext), ours))).toBe(c.ciphertext);
      }
      expect(ours).toEqual({ hkdf: 1, gcm: 3 });
    });
  });

  withSet<Parameters & { plaintextSize: number; header: string; ciphertextSha256: string }>(
    'tink/aes256-gcm-hkdf-1mb',
    4,
    (cases) => {
      test('4 streams of up to two segments of 1 MiB, all ours', () => {
        const ours = { hkdf: 0, gcm: 0 };
        for (const c of cases) {
          const plaintext = new Uint8Array(c.plaintextSize).map((_, i) => i * 31 + (i >> 8) * 7 + (i >> 16));
          const sealed = stream(c, fromHex(c.header), plaintext, ours);
          expect(createHash('sha256').update(sealed).digest('hex')).toBe(c.ciphertextSha256);
        }
        expect(ours).toEqual({ hkdf: 4, gcm: 4 });
      });
    },
  );
});
