// The two counts of GCM at their ends, on every build: the block counter, of 32 bits, where it wraps (SP 800-38D §6.2, inc32),
// and the length of the text, where it is all that it may be (§5.2.1.1: 2^36 − 32 bytes).
//
// With a 96-bit IV the counter begins at 1 and cannot wrap. With another IV it begins anywhere: the model finds the IV.

import { beforeAll, describe, expect, test } from 'vitest';
import { Status } from '../../bindings/core/abi.ts';
import type { Instance } from '../../bindings/core/instance.ts';
import { instanceOf } from '../../bindings/core/internal.ts';
import { loadCore } from '../../bindings/core/load.ts';
import { good } from '../../bindings/core/status.ts';
import type { Core } from '../../bindings/core/types.ts';
import { encryptBlock, gctr, inverse, ivFor, j0Of, multiply, tag, toBlock } from '../models/gcm.ts';
import { codeOf, node, ofCore, random, same, VARIANTS, type Bytes, type Implementation } from './implementation.ts';

/** J0 with 12 random bytes and a given counter. */
const j0With = (counter: number): bigint => (toBlock(random(12)) << 32n) | BigInt(counter);

test('the model is right: it agrees with node:crypto, and an inverse is one', () => {
  const [key, aad, text] = [random(32), random(20), random(100)];
  for (const length of [1, 12, 16, 17, 64]) {
    const iv = random(length);
    const j0 = j0Of(key, iv);
    const ciphertext = gctr(key, j0, text);
    expect(same(Buffer.concat([ciphertext, tag(key, j0, aad, ciphertext)]), node.seal(key, iv, text, aad, 16))).toBe(
      true,
    );
  }
  const x = toBlock(random(16)) | 1n;
  expect(multiply(x, inverse(x))).toBe(1n << 127n);
  for (const front of [0, 16, 48]) {
    const j0 = j0With(0xffffffff);
    expect(j0Of(key, ivFor(key, j0, random(front)))).toBe(j0);
  }
});

