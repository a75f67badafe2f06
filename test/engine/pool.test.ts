// A pool of workers: the same results, in order, whoever works; who goes where; keys that go and are gone; workers that die.

import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Core } from '../../bindings/core/types.ts';
import { loadCore } from '../../bindings/core/load.ts';
import { createEngine } from '../../bindings/engine/create.ts';
import type { Engine, Nonce, Sharing } from '../../bindings/engine/engine.ts';
import type { Key } from '../../bindings/engine/key.ts';
import { BATCH } from '../../bindings/engine/pool-batch.ts';
import type { ToWorker } from '../../bindings/engine/pool-messages.ts';
import { node, random, same } from '../core/implementation.ts';
import { sightings } from '../wiped/search.ts';
import { as, codeOfAny } from './engines.ts';
import { engineOnThreads, openOne, pooled, sealOne, type Watched } from './pool.ts';

const nonce = (aad = 20) => ({ iv: random(12), aad: random(aad) });
const CHUNK = 16_384;
const count = (threads: Watched[], kind: ToWorker['kind']): number =>
  threads.flatMap(({ told }) => told).filter((message) => message.kind === kind).length;
const zeros = (bytes: ArrayBuffer | Uint8Array): boolean => new Uint8Array(bytes).every((byte) => byte === 0);

interface Sealing {
  sealed: Promise<Uint8Array>;
  wanted: Uint8Array;
  late: boolean;
  nonce: Nonce;
}

/** Seals `length` random bytes, as a series of one or by itself: the promise, and what is wanted of it. */
function sealing(engine: Engine, key: Key<'seal'>, bytes: Uint8Array, length: number, alone?: Sharing): Sealing {
  const [text, { iv, aad }, out] = [random(length), nonce(alone ? length % 50 : 0), new Uint8Array(length + 16)];
  const wanted = node.seal(bytes, iv, text, aad, 16);
  const done = alone ? engine.seal(key, text, { iv, aad, out, ...alone }) : sealOne(engine, key, text, { iv, out });
  text.fill(0); // what is given to a pool is copied at once
  return { sealed: Promise.resolve(done).then(() => out), wanted, late: done instanceof Promise, nonce: { iv, aad } };
}

describe('what is made', () => {
  test('is what node:crypto makes: many keys and lengths at once, sealed and opened', async () => {
    const { engine, threads } = await pooled(3);
    const keys = Array.from({ length: 20 }, () => random(32)).map((bytes) => ({
      bytes,
      key: engine.importKey(bytes, as('seal')),
    }));
    for (let round = 0; round < 3; round++) {
      const all = Array.from({ length: 300 }, (_, i) => {
        const { bytes, key } = keys[i % keys.length]!;
        const length = i % 7 === 0 ? 200_000 + i : 8192 + 100 * i;
        const [text, p, out] = [random(length), nonce(i), new Uint8Array(length + 16)];
        return { key, text, p, out, wanted: node.seal(bytes, p.iv, text, p.aad, 16) };
      });
      await Promise.all(all.map(async ({ key, text, p, out }) => engine.seal(key, text, { ...p, out })));
      for (const [i, { out, wanted }] of all.entries()) expect(same(out, wanted), `${i}`).toBe(true);
      const opened = await Promise.all(all.map(async ({ key, p, out }) => engine.open(key, out, p)));
      for (const [i, { text }] of all.entries()) {
        expect(same(opened[i]!, text), `${i}`).toBe(true);
        expect([opened[i]!.byteOffset, opened[i]!.buffer.byteLength]).toEqual([0, text.length]);
      }
    }
    expect(threads).toHaveLength(3);
    for (const { told } of threads) expect(told.filter(({ kind }) => kind === 'batch').length).toBeGreaterThan(5);
  });

  test('one that is altered fails, the others of its batch do not', async () => {
    const { engine, threads } = await pooled(1);
    const key = engine.generateKey(as('seal'));
    const p = nonce();
    const texts = Array.from({ length: 6 }, () => random(9000));
    const sealed = texts.map(() => new Uint8Array(9016));
    await Promise.all(texts.map(async (text, i) => sealOne(engine, key, text, { ...p, out: sealed[i]! })));
    sealed[1]![5]! ^= 1;
    sealed[4]![9010]! ^= 1;
    const before = count(threads, 'batch');
    const opened = await Promise.allSettled(sealed.map((bytes) => openOne(engine, key, bytes, p)));
    expect(count(threads, 'batch') - before).toBe(1);
    for (const [i, result] of opened.entries())
      if (i === 1 || i === 4)
        expect(result).toMatchObject({ status: 'rejected', reason: { code: 'ERR_AUTHENTICATION' } });
      else expect(same((result as PromiseFulfilledResult<Uint8Array>).value, texts[i]!)).toBe(true);
  });

  test('every bit of a message flipped is refused, by a worker as by the core', async () => {
    const { engine } = await pooled(2);
    const key = engine.generateKey(as('seal'));
    const [p, out] = [nonce(), new Uint8Array(8192 + 16)];
    await sealOne(engine, key, random(8192), { ...p, out });
    const bits = [0, 1, 77, 8 * 8191 + 7, ...Array.from({ length: 128 }, (_, i) => 8 * 8192 + i)];
    const codes = await Promise.all(
      bits.map((bit) => {
        const flipped = Uint8Array.from(out);
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        return codeOfAny(() => openOne(engine, key, flipped, p));
      }),
    );
    expect(codes).toEqual(bits.map(() => 'ERR_AUTHENTICATION'));
  });
});

