// What is sealed to public keys, what is signed, public keys themselves: each read and written again, strictly. Every bit,
// every length; and random bytes, which end in a typed error or in themselves.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encode } from '../../bindings/format/cbor.ts';
import type { Cbor } from '../../bindings/format/cbor.ts';
import { decodeSign1, encodeSign1, payloadOf, sign1Input, sign1Protected } from '../../bindings/format/cose-sign1.ts';
import { ENC_LENGTHS, decodeHpkeSeal, encodeHpkeSeal } from '../../bindings/format/hpke-seal.ts';
import { privateKeyPrefix } from '../../bindings/format/private-key.ts';
import { decodePublicKey, encodePublicKey, publicKeyFromRaw, rawPublicKey } from '../../bindings/format/public-key.ts';
import { publicKeys } from './samples.ts';
import { bytesOf, codeOf, idOfSeed, strictly, toHex } from './strict.ts';

const KEMS = [
  [0x10, 'P-256'],
  [0x20, 'X25519'],
  [0x647a, 'X-Wing'],
] as const;
const kid = idOfSeed(7);

const publicAgain = (bytes: Uint8Array): Uint8Array => encodePublicKey(decodePublicKey(bytes));
const sealAgain = (bytes: Uint8Array): Uint8Array => encodeHpkeSeal(decodeHpkeSeal(bytes));
const sign1Again = (bytes: Uint8Array): Uint8Array => {
  const read = decodeSign1(bytes);
  expect(toHex(sign1Protected(read.algorithm, read.signer))).toBe(toHex(read.protected));
  return encodeSign1(read);
};

const seals = KEMS.map(([kem, kind]) =>
  encodeHpkeSeal({ kem, recipient: kid, enc: bytesOf(ENC_LENGTHS[kind], 1), ct: bytesOf(78, 2) }),
);
const signed = [null, bytesOf(30, 3)].flatMap((payload) =>
  [-7, -8].map((alg) => encodeSign1({ protected: sign1Protected(alg, kid), payload, signature: bytesOf(64, 4) })),
);

test.each(publicKeys.map((key) => [key.kind, key] as const))('public key, %s', (kind, key) => {
  const bytes = encodePublicKey(key);
  expect(strictly(bytes, publicAgain)).toBeGreaterThan(50);
  expect(publicKeyFromRaw(kind, rawPublicKey(key))).toEqual(key);
  const raw = rawPublicKey(key);
  for (const n of [0, 1, raw.length - 1])
    expect(codeOf(() => publicKeyFromRaw(kind, raw.subarray(0, n)))).toBe('ERR_FORMAT');
  if (kind === 'P-256') expect(codeOf(() => publicKeyFromRaw(kind, raw.with(0, 3)))).toBe('ERR_FORMAT');
});

