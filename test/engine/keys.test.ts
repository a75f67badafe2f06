// Keys: one purpose, one owner, no printable form, an end.

import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../bindings/engine/engine.ts';
import type { Purpose } from '../../bindings/engine/key.ts';
import { codeOf, random, same } from '../core/implementation.ts';
import { ALL, as, codeOfAny, engineOn, ID } from './engines.ts';

describe.each(ALL)('$name', (asked) => {
  let engine: Engine;
  beforeAll(async () => {
    ({ engine } = await engineOn(asked));
  });
  afterAll(() => engine.dispose());

  test('what is imported is exported, and nothing else shows it', () => {
    const bytes = random(32);
    const key = engine.importKey(bytes, as('seal'));
    expect(same(engine.exportSecretBytes(key), bytes)).toBe(true);
    const shown = [
      JSON.stringify({ key }),
      inspect(key, { depth: 9, showHidden: true }),
      String(key),
      JSON.stringify(Object.entries(key)),
    ];
    for (const text of shown) {
      expect(text).toContain(ID);
      for (let at = 0; at < 32; at += 4) {
        expect(text).not.toContain(Buffer.from(bytes.subarray(at, at + 4)).toString('hex'));
        expect(text).not.toContain(bytes.subarray(at, at + 4).join());
      }
    }
    expect(JSON.parse(JSON.stringify(structuredClone({ ...key })))).toEqual({ id: ID, purpose: 'seal' });
    key.dispose();
  });

  test('an import leaves the caller’s bytes alone, and keeps none of them', () => {
    const bytes = random(32);
    const copy = Uint8Array.from(bytes);
    const key = engine.importKey(bytes, as('seal'));
    expect(same(bytes, copy)).toBe(true);
    bytes.fill(0);
    expect(same(engine.exportSecretBytes(key), copy)).toBe(true);
    key.dispose();
  });

  test.each([0, 16, 31, 33, 64])('a key of %d bytes is refused', (n) => {
    expect(codeOf(() => engine.importKey(random(n), as('seal')))).toBe('ERR_ARGUMENT');
    expect(engine.freeSlots()).toBe(64);
  });

  test('generated keys differ', () => {
    const seen = new Set<string>();
    for (let i = 0; i < 100; i++) {
      const key = engine.generateKey(as('seal'));
      seen.add(Buffer.from(engine.exportSecretBytes(key)).toString('hex'));
      key.dispose();
    }
    expect(seen.size).toBe(100);
  });

  test('each purpose does its own work and no other', async () => {
    const nonce = { iv: random(12), aad: random(3) };
    type Used = Exclude<Purpose, 'agree' | 'sign'>; // private keys, which no call of the engine takes
    const uses: Record<Used, (key: never) => unknown> = {
      derive: (key) => engine.expand(key, { hash: 'SHA-256', info: random(3), length: 32, keys: [] }),
      wrap: (key) => engine.wrap(key, key, { ...nonce, prefix: random(3) }),
      seal: (key) => engine.seal(key, random(3), { ...nonce, out: new Uint8Array(19) }),
      mac: (key) => engine.mac(key, random(3)),
    };
    for (const purpose of [...(Object.keys(uses) as Purpose[]), 'agree', 'sign'] as const)
      for (const use of Object.keys(uses) as Used[]) {
        const key = engine.generateKey(as(purpose));
        expect(await codeOfAny(() => uses[use](key as never)), `${purpose} for ${use}`).toBe(
          use === purpose ? null : 'ERR_ARGUMENT',
        );
        key.dispose();
        expect(
          codeOf(() => uses[use](key as never)),
          `${purpose} after its end`,
        ).toBe('ERR_DISPOSED');
      }
    for (const none of [null, undefined, {}, 5, 'key'])
      expect(codeOf(() => uses.mac(none as never))).toBe('ERR_ARGUMENT');
  });

  test('a key of another engine is refused, also where both share a core', async () => {
    const { engine: other } = await engineOn(asked);
    const key = other.generateKey(as('mac'));
    expect(codeOf(() => engine.mac(key, random(3)))).toBe('ERR_ARGUMENT');
    other.dispose();
  });

  test('64 slots: then ERR_LIMIT for whatever needs one, and nothing is lost', async () => {
    const { engine: full } = await engineOn(asked);
    const keys = Array.from({ length: 63 }, () => full.generateKey(as('derive')));
    const [prk, outer] = [keys[0]!, full.generateKey(as('wrap'))];
    expect(full.freeSlots()).toBe(0);
    const nonce = { iv: random(12), aad: random(3), prefix: random(3) };
    const sealed = full.wrap(outer, keys[1]!, nonce);
    const needs: (() => unknown)[] = [
      () => full.generateKey(as('seal')),
      () => full.importKey(random(32), as('seal')),
      () => full.extract({ salt: random(3), ikm: random(3) }, as('seal')),
      () => full.expand(prk, { hash: 'SHA-256', info: random(3), length: 64, keys: [{ ...as('seal'), at: 0 }] }),
      () => full.unwrap(outer, { ...nonce, sealed }, as('seal')),
    ];
    expect(needs.map(codeOf)).toEqual(needs.map(() => 'ERR_LIMIT'));
    keys[62]!.dispose();
    expect(needs.slice(3).map(codeOf)).toEqual([null, 'ERR_LIMIT']); // the key made by the first of them is forgotten, not freed
    keys[61]!.dispose();
    const two = [
      { ...as('seal'), at: 0 },
      { ...as('mac'), at: 32 },
    ];
    expect(codeOf(() => full.expand(prk, { hash: 'SHA-512', info: random(3), length: 64, keys: two }))).toBe(
      'ERR_LIMIT',
    );
    expect(full.freeSlots()).toBe(1); // the first of the two was freed again
    full.dispose();
  });

  test('a forgotten key gives its slot back some time after the collector took it', async () => {
    (() => {
      for (let i = 0; i < 64; i++) engine.generateKey(as('seal'));
    })();
    expect(engine.freeSlots()).toBe(0);
    for (let i = 0; i < 50 && engine.freeSlots() < 60; i++) {
      gc!();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(engine.freeSlots()).toBeGreaterThan(59);
  });
});
