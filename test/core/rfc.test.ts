// The sets of the RFCs and of GCM's specification, on every build, as they lie in the shared folder. (published.test.ts asks
// the same of what a lone checkout has.)

import { beforeAll, describe, expect, test } from 'vitest';
import { ascii, fromHex, toHex } from '../vectors/hex.ts';
import { withSet } from '../vectors/sets.ts';
import { ofBuild, VARIANTS, type Implementation } from './implementation.ts';

describe.each(VARIANTS)('%s', (variant) => {
  let asked: Implementation;
  beforeAll(async () => {
    asked = await ofBuild(variant);
  });

  withSet<{ case: number; Key: string; Msg: string; MD: string }>('rfc/rfc4231-hmac-sha256', 7, (cases) => {
    test('HMAC; case 5 is cut to 128 bits', () => {
      for (const { Key, Msg, MD } of cases)
        expect(toHex(asked.hmac(fromHex(Key), fromHex(Msg)).subarray(0, MD.length / 2))).toBe(MD);
      expect(cases.filter(({ MD }) => MD.length < 64).map((c) => c.case)).toEqual([5]);
    });
  });

  withSet<{ IKM: string; salt: string; info: string; L: number; PRK: string; OKM: string }>(
    'rfc/rfc5869-hkdf-sha256',
    3,
    (cases) => {
      test('HKDF, and its first half, which is HMAC', () => {
        for (const { IKM, salt, info, L, PRK, OKM } of cases) {
          expect(toHex(asked.hmac(fromHex(salt), fromHex(IKM)))).toBe(PRK);
          expect(toHex(asked.hkdf(fromHex(IKM), fromHex(salt), fromHex(info), L))).toBe(OKM);
        }
      });
    },
  );

  withSet<{ P: string; S: string; c: number; dkLen: number; DK: string }>(
    'rfc/rfc7914-pbkdf2-hmac-sha256',
    2,
    (cases) => {
      test('PBKDF2', () => {
        for (const { P, S, c, dkLen, DK } of cases) expect(toHex(asked.pbkdf2(ascii(P), ascii(S), c, dkLen))).toBe(DK);
      });
    },
  );

  withSet<{ K: string; P: string; A: string; IV: string; C: string; T: string }>(
    'gcm-spec/mcgrew-viega-256',
    6,
    (cases) => {
      test('GCM', () => {
        for (const { K, P, A, IV, C, T } of cases) {
          const [key, iv, aad] = [fromHex(K), fromHex(IV), fromHex(A)];
          expect(toHex(asked.seal(key, iv, fromHex(P), aad, 16))).toBe(C + T);
          expect(toHex(asked.open(key, iv, fromHex(C + T), aad, 16))).toBe(P);
        }
      });
    },
  );
});
