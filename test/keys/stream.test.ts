// Streams: whole and in pieces of every size, cut, extended, reordered, altered, aborted, left alone.

import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { KeystrataError } from '../../bindings/core/errors.ts';
import type { Engine } from '../../bindings/engine/engine.ts';
import { describe as describeSealed } from '../../bindings/format/describe.ts';
import { CHUNK, STREAM_PREFIX_LENGTH, cobblestoneSize } from '../../bindings/format/stream.ts';
import type { LendKek } from '../../bindings/keys/carried.ts';
import { generateKek } from '../../bindings/keys/kek.ts';
import type { Kek } from '../../bindings/keys/roles.ts';
import { StreamOpener, StreamSealer, openWhole, sealWhole, transform } from '../../bindings/keys/stream.ts';
import type { StreamOptions } from '../../bindings/keys/stream.ts';
import { bytesOf, flipped, idOfSeed } from '../format/strict.ts';
import { codeOf, engines, fixedRandom } from './engines.ts';

const keyring = idOfSeed(1);
const context = bytesOf(9, 2);
const HEAD = STREAM_PREFIX_LENGTH + 56;
const SEALED = CHUNK + 16;
const REFUSED = ['ERR_AUTHENTICATION', 'ERR_FORMAT', 'ERR_UNSUPPORTED'];
const same = (a: Uint8Array, b: Uint8Array): void => expect(Buffer.compare(a, b)).toBe(0);

