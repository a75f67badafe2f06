// Wycheproof, on every build: what is valid must be so, what is not must be refused. (Cobblestone: test/engine.)

import { beforeAll, describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../vectors/hex.ts';
import { withSet } from '../vectors/sets.ts';
import { codeOf, ofBuild, VARIANTS, type Implementation } from './implementation.ts';

interface Case {
  tcId: number;
  result: 'valid' | 'invalid';
}
interface Aead extends Case {
  key: string;
  iv: string;
  aad: string;
  msg: string;
  ct: string;
  tag: string;
  flags: string[];
}
interface Mac extends Case {
  key: string;
  msg: string;
  tag: string;
  tagSize: number;
}
interface Hkdf extends Case {
  ikm: string;
  salt: string;
  info: string;
  size: number;
  okm: string;
}
interface Pbkdf extends Case {
  password: string;
  salt: string;
  iterationCount: number;
  dkLen: number;
  dk: string;
}

describe.each(VARIANTS)('%s', (variant) => {
  let asked: Implementation;
  beforeAll(async () => {
    asked = await ofBuild(variant);
  });

  function runAead(c: Aead): void {
    const [key, iv, aad, sealed] = [fromHex(c.key), fromHex(c.iv), fromHex(c.aad), fromHex(c.ct + c.tag)];
    if (c.result === 'valid') {
      expect(toHex(asked.seal(key, iv, fromHex(c.msg), aad, 16)), `tcId ${c.tcId}`).toBe(c.ct + c.tag);
      expect(toHex(asked.open(key, iv, sealed, aad, 16)), `tcId ${c.tcId}`).toBe(c.msg);
    } else {
      const code = c.iv === '' ? 'ERR_ARGUMENT' : 'ERR_AUTHENTICATION';
      expect(
        codeOf(() => asked.open(key, iv, sealed, aad, 16)),
        `tcId ${c.tcId}`,
      ).toBe(code);
      if (c.iv === '') expect(codeOf(() => asked.seal(key, iv, fromHex(c.msg), aad, 16))).toBe(code);
    }
  }

  withSet<Aead>('wycheproof/aes_gcm', 79, (cases) => {
    test('58 valid, 21 refused, one of them for its empty IV', () => {
      cases.forEach(runAead);
      expect(cases.filter((c) => c.result === 'valid')).toHaveLength(58);
      expect(cases.filter((c) => c.iv === '')).toHaveLength(1);
    });
  });

  withSet<Aead>('wycheproof/aes_gmac', 104, (cases) => {
    test('23 valid, 81 refused', () => {
      for (const c of cases) runAead({ ...c, aad: c.msg, msg: '', ct: '' });
      expect(cases.filter((c) => c.result === 'valid')).toHaveLength(23);
    });
  });

  withSet<Mac>('wycheproof/hmac_sha256', 131, (cases) => {
    test('50 valid, 81 not', () => {
      let valid = 0;
      for (const { key, msg, tag, tagSize, result, tcId } of cases) {
        const mac = toHex(asked.hmac(fromHex(key), fromHex(msg)).subarray(0, tagSize / 8));
        expect(mac === tag, `tcId ${tcId}`).toBe(result === 'valid');
        if (mac === tag) valid++;
      }
      expect(valid).toBe(50);
    });
  });

  withSet<Hkdf>('wycheproof/hkdf_sha256', 65, (cases) => {
    test('63 valid, 2 too long', () => {
      for (const { ikm, salt, info, size, okm, result, tcId } of cases) {
        const derive = (): Uint8Array => asked.hkdf(fromHex(ikm), fromHex(salt), fromHex(info), size);
        if (result === 'valid') expect(toHex(derive()), `tcId ${tcId}`).toBe(okm);
        else expect(codeOf(derive), `tcId ${tcId}`).toBe('ERR_ARGUMENT');
      }
      expect(cases.filter((c) => c.result === 'valid')).toHaveLength(63);
    });
  });

  withSet<Pbkdf>('wycheproof/pbkdf2_hmacsha256', 45, (cases) => {
    test('all valid', () => {
      for (const { password, salt, iterationCount, dkLen, dk, result, tcId } of cases) {
        expect(result).toBe('valid');
        const key = asked.pbkdf2(fromHex(password), fromHex(salt), iterationCount, dkLen);
        expect(toHex(key), `tcId ${tcId}`).toBe(dk);
      }
      expect(cases.filter((c) => c.iterationCount > 200_000)).toHaveLength(0); // those would stand in test/long
    });
  });
});
