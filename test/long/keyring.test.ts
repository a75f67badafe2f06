// A stream of more than 2^32 bytes through a keyring, sealed and opened, its data made as it is needed and kept nowhere. One
// chunk behind the 2^32nd byte is opened by hand: the offset, the nonce's index and the context are as docs/formats.md has them.

import { createDecipheriv, createHmac, randomBytes, randomFillSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { createEngine, Keyring, memoryStore } from '../../bindings/index.ts';
import { loadCore } from '../../bindings/core/load.ts';
import { same } from '../core/implementation.ts';
import { ByHand } from '../keyring/by-hand.ts';
import { rate } from './streams.ts';

const LENGTH = 2 ** 32 + 3 * 2 ** 20 + 77;
const PIECE = 100_003; // of what is written: no multiple of a chunk
const CHUNK = 16_384;
const SEALED_CHUNK = CHUNK + 16;
const HEAD = 143 + 56;
const OWNER = 'alice';
const CONTEXT = 'the long one';

/** Byte i of the data: of a random page, the index of the page standing in its first four bytes. */
const page = randomFillSync(Buffer.alloc(CHUNK));
function data(from: number, length: number): Buffer {
  const out = Buffer.alloc(length);
  for (let at = 0; at < length;) {
    const index = Math.floor((from + at) / CHUNK);
    const inside = (from + at) % CHUNK;
    page.writeUInt32BE(index);
    at += page.copy(out, at, inside);
  }
  return out;
}

/** A window of what flows by, kept. */
class Window {
  readonly bytes: Buffer;
  readonly #from: number;
  #at = 0;

  constructor(from: number, length: number) {
    this.bytes = Buffer.alloc(length);
    this.#from = from;
  }

  see(part: Uint8Array): void {
    const start = Math.max(0, this.#from - this.#at);
    const into = Math.max(0, this.#at - this.#from);
    if (start < part.length && into < this.bytes.length)
      this.bytes.set(part.subarray(start, start + this.bytes.length - into), into);
    this.#at += part.length;
  }
}

/** HKDF-Expand-SHA512 to 76 bytes, RFC 5869 §2.3. */
function expand(prk: Uint8Array, info: Uint8Array): Buffer {
  const block = (before: Uint8Array, i: number): Buffer =>
    createHmac('sha512', prk).update(before).update(info).update(Buffer.of(i)).digest();
  const first = block(Buffer.alloc(0), 1);
  return Buffer.concat([first, block(first, 2)]).subarray(0, 76);
}

/** Chunk `index` by hand, from the 199 bytes of the head, the sealed chunk, and the KEK. */
function openByHand(hand: ByHand, head: Buffer, chunk: Buffer, index: number): Buffer {
  const kid = head.subarray(7, 23);
  const dek = hand.unwrap('stream-key', kid, head.subarray(23, 143), [7]);
  const label = Buffer.from('c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0');
  const okm = expand(dek, Buffer.concat([label, head.subarray(143, 167), kid, Buffer.from(CONTEXT)]));
  const nonce = Buffer.from(okm.subarray(32, 44));
  nonce.writeUInt32BE((nonce.readUInt32BE(8) ^ index) >>> 0, 8);
  const gcm = createDecipheriv('aes-256-gcm', okm.subarray(0, 32), nonce);
  gcm.setAuthTag(chunk.subarray(CHUNK));
  return Buffer.concat([gcm.update(chunk.subarray(0, CHUNK)), gcm.final()]);
}

test('4 GiB and more: what comes out is what went in', async () => {
  const engine = await createEngine({ prefer: 'wasm', core: await loadCore({ variant: 'simd' }) });
  const store = memoryStore();
  const secret = { operatorKey: randomBytes(32), operatorKeyId: randomBytes(16).toString('hex') };
  const { keyring } = await Keyring.create({ engine, store, owner: OWNER, ...secret });

  const index = Math.ceil((2 ** 32 - HEAD) / SEALED_CHUNK); // the first chunk that begins behind 2^32
  const offset = HEAD + index * SEALED_CHUNK;
  expect(offset).toBeGreaterThan(2 ** 32);
  const [head, chunk] = [new Window(0, HEAD), new Window(offset, SEALED_CHUNK)];

  let made = 0;
  const source = new ReadableStream<Uint8Array>({
    pull(controller) {
      const length = Math.min(PIECE, LENGTH - made);
      if (length === 0) return controller.close();
      controller.enqueue(data(made, length));
      made += length;
    },
  });
  let sealed = 0;
  const watch = new TransformStream<Uint8Array, Uint8Array>({
    transform(part, controller) {
      head.see(part);
      chunk.see(part);
      sealed += part.length;
      controller.enqueue(part);
    },
  });
  let opened = 0;
  const sink = new WritableStream<Uint8Array>({
    write(part) {
      if (!same(part, data(opened, part.length))) throw new Error(`other data from byte ${opened} on`);
      opened += part.length;
    },
  });
  const progress: number[] = [];
  const began = performance.now();
  await source
    .pipeThrough(keyring.sealStream({ context: CONTEXT, size: LENGTH, onProgress: (x) => progress.push(x) }))
    .pipeThrough(watch)
    .pipeThrough(keyring.openStream({ context: CONTEXT }))
    .pipeTo(sink);
  console.log(`sealed and opened: ${rate(LENGTH, began)}`);

  expect(opened).toBe(LENGTH);
  expect(sealed).toBe(HEAD + LENGTH + 16 * (Math.floor(LENGTH / CHUNK) + 1));
  expect(progress.at(-1)).toBe(1);
  const hand = new ByHand((await store.get(OWNER))!.bytes, secret.operatorKey);
  expect(same(openByHand(hand, head.bytes, chunk.bytes, index), data(index * CHUNK, CHUNK))).toBe(true);
  keyring.lock();
  engine.dispose();
});
