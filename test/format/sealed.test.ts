// COSE_Encrypt0 in its two shapes, records, envelopes, stream prefixes, documents: layouts byte for byte, and what is refused.

import { decode as cborgDecode, encode as cborgEncode, rfc8949EncodeOptions, Tagged as CborgTagged } from 'cborg';
import fc from 'fast-check';
import { describe as suite, expect, test } from 'vitest';
import { contextBytes } from '../../bindings/format/context.ts';
import { coseKeyPrefix } from '../../bindings/format/cose-key.ts';
import {
  RECORD,
  WRAP,
  WRAPPED_DERIVE_LENGTH,
  WRAPPED_LENGTH,
  encrypt0,
  encrypt0Aad,
  encrypt0Parts,
} from '../../bindings/format/cose-encrypt0.ts';
import type { Purpose } from '../../bindings/format/cose-encrypt0.ts';
import { describe, describeHead } from '../../bindings/format/describe.ts';
import { decodeDocument, documentMacInput, encodeDocument } from '../../bindings/format/document.ts';
import { decodeEnvelope } from '../../bindings/format/envelope.ts';
import { encodeHeader } from '../../bindings/format/header.ts';
import { decodeRecord } from '../../bindings/format/record.ts';
import {
  CHUNK,
  chunkNonce,
  cobblestonePlaintext,
  cobblestoneSize,
  decodePrefix,
  streamPrefix,
} from '../../bindings/format/stream.ts';
import { header } from './samples.ts';
import { bytesOf, codeOf, flipped, fromHex, idOfSeed, strictly, toHex } from './strict.ts';

const cborg = (value: unknown): Uint8Array => cborgEncode(value, rfc8949EncodeOptions);
const kid = bytesOf(16, 1);
const iv = bytesOf(12, 2);

/** A COSE_Encrypt0 as cborg makes it. */
const byCborg = (
  protectedFields: [number, unknown][],
  ciphertext: Uint8Array,
  unprotected: [number, unknown][] = [[5, iv]],
): Uint8Array => cborg(new CborgTagged(16, [cborg(new Map(protectedFields)), new Map(unprotected), ciphertext]));
const recordOf = (ciphertext: Uint8Array): Uint8Array => byCborg([[1, 3], [4, kid]], ciphertext); // prettier-ignore
const wrapOf = (length: number): Uint8Array => byCborg([[1, 3], [3, 101], [4, kid]], bytesOf(length, 3)); // prettier-ignore

suite('COSE_Key', () => {
  test('what stands before k', () => {
    const key = (ops: number[], alg: [number, number][]): Uint8Array =>
      cborg(new Map<number, unknown>([[1, 4], [2, kid], ...alg, [4, ops], [-1, new Uint8Array(32)]])); // prettier-ignore
    for (const [ops, numbers, alg, size] of [
      ['seal', [3, 4], [[3, 3]], 62],
      ['wrap', [5, 6], [[3, 3]], 62],
      ['derive', [7], [], 59],
    ] as ['seal' | 'wrap' | 'derive', number[], [number, number][], number][]) {
      const whole = key(numbers, alg);
      expect(whole).toHaveLength(size);
      expect(toHex(coseKeyPrefix(toHex(kid), ops))).toBe(toHex(whole.subarray(0, size - 32)));
    }
  });
});

