// The recovery code: reads back, and finds every slip of the pen and where it is.

import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeRecoveryCode, encodeRecoveryCode } from '../../bindings/format/recovery-code.ts';
import { KeystrataError } from '../../bindings/core/errors.ts';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const secretOf = (code: string): string => Buffer.from(decodeRecoveryCode(code)).toString('hex');
const refusal = (code: string): string => {
  try {
    decodeRecoveryCode(code);
  } catch (error) {
    if (KeystrataError.is(error, 'ERR_ARGUMENT')) return error.message;
    throw error;
  }
  return 'accepted';
};

/** GF(32) by the book: shift and add modulo x^5 + x^2 + 1. */
function multiply(a: number, b: number): number {
  let product = 0;
  for (let i = 4; i >= 0; i--) {
    product <<= 1;
    if (product & 32) product ^= 0b100101;
    if ((b >> i) & 1) product ^= a;
  }
  return product;
}

describe('recovery code', () => {
  const secret = randomBytes(32);
  const code = encodeRecoveryCode(secret);

  test('reads back: any 32 bytes, in any spelling', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const text = encodeRecoveryCode(bytes);
        expect(text).toMatch(/^([0-9A-HJKMNP-TV-Z]{5}-){12}[0-9A-HJKMNP-TV-Z]{5}$/);
        expect(secretOf(text)).toBe(Buffer.from(bytes).toString('hex'));
        for (const typed of [
          text.toLowerCase(),
          text.replaceAll('-', ' '),
          text.replaceAll('-', ''),
          ` ${text}\n`,
          text.replaceAll('1', 'l').replaceAll('0', 'o'),
          text.replaceAll('1', 'I'),
        ])
          expect(secretOf(typed)).toBe(Buffer.from(bytes).toString('hex'));
      }),
    );
  });

  test('its bits are the version and the secret, its checks the sum of FORMATS §3', () => {
    const groups = code.split('-').map((group) => Array.from(group, (symbol) => ALPHABET.indexOf(symbol)));
    const bits = groups
      .flatMap((group) => group.slice(0, 4))
      .map((symbol) => symbol.toString(2).padStart(5, '0'))
      .join('');
    expect(bits).toBe(`0001${Array.from(secret, (byte) => byte.toString(2).padStart(8, '0')).join('')}`);
    const powers = [2, 4, 8, 16]; // a, a², a³, a⁴
    for (const [g, group] of groups.entries())
      expect(group[4]).toBe(powers.reduce((sum, power, i) => sum ^ multiply(power, group[i]!), g));
  });

  test('every wrong symbol is found, and its group named', () => {
    for (let i = 0; i < code.length; i++) {
      if (code[i] === '-') continue;
      const group = Math.floor(i / 6) + 1;
      for (const symbol of ALPHABET) {
        if (symbol === code[i]) continue;
        expect(refusal(code.slice(0, i) + symbol + code.slice(i + 1))).toBe(
          `recovery code: group ${group} is mistyped`,
        );
      }
      expect(refusal(`${code.slice(0, i)}U${code.slice(i + 1)}`)).toContain(`group ${group} has a character`);
      expect(refusal(code.slice(0, i) + code.slice(i + 1))).toContain(`group ${group} has 4 symbols`);
    }
  });

  test('every swap of neighbours and of groups is found', () => {
    for (let i = 0; i + 1 < code.length; i++) {
      if (code[i] === '-' || code[i + 1] === '-' || code[i] === code[i + 1]) continue;
      expect(refusal(code.slice(0, i) + code[i + 1]! + code[i]! + code.slice(i + 2))).toContain('is mistyped');
    }
    const groups = code.split('-');
    for (let a = 0; a < 13; a++)
      for (let b = a + 1; b < 13; b++) {
        const swapped = groups.with(a, groups[b]!).with(b, groups[a]!);
        expect(refusal(swapped.join('-'))).toBe(`recovery code: group ${a + 1} is mistyped`);
      }
  });

  test('too few, too many, none, not text, another version', () => {
    expect(refusal(code.slice(0, -6))).toContain('12 groups instead of 13');
    expect(refusal(`${code}-00000`)).toContain('14 groups instead of 13');
    expect(refusal('')).toContain('group');
    expect(refusal('x'.repeat(300))).toContain('too long');
    expect(refusal(null as unknown as string)).toContain('a string is wanted');
    const newer = [4, 0, 0, 0]; // version 2
    const check = [2, 4, 8, 16].reduce((sum, power, i) => sum ^ multiply(power, newer[i]!), 0);
    const first = [...newer, check].map((symbol) => ALPHABET[symbol]).join('');
    expect(() => decodeRecoveryCode(first + code.slice(5))).toThrow(
      expect.objectContaining({ code: 'ERR_UNSUPPORTED' }),
    );
  });
});