describe.each(VARIANTS)('%s', (variant) => {
  let core: Core;
  let instance: Instance;
  let asked: Implementation;
  beforeAll(async () => {
    core = await loadCore({ variant });
    instance = instanceOf(core);
    asked = ofCore(core);
  });

  describe('the block counter', () => {
    /** Text goes this far: past three batches of 128 blocks, and into a block. */
    const length = 16 * 3 * 128 + 5;
    /** J0 so many blocks before the wrap: itself the last, its first text block the last, at the edges of batches of 4, 8 and 128. */
    const before = [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 126, 127, 128, 129, 130, 255, 256, 257, 384];

    test.each([16, 64])('wraps as inc32 does, IV of %d bytes', (ivLength) => {
      for (const blocks of before) {
        const [key, aad, text] = [random(32), random(30), random(length)];
        const iv = ivFor(key, j0With(2 ** 32 - 1 - blocks), random(ivLength - 16));
        const sealed = node.seal(key, iv, text, aad, 16);
        expect(same(asked.seal(key, iv, text, aad, 16), sealed), `${blocks} blocks before`).toBe(true);
        expect(same(asked.open(key, iv, sealed, aad, 16), text), `${blocks} blocks before`).toBe(true);
      }
    });

    test('wraps into nothing above it: the model, block for block', () => {
      const [key, text] = [random(32), random(16 * 20)];
      const j0 = j0With(2 ** 32 - 4);
      const iv = ivFor(key, j0, new Uint8Array(0));
      const ciphertext = gctr(key, j0, text);
      expect(same(asked.seal(key, iv, text, new Uint8Array(0), 16).subarray(0, text.length), ciphertext)).toBe(true);
      const first = toBlock(ciphertext.subarray(48, 64)) ^ toBlock(text.subarray(48, 64));
      expect(first).toBe(encryptBlock(key, j0 & ~0xffffffffn)); // block 3: the counter is 0, the rest is J0's
    });

    test('wraps in a message that comes in pieces, at every place of a piece', () => {
      const [key, aad] = [random(32), random(3)];
      const iv = ivFor(key, j0With(2 ** 32 - 6), new Uint8Array(0));
      const text = random(16 * 12);
      const sealed = node.seal(key, iv, text, aad, 16);
      for (let cut = 0; cut <= text.length; cut++)
        expect(same(inPieces(key, iv, aad, [text.subarray(0, cut), text.subarray(cut)]), sealed), `${cut}`).toBe(true);
    });
  });

  /** Loads `key` into a slot, runs `work` with a message begun under it, and frees the slot. */
  function withMessage<T>(key: Bytes, iv: Bytes, aad: Bytes, work: () => T): T {
    const { abi, door, memory } = instance;
    const slot = good(abi.keyAllocate());
    try {
      memory.set(key, good(abi.keyAddress(slot)));
      good(abi.keyLoad(slot));
      return door.use(() => {
        good(abi.gcmBegin(slot));
        good(abi.gcmIv(door.put(0, iv), iv.length));
        good(abi.gcmAad(door.put(0, aad), aad.length));
        return work();
      });
    } finally {
      abi.gcmEnd();
      abi.keyFree(slot);
    }
  }

  /** One piece of text, in place: what it became. */
  function encrypt(piece: Bytes): Bytes {
    const { abi, door } = instance;
    const at = door.put(0, piece);
    good(abi.gcmEncrypt(at, piece.length));
    return door.out(at, piece.length);
  }

  function finish(): Bytes {
    const { abi, door } = instance;
    const at = door.room(0, 16);
    good(abi.gcmTag(at, 16));
    return door.out(at, 16);
  }

  const inPieces = (key: Bytes, iv: Bytes, aad: Bytes, pieces: readonly Bytes[]): Bytes =>
    withMessage(key, iv, aad, () => Buffer.concat([...pieces.map(encrypt), finish()]));

  describe('the length of the text', () => {
    const MOST = 2 ** 36 - 32;

    /** Where the core keeps the length, found by what it was and became: 64 GiB are too much for a test of every day. */
    function lengthAt(was: number, becomes: number, between: () => void): number {
      const view = new DataView(instance.memory.buffer);
      const places: number[] = [];
      for (let at = 0; at + 8 <= view.byteLength; at += 8)
        if (view.getBigUint64(at, true) === BigInt(was)) places.push(at);
      between();
      const kept = places.filter((at) => view.getBigUint64(at, true) === BigInt(becomes));
      expect(kept).toHaveLength(1);
      return kept[0]!;
    }

    const setLength = (at: number, length: number): void =>
      new DataView(instance.memory.buffer).setBigUint64(at, BigInt(length), true);

    test('2^36 − 32 bytes are taken, one more is ERR_LIMIT, and the tag tells the true length', () => {
      const [key, iv, aad, text] = [random(32), random(12), random(7), random(96)];
      const j0 = j0Of(key, iv);
      const made = withMessage(key, iv, aad, () => {
        const { abi, door } = instance;
        const pieces = [encrypt(text.subarray(0, 48))];
        const at = lengthAt(48, 80, () => pieces.push(encrypt(text.subarray(48, 80))));
        setLength(at, MOST - 16);
        expect(abi.gcmEncrypt(door.put(0, random(17)), 17)).toBe(Status.LIMIT);
        pieces.push(encrypt(text.subarray(80)));
        expect(abi.gcmEncrypt(door.put(0, random(1)), 1)).toBe(Status.LIMIT);
        expect(abi.gcmDecrypt(door.put(0, random(1)), 1)).toBe(Status.STATE);
        pieces.push(encrypt(new Uint8Array(0)));
        return Buffer.concat([...pieces, finish()]);
      });
      const ciphertext = gctr(key, j0, text);
      expect(same(made.subarray(0, 96), ciphertext)).toBe(true);
      expect(same(made.subarray(96), tag(key, j0, aad, ciphertext, MOST))).toBe(true);
      expect(codeOf(() => good(Status.LIMIT))).toBe('ERR_LIMIT');
    });

    test('the same when it is opened', () => {
      const [key, iv, aad, text] = [random(32), random(12), random(7), random(80)];
      const j0 = j0Of(key, iv);
      const ciphertext = gctr(key, j0, text);
      withMessage(key, iv, aad, () => {
        const { abi, door } = instance;
        const decrypt = (from: number, to: number): number =>
          abi.gcmDecrypt(door.put(0, ciphertext.subarray(from, to)), to - from);
        good(decrypt(0, 48));
        setLength(
          lengthAt(48, 64, () => good(decrypt(48, 64))),
          MOST - 16,
        );
        good(decrypt(64, 80));
        expect(decrypt(0, 1)).toBe(Status.LIMIT);
        expect(abi.gcmVerify(door.put(0, tag(key, j0, aad, ciphertext, MOST)), 16)).toBe(Status.OK);
      });
    });
  });
});