suite('COSE_Encrypt0', () => {
  test('sizes of a wrap: 123 and 120', () => {
    expect([WRAPPED_LENGTH, WRAPPED_DERIVE_LENGTH]).toEqual([123, 120]);
    expect([wrapOf(78).length, wrapOf(75).length]).toEqual([123, 120]);
  });

  test('written as cborg writes it', () => {
    for (const [shape, reference] of [
      [WRAP, wrapOf(78)],
      [WRAP, wrapOf(75)],
      ...[0, 1, 7, 8, 239, 240, 65_519, 65_520].map((n) => [RECORD, recordOf(bytesOf(n + 16, 4))] as const),
    ] as const) {
      const parts = encrypt0Parts(shape, reference, 'sample');
      const out = encrypt0(shape, kid, parts.ciphertext.length);
      out.set(iv, shape.ivAt);
      out.set(parts.ciphertext, out.length - parts.ciphertext.length);
      expect(Buffer.compare(out, reference)).toBe(0);
      expect([toHex(parts.kid), toHex(parts.iv)]).toEqual([toHex(kid), toHex(iv)]);
    }
  });

  test('a record has 57 bytes over a plaintext of 8 to 239, 56 below, 58 and 60 above', () => {
    const over = (n: number): number => recordOf(bytesOf(n + 16, 1)).length - n;
    expect([0, 7, 8, 239, 240, 65_519, 65_520].map(over)).toEqual([56, 56, 57, 57, 58, 58, 60]);
  });

  test('AAD as cborg makes it', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 21, maxLength: 24 }),
        fc.constantFrom<Purpose>('slot-kek', 'record', 'document-private', 'space-metadata-key', 'stream-key'),
        fc.oneof(
          fc.uint8Array({ maxLength: 300 }),
          fc.constantFrom(0, 23, 24, 255, 256, 65_535).map((n) => bytesOf(n, 5)),
        ),
        (protectedHeader, purpose, bound) => {
          const reference = cborg(['Encrypt0', protectedHeader, cborg([purpose, kid, bound])]);
          expect(Buffer.compare(encrypt0Aad(protectedHeader, purpose, kid, bound), reference)).toBe(0);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('refused: every change of a byte that is always the same, every length', () => {
    for (const [shape, sample] of [
      [WRAP, wrapOf(75)],
      [RECORD, recordOf(bytesOf(20, 6))],
    ] as const)
      // prettier-ignore
      strictly(sample, (bytes) => {
        const parts = encrypt0Parts(shape, bytes, 'sample');
        const out = encrypt0(shape, parts.kid, parts.ciphertext.length);
        out.set(parts.iv, shape.ivAt);
        out.set(parts.ciphertext, out.length - parts.ciphertext.length);
        return out;
      });
  });

  test('another kind is ERR_UNSUPPORTED, no kind at all is ERR_FORMAT', () => {
    const sealed = bytesOf(30, 1);
    const code = (bytes: Uint8Array): string | null => codeOf(() => decodeRecord(bytes));
    expect(code(recordOf(sealed))).toBe(null);
    expect(code(byCborg([[1, 1], [4, kid]], sealed))).toBe('ERR_UNSUPPORTED'); // A128GCM
    expect(code(byCborg([[1, 3], [2, 5], [4, kid]], sealed))).toBe('ERR_UNSUPPORTED'); // crit
    expect(code(byCborg([[1, 3], [4, kid]], sealed, [[4, kid], [5, iv]]))).toBe('ERR_UNSUPPORTED');
    expect(code(byCborg([[1, 3], [3, 101], [4, kid]], sealed))).toBe('ERR_UNSUPPORTED'); // a wrap is no record
    expect(code(cborg(new CborgTagged(96, [new Uint8Array(), new Map(), sealed, []])))).toBe('ERR_UNSUPPORTED'); // COSE_Encrypt
    expect(code(byCborg([[1, 3], [4, bytesOf(15, 1)]], sealed))).toBe('ERR_FORMAT');
    expect(code(byCborg([[1, 3]], sealed))).toBe('ERR_FORMAT');
    expect(code(byCborg([[1, 3], [4, kid]], sealed, []))).toBe('ERR_FORMAT');
    expect(code(byCborg([[1, 3], [4, kid]], sealed, [[5, bytesOf(13, 1)]]))).toBe('ERR_FORMAT');
    expect(code(recordOf(bytesOf(15, 1)))).toBe('ERR_FORMAT'); // no room for a tag
    expect(code(cborg([new Uint8Array(), new Map(), sealed]))).toBe('ERR_FORMAT'); // no tag
  }); // prettier-ignore

  test('a record over 64 MiB is a stream', () => {
    const most = 64 * 1024 * 1024;
    const record = (n: number): Uint8Array => encrypt0(RECORD, kid, n + 16);
    expect(decodeRecord(record(most)).ciphertext).toHaveLength(most + 16);
    expect(codeOf(() => decodeRecord(record(most + 1)))).toBe('ERR_LIMIT');
  });
});

