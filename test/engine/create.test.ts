// Making an engine, its randomness, its end.

import { pbkdf2Sync, randomFillSync } from 'node:crypto';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { loadCore } from '../../bindings/core/load.ts';
import { createEngine, type EngineOptions } from '../../bindings/engine/create.ts';
import { codeOf, node, random, same } from '../core/implementation.ts';
import { as, ID } from './engines.ts';

const refusal = (options: unknown): Promise<unknown> =>
  createEngine(options as EngineOptions).then(
    () => null,
    (error: { code: string }) => error.code,
  );

test('kinds', async () => {
  const auto = await createEngine();
  expect([auto.kind, auto.variant]).toEqual(['auto', 'relaxed']);
  expect((await createEngine({ prefer: 'wasm' })).kind).toBe('wasm');
  expect((await createEngine({ prefer: 'webcrypto' })).kind).toBe('webcrypto');
});

test('bad options', async () => {
  expect(await refusal(null)).toBe('ERR_ARGUMENT');
  expect(await refusal('wasm')).toBe('ERR_ARGUMENT');
  expect(await refusal({ prefer: 'native' })).toBe('ERR_ARGUMENT');
  expect(await refusal({ prefer: 'toString' })).toBe('ERR_ARGUMENT');
  expect(await refusal({ random: 5 })).toBe('ERR_ARGUMENT');
  expect(await refusal({ core: {} })).toBe('ERR_ARGUMENT');
  expect(await refusal({ core: null })).toBe('ERR_ARGUMENT');
  for (const crossover of [5, null, { seal: '5' }, { seal: -1 }, { open: NaN }, { open: null }, { derive: 'node' }])
    expect(await refusal({ crossover }), JSON.stringify(crossover)).toBe('ERR_ARGUMENT');
  for (const workers of [-1, 65, 1.5, NaN, Infinity, '2', null, true, 2n])
    expect(await refusal({ workers }), String(workers)).toBe('ERR_ARGUMENT');
  const core = await loadCore();
  core[Symbol.dispose]();
  expect(await refusal({ core })).toBe('ERR_DISPOSED');
});

test('crossover is accepted', async () => {
  for (const crossover of [{}, { seal: 1, open: 1, derive: 'wasm' as const }, { seal: 0, open: Infinity }])
    expect((await createEngine({ crossover })).kind).toBe('auto');
});

describe('where the platform lacks', () => {
  afterEach(() => void vi.unstubAllGlobals());

  /** That such an engine does all there is; `alone`: without the platform. */
  async function works(options: EngineOptions, alone: boolean): Promise<void> {
    const engine = await createEngine(options);
    const key = engine.generateKey(as('seal'));
    const [iv, text, out] = [new Uint8Array(12), random(50_000), new Uint8Array(50_016)];
    engine.random(iv);
    const sealed = engine.seal(key, text, { iv, aad: random(3), out });
    expect(sealed === undefined).toBe(alone);
    await sealed;
    const wanted = node.seal(engine.exportSecretBytes(key), iv, text, new Uint8Array(0), 16);
    expect(same(out.subarray(0, 50_000), wanted.subarray(0, 50_000))).toBe(true);
    const [bytes, salt] = [random(20), random(32)];
    const derived = await engine.password(bytes).derive({ salt, iterations: 2000, id: ID });
    expect(same(engine.exportSecretBytes(derived), pbkdf2Sync(bytes, salt, 2000, 32, 'sha256'))).toBe(true);
    engine.dispose();
  }
  const injected = (into: Uint8Array): void => void randomFillSync(into);
  const all = globalThis.crypto;
  const platforms: [what: string, crypto: unknown][] = [
    ['crypto', undefined],
    ['crypto.subtle', { getRandomValues: (into: Uint8Array<ArrayBuffer>) => all.getRandomValues(into) }],
    ['crypto.getRandomValues', { subtle: all.subtle }],
    ['all of crypto', {}],
  ];

  test.each(platforms)('%s: auto and wasm do all of it with an injected `random`', async (what, crypto) => {
    vi.stubGlobal('crypto', crypto);
    const lacking = what !== 'crypto.getRandomValues';
    await works({ prefer: 'wasm', random: injected }, true);
    await works({ prefer: 'auto', random: injected }, lacking);
    if (!lacking) await works({ prefer: 'webcrypto', random: injected }, false);
  });

  test.each(platforms)('%s: auto and wasm, with what there is', async (what, crypto) => {
    vi.stubGlobal('crypto', crypto);
    for (const prefer of ['auto', 'wasm'] as const)
      if (what === 'crypto.subtle') await works({ prefer }, true);
      else await expect(works({ prefer }, true)).rejects.toMatchObject({ code: 'ERR_NO_ENTROPY' });
  });

  test('crypto.subtle: webcrypto says why, and what to do', async () => {
    for (const crypto of [undefined, {}, { subtle: undefined }, { subtle: {} }]) {
      vi.stubGlobal('crypto', crypto);
      expect(await refusal({ prefer: 'webcrypto', random: injected })).toBe('ERR_UNSUPPORTED');
      await expect(createEngine({ prefer: 'webcrypto' })).rejects.toThrow(
        /this runtime does not have.*"auto" and "wasm"/,
      );
    }
    vi.stubGlobal('isSecureContext', false);
    await expect(createEngine({ prefer: 'webcrypto' })).rejects.toThrow(/https or from localhost/);
  });
});

