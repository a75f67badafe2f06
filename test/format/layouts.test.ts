// Slots, header, body, private part, public keys: read and written again, and refused where they are not right.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBody, encodeBody } from '../../bindings/format/body.ts';
import type { Body, KeyRecord } from '../../bindings/format/body.ts';
import { encode } from '../../bindings/format/cbor.ts';
import { decode } from '../../bindings/format/cursor.ts';
import type { Cbor, CborMap } from '../../bindings/format/cbor.ts';
import { decodeHeader, encodeHeader } from '../../bindings/format/header.ts';
import { decodePrivatePart, encodePrivatePart } from '../../bindings/format/private-part.ts';
import { publicKeyFromCbor, publicKeyToCbor } from '../../bindings/format/public-key.ts';
import { slotFromCbor, slotToCbor, typeAndMode } from '../../bindings/format/slot.ts';
import { body, header, privatePart, publicKeys, slots } from './samples.ts';
import { bytesOf, codeOf, idOfSeed, strictly, toHex } from './strict.ts';

const slotAgain = (bytes: Uint8Array): Uint8Array => encode(slotToCbor(slotFromCbor(decode(bytes, 'slot'))));
const headerAgain = (bytes: Uint8Array): Uint8Array => encodeHeader(decodeHeader(bytes));
/** Item by item: other maps than those that were read, whose bytes are kept. */
const bodyAgain = (bytes: Uint8Array): Uint8Array => {
  const body = decodeBody(bytes);
  return encodeBody({ ...body, keys: new Map(body.keys), reservations: new Map(body.reservations) });
};
const privateAgain = (bytes: Uint8Array): Uint8Array => encodePrivatePart(decodePrivatePart(bytes));

/** The encoded map with a field set to another value, or left out. */
function with_(bytes: Uint8Array, field: number, value: Cbor | undefined): Uint8Array {
  const map = new Map(decode(bytes, 'map') as CborMap);
  if (value === undefined) map.delete(field);
  else map.set(field, value);
  return encode(map);
}

describe('slots', () => {
  test('all eleven pairs of type and mode', () => {
    expect(slots).toHaveLength(11);
    for (const slot of slots) expect(slotFromCbor(decode(encode(slotToCbor(slot)), 'slot'))).toEqual(slot);
  });

  test('exactly the fields of FORMATS §3', () => {
    const fields = (slot: (typeof slots)[number]): number[] =>
      [...(slotToCbor(slot) as CborMap).keys()].map(Number).sort((a, b) => a - b);
    const of = (type: string, mode: string): number[] =>
      fields(slots.find((slot) => slot.type === type && slot.mode === mode)!);
    expect(of('passphrase', 'direct')).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(of('recovery', 'direct')).toEqual([1, 2, 3, 4, 5, 7, 8]);
    expect(of('pin', 'direct')).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(of('prf', 'direct')).toEqual([1, 2, 3, 4, 5, 7, 8, 13]);
    expect(of('operator', 'direct')).toEqual([1, 2, 3, 4, 7, 8, 14]);
    expect(of('passphrase', 'rotatable')).toEqual([1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12]);
    expect(of('escrow', 'sealed')).toEqual([1, 2, 3, 4, 10, 11, 15, 16]);
  });

  test('every bit, every length', () => {
    for (const slot of slots.filter(({ type }) => type !== 'escrow')) {
      const bytes = encode(slotToCbor(slot));
      expect(strictly(bytes, slotAgain)).toBeGreaterThan(60); // at least the heads refuse
    }
  });

  test('a field more, a field less, a field of another', () => {
    for (const slot of slots) {
      const bytes = encode(slotToCbor(slot));
      for (const field of (decode(bytes, 'slot') as CborMap).keys())
        expect(
          codeOf(() => slotAgain(with_(bytes, field as number, undefined))),
          `${slot.type} without ${String(field)}`,
        ).toBe('ERR_FORMAT');
      for (const [field, code] of [
        [17, 'ERR_UNSUPPORTED'],
        [0, 'ERR_UNSUPPORTED'],
        [-1, 'ERR_UNSUPPORTED'],
      ] as const)
        // prettier-ignore
        expect(codeOf(() => slotAgain(with_(bytes, field, 0)))).toBe(code);
    }
    const passphrase = encode(slotToCbor(slots.find((slot) => slot.type === 'passphrase' && slot.mode === 'direct')!));
    expect(codeOf(() => slotAgain(with_(passphrase, 14, bytesOf(16, 1))))).toBe('ERR_UNSUPPORTED'); // an operator's field
    expect(codeOf(() => slotAgain(with_(passphrase, 2, 7)))).toBe('ERR_UNSUPPORTED');
    expect(codeOf(() => slotAgain(with_(passphrase, 3, 3)))).toBe('ERR_UNSUPPORTED');
    expect(codeOf(() => slotAgain(with_(passphrase, 3, 2)))).toBe('ERR_FORMAT'); // sealed is for escrow alone
    expect(codeOf(() => slotAgain(with_(passphrase, 6, 0)))).toBe('ERR_FORMAT');
    expect(codeOf(() => slotAgain(with_(passphrase, 6, 2 ** 32)))).toBe('ERR_FORMAT');
    expect(codeOf(() => slotAgain(with_(passphrase, 5, bytesOf(31, 1))))).toBe('ERR_FORMAT');
    expect(codeOf(() => slotAgain(with_(passphrase, 8, bytesOf(124, 1))))).toBe('ERR_FORMAT');
  });

  test('type and mode are the two bytes behind the ids', () => {
    expect([...typeAndMode('passphrase', 'direct')]).toEqual([1, 0]);
    expect([...typeAndMode('operator', 'rotatable')]).toEqual([5, 1]);
    expect([...typeAndMode('escrow', 'sealed')]).toEqual([6, 2]);
  });
});

