// A core from a module that is given; what the core answers; and runtimes that lack something.

import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Status } from '../../bindings/core/abi.ts';
import { unhex } from '../../bindings/core/bytes.ts';
import { canRun, VARIANTS } from '../../bindings/core/detect.ts';
import { AuthenticationError, KeystrataError } from '../../bindings/core/errors.ts';
import { loadGivenCore } from '../../bindings/core/given.ts';
import type { GivenOptions } from '../../bindings/core/given.ts';
import { good, goodJob, goodSlot } from '../../bindings/core/status.ts';

afterEach(() => vi.unstubAllGlobals());
const scalar = (): Uint8Array<ArrayBuffer> => new Uint8Array(readFileSync('build/keystrata.scalar.wasm'));
const errorOf = (work: () => unknown): unknown => {
  try {
    work();
  } catch (error) {
    return error;
  }
  return null;
};

describe('a module that is given', () => {
  test('as bytes or compiled, with or without its variant', async () => {
    const module = await WebAssembly.compile(scalar());
    for (const options of [{ module }, { module: scalar() }, { module, variant: 'scalar' } as const]) {
      const core = await loadGivenCore(options);
      expect(core.variant).toBe('scalar');
    }
  });

  test.each([
    ['nothing', undefined, 'ERR_ARGUMENT'],
    ['no module: there is no other', {}, 'ERR_ARGUMENT'],
    ['another variant', { module: scalar(), variant: 'simd' }, 'ERR_UNSUPPORTED'],
    ['a variant that does not exist', { module: scalar(), variant: 'vector' }, 'ERR_ARGUMENT'],
  ])('%s', async (_, options, code) => {
    await expect(loadGivenCore(options as GivenOptions)).rejects.toMatchObject({ code });
  });
});

describe('what the core answers', () => {
  test('is a number, or an error that says what to do', () => {
    for (const work of [good, goodSlot, goodJob]) {
      expect(work(0)).toBe(0);
      expect(work(63)).toBe(63);
      expect(errorOf(() => work(Status.BAD_TAG))).toBeInstanceOf(AuthenticationError);
      expect(errorOf(() => work(Status.LIMIT))).toMatchObject({ code: 'ERR_LIMIT' });
      expect(errorOf(() => work(Status.MISMATCH))).toMatchObject({ code: 'ERR_FORMAT' });
    }
    expect(errorOf(() => goodSlot(Status.FULL))).toMatchObject({
      code: 'ERR_LIMIT',
      message: expect.stringMatching(/slots/) as string,
    });
    expect(errorOf(() => goodJob(Status.FULL))).toMatchObject({
      code: 'ERR_LIMIT',
      message: expect.stringMatching(/jobs/) as string,
    });
  });

  test('which arguments cannot cause is our fault, and not taken for one of ours', () => {
    for (const status of [Status.RANGE, Status.SLOT, Status.STATE, Status.FULL, -99]) {
      const error = errorOf(() => good(status));
      expect(error).toBeInstanceOf(Error);
      expect(KeystrataError.is(error)).toBe(false);
      expect((error as Error).message).toContain(String(status));
    }
  });
});

test('what is no error is none of ours', () => {
  const ours = { code: 'ERR_STORE', message: 'of another bundle' };
  expect(KeystrataError.is(ours)).toBe(true);
  expect(KeystrataError.is(ours, 'ERR_LIMIT')).toBe(false);
  for (const none of [
    null,
    undefined,
    'ERR_STORE',
    { code: 'ERR_STORE' },
    { message: '' },
    { code: 'ENOENT', message: '' },
  ])
    expect(KeystrataError.is(none)).toBe(false);
});

test('hex digits: as many as are wanted, and no others', () => {
  expect([...unhex('00fFaB', 3, 'id')]).toEqual([0, 0xff, 0xab]);
  for (const wrong of ['00ff', '00ffabcd', '0gffab', 'g0ffab', '00ff a', '００ffab', 7, null])
    expect(errorOf(() => unhex(wrong as string, 3, 'id'))).toMatchObject({
      code: 'ERR_ARGUMENT',
      message: expect.stringMatching(/id: 6 hex/) as string,
    });
});

describe('a runtime that lacks', () => {
  test('WebAssembly runs no build', async () => {
    const bytes = scalar();
    vi.stubGlobal('WebAssembly', undefined);
    expect(VARIANTS.filter(canRun)).toEqual([]);
    await expect(loadGivenCore({ module: bytes })).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' });
  });

  test('FinalizationRegistry has no net, and disposes as others do', async () => {
    vi.stubGlobal('FinalizationRegistry', undefined);
    vi.resetModules();
    const { catchLost, dispose, letGo } = await import('../../bindings/core/dispose.ts');
    const released = vi.fn();
    const thing = {};
    catchLost(thing, released);
    letGo(thing);
    expect(released).not.toHaveBeenCalled();
    expect(dispose).toBe(Symbol.dispose);
  });
});