describe('a series', () => {
  const KEY = random(32);
  const chunks = (n: number) => ({
    texts: Array.from({ length: n }, () => random(CHUNK)),
    ivs: Array.from({ length: n }, () => random(12)),
  });
  const wanted = ({ texts, ivs }: ReturnType<typeof chunks>): Buffer =>
    Buffer.concat(texts.map((text, i) => node.seal(KEY, ivs[i]!, text, new Uint8Array(0), 16)));

  test('alone in a batch stays in the buffer it was made in, which is nobody else’s; where `out` is given, there', async () => {
    const { engine, threads } = await pooled(1);
    const key = engine.importKey(KEY, as('seal'));
    const kept = new Set<ArrayBuffer>();
    for (let round = 0; round < 5; round++) {
      const series = chunks(16);
      const sealed = await engine.sealSeries(key, series.texts, series);
      expect([sealed.byteOffset, sealed.buffer.byteLength]).toEqual([0, 16 * (CHUNK + 16)]);
      expect(same(sealed, wanted(series))).toBe(true);
      const parts = series.texts.map((_, i) => sealed.subarray(i * (CHUNK + 16), (i + 1) * (CHUNK + 16)));
      const opened = await engine.openSeries(key, parts, series);
      expect([opened.byteOffset, opened.length]).toEqual([0, 16 * CHUNK]);
      expect(same(opened, Buffer.concat(series.texts))).toBe(true);
      for (const { buffer } of [sealed, opened]) {
        expect(kept.has(buffer)).toBe(false);
        kept.add(buffer);
      }
      const out = new Uint8Array(16 * (CHUNK + 16) + 9);
      const there = await engine.sealSeries(key, series.texts, { ivs: series.ivs, out });
      expect([there.buffer, there.length]).toEqual([out.buffer, 16 * (CHUNK + 16)]);
      expect(same(there, sealed)).toBe(true);
    }
    const given = threads[0]!.said.flatMap((message) => (message.kind === 'done' ? [message.body] : []));
    expect([...kept].every((buffer) => given.includes(buffer) && buffer.byteLength > 0)).toBe(true);
  });

  test('that is short shares a batch with others, and is copied out of it', async () => {
    const { engine, threads } = await pooled(1);
    const key = engine.importKey(KEY, as('seal'));
    const all = [1, 1, 1].map(chunks);
    const sealed = await Promise.all(all.map(async (series) => engine.sealSeries(key, series.texts, series)));
    expect(count(threads, 'batch')).toBe(1);
    for (const [i, series] of all.entries()) {
      expect(same(sealed[i]!, wanted(series))).toBe(true);
      expect(sealed[i]!.buffer.byteLength).toBe(series.texts.length * (CHUNK + 16));
    }
  });

  test('of 64 messages, and of more bytes than a batch has', async () => {
    const { engine } = await pooled(2);
    const key = engine.importKey(KEY, as('seal'));
    const series = chunks(64);
    expect(same(await engine.sealSeries(key, series.texts, series), wanted(series))).toBe(true);
  });

  test('is zeroed where its key ended while it was opened', async () => {
    const { engine, threads } = await pooled(1);
    const key = engine.importKey(KEY, as('seal'));
    const series = { texts: Array.from({ length: 16 }, () => random(CHUNK).fill(7)), ivs: chunks(16).ivs };
    const sealed = await engine.sealSeries(key, series.texts, series);
    const parts = series.texts.map((_, i) => sealed.subarray(i * (CHUNK + 16), (i + 1) * (CHUNK + 16)));
    let go!: () => void;
    threads[0]!.gate = new Promise((resolve) => (go = resolve));
    const said = threads[0]!.said.length;
    const code = codeOfAny(() => engine.openSeries(key, parts, series));
    await vi.waitFor(() => expect(threads[0]!.said.length).toBeGreaterThan(said), 20_000);
    const [message] = threads[0]!.said.slice(-1);
    const { body } = message as Extract<typeof message, { kind: 'done' }>;
    expect(Buffer.from(body).includes(Buffer.alloc(100, 7))).toBe(true);
    key.dispose();
    go();
    expect(await code).toBe('ERR_DISPOSED');
    expect(Buffer.from(body).includes(Buffer.alloc(100, 7))).toBe(false);
  });
});