suite('streams', () => {
  const wrap = wrapOf(75);
  const prefix = streamPrefix(idOfSeed(9), wrap);

  test('prefix: 143 bytes, every bit, every length', () => {
    expect(toHex(prefix)).toBe('4b53545301' + '0078' + idOfSeed(9) + toHex(wrap));
    expect(prefix).toHaveLength(143);
    const { kid: dek, kek, wrap: inside } = decodePrefix(prefix);
    expect([dek, kek, toHex(inside)]).toEqual([idOfSeed(9), toHex(kid), toHex(wrap)]);
    for (let bit = 0; bit < 8 * 143; bit++) {
      const bytes = flipped(prefix, bit);
      let read: ReturnType<typeof decodePrefix> | null = null;
      const code = codeOf(() => (read = decodePrefix(bytes)));
      if (read === null) expect(['ERR_FORMAT', 'ERR_UNSUPPORTED'], `bit ${bit}`).toContain(code);
      else expect(toHex(streamPrefix(read['kid'], read['wrap']))).toBe(toHex(bytes));
    }
    for (let length = 0; length < 143; length++)
      expect(codeOf(() => decodePrefix(prefix.subarray(0, length)))).toBe('ERR_FORMAT');
    expect(codeOf(() => decodePrefix(Uint8Array.from(prefix).fill(2, 4, 5)))).toBe('ERR_UNSUPPORTED'); // version 2
  });

  test('sizes there and back, for every size around a chunk', () => {
    expect(cobblestoneSize(0)).toBe(56 + 16);
    const sizes = new Set<number>();
    const around = [0, CHUNK, 2 * CHUNK, 1000 * CHUNK, 2 ** 32, 2 ** 40].flatMap((n) =>
      [-17, -16, -1, 0, 1, 15, 16, 17].map((d) => n + d),
    );
    for (const n of around.filter((n) => n >= 0)) {
      const sealed = cobblestoneSize(n);
      expect(cobblestonePlaintext(sealed), `${n}`).toBe(n);
      sizes.add(sealed);
    }
    let none = 0;
    for (let sealed = 0; sealed < 56 + 2 * (CHUNK + 16) + 40; sealed++) {
      const n = cobblestonePlaintext(sealed);
      if (n === null) none++;
      else if (cobblestoneSize(n) !== sealed) expect.fail(`${sealed} → ${n} → ${cobblestoneSize(n)}`);
    }
    expect(none).toBe(72 + 16 + 16); // shorter than an empty stream; and a last chunk of less than a tag, twice
  });

  test('nonces: base XOR i, big-endian, right-aligned, past 2^32', () => {
    const base = fromHex('000102030405060708090a0b');
    expect(toHex(chunkNonce(base, 0))).toBe('000102030405060708090a0b');
    expect(toHex(chunkNonce(base, 1))).toBe('000102030405060708090a0a');
    expect(toHex(chunkNonce(base, 0x1_02))).toBe('000102030405060708090b09');
    expect(toHex(chunkNonce(base, 2 ** 32))).toBe('000102030405060608090a0b');
    expect(toHex(chunkNonce(base, 2 ** 53 - 1))).toBe('00010203041af9f8f7f6f5f4');
  });
});

suite('document', () => {
  const parts = { header: bytesOf(20, 1), body: bytesOf(24, 2), mac: bytesOf(32, 3) };

  test('magic, version, array; every bit, every length', () => {
    const bytes = encodeDocument(parts);
    expect(toHex(bytes.subarray(0, 5))).toBe('4b53544401');
    expect(cborgDecode(bytes.subarray(5))).toEqual(
      [parts.header, parts.body, parts.mac].map((part) => Uint8Array.from(part)),
    );
    expect(decodeDocument(bytes)).toEqual(parts);
    strictly(bytes, (b) => encodeDocument(decodeDocument(b)));
  });

  test('a newer version is ERR_UNSUPPORTED and says what to do', () => {
    const bytes = encodeDocument(parts);
    bytes[4] = 2;
    expect(codeOf(() => decodeDocument(bytes))).toBe('ERR_UNSUPPORTED');
    expect(() => decodeDocument(bytes)).toThrow(/update/);
  });

  test('over 64 MiB: ERR_LIMIT, in reading and in writing', () => {
    const body = new Uint8Array(64 * 1024 * 1024);
    expect(codeOf(() => encodeDocument({ ...parts, body }))).toBe('ERR_LIMIT');
    expect(codeOf(() => decodeDocument(new Uint8Array(64 * 1024 * 1024 + 1)))).toBe('ERR_LIMIT');
  });

  test('what is MACed', () => {
    expect(toHex(documentMacInput(parts.header, parts.mac))).toBe(
      toHex(cborg(['keystrata/document/v1', parts.header, parts.mac])),
    );
  });
});

