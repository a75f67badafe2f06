// What is WebCrypto's: the platform's keys beside the slots, work that is under way when a key ends, what the platform
// refuses, secrets that pass through JavaScript.

import { pbkdf2Sync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { instanceOf } from '../../bindings/core/internal.ts';
import type { Core } from '../../bindings/core/types.ts';
import type { Engine } from '../../bindings/engine/engine.ts';
import type { Key } from '../../bindings/engine/key.ts';
import { node, random, same } from '../core/implementation.ts';
import { as, codeOfAny, derivedBytes, engineOn, ID } from './engines.ts';

const { subtle } = globalThis.crypto;
const web = { name: 'webcrypto', variant: 'simd', options: { prefer: 'webcrypto' } } as const;
const auto = {
  name: 'auto',
  variant: 'simd',
  options: { prefer: 'auto', crossover: { seal: 0, open: 0, derive: 'webcrypto' } },
} as const;

let engine: Engine;
let core: Core;
beforeEach(async () => {
  ({ engine, core } = await engineOn(web));
});
afterEach(() => {
  vi.restoreAllMocks();
  engine.dispose();
});

const nonce = () => ({ iv: random(12), aad: random(20) });
const zeros = (bytes: ArrayBuffer | Uint8Array): boolean => new Uint8Array(bytes).every((byte) => byte === 0);

/** What the platform answers, kept to be looked at. */
function answersOf(method: 'encrypt' | 'decrypt' | 'deriveBits'): ArrayBuffer[] {
  const answers: ArrayBuffer[] = [];
  const platform = subtle[method].bind(subtle) as (...p: unknown[]) => Promise<ArrayBuffer>;
  vi.spyOn(subtle, method).mockImplementation(async (...p: unknown[]) => {
    const answer = await platform(...p);
    answers.push(answer);
    return answer;
  });
  return answers;
}

describe('keys', () => {
  test('are given as views of the core’s memory, not extractable, once each', async () => {
    const asked = vi.spyOn(subtle, 'importKey');
    const key = engine.generateKey(as('seal'));
    const out = new Uint8Array(116);
    for (let i = 0; i < 3; i++) await engine.seal(key, random(100), { ...nonce(), out });
    const more = async (): Promise<void> => engine.seal(key, random(100), { ...nonce(), out: new Uint8Array(116) });
    await Promise.all([more(), more()]);
    expect(asked).toHaveBeenCalledTimes(1);
    const [format, bytes, algorithm, extractable, usages] = asked.mock.calls[0]! as unknown[];
    expect([format, algorithm, extractable, usages]).toEqual(['raw', 'AES-GCM', false, ['encrypt', 'decrypt']]);
    expect((bytes as Uint8Array).buffer).toBe(instanceOf(core).memory.buffer);
    key.dispose();
  });

  test('go with their slot: the next key there is another', async () => {
    const asked = vi.spyOn(subtle, 'importKey');
    for (let i = 1; i <= 3; i++) {
      const bytes = random(32);
      const key = engine.importKey(bytes, as('seal'));
      const [p, text, out] = [nonce(), random(50), new Uint8Array(66)];
      await engine.seal(key, text, { ...p, out });
      expect(same(out, node.seal(bytes, p.iv, text, p.aad, 16))).toBe(true);
      expect(asked).toHaveBeenCalledTimes(i);
      key.dispose();
    }
  });

  test('at most 16 are with the platform at once, the core does the rest: slots stay free for others', async () => {
    const asked = vi.spyOn(subtle, 'encrypt');
    const keys = Array.from({ length: 40 }, (_, i) => engine.importKey(random(32).fill(i), as('seal')));
    const [p, text] = [nonce(), random(1000)];
    const work = keys.flatMap((key) =>
      [1, 2].map(async () => {
        const out = new Uint8Array(1016);
        await engine.seal(key, text, { ...p, out });
        return out;
      }),
    );
    expect(keys.map((key) => key.busy)).toEqual(keys.map((_, i) => i < 16));
    const sealed = await Promise.all(work);
    expect(asked).toHaveBeenCalledTimes(32);
    expect(keys.some((key) => key.busy)).toBe(false);
    sealed.forEach((out, i) =>
      expect(same(out, node.seal(random(32).fill(i >> 1), p.iv, text, p.aad, 16)), `${i}`).toBe(true),
    );
    await engine.seal(keys[39]!, text, { ...p, out: new Uint8Array(1016) });
    expect(asked).toHaveBeenCalledTimes(33);
  });

  test('a key that nobody holds any more lives until its work is done', async () => {
    let go!: () => void;
    const gate = new Promise<void>((resolve) => (go = resolve));
    const platform = subtle.decrypt.bind(subtle);
    vi.spyOn(subtle, 'decrypt').mockImplementation((...p) => gate.then(() => platform(...p)));
    const open = async (): Promise<Uint8Array> => {
      const key = engine.generateKey(as('seal'));
      const [p, out] = [nonce(), new Uint8Array(1016)];
      await engine.seal(key, new Uint8Array(1000), { ...p, out });
      return engine.open(key, out, p);
    };
    const opened = Array.from({ length: 10 }, open);
    for (let i = 0; i < 10; i++) {
      gc!();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(engine.freeSlots()).toBe(54);
    go();
    for (const text of await Promise.all(opened)) expect(text).toHaveLength(1000);
  });

  test('wrapping, hashing and MACs do not ask the platform', () => {
    const asked = [vi.spyOn(subtle, 'importKey'), vi.spyOn(subtle, 'encrypt'), vi.spyOn(subtle, 'digest')];
    const [outer, mac] = [engine.generateKey(as('wrap')), engine.generateKey(as('mac'))];
    engine.wrap(outer, mac, { ...nonce(), prefix: random(3) });
    engine.mac(mac, random(3));
    engine.sha256(random(3));
    for (const one of asked) expect(one).not.toHaveBeenCalled();
  });
});

describe('a key that ends while the platform works', () => {
  const ends: [string, (key: Key) => void][] = [
    ['by itself', (key) => key.dispose()],
    ['with its engine', () => engine.dispose()],
    ['with the core', () => core[Symbol.dispose]()],
    [
      'and another is in its slot',
      (key) => {
        key.dispose();
        engine.generateKey(as('seal'));
      },
    ],
  ];

  test.each(ends)('%s: open gives nothing, and what the platform found is zeroed', async (_, end) => {
    const answers = answersOf('decrypt');
    const key = engine.generateKey(as('seal'));
    const [p, out] = [nonce(), new Uint8Array(1016)];
    await engine.seal(key, random(1000).fill(7), { ...p, out });
    const opened = codeOfAny(() => engine.open(key, out, p));
    end(key);
    expect(await opened).toBe('ERR_DISPOSED');
    expect(answers).toHaveLength(1);
    expect(answers[0]!.byteLength).toBe(1000);
    expect(zeros(answers[0]!)).toBe(true);
  });

  test.each(ends)('%s: seal writes nothing', async (_, end) => {
    const key = engine.generateKey(as('seal'));
    const out = new Uint8Array(1016);
    const first = codeOfAny(() => engine.seal(key, random(1000), { ...nonce(), out })); // its key is still imported
    end(key);
    expect(await first).toBe('ERR_DISPOSED');
    expect(zeros(out)).toBe(true);
  });
});

describe('what the platform refuses is done in the core', () => {
  test('shared memory', async () => {
    const bytes = random(32);
    const key = engine.importKey(bytes, as('seal'));
    const [text, out, p] = [new Uint8Array(new SharedArrayBuffer(500)), new Uint8Array(516), nonce()];
    text.set(random(500));
    await engine.seal(key, text, { ...p, out });
    expect(same(out, node.seal(bytes, p.iv, text, p.aad, 16))).toBe(true);
    const shared = new Uint8Array(new SharedArrayBuffer(516));
    shared.set(out);
    expect(same(await engine.open(key, shared, p), text)).toBe(true);
  });

  test.each(['importKey', 'encrypt', 'decrypt'] as const)('whatever, where %s fails', async (method) => {
    vi.spyOn(subtle, method).mockRejectedValue(new DOMException('no', 'NotSupportedError'));
    const bytes = random(32);
    const key = engine.importKey(bytes, as('seal'));
    const [text, out, p] = [random(300), new Uint8Array(316), nonce()];
    await engine.seal(key, text, { ...p, out });
    expect(same(out, node.seal(bytes, p.iv, text, p.aad, 16))).toBe(true);
    expect(same(await engine.open(key, out, p), text)).toBe(true);
    out[3]! ^= 1;
    expect(await codeOfAny(() => engine.open(key, out, p))).toBe('ERR_AUTHENTICATION');
  });
});

describe('passwords', () => {
  test('are imported as bytes that are zeroed then, into a key that gives nothing back', async () => {
    const asked = vi.spyOn(subtle, 'importKey');
    const bytes = random(20);
    const password = engine.password(bytes);
    const [, copy, algorithm, extractable, usages] = asked.mock.calls[0]! as unknown[];
    expect([algorithm, extractable, usages]).toEqual(['PBKDF2', false, ['deriveBits']]);
    expect(copy).not.toBe(bytes);
    expect(same(copy as Uint8Array, bytes)).toBe(true);
    await derivedBytes(engine, password, random(32), 10);
    expect(zeros(copy as Uint8Array)).toBe(true);
    expect(zeros(bytes)).toBe(false);
    await derivedBytes(engine, password, random(32), 10);
    expect(asked).toHaveBeenCalledTimes(1);
  });

  test('the 32 bytes that pass through are zeroed', async () => {
    const answers = answersOf('deriveBits');
    const [bytes, salt] = [random(20), random(32)];
    const key = await derivedBytes(engine, engine.password(bytes), salt, 10);
    expect(same(key, pbkdf2Sync(bytes, salt, 10, 32, 'sha256'))).toBe(true);
    expect(answers).toHaveLength(1);
    expect(zeros(answers[0]!)).toBe(true);
  });

  test.each([
    ['aborted', 'ERR_ABORTED'],
    ['disposed', 'ERR_DISPOSED'],
    ['without a core', 'ERR_DISPOSED'],
  ])('%s while the platform works: let go at once; what comes then is zeroed', async (how, code) => {
    let answer!: (bits: ArrayBuffer) => void;
    const asked = vi.spyOn(subtle, 'deriveBits').mockReturnValue(new Promise((resolve) => (answer = resolve)));
    const password = engine.password(random(20));
    const controller = new AbortController();
    const p = { salt: random(3), iterations: 1000, id: ID, signal: controller.signal };
    const derived = codeOfAny(() => password.derive(p));
    await vi.waitFor(() => expect(asked).toHaveBeenCalled(), 20_000);
    if (how === 'aborted') controller.abort();
    else if (how === 'disposed') password.dispose();
    else core[Symbol.dispose]();
    expect(await derived).toBe(code);
    const bits = random(32).buffer;
    answer(bits);
    await new Promise((resolve) => setImmediate(resolve));
    expect(zeros(bits)).toBe(true);
    if (how !== 'without a core') expect(engine.freeSlots()).toBe(64);
  });

  test('progress is estimated: it rises, keeps under 1 however long it lasts, and ends with 1', async () => {
    vi.useFakeTimers();
    try {
      let answer!: (bits: ArrayBuffer) => void;
      vi.spyOn(subtle, 'deriveBits').mockReturnValue(new Promise((resolve) => (answer = resolve)));
      const told: number[] = [];
      const onProgress = (fraction: number): number => told.push(fraction);
      const work = engine.password(random(20)).derive({ salt: random(3), iterations: 2_000_000, id: ID, onProgress });
      for (let i = 0; i < 100; i++) await vi.advanceTimersByTimeAsync(20); // twice as long as expected
      expect(told.length).toBeGreaterThan(50);
      expect(told[9]).toBeCloseTo(0.2, 1);
      for (let i = 0; i < 500; i++) await vi.advanceTimersByTimeAsync(20); // and 12 times
      answer(random(32).buffer);
      await work;
      for (let i = 1; i < told.length; i++) expect(told[i]).toBeGreaterThan(told[i - 1]!);
      expect(told.filter((fraction) => fraction >= 1)).toEqual([1]);
      expect(told.at(-1)).toBe(1);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  test('a platform that takes no password: said, with what to do; auto does without it', async () => {
    vi.spyOn(subtle, 'importKey').mockRejectedValue(new DOMException('no', 'DataError'));
    const p = { salt: random(3), iterations: 10, id: ID };
    await expect(engine.password(random(3)).derive(p)).rejects.toThrow(/prefer: "wasm"/);
    expect(await codeOfAny(() => engine.password(random(3)).derive(p))).toBe('ERR_UNSUPPORTED');
    expect(engine.freeSlots()).toBe(64);
    const { engine: other } = await engineOn(auto);
    const [bytes, salt] = [random(20), random(32)];
    const key = await derivedBytes(other, other.password(bytes), salt, 10);
    expect(same(key, pbkdf2Sync(bytes, salt, 10, 32, 'sha256'))).toBe(true);
    other.dispose();
  });
});
