// Deterministic CBOR: against cborg, against RFC 8949's own examples, and against everything that is not deterministic.

import { decode as cborgDecode, encode as cborgEncode, rfc8949EncodeOptions } from 'cborg';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Tagged, encode } from '../../bindings/format/cbor.ts';
import { decode } from '../../bindings/format/cursor.ts';
import type { Cbor, CborKey } from '../../bindings/format/cbor.ts';
import { codeOf, fromHex, toHex } from './strict.ts';

const integer = fc.oneof(
  fc.maxSafeInteger(),
  fc.constantFrom(
    0,
    23,
    24,
    255,
    256,
    65535,
    65536,
    2 ** 32 - 1,
    2 ** 32,
    2 ** 53 - 1,
    -1,
    -24,
    -25,
    -256,
    -257,
    -(2 ** 53 - 1),
  ),
);
const bytes = fc.uint8Array({ maxLength: 40 });
const text = fc.string({ unit: 'binary', maxLength: 30 });
/** Keys as written: no two are the same. */
const uniqueBy = (key: CborKey): string => (typeof key === 'number' ? `n${key}` : toHex(key));
const { item } = fc.letrec<{ item: Cbor }>((tie) => ({
  item: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    integer,
    text,
    bytes,
    fc.constant(null),
    fc.array(tie('item'), { maxLength: 30 }),
    fc
      .uniqueArray(fc.tuple(fc.oneof(integer, bytes), tie('item')), {
        maxLength: 30,
        selector: ([key]) => uniqueBy(key),
      })
      .map((entries) => new Map<CborKey, Cbor>(entries)),
  ),
}));
const STRICT = {
  useMaps: true,
  strict: true,
  allowIndefinite: false,
  allowUndefined: false,
  rejectDuplicateMapKeys: true,
};

describe('against cborg', () => {
  test('the same bytes, whatever the order of a map', () => {
    fc.assert(
      fc.property(item, (value) => {
        expect(toHex(encode(value))).toBe(toHex(cborgEncode(value, rfc8949EncodeOptions)));
      }),
      { numRuns: 500 },
    );
  });

  test('the same values back', () => {
    fc.assert(
      fc.property(item, (value) => {
        const encoded = encode(value);
        expect(decode(encoded, 'item')).toEqual(cborgDecode(encoded, STRICT));
        expect(toHex(encode(decode(encoded, 'item')))).toBe(toHex(encoded));
      }),
      { numRuns: 500 },
    );
  });

  test('of bytes at random, and of items with a byte changed: refused, or written back the same', () => {
    let read = 0;
    const near = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.tuple(item, fc.nat(), fc.nat(255)).map(([value, at, byte]) => {
        const encoded = encode(value);
        encoded[at % encoded.length] = byte;
        return encoded;
      }),
    );
    fc.assert(
      fc.property(near, (input) => {
        let value: Cbor | undefined;
        const code = codeOf(() => (value = decode(input, 'item', [16])));
        if (code !== null) return void expect(['ERR_FORMAT', 'ERR_UNSUPPORTED']).toContain(code);
        read++;
        expect(toHex(encode(value!))).toBe(toHex(input));
      }),
      { numRuns: 3000 },
    );
    expect(read).toBeGreaterThan(100); // it reads some: the property is not empty
  });
});

describe('RFC 8949 appendix A', () => {
  test.each([
    ['00', 0],
    ['17', 23],
    ['1818', 24],
    ['1903e8', 1000],
    ['1a000f4240', 1_000_000],
    ['1b000000e8d4a51000', 1_000_000_000_000],
    ['20', -1],
    ['3863', -100],
    ['3903e7', -1000],
    ['f6', null],
    ['40', new Uint8Array()],
    ['4401020304', Uint8Array.of(1, 2, 3, 4)],
    ['60', ''],
    ['6449455446', 'IETF'],
    ['62225c', '"\\'],
    ['62c3bc', '\u00fc'],
    ['64f0908591', '\ud800\udd51'],
    ['80', []],
    ['83010203', [1, 2, 3]],
    ['8301820203820405', [1, [2, 3], [4, 5]]],
    ['a0', new Map()],
    ['a201020304', new Map([[1, 2], [3, 4]])], // prettier-ignore
  ] as [string, Cbor][])('%s', (digits, value) => {
    expect(decode(fromHex(digits), 'item')).toEqual(value);
    expect(toHex(encode(value))).toBe(digits);
  });
});