describe('who works', () => {
  async function late(engine: Engine, key: Key<'seal'>, length: number, alone?: Sharing): Promise<[boolean, boolean]> {
    const { late, sealed, nonce } = sealing(engine, key, random(32), length, alone);
    const made = await sealed;
    const opened = alone
      ? engine.open(key, made, { ...nonce, ...alone })
      : engine.openSeries(key, [made], { ivs: [nonce.iv] });
    expect(await opened).toHaveLength(length);
    return [late, opened instanceof Promise];
  }

  test('the core what is short and alone; workers what is long, or a series', async () => {
    const { engine, threads } = await pooled(2);
    const key = engine.generateKey(as('seal'));
    for (const [length, p, wanted] of [
      [0, {}, false],
      [64, undefined, false],
      [8191, undefined, false],
      [8192, undefined, true],
      [CHUNK, undefined, true],
      [60_000, {}, false],
      [131_072, {}, true],
      [1_000_000, {}, true],
      [1_000_000, { here: true }, false],
      [2 ** 26 + 1, {}, false],
    ] as const) {
      expect(await late(engine, key, length, p), `${length} ${JSON.stringify(p)}`).toEqual([wanted, wanted]);
    }
    expect(threads).toHaveLength(1); // one after the other
  });

  test('records that are sealed one upon the other: after 64 KiB the next go to workers, until others have had a turn', async () => {
    const { engine } = await pooled(2);
    const bytes = random(32);
    const key = engine.importKey(bytes, as('seal'));
    for (let round = 0; round < 3; round++) {
      const all = Array.from({ length: 12 }, () => sealing(engine, key, bytes, 10_000, {}));
      expect(all.map(({ late }) => late)).toEqual(all.map((_, i) => i >= 6));
      for (const { sealed, wanted } of all) expect(same(await sealed, wanted)).toBe(true);
    }
    for (let i = 0; i < 12; i++) {
      const { late, sealed } = sealing(engine, key, bytes, 10_000, {});
      expect(late).toBe(false);
      await sealed;
    }
    const short = Array.from({ length: 500 }, () => sealing(engine, key, bytes, 1000, {}));
    expect(short.some(({ late }) => late)).toBe(false);
  });

  test('nobody is started before there is work, no more than there are to be, and no more than the work needs', async () => {
    const { engine, threads } = await pooled(3);
    const bytes = random(32);
    const key = engine.importKey(bytes, as('seal'));
    await sealing(engine, key, bytes, 100).sealed;
    expect(threads).toHaveLength(0);
    for (let i = 0; i < 5; i++) await sealing(engine, key, bytes, CHUNK).sealed;
    expect(threads).toHaveLength(1);
    await Promise.all(Array.from({ length: 300 }, () => sealing(engine, key, bytes, CHUNK).sealed));
    expect(threads).toHaveLength(3);
  });

  test('a worker has two batches at most; the rest waits, and is packed in larger ones', async () => {
    const { engine, threads } = await pooled(2);
    const bytes = random(32);
    const key = engine.importKey(bytes, as('seal'));
    const sealed = Array.from({ length: 400 }, () => sealing(engine, key, bytes, CHUNK).sealed);
    for (const { told } of threads) expect(told.filter(({ kind }) => kind === 'batch')).toHaveLength(2);
    await Promise.all(sealed);
    expect(count(threads, 'batch')).toBeLessThan(400 / 16 + 6);
    for (const { told, said } of threads) {
      const buffers = said.flatMap((message) => (message.kind === 'done' ? [message.body.byteLength] : []));
      expect(told.filter(({ kind }) => kind === 'batch')).toHaveLength(buffers.length);
      expect(buffers.every((length) => length === 0 || length === BATCH)).toBe(true); // 0: it went back
    }
  });

  test('the process stays for work, and for that alone', async () => {
    const { engine, threads } = await pooled(1);
    const bytes = random(32);
    const key = engine.importKey(bytes, as('seal'));
    const first = sealing(engine, key, bytes, CHUNK).sealed;
    await Promise.resolve();
    expect(threads[0]!.held.at(-1)).toBe(true);
    await first;
    await vi.waitFor(() => expect(threads[0]!.held.at(-1)).toBe(false), 20_000);
    const second = sealing(engine, key, bytes, CHUNK).sealed;
    await Promise.resolve();
    expect(threads[0]!.held.at(-1)).toBe(true);
    await second;
    expect(threads[0]!.held.at(-1)).toBe(false);
  });
});