describe('randomness', () => {
  test('fills all of it, in as many calls as the platform wants, and never the same twice', async () => {
    const engine = await createEngine();
    const asked = vi.spyOn(globalThis.crypto, 'getRandomValues');
    const big = new Uint8Array(200_000);
    engine.random(big);
    expect(asked.mock.calls.map(([view]) => (view as Uint8Array).length)).toEqual([65_536, 65_536, 65_536, 3392]);
    vi.restoreAllMocks();
    for (let at = 0; at < big.length; at += 64) expect(big.subarray(at, at + 64).some((byte) => byte !== 0)).toBe(true);
    const seen = new Set<string>();
    for (let i = 0; i < 5000; i++) {
      const iv = new Uint8Array(12);
      engine.random(iv);
      seen.add(Buffer.from(iv).toString('hex'));
    }
    expect(seen.size).toBe(5000);
  });

  test('short requests share a draw; what was handed out does not stay behind', async () => {
    const engine = await createEngine();
    const asked = vi.spyOn(globalThis.crypto, 'getRandomValues');
    const first = new Uint8Array(12);
    engine.random(first);
    const pool = asked.mock.calls[0]![0] as Uint8Array;
    expect(first.some((byte) => byte !== 0)).toBe(true);
    expect(pool.subarray(0, 12).every((byte) => byte === 0)).toBe(true);
    expect(pool.subarray(12, 40).some((byte) => byte !== 0)).toBe(true);
    for (let i = 0; i < 84; i++) engine.random(new Uint8Array(12));
    expect(asked).toHaveBeenCalledTimes(1);
    engine.random(new Uint8Array(12));
    expect(asked).toHaveBeenCalledTimes(2);
    vi.restoreAllMocks();
  });

  test('a key is drawn by the host straight into its slot', async () => {
    let given: Uint8Array | null = null;
    const engine = await createEngine({
      random: (into) => {
        given = into;
        into.fill(0x5a);
      },
    });
    const key = engine.generateKey(as('seal'));
    expect(given!.buffer.byteLength % 65_536).toBe(0); // it is the core's memory
    expect(Buffer.from(engine.exportSecretBytes(key))).toEqual(Buffer.alloc(32, 0x5a));
    key.dispose();
    expect(given!.every((byte) => byte === 0)).toBe(true);
  });

  test('none anywhere: said, with what to do', async () => {
    vi.stubGlobal('crypto', undefined);
    try {
      const engine = await createEngine();
      expect(() => engine.random(new Uint8Array(12))).toThrow(/give createEngine\(\) a `random`/);
      expect(codeOf(() => engine.random(new Uint8Array(12)))).toBe('ERR_NO_ENTROPY');
      const free = engine.freeSlots();
      expect(codeOf(() => engine.generateKey(as('seal')))).toBe('ERR_NO_ENTROPY');
      expect(engine.freeSlots()).toBe(free);
    } finally {
      vi.unstubAllGlobals();
    }
  });

  test.each([
    ['throws', () => expect.fail()],
    ['is async', (into: Uint8Array) => Promise.resolve(into.fill(1)) as unknown as void],
    ['fills nothing', () => undefined],
  ])('a source that %s is not used', async (_, source) => {
    const engine = await createEngine({ random: source });
    expect(codeOf(() => engine.generateKey(as('seal')))).toBe('ERR_NO_ENTROPY');
    expect(engine.freeSlots()).toBe(64);
  });
});

describe('the end', () => {
  test('every use throws ERR_DISPOSED', async () => {
    const engine = await createEngine();
    const key = engine.generateKey(as('derive'));
    const password = engine.password(random(8));
    engine.dispose();
    engine.dispose();
    engine[Symbol.dispose]();
    const bytes = random(32);
    const nonce = { iv: random(12), aad: bytes };
    const uses: (() => unknown)[] = [
      () => engine.random(bytes),
      () => engine.sha256(bytes),
      () => engine.freeSlots(),
      () => engine.generateKey(as('seal')),
      () => engine.importKey(bytes, as('seal')),
      () => engine.exportSecretBytes(key),
      () => engine.password(bytes),
      () => engine.extract({ salt: bytes, ikm: bytes }, as('derive')),
      () => engine.expand(key, { hash: 'SHA-256', info: bytes, length: 32, keys: [] }),
      () => engine.mac(key as never, bytes),
      () => engine.wrap(key as never, key, { ...nonce, prefix: bytes }),
      () => engine.unwrap(key as never, { ...nonce, prefix: bytes, sealed: bytes }, as('seal')),
      () => engine.seal(key as never, bytes, { ...nonce, out: new Uint8Array(64) }),
      () => engine.open(key as never, bytes, nonce),
    ];
    expect(uses.map(codeOf)).toEqual(uses.map(() => 'ERR_DISPOSED'));
    expect(key.disposed).toBe(true);
    await expect(password.derive({ salt: bytes, iterations: 1, id: '' })).rejects.toMatchObject({
      code: 'ERR_DISPOSED',
    });
  });

  test('a given core stays the caller’s, and so do its ciphers; the engine’s keys are freed', async () => {
    const core = await loadCore();
    const cipher = core.aes256gcm(random(32));
    const [one, two] = [await createEngine({ core }), await createEngine({ core })];
    for (let i = 0; i < 40; i++) one.generateKey(as('seal'));
    const other = two.importKey(random(32), as('mac'));
    expect(two.freeSlots()).toBe(64 - 42);
    one.dispose();
    expect(two.freeSlots()).toBe(64 - 2);
    expect(two.mac(other, random(3))).toHaveLength(32);
    expect(cipher.encrypt(random(12), random(3))).toHaveLength(19);
    core[Symbol.dispose]();
    expect(codeOf(() => two.mac(other, random(3)))).toBe('ERR_DISPOSED');
    two.dispose();
  });
});
