// One GCM message of more than 2^32 bytes, beside OpenSSL's, in the build `simd`. Its counter wraps at the 2^28th block: the
// length and the counter both pass what 32 bits hold. SP 800-38D §6.2, §7.1.

import { createCipheriv, type CipherGCM } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Instance } from '../../bindings/core/instance.ts';
import { good } from '../../bindings/core/status.ts';
import { random, same } from '../core/implementation.ts';
import { ivFor, toBlock } from '../models/gcm.ts';
import { instanceOn, rate } from './streams.ts';

const PIECE = 126_976; // 62 wide batches of 2 KiB: what the I/O region takes beside IV and tag
const LENGTH = 2 ** 32 + 2 ** 21 + 5;
const AAD_LENGTH = 2 ** 29 + 3; // more than 2^32 bits

/** J0 from whose next counter on the 2^28th is 0: that block begins 2^32 bytes into the text. */
const WRAPS_AT_4_GIB = 2 ** 32 - 2 ** 28 - 1;

describe('simd', () => {
  let core: Instance;
  beforeAll(async () => {
    core = await instanceOn('simd');
  });

  /** Runs `work` on a message begun under a fresh slot. */
  function withMessage(key: Uint8Array, iv: Uint8Array, work: (at: number) => void): void {
    const { abi, door, memory } = core;
    const slot = good(abi.keyAllocate());
    memory.set(key, good(abi.keyAddress(slot)));
    good(abi.keyLoad(slot));
    door.use(() => {
      good(abi.gcmBegin(slot));
      good(abi.gcmIv(door.put(0, iv), iv.length));
      work(door.room(0, PIECE));
    });
    abi.gcmEnd();
    abi.keyFree(slot);
  }

  /** The tags of both, after `length` bytes that agreed piece by piece. The plaintext of a piece is the ciphertext of the last. */
  function beside(peer: CipherGCM, at: number, length: number): void {
    const { abi, memory } = core;
    memory.set(random(PIECE), at);
    for (let done = 0; done < length; done += PIECE) {
      const piece = memory.subarray(at, at + Math.min(PIECE, length - done));
      const wanted = peer.update(piece);
      good(abi.gcmEncrypt(at, piece.length));
      if (!same(piece, wanted)) expect.fail(`another ciphertext from byte ${done} on`);
    }
    peer.final();
    good(abi.gcmTag(at, 16));
    expect(same(memory.subarray(at, at + 16), peer.getAuthTag())).toBe(true);
  }

  test('4 GiB and more, the counter at its wrap', () => {
    const key = random(32);
    const j0 = (toBlock(random(12)) << 32n) | BigInt(WRAPS_AT_4_GIB);
    const iv = ivFor(key, j0, new Uint8Array(0));
    const began = performance.now();
    withMessage(key, iv, (at) => beside(createCipheriv('aes-256-gcm', key, iv), at, LENGTH));
    console.log(`GCM beside OpenSSL's: ${rate(LENGTH, began)}`);
  });

  test('AAD of more than 2^32 bits', () => {
    const { abi, memory } = core;
    const [key, iv] = [random(32), random(12)];
    const aad = Buffer.alloc(AAD_LENGTH, random(1009));
    const peer = createCipheriv('aes-256-gcm', key, iv).setAAD(aad);
    withMessage(key, iv, (at) => {
      for (let from = 0; from < aad.length; from += PIECE) {
        const piece = aad.subarray(from, from + PIECE);
        memory.set(piece, at);
        good(abi.gcmAad(at, piece.length));
      }
      beside(peer, at, 100);
    });
  });
});
