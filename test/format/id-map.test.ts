// Large maps from ids are read in one pass; what is irregular about them is found as item by item.

import { describe, expect, test } from 'vitest';
import { text, utf8 } from '../../bindings/core/bytes.ts';
import { encode, type Cbor } from '../../bindings/format/cbor.ts';
import { Cursor } from '../../bindings/format/cursor.ts';
import { readIdMap } from '../../bindings/format/id-map.ts';
import { KeystrataError } from '../../bindings/core/errors.ts';

const id = (n: number): Uint8Array => new Uint8Array(16).fill(n);
const read = (bytes: Uint8Array, most = 10) => {
  const cursor = new Cursor(bytes, 'map');
  return { map: readIdMap(cursor, most, (at) => at.head(0)), at: cursor.at };
};

describe('a map from ids', () => {
  test('is read whole, up to its bound', () => {
    for (const size of [0, 1, 10]) {
      const bytes = encode(new Map(Array.from({ length: size }, (_, n) => [id(n), n * 1000])));
      const { map, at } = read(bytes);
      expect([...map!]).toEqual(Array.from({ length: size }, (_, n) => [Buffer.from(id(n)).toString('hex'), n * 1000]));
      expect(at).toBe(bytes.length);
    }
    expect(read(encode(new Map(Array.from({ length: 11 }, (_, n) => [id(n), n]))))).toEqual({ map: null, at: 0 });
  });

  test('is left alone where it is something else', () => {
    const others: Cbor[] = [1, [], new Map([[1, 1]]), new Map([[new Uint8Array(15), 1]]), new Map([[id(1), 'text']])];
    for (const other of others) expect(read(encode(other))).toEqual({ map: null, at: 0 });
    const twice = encode(new Map([[id(1), 1], [id(2), 1]])); // prettier-ignore
    for (const key of [1, 0]) {
      const bytes = twice.slice();
      bytes.fill(key, 20, 36); // the second id, once the first again, once a smaller one
      expect(read(bytes)).toEqual({ map: null, at: 0 });
    }
  });

  test('that is cut off is no map', () => {
    const bytes = encode(new Map([[id(1), 1000], [id(2), 1000]])); // prettier-ignore
    for (let n = 0; n < bytes.length; n++) {
      try {
        expect(read(bytes.subarray(0, n)).map).toBeNull();
      } catch (error) {
        expect(KeystrataError.is(error, 'ERR_FORMAT')).toBe(true);
      }
    }
  });
});

test('short text is what the decoder makes of it', () => {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  for (let n = 0; n <= 40; n++)
    for (const char of ['a', '\0', '\x7f', '\x80', 'ä', '\ufeff', '𝔘']) {
      const bytes = utf8('x'.repeat(n) + char, 'text');
      expect(text(bytes, 'text')).toBe(decoder.decode(bytes));
    }
  expect(() => text(Uint8Array.of(0x61, 0xff), 'text')).toThrow(KeystrataError);
});