describe('keys', () => {
  test('go once to each worker, in buffers that this thread has no more and the worker zeroes', async () => {
    const { engine, threads } = await pooled(2);
    const bytes = random(32);
    const key = engine.importKey(bytes, as('seal'));
    await Promise.all(Array.from({ length: 100 }, () => sealing(engine, key, bytes, CHUNK).sealed));
    expect(threads).toHaveLength(2);
    for (const thread of threads) {
      const sent = thread.told.filter((message) => message.kind === 'key');
      expect(sent.map((message) => message.bytes.byteLength)).toEqual([0]); // detached
      const { keys, left, memory } = await thread.look();
      expect(keys).toHaveLength(1);
      expect(same(keys[0]!, bytes)).toBe(true);
      expect(left[0]!).toHaveLength(32);
      expect(zeros(left[0]!)).toBe(true);
      expect(sightings(memory, bytes)).toBeGreaterThan(0); // it is in the worker's core
    }
  });

  test('are wiped in every worker when they end here; others stay', async () => {
    const { engine, threads } = await pooled(2);
    const [one, two] = [random(32), random(32)];
    const [first, second] = [engine.importKey(one, as('seal')), engine.importKey(two, as('seal'))];
    const both = () =>
      Promise.all(
        Array.from({ length: 100 }, (_, i) =>
          i % 2 ? sealing(engine, first, one, CHUNK).sealed : sealing(engine, second, two, CHUNK).sealed,
        ),
      );
    await both();
    first.dispose();
    for (const thread of threads) {
      const { memory } = await thread.look();
      expect(sightings(memory, one)).toBe(0);
      expect(sightings(memory, two)).toBeGreaterThan(0);
    }
  });

  test('of other purposes go nowhere', async () => {
    const { engine, threads } = await pooled(2);
    const seal = engine.generateKey(as('seal'));
    const others = (['derive', 'wrap', 'mac'] as const).map((purpose) => {
      const bytes = random(32);
      return { bytes, key: engine.importKey(bytes, as(purpose)) };
    });
    for (const { key } of others)
      expect(await codeOfAny(() => sealOne(engine, key as never, random(CHUNK), nonce()))).toBe('ERR_ARGUMENT');
    await Promise.all(Array.from({ length: 50 }, () => sealing(engine, seal, random(32), CHUNK).sealed));
    for (const thread of threads) {
      const { keys, memory } = await thread.look();
      expect(keys).toHaveLength(1);
      for (const { bytes } of others) expect(sightings(memory, bytes)).toBe(0);
    }
  });

  test('a slot that has another key is another key', async () => {
    const { engine } = await pooled(1);
    for (let i = 0; i < 5; i++) {
      const bytes = random(32);
      const key = engine.importKey(bytes, as('seal'));
      const { sealed, wanted } = sealing(engine, key, bytes, CHUNK);
      expect(same(await sealed, wanted)).toBe(true);
      key.dispose();
    }
  });
});