describe('header', () => {
  test('read and written again; every bit, every length', () => {
    expect(decodeHeader(encodeHeader(header))).toEqual(header);
    strictly(encodeHeader({ ...header, slots: header.slots.slice(0, 1) }), headerAgain);
  });

  test('slots are written by id, 1 to 32, each id once', () => {
    expect(toHex(encodeHeader({ ...header, slots }))).toBe(
      toHex(encodeHeader({ ...header, slots: [...slots].reverse() })),
    );
    expect(codeOf(() => encodeHeader({ ...header, slots: [slots[0]!, slots[0]!] }))).toBe('ERR_FORMAT');
    expect(codeOf(() => encodeHeader({ ...header, slots: [] }))).toBe('ERR_FORMAT');
    const many = Array.from({ length: 33 }, (_, i) => ({ ...slots[0]!, id: i.toString(16).padStart(32, '0') }));
    expect(codeOf(() => encodeHeader({ ...header, slots: many }))).toBe('ERR_LIMIT');
    const bytes = encodeHeader({ ...header, slots: many.slice(1) });
    expect(decodeHeader(bytes).slots).toHaveLength(32);
    expect(codeOf(() => decodeHeader(with_(bytes, 7, many.map(slotToCbor))))).toBe('ERR_LIMIT');
    expect(codeOf(() => decodeHeader(with_(bytes, 7, [...many.slice(1)].reverse().map(slotToCbor))))).toBe(
      'ERR_FORMAT',
    );
    expect(codeOf(() => decodeHeader(with_(bytes, 7, [])))).toBe('ERR_FORMAT');
  });

  test('bounds', () => {
    const bytes = encodeHeader(header);
    const code = (field: number, value: Cbor | undefined): string | null =>
      codeOf(() => decodeHeader(with_(bytes, field, value)));
    for (let field = 1; field <= 10; field++) expect(code(field, undefined), `without ${field}`).toBe('ERR_FORMAT');
    expect(code(11, 0)).toBe('ERR_UNSUPPORTED');
    expect(code(2, '')).toBe('ERR_FORMAT');
    expect(code(2, 'ä'.repeat(127))).toBe(null);
    expect(code(2, 'ä'.repeat(128))).toBe('ERR_LIMIT'); // 256 bytes
    expect(code(3, 0)).toBe('ERR_FORMAT');
    expect(code(3, 2 ** 53 - 1)).toBe(null);
    expect(code(8, 2)).toBe('ERR_UNSUPPORTED');
    expect(
      code(
        10,
        Array.from({ length: 16 }, () => bytesOf(32, 1)),
      ),
    ).toBe(null);
    expect(
      code(
        10,
        Array.from({ length: 17 }, () => bytesOf(32, 1)),
      ),
    ).toBe('ERR_LIMIT');
    expect(code(10, [bytesOf(31, 1)])).toBe('ERR_FORMAT');
    expect(codeOf(() => decodeHeader(new Uint8Array(256 * 1024 + 1)))).toBe('ERR_LIMIT');
    expect(codeOf(() => encodeHeader({ ...header, owner: 'a'.repeat(256) }))).toBe('ERR_LIMIT');
  });
});

