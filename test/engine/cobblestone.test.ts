// Wycheproof's Cobblestone-256, through the engine's primitives, on every kind and build.

import { createHash } from 'node:crypto';
import { inflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Engine } from '../../bindings/engine/engine.ts';
import { codeOf, random } from '../core/implementation.ts';
import { fromHex } from '../vectors/hex.ts';
import { withSet } from '../vectors/sets.ts';
import { CHUNK, open, seal } from './cobblestone.ts';
import { ALL, as, engineOn } from './engines.ts';

interface Case {
  tcId: number;
  key: string;
  ctx: string;
  ct: string;
  msgLength?: number;
  msgSha512?: string;
  result: 'valid' | 'invalid';
  flags: string[];
}

describe.each(ALL)('$name', (asked) => {
  let engine: Engine;
  beforeAll(async () => {
    ({ engine } = await engineOn(asked));
  });
  afterAll(() => engine.dispose());

  /** The verified chunks, and the code of what stopped it; null where nothing did. */
  async function read({ key, ctx, ct }: Case): Promise<{ chunks: Buffer; code: string | null }> {
    const chunks: Uint8Array[] = [];
    const dek = engine.importKey(fromHex(key), as('derive'));
    try {
      await open(engine, dek, fromHex(ctx), inflateSync(fromHex(ct)), (chunk) => chunks.push(chunk));
      return { chunks: Buffer.concat(chunks), code: null };
    } catch (error) {
      return { chunks: Buffer.concat(chunks), code: (error as { code: string }).code };
    } finally {
      dek.dispose();
    }
  }

  withSet<Case>('wycheproof/cobblestone_256', 27, (cases) => {
    test('8 valid, 19 not, of which 7 first give the valid chunks before the fault, and no other byte', async () => {
      const counts = { valid: 0, invalid: 0, partial: 0, keySize: 0 };
      for (const c of cases) {
        if (c.flags.includes('InvalidKeySize')) {
          expect(codeOf(() => engine.importKey(fromHex(c.key), as('derive')))).toBe('ERR_ARGUMENT');
          counts.keySize++;
          continue;
        }
        const { chunks, code } = await read(c);
        expect(code, `tcId ${c.tcId}`).toBe(c.result === 'valid' ? null : 'ERR_AUTHENTICATION');
        expect(chunks, `tcId ${c.tcId}`).toHaveLength(c.msgLength ?? 0);
        if (c.msgSha512 !== undefined)
          expect(createHash('sha512').update(chunks).digest('hex'), `tcId ${c.tcId}`).toBe(c.msgSha512);
        counts[c.result]++;
        if (c.flags.includes('PartialPlaintext')) counts.partial++;
      }
      expect(counts).toEqual({ valid: 8, invalid: 18, partial: 7, keySize: 1 });
    });
  });

  test.each([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 5])('%d bytes, sealed and opened', async (n) => {
    const [message, context, salt] = [random(n), random(20), random(24)];
    const dek = engine.generateKey(as('derive'));
    const sealed = await seal(engine, dek, salt, context, message);
    expect(sealed).toHaveLength(56 + n + 16 * (Math.floor(n / CHUNK) + 1));
    const chunks: Uint8Array[] = [];
    await open(engine, dek, context, sealed, (chunk) => chunks.push(chunk));
    expect(Buffer.compare(Buffer.concat(chunks), message)).toBe(0);
    dek.dispose();
  });
});
