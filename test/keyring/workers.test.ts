// A keyring on an engine with workers: which keys go to them, what a slow reader holds up, what an abort, a fault, a dead worker
// and the lock leave.

import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { loadCore } from '../../bindings/core/load.ts';
import type { Engine } from '../../bindings/engine/engine.ts';
import { Keyring, memoryStore } from '../../bindings/index.ts';
import { codeOfAny } from '../engine/engines.ts';
import { engineOnThreads, type Watched } from '../engine/pool.ts';
import { sightings } from '../wiped/search.ts';
import { operator, OWNER } from './support.ts';

const MIB = 1 << 20;
const context = 'photo.raw';
const same = (a: Uint8Array, b: Uint8Array): void => expect(Buffer.compare(a, b)).toBe(0);

let engine: Engine;
let threads: Watched[];
let keyring: Keyring;
beforeEach(async () => {
  ({ engine, threads } = engineOnThreads(await loadCore({ variant: 'simd' })));
  ({ keyring } = await Keyring.create({ engine, store: memoryStore(), owner: OWNER, recovery: false, ...operator() }));
});
afterEach(async () => {
  engine.dispose();
  await Promise.all(threads.map(({ worker }) => worker.terminate()));
});

/** Keys that came to any worker, each once. */
async function keysThere(): Promise<Set<string>> {
  const all = await Promise.all(threads.map((thread) => thread.look()));
  return new Set(all.flatMap(({ keys }) => keys.map((key) => Buffer.from(key).toString('hex'))));
}

/** A source that counts what was asked of it. */
function counted(bytes: Uint8Array, piece: number): { source: ReadableStream<Uint8Array>; given: () => number } {
  let at = 0;
  const source = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (at >= bytes.length) return controller.close();
        controller.enqueue(bytes.slice(at, (at += piece)));
      },
    },
    { highWaterMark: 0 },
  );
  return { source, given: () => at };
}

const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 150));