describe('a key that ends while workers work', () => {
  const ends: [string, (key: Key, engine: Engine, core: Core) => void][] = [
    ['by itself', (key) => key.dispose()],
    ['with its engine', (_, engine) => engine.dispose()],
    ['with the core', (_, __, core) => core[Symbol.dispose]()],
    [
      'and another is in its slot',
      (key, engine) => {
        key.dispose();
        engine.generateKey(as('seal'));
      },
    ],
  ];

  test.each(ends)('%s: open gives nothing, and what was opened is zeroed; seal writes nothing', async (_, end) => {
    const { engine, core, threads } = await pooled(1);
    const bytes = random(32);
    const key = engine.importKey(bytes, as('seal'));
    const [p, text] = [nonce(), random(CHUNK).fill(7)];
    const sealed = new Uint8Array(CHUNK + 16);
    await sealOne(engine, key, text, { ...p, out: sealed });
    const [thread] = threads;
    let go!: () => void;
    thread!.gate = new Promise((resolve) => (go = resolve));
    const outs = Array.from({ length: 60 }, () => new Uint8Array(CHUNK + 16));
    const codes = Promise.all([
      ...Array.from({ length: 60 }, () => codeOfAny(() => openOne(engine, key, sealed, p))),
      ...outs.map((out) => codeOfAny(() => sealOne(engine, key, text, { ...p, out }))),
    ]);
    const said = thread!.said.length;
    await vi.waitFor(() => expect(thread!.said.length).toBeGreaterThan(said), 20_000); // opened there, not yet heard of
    const buffers = thread!.said.flatMap((message) => (message.kind === 'done' ? [message.body] : [])).slice(-1);
    expect(Buffer.from(buffers[0]!).includes(Buffer.alloc(100, 7))).toBe(true); // the search works
    end(key, engine, core);
    go();
    expect(await codes).toEqual(Array.from({ length: 120 }, () => 'ERR_DISPOSED'));
    await vi.waitFor(() => expect(Buffer.from(buffers[0]!).includes(Buffer.alloc(100, 7))).toBe(false), 20_000);
    expect(outs.every(zeros)).toBe(true);
  });
});