describe.each(engines)('%s', (name, make) => {
  let engine: Engine;
  let kek: Kek;
  let free: number;
  beforeEach(async () => {
    engine = await make();
    kek = generateKek(engine);
    free = engine.freeSlots();
  });
  afterEach(() => {
    expect(engine.freeSlots(), 'slots that were not wiped').toBe(free);
    engine.dispose();
  });

  const lend: LendKek = (kid, use) => {
    if (kid !== kek.id) throw new KeystrataError('ERR_KEY_NOT_FOUND', `no key ${kid}`);
    return use(kek);
  };
  const seal = (plaintext: Uint8Array, p: Partial<StreamOptions> = {}): Promise<Uint8Array<ArrayBuffer>> =>
    sealWhole(engine, kek, plaintext, { keyring, context, ...p });
  const open = (sealed: Uint8Array, p: Partial<StreamOptions> = {}): Promise<Uint8Array<ArrayBuffer>> =>
    openWhole(engine, lend, sealed, { keyring, context, ...p });

  /** Pushes pieces of the given sizes, over and over. */
  async function inPieces(
    through: StreamSealer | StreamOpener,
    bytes: Uint8Array,
    sizes: readonly number[],
  ): Promise<Buffer> {
    const out: Uint8Array[] = [];
    for (let at = 0, i = 0; at < bytes.length; i++) {
      const size = sizes[i % sizes.length]!;
      await through.push(bytes.subarray(at, at + size), (part) => out.push(part));
      at += size;
    }
    await through.finish((part) => out.push(part));
    return Buffer.concat(out);
  }

  test('every length around a chunk, there and back; sizes of FORMATS §6', async () => {
    for (const n of [
      0,
      1,
      15,
      16,
      17,
      1000,
      ...[1, 2, 3].flatMap((k) => [-17, -16, -1, 0, 1, 15, 16].map((d) => k * CHUNK + d)),
    ]) {
      const plaintext = randomBytes(n);
      const sealed = await seal(plaintext);
      expect(sealed.length).toBe(143 + 56 + n + 16 * (Math.floor(n / CHUNK) + 1));
      expect(sealed.length).toBe(STREAM_PREFIX_LENGTH + cobblestoneSize(n));
      expect(describeSealed(sealed)).toEqual({ kind: 'stream', keyId: kek.id, overhead: sealed.length - n });
      same(await open(sealed), plaintext);
    }
  });

  test('in pieces of any size the bytes are the same', async () => {
    const plaintext = randomBytes(2 * CHUNK + 100);
    const whole = await seal(plaintext);
    for (const sizes of [[1000], [CHUNK], [CHUNK - 1], [CHUNK + 1], [1, CHUNK, 3], [17, 4096], [100_000]]) {
      same(await inPieces(new StreamOpener(engine, lend, { keyring, context }), whole, sizes), plaintext);
      same(
        await open(await inPieces(new StreamSealer(engine, kek, { keyring, context }), plaintext, sizes)),
        plaintext,
      );
    }
    const short = await seal(plaintext.subarray(0, 50));
    for (let at = 1; at < short.length; at++)
      // every split in two
      same(
        await inPieces(new StreamOpener(engine, lend, { keyring, context }), short, [at, short.length]),
        plaintext.subarray(0, 50),
      );
    same(await inPieces(new StreamOpener(engine, lend, { keyring, context }), short, [1]), plaintext.subarray(0, 50));
  });

  test('property: any plaintext, any pieces', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 3 * CHUNK }),
        fc.array(fc.integer({ min: 1, max: 2 * CHUNK }), { minLength: 1, maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 2 * CHUNK }), { minLength: 1, maxLength: 5 }),
        async (n, written, read) => {
          const plaintext = randomBytes(n);
          const sealed = await inPieces(
            new StreamSealer(engine, kek, { keyring, context }),
            plaintext,
            written.map((s) => s + 50),
          );
          same(
            await inPieces(
              new StreamOpener(engine, lend, { keyring, context }),
              sealed,
              read.map((s) => s + 50),
            ),
            plaintext,
          );
        },
      ),
      { numRuns: 30 },
    );
  });

  test('every bit of a short stream; some of every part of a long one', async () => {
    const short = await seal(bytesOf(5, 1));
    for (let bit = 0; bit < 8 * short.length; bit++)
      expect([...REFUSED, 'ERR_KEY_NOT_FOUND'], `bit ${bit}`).toContain(await codeOf(() => open(flipped(short, bit))));
    const long = await seal(randomBytes(2 * CHUNK + 7));
    for (const at of [HEAD, HEAD + CHUNK, HEAD + SEALED - 1, HEAD + SEALED, HEAD + 2 * SEALED, long.length - 1])
      expect(await codeOf(() => open(flipped(long, 8 * at)))).toBe('ERR_AUTHENTICATION');
  });

  test('every truncation of a short stream, every one at the edges of a long one, and every extension', async () => {
    const short = await seal(bytesOf(40, 1));
    for (let n = 0; n < short.length; n++)
      expect(REFUSED, `${n}`).toContain(await codeOf(() => open(short.subarray(0, n))));
    const long = await seal(randomBytes(2 * CHUNK));
    for (const edge of [HEAD, HEAD + SEALED, HEAD + 2 * SEALED])
      for (let n = edge - 17; n <= edge + 17; n++)
        if (n !== long.length && n < long.length)
          expect(REFUSED, `${n}`).toContain(await codeOf(() => open(long.subarray(0, n))));
    for (const more of [1, 15, 16, 17, SEALED, SEALED + 16])
      expect(await codeOf(() => open(Buffer.concat([long, randomBytes(more)])))).toBe('ERR_AUTHENTICATION');
    expect(await codeOf(() => open(Buffer.concat([long, long.subarray(long.length - 16)])))).toBe('ERR_AUTHENTICATION');
  });

  test('chunks swapped, repeated, left out, or of another stream', async () => {
    const sealed = await seal(randomBytes(3 * CHUNK + 5));
    const other = await seal(randomBytes(3 * CHUNK + 5));
    const chunk = (i: number, of = sealed): Uint8Array => of.subarray(HEAD + i * SEALED, HEAD + (i + 1) * SEALED);
    const head = sealed.subarray(0, HEAD);
    same(await open(Buffer.concat([head, chunk(0), chunk(1), chunk(2), chunk(3)])), await open(sealed));
    for (const chunks of [
      [chunk(1), chunk(0), chunk(2), chunk(3)],
      [chunk(0), chunk(0), chunk(2), chunk(3)],
      [chunk(0), chunk(2), chunk(3)],
      [chunk(0), chunk(1), chunk(3)],
      [chunk(3)],
      [chunk(0), chunk(1), chunk(2), chunk(3, other)],
    ])
      // prettier-ignore
      expect(await codeOf(() => open(Buffer.concat([head, ...chunks])))).toBe('ERR_AUTHENTICATION');
    expect(await codeOf(() => open(Buffer.concat([head.subarray(0, 143), other.subarray(143)])))).toBe(
      'ERR_AUTHENTICATION',
    );
    expect(await codeOf(() => open(Buffer.concat([other.subarray(0, 143), sealed.subarray(143)])))).toBe(
      'ERR_AUTHENTICATION',
    );
  });

  test('another context, keyring or KEK; things that are no streams', async () => {
    const sealed = await seal(bytesOf(100, 1));
    expect(await codeOf(() => open(sealed, { context: bytesOf(10, 2) }))).toBe('ERR_AUTHENTICATION');
    expect(await codeOf(() => open(sealed, { context: new Uint8Array() }))).toBe('ERR_AUTHENTICATION');
    expect(await codeOf(() => open(sealed, { keyring: idOfSeed(2) }))).toBe('ERR_AUTHENTICATION');
    const other = generateKek(engine);
    expect(await codeOf(() => openWhole(engine, (_kid, use) => use(other), sealed, { keyring, context }))).toBe(
      'ERR_AUTHENTICATION',
    );
    other.dispose();
    for (const bytes of [
      new Uint8Array(),
      bytesOf(10, 1),
      bytesOf(500, 1),
      Buffer.from('KSTS'),
      Buffer.from('KSTD\u0001'),
    ])
      expect(await codeOf(() => open(bytes))).toBe('ERR_FORMAT');
    expect(await codeOf(() => open(Uint8Array.from(sealed).fill(2, 4, 5)))).toBe('ERR_UNSUPPORTED');
    expect(await codeOf(() => open('text' as never))).toBe('ERR_ARGUMENT');
    expect(await codeOf(() => seal([1, 2] as never))).toBe('ERR_ARGUMENT');
  });

  test('what leaves before a fault is verified, and no more than that', async () => {
    const plaintext = randomBytes(2 * CHUNK + 5);
    const sealed = await seal(plaintext);
    const out: Uint8Array[] = [];
    const opener = new StreamOpener(engine, lend, { keyring, context });
    const code = await codeOf(async () => {
      await opener.push(flipped(sealed, 8 * (HEAD + SEALED + 3)), (part) => out.push(part));
      if (engine.ahead > 0) await opener.finish((part) => out.push(part)); // workers may be at it when push resolves
    });
    expect(code).toBe('ERR_AUTHENTICATION');
    same(Buffer.concat(out), plaintext.subarray(0, CHUNK));
    // Once broken it stays so, with the same error.
    expect(await codeOf(() => opener.push(new Uint8Array(1), () => expect.fail()))).toBe('ERR_AUTHENTICATION');
    expect(await codeOf(() => opener.finish(() => expect.fail()))).toBe('ERR_AUTHENTICATION');
  });

  test('progress rises and ends with 1; onEnd is told once', async () => {
    const plaintext = randomBytes(5 << 20);
    for (const size of [plaintext.length, undefined, plaintext.length / 2]) {
      const seen: number[] = [];
      let ends = 0;
      const sealer = new StreamSealer(engine, kek, {
        keyring,
        context,
        size,
        onProgress: (f) => seen.push(f),
        onEnd: () => ends++,
      });
      await inPieces(sealer, plaintext, [300_000]);
      sealer.dispose();
      expect(seen.at(-1)).toBe(1);
      expect(seen.filter((f) => f === 1)).toHaveLength(1);
      expect(seen.every((f, i) => f > 0 && (i === 0 || f > seen[i - 1]!))).toBe(true);
      expect(seen.length > 5).toBe(size !== undefined);
      expect(ends).toBe(1);
    }
  });

  test('an abort stops it, before and in the middle, and frees the key', async () => {
    const gone = AbortSignal.abort(new Error('changed my mind'));
    expect(await codeOf(() => seal(bytesOf(9, 1), { signal: gone }))).toBe('ERR_ABORTED');
    expect(engine.freeSlots()).toBe(free);
    const controller = new AbortController();
    let ends = 0;
    const work = seal(new Uint8Array(64 << 20), { signal: controller.signal, onEnd: () => ends++ });
    setTimeout(() => controller.abort('enough'), 5);
    const error: unknown = await work.catch((e: unknown) => e);
    expect(KeystrataError.is(error, 'ERR_ABORTED') && error.cause).toBe('enough');
    expect([ends, engine.freeSlots()]).toEqual([1, free]);
  });

  test('what was disposed or finished takes nothing more', async () => {
    const sealer = new StreamSealer(engine, kek, { keyring, context });
    sealer.dispose();
    sealer.dispose();
    expect(await codeOf(() => sealer.push(bytesOf(1, 1), () => expect.fail()))).toBe('ERR_DISPOSED');
    expect(await codeOf(() => sealer.finish(() => expect.fail()))).toBe('ERR_DISPOSED');
    const finished = new StreamSealer(engine, kek, { keyring, context });
    await finished.finish(() => undefined);
    expect(await codeOf(() => finished.finish(() => expect.fail()))).toBe('ERR_DISPOSED');
  });

  describe('as a TransformStream', () => {
    const options = (): StreamOptions => ({ keyring, context });
    const source = (bytes: Uint8Array, piece: number): ReadableStream<Uint8Array> => {
      let at = 0;
      return new ReadableStream({
        pull(controller) {
          if (at >= bytes.length) return controller.close();
          controller.enqueue(bytes.subarray(at, (at += piece)));
        },
      });
    };
    const all = async (stream: ReadableStream<Uint8Array>): Promise<Buffer> => {
      const out: Uint8Array[] = [];
      for await (const part of stream) out.push(part);
      return Buffer.concat(out);
    };

    test('there and back', async () => {
      const plaintext = randomBytes(5 * CHUNK + 77);
      const sealed = await all(
        source(plaintext, 10_000).pipeThrough(transform(new StreamSealer(engine, kek, options()))),
      );
      same(await open(sealed), plaintext);
      same(
        await all(source(sealed, 7777).pipeThrough(transform(new StreamOpener(engine, lend, options())))),
        plaintext,
      );
      const empty = await all(
        source(new Uint8Array(), 1).pipeThrough(transform(new StreamSealer(engine, kek, options()))),
      );
      expect(empty).toHaveLength(143 + 72);
    });

    test('a cut is an error at the end, after what was verified', async () => {
      const plaintext = randomBytes(3 * CHUNK);
      const sealed = await seal(plaintext);
      const out: Uint8Array[] = [];
      const stream = source(sealed.subarray(0, HEAD + 2 * SEALED), 5000).pipeThrough(
        transform(new StreamOpener(engine, lend, options())),
      );
      expect(
        await codeOf(async () => {
          for await (const part of stream) out.push(part);
        }),
      ).toBe('ERR_AUTHENTICATION');
      same(Buffer.concat(out), plaintext.subarray(0, 2 * CHUNK));
    });

    test('a reader that goes away and a writer that gives up free the key', async () => {
      const first = transform(new StreamSealer(engine, kek, options()));
      await first.readable.cancel('not wanted');
      expect(engine.freeSlots()).toBe(free);
      const second = transform(new StreamSealer(engine, kek, options()));
      await second.writable.abort('gave up');
      expect(engine.freeSlots()).toBe(free);
    });

    test('an abort or dispose errors the stream though nobody writes', async () => {
      const controller = new AbortController();
      const aborted = transform(new StreamSealer(engine, kek, { ...options(), signal: controller.signal }));
      const read = aborted.readable.getReader().read();
      controller.abort();
      expect(await codeOf(() => read)).toBe('ERR_ABORTED');
      const sealer = new StreamSealer(engine, kek, options());
      const disposed = transform(sealer);
      const reader = disposed.readable.getReader();
      const pending = reader.read();
      sealer.dispose();
      expect(await codeOf(() => pending)).toBe('ERR_DISPOSED');
      expect(await codeOf(() => disposed.writable.getWriter().write(bytesOf(1, 1)))).toBe('ERR_DISPOSED');
    });

    test('text or other things written to it are ERR_ARGUMENT', async () => {
      for (const wrong of ['text', [1], new ArrayBuffer(2), null]) {
        const { readable, writable } = transform(new StreamSealer(engine, kek, options()));
        const writer = writable.getWriter();
        writer.closed.catch(() => undefined);
        const read = codeOf(() => readable.getReader().read());
        expect(await codeOf(() => writer.write(wrong as never))).toBe('ERR_ARGUMENT');
        expect(await read).toBe('ERR_ARGUMENT');
      }
    });

    test('others have their turn every 20 ms while a long stream runs', async () => {
      let clock = 0; // 21 ms between two looks
      const spy = vi.spyOn(performance, 'now').mockImplementation(() => (clock += 21));
      let [turns, going] = [0, true];
      const watch = (): void => void (turns++, going && setImmediate(watch));
      setImmediate(watch);
      const piece = new Uint8Array(256 << 10);
      let left = 100;
      const long = new ReadableStream<Uint8Array>({
        pull: (controller) => (left-- > 0 ? controller.enqueue(piece) : controller.close()),
      });
      let bytes = 0;
      for await (const part of long.pipeThrough(transform(new StreamSealer(engine, kek, options()))))
        bytes += part.length;
      going = false;
      spy.mockRestore();
      expect(bytes).toBe(STREAM_PREFIX_LENGTH + cobblestoneSize(100 * piece.length));
      expect(turns, name).toBeGreaterThan(100); // each piece takes so long
    });
  });
});

test('from the same random bytes the core and node:crypto make the same stream', async () => {
  const plaintext = bytesOf(3 * CHUNK + 11, 6);
  const made = await Promise.all(
    engines.map(async ([, make]) => {
      const engine = await make({ random: fixedRandom() });
      const sealed = await sealWhole(engine, generateKek(engine), plaintext, { keyring, context });
      engine.dispose();
      return sealed;
    }),
  );
  same(made[1]!, made[0]!);
  same(made[2]!, made[0]!);
});
