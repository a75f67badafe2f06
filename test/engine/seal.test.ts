// Sealing and wrapping: against node:crypto, every bit flipped, nothing unverified.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { instanceOf } from '../../bindings/core/internal.ts';
import type { Engine } from '../../bindings/engine/engine.ts';
import type { Key } from '../../bindings/engine/key.ts';
import { codeOf, node, random, same } from '../core/implementation.ts';
import { ALL, as, codeOfAny, engineOn } from './engines.ts';

describe.each(ALL)('$name', (asked) => {
  let engine: Engine;
  let io: number;
  beforeAll(async () => {
    const made = await engineOn(asked);
    engine = made.engine;
    io = instanceOf(made.core).door.length;
  });
  afterAll(() => engine.dispose());

  const flip = (bytes: Uint8Array, bit: number): Uint8Array => {
    const flipped = Uint8Array.from(bytes);
    flipped[bit >> 3]! ^= 1 << (bit & 7);
    return flipped;
  };

  test('seal and open: lengths around every edge, in place too', async () => {
    const bytes = random(32);
    const key = engine.importKey(bytes, as('seal'));
    for (const n of [0, 1, 15, 16, 17, 127, 128, 129, 2047, 2049, 16_384, io - 50, io, io + 1, 3 * io]) {
      const [iv, aad, text] = [random(12), random(30), random(n)];
      const wanted = node.seal(bytes, iv, text, aad, 16);
      const out = new Uint8Array(n + 20).fill(9);
      await engine.seal(key, text, { iv, aad, out });
      expect(same(out.subarray(0, n + 16), wanted), `${n} bytes`).toBe(true);
      expect([...out.subarray(n + 16)]).toEqual([9, 9, 9, 9]);
      const place = new Uint8Array(n + 16);
      place.set(text);
      await engine.seal(key, place.subarray(0, n), { iv, aad, out: place });
      expect(same(place, wanted), `${n} bytes in place`).toBe(true);
      const opened = await engine.open(key, place, { iv, aad });
      expect(same(opened, text), `${n} bytes`).toBe(true);
      expect(opened.buffer.byteLength).toBe(n);
      expect(await codeOfAny(() => engine.open(key, flip(place, 8 * n + 5), { iv, aad })), `${n} bytes`).toBe(
        'ERR_AUTHENTICATION',
      );
    }
    key.dispose();
  });

  test('seal and open: bad arguments; too short to be sealed', () => {
    const key = engine.generateKey(as('seal'));
    const good = { iv: random(12), aad: random(3), out: new Uint8Array(40) };
    for (const p of [
      { iv: random(11) },
      { iv: random(13) },
      { iv: 'iv' },
      { aad: undefined },
      { out: new Uint8Array(18) },
      { out: [] },
    ])
      expect(
        codeOf(() => engine.seal(key, random(3), { ...good, ...(p as object) })),
        JSON.stringify(p),
      ).toBe('ERR_ARGUMENT');
    expect(codeOf(() => engine.seal(key, 'text' as never, good))).toBe('ERR_ARGUMENT');
    for (let n = 0; n < 16; n++) expect(codeOf(() => engine.open(key, random(n), good))).toBe('ERR_AUTHENTICATION');
    key.dispose();
  });

  describe('series', () => {
    const bytes = random(32);
    const made = (n: number, length: number) => ({
      key: engine.importKey(bytes, as('seal')),
      texts: Array.from({ length: n }, () => random(length)),
      ivs: Array.from({ length: n }, () => random(12)),
    });
    const cut = (sealed: Uint8Array, n: number): Uint8Array[] =>
      Array.from({ length: n }, (_, i) => sealed.subarray((i * sealed.length) / n, ((i + 1) * sealed.length) / n));

    test('one behind the other, what each would be by itself; into `out`, or fresh', async () => {
      for (const [n, length] of [
        [1, 0],
        [3, 0],
        [1, 16_384],
        [2, 1],
        [5, 100],
        [16, 16_384],
        [17, 2000],
        [64, 3000],
        [3, 2 * io],
      ] as const) {
        const { key, texts, ivs } = made(n, length);
        const wanted = Buffer.concat(texts.map((text, i) => node.seal(bytes, ivs[i]!, text, random(0), 16)));
        const sealed = await engine.sealSeries(key, texts, { ivs });
        expect(same(sealed, wanted), `${n} of ${length}`).toBe(true);
        const out = new Uint8Array(wanted.length + 3).fill(9);
        expect(same(await engine.sealSeries(key, texts, { ivs, out }), wanted)).toBe(true);
        expect([...out.subarray(wanted.length)]).toEqual([9, 9, 9]);
        const plain = Buffer.concat(texts);
        const opened = await engine.openSeries(key, cut(sealed, n), { ivs });
        expect(same(opened, plain), `${n} of ${length}`).toBe(true);
        const into = new Uint8Array(plain.length + 3).fill(9);
        expect(same(await engine.openSeries(key, cut(sealed, n), { ivs, out: into }), plain)).toBe(true);
        expect([...into.subarray(plain.length)]).toEqual([9, 9, 9]);
        key.dispose();
      }
    });

    test('opened as far as the tags are true: of one that is altered nothing leaves, nor of those behind it', async () => {
      for (const [n, length] of [
        [4, 3000],
        [16, 16_384],
      ] as const) {
        const { key, texts, ivs } = made(n, length);
        const sealed = await engine.sealSeries(key, texts, { ivs });
        for (const wrong of [0, 1, n - 1]) {
          const altered = flip(sealed, 8 * (wrong * (length + 16) + 5));
          const out = new Uint8Array(n * length);
          for (const opened of [
            await engine.openSeries(key, cut(altered, n), { ivs }),
            await engine.openSeries(key, cut(altered, n), { ivs, out }),
          ]) {
            expect(same(opened, Buffer.concat(texts.slice(0, wrong))), `${wrong}`).toBe(true);
            const rest = new Uint8Array(opened.buffer).subarray(wrong * length);
            expect(
              texts.slice(wrong).some((text) => Buffer.from(rest).includes(Buffer.from(text.subarray(100, 200)))),
            ).toBe(false);
          }
        }
        key.dispose();
      }
    });

    test('bad arguments', () => {
      const { key, texts, ivs } = made(2, 100);
      for (const [given, p] of [
        [[], { ivs: [] }],
        [texts, { ivs: ivs.slice(1) }],
        [texts, { ivs: [ivs[0]!, random(13)] }],
        [[texts[0]!, random(99)], { ivs }],
        [texts, { ivs, out: new Uint8Array(231) }],
        [[...texts, 'text' as never], { ivs: [...ivs, random(12)] }],
        [Array.from({ length: 65 }, () => texts[0]!), { ivs: Array.from({ length: 65 }, () => random(12)) }],
      ] as const)
        expect(codeOf(() => engine.sealSeries(key, given, p))).toBe('ERR_ARGUMENT');
      expect(codeOf(() => engine.openSeries(key, [random(15)], { ivs: [ivs[0]!] }))).toBe('ERR_ARGUMENT');
      key.dispose();
      expect(codeOf(() => engine.sealSeries(key, texts, { ivs }))).toBe('ERR_DISPOSED');
    });

    test('a key that ends meanwhile: nothing comes of it', async () => {
      const { key, texts, ivs } = made(16, 16_384);
      const sealed = await engine.sealSeries(key, texts, { ivs });
      const opening = codeOfAny(() => engine.openSeries(key, cut(sealed, 16), { ivs }));
      const late = key.busy;
      key.dispose();
      expect(await opening).toBe(late ? 'ERR_DISPOSED' : null);
    });
  });

  test('wrap is AES-256-GCM over prefix ‖ key; unwrap gives the key back', () => {
    const [outerBytes, innerBytes] = [random(32), random(32)];
    const [outer, inner] = [engine.importKey(outerBytes, as('wrap')), engine.importKey(innerBytes, as('mac'))];
    for (const n of [0, 1, 15, 16, 27, 30, 48, 127, 128])
      for (const aadLength of [0, 60, 1000]) {
        const [iv, aad, prefix] = [random(12), random(aadLength), random(n)];
        const sealed = engine.wrap(outer, inner, { iv, aad, prefix });
        expect(same(sealed, node.seal(outerBytes, iv, Buffer.concat([prefix, innerBytes]), aad, 16)), `${n}`).toBe(
          true,
        );
        const back: Key<'seal'> = engine.unwrap(outer, { iv, aad, prefix, sealed }, as('seal'));
        expect(back.purpose).toBe('seal');
        expect(same(engine.exportSecretBytes(back), innerBytes)).toBe(true);
        back.dispose();
      }
    outer.dispose();
    inner.dispose();
  });

  test('unwrap: every bit flipped, another prefix inside, another length', () => {
    const [outer, inner] = [engine.generateKey(as('wrap')), engine.generateKey(as('mac'))];
    const p = { iv: random(12), aad: random(40), prefix: random(30) };
    const sealed = engine.wrap(outer, inner, p);
    const open = (changed: object): string | null =>
      codeOf(() => engine.unwrap(outer, { ...p, sealed, ...changed }, as('seal')));
    for (let bit = 0; bit < 8 * sealed.length; bit++)
      expect(open({ sealed: flip(sealed, bit) })).toBe('ERR_AUTHENTICATION');
    for (let bit = 0; bit < 8 * 40; bit++) expect(open({ aad: flip(p.aad, bit) })).toBe('ERR_AUTHENTICATION');
    for (let bit = 0; bit < 8 * 12; bit++) expect(open({ iv: flip(p.iv, bit) })).toBe('ERR_AUTHENTICATION');
    for (let bit = 0; bit < 8 * 30; bit++) expect(open({ prefix: flip(p.prefix, bit) })).toBe('ERR_FORMAT');
    for (let n = 0; n < sealed.length; n++) expect(open({ sealed: sealed.subarray(0, n) })).toBe('ERR_FORMAT');
    expect(open({ prefix: p.prefix.subarray(1) })).toBe('ERR_FORMAT');
    expect(engine.freeSlots()).toBe(62);
    outer.dispose();
    inner.dispose();
  });

  test('wrap: bad arguments', () => {
    const [outer, inner] = [engine.generateKey(as('wrap')), engine.generateKey(as('mac'))];
    const p = { iv: random(12), aad: random(3), prefix: random(3) };
    const wrap = (changed: object): string | null => codeOf(() => engine.wrap(outer, inner, { ...p, ...changed }));
    expect(wrap({ prefix: random(129) })).toBe('ERR_ARGUMENT');
    expect(wrap({ prefix: 'text' })).toBe('ERR_ARGUMENT');
    expect(wrap({ iv: random(16) })).toBe('ERR_ARGUMENT');
    expect(wrap({ aad: null })).toBe('ERR_ARGUMENT');
    expect(wrap({ aad: random(io) })).toBe('ERR_LIMIT');
    expect(codeOf(() => engine.wrap(outer, outer, p))).toBeNull();
    outer.dispose();
    inner.dispose();
  });
});