describe('a worker that dies', () => {
  test('fails its work with ERR_WORKER, and no other; another takes its place', async () => {
    const { engine, threads } = await pooled(2);
    const bytes = random(32);
    const key = engine.importKey(bytes, as('seal'));
    const work = (n: number) => Array.from({ length: n }, () => sealing(engine, key, bytes, CHUNK));
    await Promise.all(work(100).map(({ sealed }) => sealed));
    const all = work(200);
    void threads[0]!.worker.terminate();
    const results = await Promise.allSettled(all.map(({ sealed }) => sealed));
    const failed = results.filter((result) => result.status === 'rejected');
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.length).toBeLessThan(100);
    for (const { reason } of failed) expect(reason).toMatchObject({ code: 'ERR_WORKER' });
    expect((failed[0]!.reason as Error).message).toContain('again');
    for (const [i, result] of results.entries())
      if (result.status === 'fulfilled') expect(same(result.value, all[i]!.wanted)).toBe(true);
    const killed = threads[0]!.told.length;
    const again = work(200);
    for (const { sealed, wanted } of again) expect(same(await sealed, wanted)).toBe(true);
    expect(threads).toHaveLength(3);
    expect(threads[0]!.told).toHaveLength(killed);
    expect(threads[2]!.kinds).toMatch(/^core key batch/);
  });

  test('by a fault of its own: the same, and the fault is the cause', async () => {
    const { engine, threads } = await pooled(1);
    const bytes = random(32);
    const key = engine.importKey(bytes, as('seal'));
    await sealing(engine, key, bytes, CHUNK).sealed;
    threads[0]!.worker.postMessage({ kind: 'batch', head: new ArrayBuffer(3), body: new ArrayBuffer(3), jobs: 1 }); // none of ours
    const error: unknown = await sealing(engine, key, bytes, CHUNK).sealed.catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'ERR_WORKER' });
    expect((error as Error).cause).toMatchObject({ name: 'RangeError' });
    const { sealed: later, wanted } = sealing(engine, key, bytes, CHUNK);
    expect(same(await later, wanted)).toBe(true);
    expect(threads).toHaveLength(2);
  });

  test('and all of them, again and again: what comes then is done', async () => {
    const { engine, threads } = await pooled(2);
    const bytes = random(32);
    const key = engine.importKey(bytes, as('seal'));
    let ended: typeof threads = [];
    for (let round = 0; round < 3; round++) {
      ended = [...threads];
      const all = Array.from({ length: 60 }, () => sealing(engine, key, bytes, CHUNK));
      for (const { worker } of ended) void worker.terminate();
      const codes = await Promise.all(all.map(({ sealed }) => codeOfAny(() => sealed)));
      expect(codes.filter((code) => code !== null && code !== 'ERR_WORKER')).toEqual([]);
    }
    await Promise.all(ended.map(({ exited }) => exited));
    const { sealed, wanted } = sealing(engine, key, bytes, CHUNK);
    expect(same(await sealed, wanted)).toBe(true);
  });
});

