// NIST ACVP, on every build: AES-256 blocks, SHA-256 and HMAC-SHA256. All lengths of these sets are whole bytes, which is
// counted, not taken for granted. (The large messages, LDT, stand in test/long.)

import { beforeAll, describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../vectors/hex.ts';
import { withSet } from '../vectors/sets.ts';
import { ofBuild, VARIANTS, type Implementation } from './implementation.ts';

interface Block {
  testType: 'AFT' | 'MCT';
  direction: 'encrypt' | 'decrypt';
  key: string;
  pt: string;
  ct?: string;
  resultsArray?: { key: string; pt: string; ct: string }[];
}
interface Digest {
  testType: 'AFT' | 'MCT' | 'LDT';
  msg: string;
  len: number; // in bits
  md?: string;
  resultsArray?: { md: string }[];
}
interface Mac {
  key: string;
  keyLen: number; // in bits, as the lengths below
  msg: string;
  msgLen: number;
  mac: string;
  macLen: number;
}

describe.each(VARIANTS)('%s', (variant) => {
  let asked: Implementation;
  beforeAll(async () => {
    asked = await ofBuild(variant);
  });

  withSet<Block>('nist-acvp/aes256-ecb', 624, (cases) => {
    test('623 either way: the core encrypts only, and a permutation has one inverse', () => {
      const counts = { encrypt: 0, decrypt: 0 };
      for (const { key, pt, ct, direction } of cases.filter(({ testType }) => testType === 'AFT')) {
        expect(toHex(asked.aes(fromHex(key), fromHex(pt)))).toBe(ct);
        counts[direction]++;
      }
      expect(counts).toEqual({ encrypt: 311, decrypt: 312 });
    });

    test('one Monte Carlo: a hundred keys, a thousand encryptions each, the next key from the last two blocks', () => {
      const [{ key: firstKey, pt, resultsArray } = {} as Block, ...more] = cases.filter((c) => c.testType === 'MCT');
      expect(more).toHaveLength(0);
      let key = fromHex(firstKey);
      let block = fromHex(pt);
      for (const result of resultsArray!) {
        expect([toHex(key), toHex(block)]).toEqual([result.key, result.pt]);
        let before = block;
        for (let j = 0; j < 1000; j++) [before, block] = [block, new Uint8Array(asked.aes(key, block))];
        expect(toHex(block)).toBe(result.ct);
        const change = [...before, ...block];
        key = key.map((byte, i) => byte ^ change[i]!);
      }
      expect(resultsArray).toHaveLength(100);
    });
  });

  withSet<Digest>('nist-acvp/sha256', 388, (cases) => {
    test('384 digests', () => {
      const short = cases.filter(({ testType }) => testType === 'AFT');
      for (const { msg, len, md } of short) {
        expect(4 * msg.length).toBe(len);
        expect(toHex(asked.sha256(fromHex(msg)))).toBe(md);
      }
      expect(short).toHaveLength(384);
    });

    test('one Monte Carlo, the alternate one: each message cut, or filled with zeros, to the length of the seed', () => {
      const [{ msg, len, resultsArray } = {} as Digest, ...more] = cases.filter((c) => c.testType === 'MCT');
      expect(more).toHaveLength(0);
      let seed = fromHex(msg);
      for (const { md } of resultsArray!) {
        let last = [seed, seed, seed];
        for (let i = 0; i < 1000; i++) {
          const message = new Uint8Array(len / 8);
          message.set(Buffer.concat(last).subarray(0, message.length));
          last = [last[1]!, last[2]!, new Uint8Array(asked.sha256(message))];
        }
        seed = last[2]!;
        expect(toHex(seed)).toBe(md);
      }
      expect(resultsArray).toHaveLength(100);
    });
  });

  for (const [name, count] of [
    ['hmac-sha256-1.0', 732],
    ['hmac-sha256-2.0', 113],
  ] as const)
    withSet<Mac>(`nist-acvp/${name}`, count, (cases) => {
      test('MACs, cut to the left macLen bits', () => {
        for (const { key, keyLen, msg, msgLen, mac, macLen } of cases) {
          expect([4 * key.length, 4 * msg.length, 4 * mac.length]).toEqual([keyLen, msgLen, macLen]);
          expect(toHex(asked.hmac(fromHex(key), fromHex(msg)).subarray(0, macLen / 8))).toBe(mac);
        }
        expect(cases.filter(({ macLen, msgLen }) => macLen % 8 > 0 || msgLen % 8 > 0)).toHaveLength(0);
      });
    });
});
