// A message in chunks is the message: every split in two, and every chunk length, of streams of the core.

import { beforeAll, describe, expect, test } from 'vitest';
import type { Abi } from '../../bindings/core/abi.ts';
import type { Door } from '../../bindings/core/door.ts';
import { instanceOf } from '../../bindings/core/internal.ts';
import { loadCore } from '../../bindings/core/load.ts';
import { good } from '../../bindings/core/status.ts';
import { createHash, createHmac } from 'node:crypto';
import { node, random, same, VARIANTS, type Bytes } from './implementation.ts';

type Split = readonly number[];

/** Cuts `bytes` at the given places; pieces may be empty. */
const cut = (bytes: Bytes, at: Split): Bytes[] =>
  [0, ...at].map((from, i) => bytes.subarray(from, [...at, bytes.length][i]));

/** All splits in two, those into chunks of one length, and some in three with an empty piece. */
function splits(length: number): Split[] {
  const all: Split[] = [];
  for (let at = 0; at <= length; at++) all.push([at]);
  for (const chunk of [1, 3, 7, 16, 17, 64, 65, 128])
    all.push(Array.from({ length: Math.floor(length / chunk) }, (_, i) => chunk * (i + 1)));
  for (let at = 0; at <= length; at += 5) all.push([at, at, Math.min(at + 16, length)]);
  return all;
}

/** 0 … 3 blocks and a little; past a narrow batch of 8 blocks; past a wide one of 128. */
const LENGTHS = [0, 1, 16, 40, 130, 300, 2100];

describe.each(VARIANTS)('%s', (variant) => {
  let abi: Abi;
  let door: Door;
  let slot: number;
  const key = random(32);
  beforeAll(async () => {
    const instance = instanceOf(await loadCore({ variant }));
    ({ abi, door } = instance);
    slot = good(abi.keyAllocate());
    instance.memory.set(key, abi.keyAddress(slot));
    good(abi.keyLoad(slot));
  });

  const few = (n: number): Split[] => (n > 300 ? splits(n).filter((_, i) => i % 7 === 0) : splits(n));

  test('SHA-256 and SHA-512', () => {
    for (const n of LENGTHS)
      for (const split of few(n)) {
        const message = random(n);
        door.use(() => {
          abi.sha256Begin();
          abi.sha512Begin(); // the two streams run beside each other
          for (const piece of cut(message, split)) {
            const at = door.put(0, piece);
            good(abi.sha256Update(at, piece.length));
            good(abi.sha512Update(at, piece.length));
          }
          const at = door.room(0, 96);
          good(abi.sha256Finish(at));
          good(abi.sha512Finish(at + 32));
          expect(same(door.out(at, 32), createHash('sha256').update(message).digest())).toBe(true);
          expect(same(door.out(at + 32, 64), createHash('sha512').update(message).digest())).toBe(true);
        });
      }
  });

  test('HMAC with either hash, keyed from a slot and from the I/O region', () => {
    for (const n of LENGTHS)
      for (const split of few(n)) {
        const [message, other] = [random(n), random(n)];
        door.use(() => {
          good(abi.hmacSha256BeginSlot(slot));
          good(abi.hmacSha512Begin(door.put(0, other), other.length));
          for (const piece of cut(message, split)) {
            const at = door.put(0, piece);
            good(abi.sha256Update(at, piece.length));
            good(abi.sha512Update(at, piece.length));
          }
          const at = door.room(0, 96);
          good(abi.hmacSha256Finish(at));
          good(abi.hmacSha512Finish(at + 32));
          expect(same(door.out(at, 32), createHmac('sha256', key).update(message).digest())).toBe(true);
          expect(same(door.out(at + 32, 64), createHmac('sha512', other).update(message).digest())).toBe(true);
        });
      }
  });

  test('AES-256-GCM: IV, AAD and text, each in pieces', () => {
    for (const n of LENGTHS)
      for (const split of few(n)) {
        const [iv, aad, text] = [random(1 + (n % 60)), random(n), random(n)];
        const half = [Math.floor(iv.length / 3)];
        const sealed = node.seal(key, iv, text, aad, 16);
        door.use(() => {
          const feed = (bytes: Bytes, at: Split, take: (at: number, length: number) => number): Bytes =>
            Buffer.concat(
              cut(bytes, at).map((piece) => {
                const place = door.put(0, piece);
                good(take(place, piece.length));
                return door.out(place, piece.length);
              }),
            );
          const begin = (): void => {
            good(abi.gcmBegin(slot));
            feed(iv, half, (at, length) => abi.gcmIv(at, length));
            feed(aad, split, (at, length) => abi.gcmAad(at, length));
          };
          begin();
          const ciphertext = feed(text, split, (at, length) => abi.gcmEncrypt(at, length));
          const tag = door.room(0, 16);
          good(abi.gcmTag(tag, 16));
          expect(same(Buffer.concat([ciphertext, door.out(tag, 16)]), sealed), `${n} bytes at ${split.join()}`).toBe(
            true,
          );
          begin();
          const plaintext = feed(ciphertext, split, (at, length) => abi.gcmDecrypt(at, length));
          good(abi.gcmVerify(door.put(0, sealed.subarray(n)), 16));
          expect(same(plaintext, text), `${n} bytes at ${split.join()}`).toBe(true);
        });
      }
  });
});
