// Short messages have a form of their own in SIMD builds: around its edges, every length of text, AAD and IV, against node:crypto.

import { describe, expect, test } from 'vitest';
import { loadCore } from '../../bindings/core/load.ts';
import { instanceOf } from '../../bindings/core/internal.ts';
import { node, ofCore, random, same, VARIANTS, type TagLength } from './implementation.ts';

/** The longest that goes in the short form, and one more. */
const TEXT = [...Array.from({ length: 35 }, (_, i) => i), 95, 96, 97, 110, 111, 112, 113, 114, 127, 128, 129];
const AAD = [0, 1, 15, 16, 17, 40, 1008, 1023, 1024, 1025];
const IV = [12, 12, 12, 12, 11, 13, 16];

describe.each(VARIANTS)('%s', (variant) => {
  test('is what node:crypto makes, and opens; one bit flipped is refused, and the text stays sealed', async () => {
    const core = await loadCore({ variant });
    const ours = ofCore(core);
    const { memory, door } = instanceOf(core);
    for (const [i, n] of TEXT.entries())
      for (const [j, m] of AAD.entries()) {
        const [key, iv, text, aad] = [random(32), random(IV[(i + j) % IV.length]!), random(n), random(m)];
        const tagLength = (12 + ((i + j) % 5)) as TagLength;
        const sealed = ours.seal(key, iv, text, aad, tagLength);
        expect(same(sealed, node.seal(key, iv, text, aad, tagLength)), `${n} bytes, AAD ${m}, IV ${iv.length}`).toBe(
          true,
        );
        expect(same(ours.open(key, iv, sealed, aad, tagLength), text)).toBe(true);
        const flipped = Uint8Array.from(sealed);
        flipped[(7 * i + j) % flipped.length]! ^= 1 << (j & 7);
        expect(() => ours.open(key, iv, flipped, aad, tagLength)).toThrow();
        if (n >= 16) expect(Buffer.from(memory.subarray(0, door.io)).includes(Buffer.from(text))).toBe(false);
      }
    core[Symbol.dispose]();
  });

  test('a message that comes in pieces is wiped by one, as by every other', async () => {
    const { abi, door, memory } = instanceOf(await loadCore({ variant }));
    const slot = abi.keyAllocate();
    memory.set(random(32), abi.keyAddress(slot));
    abi.keyLoad(slot);
    const iv = door.put(64, random(12));
    abi.gcmBegin(slot);
    abi.gcmIv(iv, 12);
    expect(abi.gcmEncrypt(door.put(0, random(20)), 20)).toBe(0);
    expect(abi.gcmSeal(slot, iv, 12, iv, 0, door.put(0, random(32)), 16, 16)).toBe(0);
    expect(abi.gcmEncrypt(door.put(0, random(20)), 20)).toBeLessThan(0);
    expect(abi.gcmTag(door.io, 16)).toBeLessThan(0);
  });
});
