// Streams through the keyring: files of any size, each under its own key, in constant memory.

import { randomBytes } from 'node:crypto';
import { describe as group, expect, it } from 'vitest';
import { describe, Keyring, memoryStore, type Store } from '../../bindings/index.ts';
import { codeOf, engine, OWNER, utf8, world } from './support.ts';

/** All that comes out of `through` when `bytes` go in, in pieces of `size`. */
async function pipe(
  through: TransformStream<Uint8Array, Uint8Array>,
  bytes: Uint8Array,
  size: number,
): Promise<Buffer> {
  const source = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.subarray(at, at + size));
      controller.close();
    },
  });
  const out: Uint8Array[] = [];
  for await (const part of source.pipeThrough(through)) out.push(part);
  return Buffer.concat(out);
}

group('streams', () => {
  it('give what one-shots give, at every edge of a chunk', async () => {
    const { keyring, unlock } = await world();
    const again = await unlock();
    for (const n of [0, 1, 16_383, 16_384, 16_385, 3 * 16_384, 100_000]) {
      const plaintext = randomBytes(n);
      const streamed = await pipe(keyring.sealStream({ context: 'c' }), plaintext, 10_007);
      const whole = await keyring.seal(plaintext, { context: 'c' });
      expect(streamed.length).toBe(whole.length);
      expect(Buffer.compare(await again.open(streamed, { context: 'c' }), plaintext)).toBe(0);
      expect(Buffer.compare(await pipe(again.openStream({ context: 'c' }), whole, 9_973), plaintext)).toBe(0);
      expect(describe(whole)).toMatchObject({
        kind: 'stream',
        keyId: keyring.inventory()[0]!.id,
        overhead: whole.length - n,
      });
    }
    expect(keyring.revision).toBe(1); // no write for a file's key
  });

  it('tell how far they are, and stop when told to', async () => {
    const { keyring } = await world();
    const plaintext = randomBytes(4 << 20);
    const fractions: number[] = [];
    const onProgress = (x: number): void => void fractions.push(x);
    await pipe(keyring.sealStream({ context: '', size: plaintext.length, onProgress }), plaintext, 1 << 16);
    expect(fractions.length).toBeGreaterThan(10);
    expect(fractions.at(-1)).toBe(1);
    expect([...fractions].sort((a, b) => a - b)).toEqual(fractions);
    const free = engine.freeSlots();
    const stop = new AbortController();
    const stopping = { context: '', size: plaintext.length, signal: stop.signal, onProgress: () => stop.abort() };
    expect(await codeOf(() => pipe(keyring.sealStream(stopping), plaintext, 1 << 16))).toBe('ERR_ABORTED');
    expect(engine.freeSlots()).toBe(free);
  });

  it('refuse what was altered, cut off or made longer: nothing unverified leaves', async () => {
    const { keyring } = await world();
    const plaintext = randomBytes(50_000);
    const file = await keyring.seal(plaintext, { context: 'c' });
    const free = engine.freeSlots();
    const attempt = async (bytes: Uint8Array, context = 'c'): Promise<string | undefined> => {
      let received = Buffer.alloc(0);
      const source = new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
      const code = await codeOf(async () => {
        for await (const part of source.pipeThrough(keyring.openStream({ context })))
          received = Buffer.concat([received, part]);
      });
      expect(Buffer.compare(received, plaintext.subarray(0, received.length))).toBe(0);
      expect(await codeOf(() => keyring.open(bytes, { context }))).toBe(code);
      return code;
    };
    expect(await attempt(file)).toBeUndefined();
    expect(await attempt(file, 'other')).toBe('ERR_AUTHENTICATION');
    const codes = ['ERR_AUTHENTICATION', 'ERR_FORMAT', 'ERR_UNSUPPORTED', 'ERR_KEY_NOT_FOUND'];
    for (let at = 0; at < file.length; at += at < 250 ? 1 : 4_001) {
      const altered = file.slice();
      altered[at]! ^= 0x80;
      expect(codes, `byte ${at}`).toContain(await attempt(altered));
    }
    for (const n of [0, 1, 142, 143, 199, 200, 16_600, file.length - 1])
      expect(codes, `${n} bytes`).toContain(await attempt(file.slice(0, n)));
    expect(codes).toContain(await attempt(Buffer.concat([file, Buffer.of(0)])));
    expect(engine.freeSlots()).toBe(free);
  });

  it('sealed at any moment of a rotation open afterwards', async () => {
    const MOMENTS = 40; // turns of the microtask queue from the write on: past whatever the rotation does behind it
    const { store: inner, secret } = await world();
    const files: Uint8Array[] = [];
    let written = (): void => undefined;
    const store: Store = {
      name: inner.name,
      get: (id) => inner.get(id),
      put: async (id, bytes, p) => {
        const put = await inner.put(id, bytes, p);
        written();
        return put;
      },
      delete: (id, p) => inner.delete(id, p),
      list: () => inner.list(),
    };
    const keyring = await Keyring.unlock({ engine, store, owner: OWNER, memory: memoryStore(), ...secret });
    await keyring.seal(utf8('a share'), { context: '' });
    for (let moment = 0; moment < MOMENTS; moment++)
      for (const way of ['one-shot', 'stream'] as const) {
        const sealing: Promise<Uint8Array>[] = [];
        written = () => {
          written = () => undefined;
          const sealed = async (): Promise<Uint8Array> => {
            for (let i = 0; i < moment; i++) await Promise.resolve();
            if (way === 'one-shot') return keyring.seal(utf8('text'), { context: '' });
            return pipe(keyring.sealStream({ context: '' }), utf8('text'), 100);
          };
          sealing.push(sealed());
        };
        await keyring.rotateKek({ secrets: [secret] });
        expect(sealing, `${moment}`).toHaveLength(1);
        files.push(await sealing[0]!);
      }
    for (const file of files) expect(await keyring.open(file, { context: '' })).toEqual(utf8('text'));
  });

  it('of one keyring do not open in another', async () => {
    const { keyring } = await world();
    const other = await world();
    const file = await keyring.seal(utf8('mine'), { context: '' });
    expect(await codeOf(() => other.keyring.open(file, { context: '' }))).toBe('ERR_KEY_NOT_FOUND');
    expect(await codeOf(() => pipe(other.keyring.openStream({ context: '' }), file, 100))).toBe('ERR_KEY_NOT_FOUND');
    expect(other.keyring).toBeInstanceOf(Keyring);
  });
});
