// NIST ACVP's large messages: 13 GiB in three, through the core's stream, in the build `simd`.

import { expect, test } from 'vitest';
import { fromHex, toHex } from '../vectors/hex.ts';
import { withSet } from '../vectors/sets.ts';
import { rate, sha256Of } from './streams.ts';

interface Large {
  testType: 'AFT' | 'MCT' | 'LDT';
  tcId: number;
  md: string;
  largeMsg: { content: string; contentLength: number; fullLength: number; expansionTechnique: 'repeating' };
}

const GIB = 2 ** 30;

withSet<Large>('nist-acvp/sha256', 388, (cases) => {
  const large = cases.filter(({ testType }) => testType === 'LDT');

  test('there are three: 1, 8 and 4 GiB', () => {
    expect(large.map(({ largeMsg }) => largeMsg.fullLength / 8 / GIB)).toEqual([1, 8, 4]);
  });

  test.each(large)('tcId $tcId', async ({ md, largeMsg }) => {
    const { content, contentLength, fullLength } = largeMsg;
    expect(4 * content.length).toBe(contentLength);
    const began = performance.now();
    expect(toHex(await sha256Of('simd', fromHex(content), fullLength / 8))).toBe(md);
    console.log(`SHA-256: ${rate(fullLength / 8, began)}`);
  });
});
