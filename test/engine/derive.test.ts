// Extract, expand, MAC, hash: against node:crypto.

import { createHash, createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { instanceOf } from '../../bindings/core/internal.ts';
import type { Engine } from '../../bindings/engine/engine.ts';
import { codeOf, random, same } from '../core/implementation.ts';
import { ALL, as, engineOn } from './engines.ts';

/** RFC 5869 §2.3 by node's HMAC. */
function expand(hash: string, prk: Uint8Array, info: Uint8Array, length: number): Buffer {
  const blocks: Buffer[] = [];
  for (let i = 1; Buffer.concat(blocks).length < length; i++)
    blocks.push(
      createHmac(hash, prk)
        .update(blocks.at(-1) ?? '')
        .update(info)
        .update(Buffer.of(i))
        .digest(),
    );
  return Buffer.concat(blocks).subarray(0, length);
}

const HASHES = [
  ['SHA-256', 'sha256'],
  ['SHA-512', 'sha512'],
] as const;

describe.each(ALL)('$name', (asked) => {
  let engine: Engine;
  let io: number;
  beforeAll(async () => {
    const made = await engineOn(asked);
    engine = made.engine;
    io = instanceOf(made.core).door.length;
  });
  afterAll(() => engine.dispose());

  test('sha256 and mac over parts, none, empty ones and long ones', () => {
    const bytes = random(32);
    const key = engine.importKey(bytes, as('mac'));
    for (const parts of [[], [random(0)], [random(5), random(0), random(60)], [random(io + 1), random(3)]]) {
      const all = Buffer.concat(parts);
      expect(same(engine.sha256(...parts), createHash('sha256').update(all).digest())).toBe(true);
      expect(same(engine.mac(key, ...parts), createHmac('sha256', bytes).update(all).digest())).toBe(true);
    }
    expect(codeOf(() => engine.sha256(random(3), 'text' as never))).toBe('ERR_ARGUMENT');
    expect(codeOf(() => engine.mac(key, random(3), null as never))).toBe('ERR_ARGUMENT');
    key.dispose();
  });

  test('extract: every length of salt and key material', () => {
    for (let n = 0; n <= 200; n++) {
      const [salt, ikm] = [random(n), random((n * 7) % 201)];
      const key = engine.extract({ salt, ikm }, as('derive'));
      expect(same(engine.exportSecretBytes(key), createHmac('sha256', salt).update(ikm).digest()), `${n}`).toBe(true);
      key.dispose();
    }
    const [salt, ikm] = [random(io + 3), random(2 * io)];
    const key = engine.extract({ salt, ikm }, as('derive'));
    expect(same(engine.exportSecretBytes(key), createHmac('sha256', salt).update(ikm).digest())).toBe(true);
    key.dispose();
  });

  test.each(HASHES)('expand, %s: every length, the keys in slots, the rest outside', (hash, name) => {
    const bytes = random(32);
    const prk = engine.importKey(bytes, as('derive'));
    for (let length = 1; length <= 128; length++) {
      const info = random((length * 5) % 300);
      const okm = expand(name, bytes, info, length);
      expect(same(engine.expand(prk, { hash, info, length, keys: [] }).rest, okm), `${length}`).toBe(true);
      for (const places of [[0], [length - 32], [(length - 32) >> 1], [64, 0], [0, 32, 64, 96], [33, 96]]) {
        const sorted = [...places].sort((a, b) => a - b);
        if (sorted.some((at) => at < 0 || at + 32 > length)) continue;
        const { keys, rest } = engine.expand(prk, {
          hash,
          info,
          length,
          keys: places.map((at) => ({ ...as('mac'), at })),
        });
        keys.forEach((key, i) => {
          const at = places[i]!;
          expect(key.purpose).toBe('mac');
          expect(same(engine.exportSecretBytes(key), okm.subarray(at, at + 32)), `${length}: ${places.join()}`).toBe(
            true,
          );
          key.dispose();
        });
        const outside = okm.filter((_, i) => !places.some((at) => i >= at && i < at + 32));
        expect(same(rest, outside), `${length}: ${places.join()}`).toBe(true);
      }
    }
    const info = random(2 * io + 7);
    expect(same(engine.expand(prk, { hash, info, length: 100, keys: [] }).rest, expand(name, bytes, info, 100))).toBe(
      true,
    );
    prk.dispose();
    expect(engine.freeSlots()).toBe(64);
  });

  test('expand: bad arguments, before any slot is taken', () => {
    const prk = engine.generateKey(as('derive'));
    const call = (p: object): unknown =>
      codeOf(() => engine.expand(prk, { hash: 'SHA-256', info: random(3), length: 64, keys: [], ...p }));
    for (const p of [
      { hash: 'SHA-1' },
      { hash: 'toString' },
      { info: 'text' },
      { length: 0 },
      { length: 129 },
      { length: '64' },
      { keys: [{ ...as('mac'), at: 33 }] },
      { keys: [{ ...as('mac'), at: -1 }] },
      {
        keys: [
          { ...as('mac'), at: 0 },
          { ...as('mac'), at: 31 },
        ],
      },
      {
        keys: [
          { ...as('mac'), at: 0 },
          { ...as('mac'), at: 0 },
        ],
      },
      { length: 31, keys: [{ ...as('mac'), at: 0 }] },
    ])
      expect(call(p), JSON.stringify(p)).toBe('ERR_ARGUMENT');
    prk.dispose();
    expect(engine.freeSlots()).toBe(64);
  });
});