describe('sealed to a public key', () => {
  test('sizes, every bit, every length', () => {
    expect(seals.map(({ length }) => length)).toEqual([169, 137, 1227]);
    for (const bytes of seals) expect(strictly(bytes, sealAgain)).toBeGreaterThan(50);
  });

  test.each<[string, Cbor, string]>([
    ['another version', [2, 0x20, 1, 2, bytesOf(16, 1), bytesOf(32, 1), bytesOf(78, 1)], 'ERR_UNSUPPORTED'],
    ['another KEM', [1, 0x12, 1, 2, bytesOf(16, 1), bytesOf(32, 1), bytesOf(78, 1)], 'ERR_UNSUPPORTED'],
    ['another KDF', [1, 0x20, 3, 2, bytesOf(16, 1), bytesOf(32, 1), bytesOf(78, 1)], 'ERR_UNSUPPORTED'],
    ['another AEAD', [1, 0x20, 1, 3, bytesOf(16, 1), bytesOf(32, 1), bytesOf(78, 1)], 'ERR_UNSUPPORTED'],
    ['enc of another KEM', [1, 0x20, 1, 2, bytesOf(16, 1), bytesOf(65, 1), bytesOf(78, 1)], 'ERR_FORMAT'],
    ['no tag', [1, 0x20, 1, 2, bytesOf(16, 1), bytesOf(32, 1), bytesOf(15, 1)], 'ERR_FORMAT'],
    ['more than a key', [1, 0x20, 1, 2, bytesOf(16, 1), bytesOf(32, 1), bytesOf(300, 1)], 'ERR_FORMAT'],
    ['one item more', [1, 0x20, 1, 2, bytesOf(16, 1), bytesOf(32, 1), bytesOf(78, 1), 0], 'ERR_FORMAT'],
    ['no array', 1, 'ERR_FORMAT'],
  ])('%s', (_, value, code) => {
    expect(codeOf(() => decodeHpkeSeal(encode(value)))).toBe(code);
  });

  test('something longer where it is said how long', () => {
    const long = encode([1, 0x20, 1, 2, bytesOf(16, 1), bytesOf(32, 1), bytesOf(5000, 1)]);
    expect(decodeHpkeSeal(long, 'message', 5000).ct.length).toBe(5000);
    expect(codeOf(() => decodeHpkeSeal(long, 'message', 4999))).toBe('ERR_FORMAT');
  });
});

describe('COSE_Sign1', () => {
  test('sizes, every bit, every length', () => {
    expect(signed.map(({ length }) => length)).toEqual([92, 92, 123, 123]);
    for (const bytes of signed) expect(strictly(bytes, sign1Again)).toBeGreaterThan(50);
  });

  test('what is signed is Sig_structure, RFC 9052 §4.4', () => {
    const input = sign1Input(Uint8Array.of(0xa0), Uint8Array.of(1), Uint8Array.of(2, 3));
    expect(toHex(input)).toBe('84' + '6a5369676e617475726531' + '41a0' + '4101' + '420203');
  });

  test('a payload is inside or apart, never both', () => {
    const [apart, , inside] = signed.map((bytes) => decodeSign1(bytes));
    const payload = bytesOf(30, 3);
    expect(payloadOf(inside!, undefined)).toEqual(payload);
    expect(payloadOf(apart!, payload)).toBe(payload);
    expect(codeOf(() => payloadOf(apart!, undefined))).toBe('ERR_FORMAT');
    expect(codeOf(() => payloadOf(inside!, payload))).toBe('ERR_FORMAT');
  });
});

test('private keys: all that stands before the secret', () => {
  const digits = '000102030405060708090a0b0c0d0e0f';
  const prefix = (kind: (typeof publicKeys)[number]['kind']): string => toHex(privateKeyPrefix(kind, digits));
  expect(prefix('P-256')).toBe(`a401020250${digits}2001235820`);
  expect(prefix('X25519')).toBe(`a401010250${digits}2004235820`);
  expect(prefix('Ed25519')).toBe(`a401010250${digits}2006235820`);
  expect(prefix('X-Wing')).toBe(`a401070250${digits}033a00010000215820`);
});

test('random bytes end in a typed error, or in themselves', () => {
  const readers = [
    [publicAgain, encodePublicKey(publicKeys[0]!)],
    [sealAgain, seals[0]!],
    [sign1Again, signed[0]!],
  ] as const;
  fc.assert(
    fc.property(fc.nat(2), fc.uint8Array({ maxLength: 60 }), fc.nat(), fc.nat(60), (which, bytes, at, cut) => {
      const [again, sample] = readers[which]!;
      const from = at % sample.length;
      const spliced = Buffer.concat([sample.subarray(0, from), bytes, sample.subarray(from + cut)]);
      for (const input of [bytes, spliced]) {
        let out: Uint8Array | undefined;
        const code = codeOf(() => (out = again(input)));
        if (out === undefined) expect(['ERR_FORMAT', 'ERR_UNSUPPORTED', 'ERR_LIMIT']).toContain(code);
        else expect(toHex(out)).toBe(toHex(input));
      }
    }),
    { numRuns: 500 },
  );
});