describe('body', () => {
  test('read and written again; every bit, every length', () => {
    expect(decodeBody(encodeBody(body))).toEqual(body);
    strictly(encodeBody(body), bodyAgain);
    expect(encodeBody(decodeBody(encodeBody(body)))).toEqual(encodeBody(body)); // and as it was read
  });

  test('bounds', () => {
    const bytes = encodeBody(body);
    const code = (field: number, value: Cbor | undefined): string | null =>
      codeOf(() => decodeBody(with_(bytes, field, value)));
    for (let field = 1; field <= 10; field++) expect(code(field, undefined), `without ${field}`).toBe('ERR_FORMAT');
    expect(code(11, 0)).toBe('ERR_UNSUPPORTED');
    expect(code(1, new Map([[1, 1]]))).toBe('ERR_FORMAT'); // a key that is no id
    const keyWith = (change: Partial<KeyRecord>): string | null => {
      const first = [...body.keys][0]!;
      return codeOf(() => bodyAgain(encodeBody({ ...body, keys: new Map([[first[0], { ...first[1], ...change }]]) })));
    };
    expect(keyWith({})).toBe(null);
    expect(keyWith({ wrapped: bytesOf(120, 1) })).toBe('ERR_FORMAT');
    expect(keyWith({ type: 'granted' })).toBe('ERR_FORMAT'); // no field 11
    expect(keyWith({ grant: { granter: bytesOf(32, 1), commitment: bytesOf(32, 1) } })).toBe('ERR_UNSUPPORTED'); // field 11
    expect(keyWith({ version: 0 })).toBe('ERR_FORMAT');
    expect(keyWith({ state: 'lost' as 'active' })).toBe('ERR_ARGUMENT');
    const transitions = Array.from(
      { length: 65 },
      () => ({ from: 'active', to: 'suspended', time: 1, reason: 1 }) as const,
    );
    expect(keyWith({ transitions: transitions.slice(1) })).toBe(null);
    expect(keyWith({ transitions })).toBe('ERR_LIMIT');
    const audit = (length: number): Body['audit'] => ({
      ...body.audit,
      entries: Array.from({ length }, () => body.audit.entries[0]!),
    });
    expect(codeOf(() => bodyAgain(encodeBody({ ...body, audit: audit(1024) })))).toBe(null);
    expect(codeOf(() => bodyAgain(encodeBody({ ...body, audit: audit(1025) })))).toBe('ERR_LIMIT');
    const pair = [...body.keypairs.values()][0]!;
    const pairWith = (change: object): string | null =>
      codeOf(() => bodyAgain(encodeBody({ ...body, keypairs: new Map([[idOfSeed(54), { ...pair, ...change }]]) })));
    expect(pairWith({})).toBe(null);
    expect(pairWith({ algorithm: 0x0020 })).toBe('ERR_FORMAT'); // not the algorithm of its key
    expect(pairWith({ algorithm: 0x0011 })).toBe('ERR_UNSUPPORTED');
    expect(pairWith({ use: 'sign' })).toBe('ERR_UNSUPPORTED'); // a kem signs nothing
  });

  test('100,000 keys are read, one more is not', () => {
    const [, record] = [...body.keys][0]!;
    const keys = (length: number): Body => ({
      ...body,
      keys: new Map(Array.from({ length }, (_, i) => [i.toString(16).padStart(32, '0'), record])),
    });
    expect(decodeBody(encodeBody(keys(100_000))).keys.size).toBe(100_000);
    expect(codeOf(() => decodeBody(encodeBody(keys(100_001))))).toBe('ERR_LIMIT');
  });
});

describe('private part', () => {
  test('read and written again; every bit, every length', () => {
    expect(decodePrivatePart(encodePrivatePart(privatePart))).toEqual(privatePart);
    strictly(encodePrivatePart(privatePart), privateAgain);
  });

  test('labels, names and reasons have at most 255 bytes', () => {
    const label = (text: string): string | null =>
      codeOf(() => encodePrivatePart({ ...privatePart, labels: new Map([[idOfSeed(1), text]]) }));
    expect(label('é'.repeat(127))).toBe(null);
    expect(label('é'.repeat(128))).toBe('ERR_LIMIT');
    const bytes = encodePrivatePart(privatePart);
    expect(codeOf(() => decodePrivatePart(with_(bytes, 1, new Map([[bytesOf(16, 1), 'a'.repeat(256)]]))))).toBe(
      'ERR_LIMIT',
    );
    expect(codeOf(() => decodePrivatePart(with_(bytes, 4, new Map([[3, 'a'.repeat(256)]]))))).toBe('ERR_LIMIT');
  });
});

describe('public keys', () => {
  test('read and written again; every bit', () => {
    for (const key of publicKeys) {
      const bytes = encode(publicKeyToCbor(key));
      expect(publicKeyFromCbor(decode(bytes, 'key'), 'key')).toEqual(key);
      if (key.kind !== 'X-Wing')
        strictly(bytes, (b) => encode(publicKeyToCbor(publicKeyFromCbor(decode(b, 'key'), 'key'))));
    }
  });

  test('sizes, counted by hand', () => {
    expect(publicKeys.map((key) => encode(publicKeyToCbor(key)).length)).toEqual([75, 40, 40, 1229]);
  });
});

test('whatever is changed in a header or body: refused with a typed error, or written back the same', () => {
  const samples = [
    [encodeHeader({ ...header, slots }), headerAgain],
    [encodeBody(body), bodyAgain],
    [encodePrivatePart(privatePart), privateAgain],
  ] as const;
  const edit = fc.record({ at: fc.nat(), remove: fc.nat(4), insert: fc.uint8Array({ maxLength: 4 }) });
  fc.assert(
    fc.property(fc.nat(2), fc.array(edit, { minLength: 1, maxLength: 3 }), (which, edits) => {
      const [sample, again] = samples[which]!;
      const bytes = [...sample];
      for (const { at, remove, insert } of edits) bytes.splice(at % bytes.length, remove, ...insert);
      const changed = Uint8Array.from(bytes);
      let written: Uint8Array | null = null;
      const code = codeOf(() => (written = again(changed)));
      if (written !== null) expect(toHex(written)).toBe(toHex(changed));
      else expect(['ERR_FORMAT', 'ERR_UNSUPPORTED', 'ERR_LIMIT']).toContain(code);
    }),
    { numRuns: 2000 },
  );
});