suite('describe', () => {
  const record = recordOf(bytesOf(100 + 16, 7));
  const envelope = Buffer.concat([fromHex('8301'), wrapOf(78), record]);
  const stream = Buffer.concat([streamPrefix(idOfSeed(9), wrapOf(75)), bytesOf(cobblestoneSize(20_000), 8)]);
  const document = encodeDocument({ header: encodeHeader(header), body: bytesOf(10, 1), mac: bytesOf(32, 2) });

  test('kind, the kid it wants, overhead', () => {
    expect(describe(record)).toEqual({ kind: 'record', keyId: toHex(kid), overhead: 57 });
    expect(describe(envelope)).toEqual({ kind: 'envelope', keyId: toHex(kid), overhead: 57 + 125 });
    expect(describe(stream)).toEqual({ kind: 'stream', keyId: toHex(kid), overhead: 143 + 56 + 32 });
    expect(describe(document)).toEqual({ kind: 'document', keyId: header.kek, overhead: document.length });
    expect(describeHead(stream.subarray(0, 143), stream.length)).toEqual(describe(stream));
  });

  test('everything else is ERR_FORMAT, ERR_UNSUPPORTED where it is of a newer version', () => {
    for (const bytes of [
      new Uint8Array(),
      fromHex('00'),
      Buffer.from('-----BEGIN'),
      stream.subarray(0, 199),
      cborg([2]),
    ])
      expect(codeOf(() => describe(bytes))).toBe('ERR_FORMAT');
    expect(codeOf(() => describe('text' as never))).toBe('ERR_ARGUMENT');
    expect(codeOf(() => describe(Uint8Array.from(envelope).fill(2, 1, 2)))).toBe('ERR_UNSUPPORTED');
    for (const sample of [record, envelope, document, stream.subarray(0, 250)]) {
      for (let bit = 0; bit < 8 * sample.length; bit++) codeOf(() => describe(flipped(sample, bit)));
      for (let n = 0; n < sample.length; n++) codeOf(() => describe(sample.subarray(0, n)));
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => codeOf(() => describe(bytes)) !== null));
  });

  test('an envelope in its parts', () => {
    const { kek, wrap, record: inside } = decodeEnvelope(envelope);
    expect([kek, toHex(wrap), inside.kid]).toEqual([toHex(kid), toHex(wrapOf(78)), toHex(kid)]);
    expect(inside.ciphertext).toHaveLength(116);
  });
});

suite('context', () => {
  test('text is its UTF-8, bytes are as they are', () => {
    expect(toHex(contextBytes('a'))).toBe('61');
    expect(toHex(contextBytes('é'))).toBe('c3a9');
    expect(contextBytes('')).toHaveLength(0);
    expect(toHex(contextBytes(Uint8Array.of(0, 255)))).toBe('00ff');
  });

  test('left out, of another kind, too long', () => {
    for (const wrong of [undefined, null, 7, {}, [1], '\ud800', new ArrayBuffer(1)])
      expect(codeOf(() => contextBytes(wrong as never))).toBe('ERR_ARGUMENT');
    expect(contextBytes(new Uint8Array(65_535))).toHaveLength(65_535);
    expect(codeOf(() => contextBytes(new Uint8Array(65_536)))).toBe('ERR_LIMIT');
    expect(codeOf(() => contextBytes('ä'.repeat(32_768)))).toBe('ERR_LIMIT');
  });
});