describe('streams', () => {
  test.each([1000, 65_536, 100_001, MIB])('there and back, in pieces of %i bytes, in order', async (piece) => {
    const plaintext = randomBytes(Math.min(5 * MIB, 500 * piece) + 777);
    const out: Uint8Array[] = [];
    const sealing = counted(plaintext, piece).source.pipeThrough(keyring.sealStream({ context }));
    for await (const part of sealing.pipeThrough(keyring.openStream({ context }))) out.push(part);
    same(Buffer.concat(out), plaintext);
    expect(threads).toHaveLength(2);
    expect((await keysThere()).size).toBe(1); // of its chunks, to seal and to open
  });

  test('the writer may use its bytes again when a write has resolved', async () => {
    const plaintext = randomBytes(4 * MIB);
    const { readable, writable } = keyring.sealStream({ context });
    const sealed = new Response(readable as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer();
    const writer = writable.getWriter();
    const buffer = new Uint8Array(70_000);
    for (let at = 0; at < plaintext.length; at += buffer.length) {
      const part = plaintext.subarray(at, at + buffer.length);
      buffer.set(part);
      await writer.write(buffer.subarray(0, part.length));
      buffer.fill(9);
    }
    await writer.close();
    same(await keyring.open(new Uint8Array(await sealed), { context }), plaintext);
  });

  test('a reader who is slow holds up the source: what is under way is bounded', async () => {
    const plaintext = new Uint8Array(32 * MIB).fill(5);
    const { source, given } = counted(plaintext, 65_536);
    const reader = source.pipeThrough(keyring.sealStream({ context })).getReader();
    let read = 0;
    for (let i = 0; i < 20; i++) {
      const { value } = await reader.read();
      read += value!.length;
      await new Promise((resolve) => setTimeout(resolve, 10));
      expect(given() - read).toBeLessThan(engine.ahead + 3 * 65_536);
    }
    await vi.waitFor(() => expect(given()).toBeGreaterThan(engine.ahead / 2), 20_000); // not by waiting for each piece
    await settled();
    expect(given() - read).toBeLessThan(engine.ahead + 3 * 65_536);
    await reader.cancel();
  });

  test('chunks leave when they are done, though nothing more is written', async () => {
    const { readable, writable } = keyring.sealStream({ context });
    const [writer, reader] = [writable.getWriter(), readable.getReader()];
    void writer.write(randomBytes(40_000)).catch(() => undefined);
    const lengths: number[] = [];
    for (let i = 0; i < 2; i++) lengths.push((await reader.read()).value!.length);
    expect(lengths).toEqual([199, 2 * 16_400]);
    await writer.abort();
  });

  test('progress rises and ends with 1', async () => {
    const told: number[] = [];
    const plaintext = randomBytes(8 * MIB);
    const onProgress = (fraction: number): number => told.push(fraction);
    const sealed = counted(plaintext, 200_000).source.pipeThrough(
      keyring.sealStream({ context, size: plaintext.length, onProgress }),
    );
    await sealed.pipeTo(new WritableStream());
    expect(told.length).toBeGreaterThan(10);
    expect(told).toEqual([...new Set(told)].sort((a, b) => a - b));
    expect(told.filter((fraction) => fraction >= 1)).toEqual([1]);
  });

  test('an abort ends it at once, and its key in every worker', async () => {
    const controller = new AbortController();
    const { source, given } = counted(new Uint8Array(64 * MIB).fill(3), 65_536);
    const done = source
      .pipeThrough(keyring.sealStream({ context, signal: controller.signal }))
      .pipeTo(new WritableStream());
    while (given() < 4 * MIB) await new Promise((resolve) => setTimeout(resolve, 1));
    controller.abort(new Error('enough'));
    expect(await codeOfAny(() => done)).toBe('ERR_ABORTED');
    for (const thread of threads) {
      const { keys, memory } = await thread.look();
      for (const key of keys) expect(sightings(memory, key)).toBe(0);
    }
    const after = given();
    await settled();
    expect(given()).toBe(after);
  });

  test('a fault in the middle errors the stream though nobody writes any more; nothing behind it leaves', async () => {
    const plaintext = randomBytes(3 * MIB);
    const sealed = await keyring.seal(plaintext, { context });
    sealed[199 + 16_400 * 50]! ^= 1;
    const { readable, writable } = keyring.openStream({ context });
    const writer = writable.getWriter();
    writer.closed.catch(() => undefined);
    void writer.write(sealed.subarray(0, 2 * MIB)).catch(() => undefined);
    let bytes = 0;
    const code = await codeOfAny(async () => {
      for await (const part of readable) {
        same(part, plaintext.subarray(bytes, bytes + part.length));
        bytes += part.length;
      }
    });
    expect(code).toBe('ERR_AUTHENTICATION');
    expect(bytes).toBeLessThanOrEqual(50 * 16_384);
  });

  test('a worker that dies fails the stream that was under way with ERR_WORKER; the next one is done', async () => {
    const plaintext = randomBytes(8 * MIB);
    await keyring.seal(plaintext, { context });
    const sealing = keyring.seal(plaintext, { context });
    for (const { worker } of threads) void worker.terminate();
    expect(await codeOfAny(() => sealing)).toBe('ERR_WORKER');
    same(await keyring.open(await keyring.seal(plaintext, { context }), { context }), plaintext);
  });

  test('lock fails what is under way, and wipes its keys in every worker', async () => {
    await keyring.seal(new Uint8Array(4 * MIB), { context });
    let go!: () => void;
    const gate = new Promise<void>((resolve) => (go = resolve)); // what workers say is heard behind it
    for (const thread of threads) thread.gate = gate;
    const said = threads.map((thread) => thread.said.length);
    const sealing = codeOfAny(() => keyring.seal(new Uint8Array(32 * MIB), { context }));
    await vi.waitFor(() => expect(threads.some((thread, i) => thread.said.length > said[i]!)).toBe(true), 20_000);
    keyring.lock();
    expect(await sealing).toBe('ERR_DISPOSED');
    go();
    for (const thread of threads) {
      const { keys, memory } = await thread.look();
      for (const key of keys) expect(sightings(memory, key)).toBe(0);
    }
  });
});

describe('keys that go to a worker', () => {
  test('records that come many at once: their DEK, once a worker', async () => {
    await keyring.createDataKey({ space: 'notes' });
    const texts = Array.from({ length: 60 }, (_, i) => randomBytes(20_000 + i));
    const p = { space: 'notes', context: 'note' };
    const sealed = await Promise.all(texts.map((text) => keyring.encrypt(text, p)));
    const opened = await Promise.all(sealed.map((record) => keyring.decrypt(record, p)));
    for (const [i, text] of texts.entries()) same(opened[i]!, text);
    expect(threads).toHaveLength(2);
    expect((await keysThere()).size).toBe(1);
  });

  test('a document is sealed here, however long it is: its keys go to none', async () => {
    const spaces = Array.from({ length: 3000 }, (_, i) => ({ space: `${i} ${'x'.repeat(200)}` }));
    await keyring.createDataKeys(spaces);
    await keyring.refresh();
    expect(threads).toHaveLength(0);
  });
});
