// NIST CAVP and ACVTS, on every build. Tags of 4 and 8 bytes (SP 800-38D, appendix C) are not offered: those cases must be
// refused, and are counted.

import { beforeAll, describe, expect, test } from 'vitest';
import { instanceOf } from '../../bindings/core/internal.ts';
import { loadCore } from '../../bindings/core/load.ts';
import { good } from '../../bindings/core/status.ts';
import type { Core } from '../../bindings/core/types.ts';
import { ascii, fromHex, toHex } from '../vectors/hex.ts';
import { withSet } from '../vectors/sets.ts';
import { codeOf, ofCore, VARIANTS, type Implementation, type TagLength } from './implementation.ts';

interface Gcm {
  Taglen: number;
  Key: string;
  IV: string;
  PT?: string;
  AAD: string;
  CT: string;
  Tag: string;
  FAIL?: boolean;
}
interface Acvts {
  tagLen: number;
  key: string;
  iv: string;
  pt?: string;
  aad: string;
  ct: string;
  tag: string;
  testPassed?: boolean;
}
interface Block {
  direction: 'ENCRYPT' | 'DECRYPT';
  KEY: string;
  PLAINTEXT: string;
  CIPHERTEXT: string;
}

describe.each(VARIANTS)('%s', (variant) => {
  let core: Core;
  let asked: Implementation;
  beforeAll(async () => {
    core = await loadCore({ variant });
    asked = ofCore(core);
  });

  /** What became of GCM cases: the numbers are the proof that each was looked at. */
  function runGcm(cases: readonly Gcm[], sealToo: boolean): { good: number; refused: number; tagTooShort: number } {
    const counts = { good: 0, refused: 0, tagTooShort: 0 };
    for (const { Taglen, Key, IV, PT, AAD, CT, Tag, FAIL } of cases) {
      const tagLength = (Taglen / 8) as TagLength;
      const [key, iv, aad] = [fromHex(Key), fromHex(IV), fromHex(AAD)];
      const open = (): Uint8Array => asked.open(key, iv, fromHex(CT + Tag), aad, tagLength);
      if (tagLength < 12) {
        expect(codeOf(open)).toBe('ERR_ARGUMENT');
        counts.tagTooShort++;
      } else if (FAIL) {
        expect(codeOf(open)).toBe('ERR_AUTHENTICATION');
        counts.refused++;
      } else {
        expect(toHex(open())).toBe(PT);
        if (sealToo) expect(toHex(asked.seal(key, iv, fromHex(PT!), aad, tagLength))).toBe(CT + Tag);
        counts.good++;
      }
    }
    return counts;
  }

  withSet<Gcm>('nist-cavp/aes256-gcm-encrypt-extiv', 5907, (cases) => {
    test('seals and opens', () => {
      expect(runGcm(cases, true)).toEqual({ good: 4219, refused: 0, tagTooShort: 1688 });
    });
  });

  withSet<Gcm>('nist-cavp/aes256-gcm-decrypt', 5907, (cases) => {
    test('opens and refuses', () => {
      expect(runGcm(cases, false)).toEqual({ good: 2119, refused: 2100, tagTooShort: 1688 });
    });
  });

  const fromAcvts = (c: Acvts): Gcm => ({
    Taglen: c.tagLen,
    Key: c.key,
    IV: c.iv,
    PT: c.pt ?? '',
    AAD: c.aad,
    CT: c.ct ?? '',
    Tag: c.tag,
    FAIL: c.testPassed === false,
  });
  withSet<Acvts>('nist-acvts/aes256-gcm', 26, (cases) => {
    test('seals, opens and refuses', () => {
      expect(runGcm(cases.map(fromAcvts), true)).toEqual({ good: 19, refused: 3, tagTooShort: 4 });
    });
  });
  withSet<Acvts>('nist-acvts/aes256-gmac', 158, (cases) => {
    test('seals, opens and refuses', () => {
      expect(runGcm(cases.map(fromAcvts), true)).toEqual({ good: 95, refused: 18, tagTooShort: 45 });
    });
  });

  for (const [name, count] of [
    ['gfsbox', 10],
    ['keysbox', 24],
    ['varkey', 384],
    ['vartxt', 192],
    ['mmt', 20],
  ] as const)
    withSet<Block>(`nist-cavp/aes256-ecb-${name}`, count, (cases) => {
      test('either direction: the core encrypts only, and a permutation has one inverse', () => {
        for (const { KEY, PLAINTEXT, CIPHERTEXT } of cases)
          expect(toHex(asked.aes(fromHex(KEY), fromHex(PLAINTEXT)))).toBe(CIPHERTEXT);
      });
    });

  withSet<Block>('nist-cavp/aes256-ecb-mct', 150, (cases) => {
    test('a thousand times from the plaintext is the ciphertext, in either direction', () => {
      const { abi, door, memory } = instanceOf(core);
      for (const { KEY, PLAINTEXT, CIPHERTEXT } of cases) {
        const slot = good(abi.keyAllocate());
        memory.set(fromHex(KEY), abi.keyAddress(slot));
        abi.keyLoad(slot);
        door.use(() => {
          const at = door.put(0, fromHex(PLAINTEXT));
          for (let i = 0; i < 1000; i++) good(abi.aesEncryptBlocks(slot, at, 1));
          expect(toHex(door.out(at, 16))).toBe(CIPHERTEXT);
        });
        abi.keyFree(slot);
      }
    });
  });

  for (const [name, count] of [
    ['short', 49],
    ['long', 48],
  ] as const)
    withSet<{ Len: number; Msg: string; MD: string }>(`nist-cavp/sha256-${name}`, count, (cases) => {
      test('digests', () => {
        for (const { Len, Msg, MD } of cases) {
          expect(Len % 8).toBe(0);
          expect(toHex(asked.sha256(fromHex(Msg).subarray(0, Len / 8)))).toBe(MD);
        }
      });
    });

  withSet<{ Seed: string; MD: string[] }>('nist-cavp/sha256-monte', 1, (cases) => {
    test('a hundred times a thousand digests of the three before', () => {
      let seed = fromHex(cases[0]!.Seed);
      for (const MD of cases[0]!.MD) {
        let last = [seed, seed, seed];
        for (let i = 0; i < 1000; i++) last = [last[1]!, last[2]!, new Uint8Array(asked.sha256(Buffer.concat(last)))];
        seed = last[2]!;
        expect(toHex(seed)).toBe(MD);
      }
      expect(cases[0]!.MD).toHaveLength(100);
    });
  });

  withSet<{ Tlen: number; Key: string; Msg: string; Mac: string }>('nist-cavp/hmac-sha256', 169, (cases) => {
    test('MACs, cut to the left Tlen bytes', () => {
      for (const { Tlen, Key, Msg, Mac } of cases)
        expect(toHex(asked.hmac(fromHex(Key), fromHex(Msg)).subarray(0, Tlen))).toBe(Mac);
    });
  });

  withSet<{ kdfParameter: { salt: string; z: string; l: number }; info: string; dkm: string; testPassed?: boolean }>(
    'nist-acvts/hkdf-sha256',
    135,
    (cases) => {
      test('HKDF in both halves', () => {
        let unlike = 0;
        for (const { kdfParameter, info, dkm, testPassed } of cases) {
          const { z, salt, l } = kdfParameter;
          const made = toHex(asked.hkdf(fromHex(z), fromHex(salt), fromHex(info), l / 8));
          expect(made === dkm).toBe(testPassed !== false);
          if (made !== dkm) unlike++;
        }
        expect(unlike).toBe(10);
      });
    },
  );

  withSet<{ password: string; salt: string; iterationCount: number; keyLen: number; derivedKey: string }>(
    'nist-acvts/pbkdf2-hmac-sha256',
    13,
    (cases) => {
      test('up to 82,269 iterations, up to 491 bytes', () => {
        for (const { password, salt, iterationCount, keyLen, derivedKey } of cases)
          expect(toHex(asked.pbkdf2(ascii(password), fromHex(salt), iterationCount, keyLen / 8))).toBe(derivedKey);
        expect(Math.max(...cases.map((c) => c.iterationCount))).toBe(82_269);
      });
    },
  );
});
