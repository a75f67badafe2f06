// What is asked wrongly is refused before any work, by name.

import { afterEach, beforeEach, expect, test } from 'vitest';
import { instanceOf } from '../../bindings/core/internal.ts';
import { loadCore } from '../../bindings/core/load.ts';
import type { Cipher, Core } from '../../bindings/core/types.ts';
import { codeOf, random } from './implementation.ts';

const NO_BYTES: readonly unknown[] = [
  'text',
  undefined,
  null,
  0,
  [1, 2, 3],
  { length: 3 },
  new ArrayBuffer(3),
  new DataView(new ArrayBuffer(3)),
  new Uint16Array(3),
  new Uint8ClampedArray(3),
  new Int8Array(3),
  Object.create(Uint8Array.prototype),
];
const bytes = random(32);
let core: Core;
let cipher: Cipher;
let before: Buffer;

beforeEach(async () => {
  core = await loadCore();
  cipher = core.aes256gcm(bytes);
  before = Buffer.from(instanceOf(core).memory);
});

afterEach(() => {
  expect(Buffer.compare(before, instanceOf(core).memory), 'a refused call leaves the memory as it was').toBe(0);
  core[Symbol.dispose]();
});

/** Calls with `value` in one place after another. */
const CALLS: Record<string, (value: never) => unknown> = {
  'sha256 message': (value) => core.sha256(value),
  'hmacSha256 key': (value) => core.hmacSha256(value, bytes),
  'hmacSha256 message': (value) => core.hmacSha256(bytes, value),
  'hkdfSha256 ikm': (value) => core.hkdfSha256(value, { length: 32 }),
  'pbkdf2Sha256 password': (value) => core.pbkdf2Sha256(value, { salt: bytes, iterations: 1, length: 32 }),
  'pbkdf2Sha256 salt': (value) => core.pbkdf2Sha256(bytes, { salt: value, iterations: 1, length: 32 }),
  'aes256gcm key': (value) => core.aes256gcm(value),
  'encrypt iv': (value) => cipher.encrypt(value, bytes),
  'encrypt plaintext': (value) => cipher.encrypt(bytes, value),
  'decrypt iv': (value) => cipher.decrypt(value, bytes),
  'decrypt sealed': (value) => cipher.decrypt(bytes, value),
  'encryptInto out': (value) => cipher.encryptInto(value, bytes, bytes),
  'encryptInto plaintext': (value) => cipher.encryptInto(new Uint8Array(64), bytes, value),
  'decryptInto out': (value) => cipher.decryptInto(value, bytes, bytes),
  'decryptInto sealed': (value) => cipher.decryptInto(new Uint8Array(64), bytes, value),
};
/** Places that may be left out. */
const OPTIONAL: Record<string, (value: never) => unknown> = {
  'hkdfSha256 salt': (value) => core.hkdfSha256(bytes, { salt: value, length: 32 }),
  'hkdfSha256 info': (value) => core.hkdfSha256(bytes, { info: value, length: 32 }),
  'encrypt aad': (value) => cipher.encrypt(bytes, bytes, value),
  'decrypt aad': (value) => cipher.decrypt(bytes, bytes, value),
  'encryptInto aad': (value) => cipher.encryptInto(new Uint8Array(64), bytes, bytes, value),
};

test.each([...Object.entries(CALLS), ...Object.entries(OPTIONAL)])(
  '%s: no string, nothing else that is no Uint8Array',
  (name, call) => {
    const values = name in CALLS ? NO_BYTES : NO_BYTES.filter((value) => value !== undefined);
    const codes = values.map((value) => codeOf(() => call(value as never)));
    expect(codes).toEqual(values.map(() => 'ERR_ARGUMENT'));
  },
);

test.each([undefined, null, '1', 1.5, NaN, Infinity, 0, -1, 8161, 2 ** 40])('hkdfSha256 length %s', (length) => {
  expect(codeOf(() => core.hkdfSha256(bytes, { length: length as number }))).toBe('ERR_ARGUMENT');
});

test.each([undefined, null, '1', 1.5, NaN, Infinity, 0, -1, 2 ** 32])('pbkdf2Sha256 iterations, length %s', (value) => {
  const number = value as number;
  expect(codeOf(() => core.pbkdf2Sha256(bytes, { salt: bytes, iterations: number, length: 32 }))).toBe('ERR_ARGUMENT');
  expect(codeOf(() => core.pbkdf2Sha256(bytes, { salt: bytes, iterations: 1, length: number }))).toBe('ERR_ARGUMENT');
});

test.each([0, 31, 33, 16, 64])('a key of %d bytes', (length) => {
  expect(codeOf(() => core.aes256gcm(random(length)))).toBe('ERR_ARGUMENT');
});

test.each([0, 4, 8, 11, 17, 12.5, '16', null])('tagLength %s', (tagLength) => {
  expect(codeOf(() => core.aes256gcm(bytes, { tagLength: tagLength as 16 }))).toBe('ERR_ARGUMENT');
});

test('options that are none', () => {
  for (const p of [null, 'x', 5, undefined] as never[]) {
    expect(codeOf(() => core.hkdfSha256(bytes, p))).toBe('ERR_ARGUMENT');
    expect(codeOf(() => core.pbkdf2Sha256(bytes, p))).toBe('ERR_ARGUMENT');
    if (p !== undefined) expect(codeOf(() => core.aes256gcm(bytes, p))).toBe('ERR_ARGUMENT');
  }
});

test('an empty IV', () => {
  expect(codeOf(() => cipher.encrypt(new Uint8Array(0), bytes))).toBe('ERR_ARGUMENT');
  expect(codeOf(() => cipher.decrypt(new Uint8Array(0), bytes))).toBe('ERR_ARGUMENT');
});

test('an `out` too short by one is left as it is', () => {
  const out = new Uint8Array(47).fill(7);
  expect(codeOf(() => cipher.encryptInto(out, bytes, bytes))).toBe('ERR_ARGUMENT');
  expect(codeOf(() => cipher.decryptInto(out.subarray(0, 15), bytes, bytes))).toBe('ERR_ARGUMENT');
  expect(out.every((byte) => byte === 7)).toBe(true);
});

test('sealed data shorter than a tag is refused as altered, not as asked wrongly: it comes from outside', () => {
  for (let n = 0; n < 16; n++) {
    expect(codeOf(() => cipher.decrypt(bytes, random(n)))).toBe('ERR_AUTHENTICATION');
    expect(codeOf(() => cipher.decryptInto(new Uint8Array(0), bytes, random(n)))).toBe('ERR_AUTHENTICATION');
  }
});

test('a message says which argument, and nothing of a key', () => {
  expect(() => core.hmacSha256(bytes, 'secret text' as never)).toThrow(
    /^message: a Uint8Array is wanted, not a string/,
  );
  expect(() => core.hmacSha256('secret text' as never, bytes)).toThrow(/^key: (?!.*secret)/);
});