describe('refused', () => {
  test.each([
    ['nothing', ''],
    ['a float of 16 bits', 'f93c00'],
    ['a float of 32 bits', 'fa47c35000'],
    ['a float of 64 bits', 'fb3ff199999999999a'],
    ['false', 'f4'],
    ['true', 'f5'],
    ['undefined', 'f7'],
    ['a simple value', 'f0'],
    ['a simple value of one byte', 'f8ff'],
    ['a lone break', 'ff'],
    ['bytes of indefinite length', '5f42010243030405ff'],
    ['text of indefinite length', '7f657374726561646d696e67ff'],
    ['an array of indefinite length', '9f0102ff'],
    ['a map of indefinite length', 'bf0102ff'],
    ['a reserved head', '1c'],
    ['a reserved head', '1e'],
    ['23 in two bytes', '1817'],
    ['255 in three bytes', '1900ff'],
    ['65535 in five bytes', '1a0000ffff'],
    ['2^32 - 1 in nine bytes', '1b00000000ffffffff'],
    ['-24 in two bytes', '3817'],
    ['a length in more bytes than need be', '5803010203'],
    ['a length of text in more bytes than need be', '7801' + '61'],
    ['a length of an array in more bytes than need be', '980101'],
    ['a length of a map in more bytes than need be', 'b8010102'],
    ['2^53', '1b0020000000000000'],
    ['-2^53', '3b001fffffffffffff'],
    ['2^64 - 1', '1bffffffffffffffff'],
    ['a key twice', 'a201010102'],
    ['a key of bytes twice', 'a241010141010 2'],
    ['keys out of order', 'a202010101'],
    ['a negative key before an unsigned one', 'a220010101'],
    ['keys length-first, as RFC 7049 had them', 'a2 20 01 1818 02'],
    ['a longer key of bytes before a shorter', 'a2420000014101 02'],
    ['an array as key', 'a1800 1'],
    ['null as key', 'a1f601'],
    ['bytes cut off', '43 0102'],
    ['text cut off', '63 6162'],
    ['an array cut off', '8201'],
    ['a map cut off', 'a101'],
    ['a head cut off', '19ff'],
    ['a second item behind', '0000'],
    ['text that is no UTF-8', '61ff'],
    ['text with an overlong NUL', '62c080'],
    ['text with a surrogate', '63eda080'],
    ['2^53 - 1 bytes claimed', '5b001fffffffffffff00'],
    ['2^32 items claimed', '9b000000010000000000'],
    ['2^31 pairs claimed', 'ba80000000 0000'],
    ['nested deeper than 8', '8181818181818181 8100'],
  ])('%s', (_what, digits) => {
    expect(codeOf(() => decode(fromHex(digits), 'item'))).toBe('ERR_FORMAT');
  });

  test('unknown tags and text keys as what a newer version may have', () => {
    for (const digits of ['c074', 'c249010000000000000000', 'c3490100000000000000 00', 'd08340a040', 'a1616101'])
      expect(codeOf(() => decode(fromHex(digits), 'item'))).toBe('ERR_UNSUPPORTED');
    expect(decode(fromHex('d08340a040'), 'item', [16])).toEqual(
      new Tagged(16, [new Uint8Array(), new Map(), new Uint8Array()]),
    );
    expect(codeOf(() => decode(fromHex('d18340a040'), 'item', [16]))).toBe('ERR_UNSUPPORTED');
  });

  test('depth 8 is read, depth 9 is not, and a megabyte of brackets ends at once', () => {
    expect(codeOf(() => decode(fromHex('8181818181818181 00'), 'item'))).toBe(null);
    expect(codeOf(() => decode(fromHex('a100a100a100a100a100a100a100a100 00'), 'item'))).toBe(null);
    expect(codeOf(() => decode(fromHex('a100a100a100a100a100a100a100a100a10000'), 'item'))).toBe('ERR_FORMAT');
    expect(codeOf(() => decode(new Uint8Array(1 << 20).fill(0x81), 'item'))).toBe('ERR_FORMAT');
  });

  test('a claimed length takes no memory', () => {
    const claims = ['9a00ffffff', 'ba00ffffff', '5a00ffffff', '7a00ffffff'].map((head) =>
      fromHex(head + '00'.repeat(64)),
    );
    const before = process.memoryUsage();
    for (let i = 0; i < 1000; i++) for (const claim of claims) codeOf(() => decode(claim, 'item'));
    const after = process.memoryUsage();
    // One honoured claim of 2^24 - 1 would be 16 MiB or more.
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(8 << 20);
    expect(after.rss - before.rss).toBeLessThan(64 << 20);
  });
});

test('written are safe integers and well-formed text alone', () => {
  expect(codeOf(() => encode(1.5))).toBe('ERR_ARGUMENT');
  expect(codeOf(() => encode(2 ** 53))).toBe('ERR_ARGUMENT');
  expect(codeOf(() => encode('\ud800'))).toBe('ERR_ARGUMENT');
});