describe('the end', () => {
  test('dispose wipes the core of every worker and terminates it; what is under way fails', async () => {
    const { engine, threads } = await pooled(2);
    const [bytes, text] = [random(32), random(CHUNK)];
    const key = engine.importKey(bytes, as('seal'));
    const seal = () => codeOfAny(() => sealOne(engine, key, text, { ...nonce(), out: new Uint8Array(CHUNK + 16) }));
    expect(await Promise.all(Array.from({ length: 100 }, seal))).toEqual(Array(100).fill(null));
    for (const thread of threads) expect(sightings((await thread.look()).memory, bytes)).toBeGreaterThan(0);
    const under = Promise.all(Array.from({ length: 100 }, seal));
    engine.dispose();
    expect(await under).toEqual(Array(100).fill('ERR_DISPOSED'));
    for (const thread of threads) {
      const { memory, left } = await thread.last;
      expect(sightings(memory, bytes)).toBe(0);
      expect(sightings(memory, text)).toBe(0);
      expect(left.every(zeros)).toBe(true);
      expect(thread.kinds.endsWith('end')).toBe(true);
      expect(thread.said.at(-1)).toEqual({ kind: 'ended' });
      expect(thread.held.at(-1)).toBe(false);
      await thread.exited;
    }
    expect(await seal()).toBe('ERR_DISPOSED');
  });

  test('a worker that does not answer is terminated all the same', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { engine, threads } = await pooled(1);
      const key = engine.generateKey(as('seal'));
      await sealing(engine, key, random(32), CHUNK).sealed;
      threads[0]!.gate = new Promise(() => {}); // nothing it says is heard
      engine.dispose();
      const ended = vi.fn();
      void threads[0]!.last.then(ended);
      await vi.advanceTimersByTimeAsync(999);
      expect(ended).not.toHaveBeenCalled();
      vi.advanceTimersByTime(1);
      await threads[0]!.exited;
    } finally {
      vi.useRealTimers();
    }
  });

  test('an engine that nobody holds any more ends its workers, but not before their work is done', async () => {
    const { threads, sealed } = begunAndLost(engineOnThreads(await loadCore()));
    for (let i = 0; i < 5; i++) {
      gc!();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(await Promise.all(sealed)).toHaveLength(50);
    for (let i = 0; i < 1000 && !threads.every(({ kinds }) => kinds.endsWith('end')); i++) {
      gc!();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    for (const thread of threads) {
      expect(thread.kinds.endsWith('end')).toBe(true);
      await thread.exited;
    }
  });

  /** Work that is under way; nothing keeps the engine. */
  function begunAndLost({ engine, threads }: ReturnType<typeof engineOnThreads>) {
    const bytes = random(32);
    const key = engine.importKey(bytes, as('seal'));
    const sealed: Promise<Uint8Array>[] = [];
    for (let i = 0; i < 50; i++) sealed.push(sealing(engine, key, bytes, 100_000).sealed);
    return { threads, sealed };
  }
});

describe('createEngine', () => {
  afterEach(() => void vi.unstubAllGlobals());

  test('waits for the first worker; 0 and webcrypto start none', async () => {
    const engine = await createEngine({ prefer: 'wasm', workers: 2 });
    expect(engine.ahead).toBeGreaterThan(1_000_000);
    const key = engine.generateKey(as('seal'));
    const { sealed, late } = sealing(engine, key, random(32), CHUNK);
    expect(late).toBe(true);
    await sealed;
    engine.dispose();
    engine.dispose();
    for (const options of [{}, { workers: 0 }, { prefer: 'webcrypto', workers: 2 }] as const) {
      const alone = await createEngine(options);
      expect(alone.ahead).toBe(0);
      alone.dispose();
    }
  });

  test('where the runtime has no workers: on this thread', async () => {
    vi.stubGlobal('process', { ...process, versions: {} });
    const engine = await createEngine({ prefer: 'wasm', workers: 2 });
    vi.unstubAllGlobals();
    expect(engine.ahead).toBe(0);
    const bytes = random(32);
    const { late, sealed, wanted } = sealing(engine, engine.importKey(bytes, as('seal')), bytes, 200_000);
    expect(late).toBe(false);
    expect(same(await sealed, wanted)).toBe(true);
    engine.dispose();
  });

  /** A browser's Worker whose program is not loaded. */
  class Blocked extends EventTarget {
    constructor() {
      super();
      setTimeout(() => this.dispatchEvent(new Event('error', { cancelable: true })), 5);
    }
    postMessage(): void {}
    terminate(): void {}
  }

  test.each([
    ['refuses', () => expect.fail()],
    ['loads no program', Blocked],
  ])('where it %s: ERR_WORKER, which says what a bundler and a policy must do', async (_, Worker) => {
    vi.stubGlobal('Worker', Worker);
    const error: unknown = await createEngine({ workers: 2 }).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'ERR_WORKER' });
    for (const said of ["worker-src 'self'", 'build/worker.js', 'bundler'])
      expect((error as Error).message).toContain(said);
  });
});
