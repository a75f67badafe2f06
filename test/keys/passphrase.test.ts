// Passphrases: what is taken, how it is normalised, what is refused and how it is said.

import { pbkdf2Sync } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEngine } from '../../bindings/engine/create.ts';
import type { Engine } from '../../bindings/engine/engine.ts';
import { passphraseLength, passphraseMek, takePassphrase } from '../../bindings/keys/passphrase.ts';
import type { Passphrase } from '../../bindings/keys/passphrase.ts';
import { bytesOf, fromHex, idOfSeed, toHex } from '../format/strict.ts';
import { codeOf } from './engines.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await createEngine({ prefer: 'wasm' });
});
afterAll(() => engine.dispose());

const salt = bytesOf(32, 1);
async function mek(passphrase: Passphrase, iterations = 3): Promise<string> {
  const password = takePassphrase(engine, passphrase);
  const key = await passphraseMek(password, { salt, iterations, slot: idOfSeed(1) });
  password.dispose();
  const bytes = toHex(engine.exportSecretBytes(key));
  key.dispose();
  return bytes;
}
const reference = (bytes: Uint8Array, iterations = 3): string =>
  pbkdf2Sync(bytes, salt, iterations, 32, 'sha256').toString('hex');

test('is PBKDF2-HMAC-SHA256 over UTF-8(NFKC(text))', async () => {
  for (const text of [
    'correct horse battery staple',
    'ﬁancé',
    'e\u0301',
    '\u00e9',
    'Ａｂ１',
    '한글',
    '\u1112\u1161\u11ab',
    'Ω',
    '𝐀😀',
    ' a b\n',
  ])
    expect(await mek(text), text).toBe(reference(Buffer.from(text.normalize('NFKC'))));
  expect(await mek('e\u0301')).toBe(await mek('\u00e9'));
  expect(await mek('pass', 1001)).toBe(reference(Buffer.from('pass'), 1001));
});

test('takes bytes as they are', async () => {
  const decomposed = Buffer.from('e\u0301');
  expect(await mek(decomposed)).toBe(reference(decomposed));
  expect(await mek(decomposed)).not.toBe(await mek('e\u0301'));
  expect(decomposed.toString('hex')).toBe('65cc81'); // and leaves them
});

test('length is in code points after NFKC', () => {
  expect(passphraseLength('abc')).toBe(3);
  expect(passphraseLength('😀é')).toBe(2);
  expect(passphraseLength('e\u0301')).toBe(1);
  expect(passphraseLength('ﬃ')).toBe(3);
  expect(passphraseLength(Buffer.from('e\u0301'))).toBe(2);
});

test('any well-formed text of assigned characters, as text and as bytes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }), async (text) => {
      fc.pre(!/[\p{Cn}\0]/u.test(text.normalize('NFKC')));
      const bytes = Buffer.from(text.normalize('NFKC'));
      expect(await mek(text)).toBe(reference(bytes));
      expect(await mek(bytes)).toBe(reference(bytes));
      expect(passphraseLength(text)).toBe([...text.normalize('NFKC')].length);
    }),
    { numRuns: 60 },
  );
});

describe('refused before any work', () => {
  const code = (passphrase: unknown): Promise<string | null> =>
    codeOf(() => takePassphrase(engine, passphrase as Passphrase).dispose());

  test.each([
    ['empty text', ''],
    ['empty bytes', new Uint8Array()],
    ['a NUL', 'pass\0word'],
    ['a NUL in bytes', Buffer.from('pass\0word')],
    ['a lone high surrogate', 'pass\ud800'],
    ['a lone low surrogate', '\udc00pass'],
    ['an unassigned code point', 'pass\u0378'],
    ['an unassigned code point in bytes', Buffer.from('pass\u0378')],
    ['a noncharacter', 'pass\uffff'],
    ['a noncharacter in bytes', Buffer.from('pass\u{1ffff}')],
    ['a continuation byte first', fromHex('80')],
    ['a lead byte last', fromHex('61c3')],
    ['a lead byte before ASCII', fromHex('c361')],
    ['an overlong slash', fromHex('c0af')],
    ['an overlong NUL', fromHex('c080')],
    ['three bytes for two', fromHex('e08080')],
    ['four bytes for three', fromHex('f0808080')],
    ['a surrogate in bytes', fromHex('eda080')],
    ['beyond U+10FFFF', fromHex('f4908080')],
    ['five bytes', fromHex('f888808080')],
    ['four bytes that begin as five do', fromHex('f89d8080')],
    ['fe', fromHex('fe')],
    ['ff', fromHex('ff')],
    ['a number', 12345678],
    ['an array', [1, 2, 3]],
    ['nothing', undefined],
  ])('%s', async (_what, passphrase) => {
    expect(await code(passphrase)).toBe('ERR_ARGUMENT');
  });

  test('bytes of any kind are taken where TextDecoder takes them, and nowhere else', async () => {
    const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 6 }), async (bytes) => {
        let fine = true;
        try {
          fine = !/[\p{Cn}\0]/u.test(decoder.decode(bytes));
        } catch {
          fine = false;
        }
        expect(await code(bytes)).toBe(fine ? null : 'ERR_ARGUMENT');
      }),
      { numRuns: 1000 },
    );
  });

  test('over 1,024 bytes: ERR_LIMIT', async () => {
    expect(await code('a'.repeat(1024))).toBe(null);
    expect(await code('a'.repeat(1025))).toBe('ERR_LIMIT');
    expect(await code('é'.repeat(513))).toBe('ERR_LIMIT');
    expect(await code('𝐀'.repeat(1024))).toBe(null); // 2,048 UTF-16 units, 1,024 bytes after NFKC
    expect(await code('\ufdfa'.repeat(40))).toBe('ERR_LIMIT'); // 40 characters that become 1,320 bytes
    expect(await code(new Uint8Array(1025).fill(97))).toBe('ERR_LIMIT');
    expect(await code('a'.repeat(1 << 26))).toBe('ERR_LIMIT');
  });

  test('the message says what is wrong and holds nothing of the passphrase', () => {
    for (const [passphrase, says] of [
      ['Tr0ub4dor\0', /NUL/],
      ['Tr0ub4dor\u0378', /unassigned/],
      ['', /empty/],
      ['Tr0ub4dor'.repeat(200), /shorter/],
    ] as const)
      // prettier-ignore
      try {
        takePassphrase(engine, passphrase);
        expect.fail();
      } catch (error) {
        expect((error as Error).message).toMatch(says);
        expect((error as Error).message).not.toMatch(/Tr0u/);
      }
  });
});

test('an abort stops the derivation', async () => {
  const password = takePassphrase(engine, 'a passphrase');
  const signal = AbortSignal.timeout(30);
  const work = passphraseMek(password, { salt, iterations: 10_000_000, slot: idOfSeed(1), signal });
  expect(await codeOf(() => work)).toBe('ERR_ABORTED');
  password.dispose();
});
