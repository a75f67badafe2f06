// Which build is loaded, and what is refused.

import { readFileSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { canRun } from '../../bindings/core/detect.ts';
import { loadCore } from '../../bindings/core/load.ts';
import { decoded } from '../../bindings/core/variants.ts';
import type { CoreOptions, Variant } from '../../bindings/core/types.ts';
import { VARIANTS } from './implementation.ts';

const wasm = (variant: Variant) => new Uint8Array(readFileSync(`build/keystrata.${variant}.wasm`));
const refusal = async (options: unknown): Promise<string> => {
  const error = await loadCore(options as CoreOptions).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Error);
  return (error as { code: string }).code;
};

/** A module of one exported constant and nothing else: (module (global (export "x") i32 (i32.const 7))). */
const FOREIGN = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 6, 6, 1, 127, 0, 65, 7, 11, 7, 5, 1, 1, 120, 3, 0);

test('this runtime runs all three builds: otherwise the other tests would prove less than they say', () => {
  expect(VARIANTS.map(canRun)).toEqual([true, true, true]);
});

test.each(VARIANTS)('%s: asked for, and as a module, and as bytes', async (variant) => {
  expect((await loadCore({ variant })).variant).toBe(variant);
  const bytes = wasm(variant);
  expect((await loadCore({ module: await WebAssembly.compile(bytes) })).variant).toBe(variant);
  expect((await loadCore({ module: bytes, variant })).variant).toBe(variant);
  expect((await loadCore({ module: new Uint8Array(bytes).buffer })).variant).toBe(variant);
});

test('the builds import nothing, and their memory does not grow', async () => {
  for (const variant of VARIANTS) {
    const module = await WebAssembly.compile(wasm(variant));
    expect(WebAssembly.Module.imports(module)).toEqual([]);
    const { memory } = (await WebAssembly.instantiate(module)).exports as { memory: WebAssembly.Memory };
    expect(() => memory.grow(1)).toThrow(RangeError);
    if (variant === 'scalar') expect(memory.buffer.byteLength).toBe(65_536);
  }
});

test('without options: the best that runs', async () => {
  expect((await loadCore()).variant).toBe('relaxed');
});

describe('where the runtime lacks instructions', () => {
  /** What only the probe of a variant holds: i8x16.relaxed_swizzle, i8x16.popcnt. */
  const marks = { relaxed: Buffer.of(0xfd, 0x80, 0x02), simd: Buffer.of(0xfd, 0x62) };

  const lacking = (refused: readonly (keyof typeof marks)[]): void => {
    const real = WebAssembly.validate;
    vi.spyOn(WebAssembly, 'validate').mockImplementation((bytes) => {
      const probe = Buffer.from(bytes as Uint8Array<ArrayBuffer>);
      return !refused.some((variant) => probe.includes(marks[variant])) && real(bytes);
    });
  };

  test.each([
    [['relaxed'], 'simd'],
    [['relaxed', 'simd'], 'scalar'],
  ] as const)('%j: takes %s', async (refused, taken) => {
    lacking(refused);
    try {
      expect((await loadCore()).variant).toBe(taken);
      expect(await refusal({ variant: refused[0] })).toBe('ERR_UNSUPPORTED');
    } finally {
      vi.restoreAllMocks();
    }
  });
});

test('a host that compiles nothing hears what to do', async () => {
  vi.spyOn(WebAssembly, 'compile').mockRejectedValue(new WebAssembly.CompileError('code generation disallowed'));
  try {
    await expect(loadCore()).rejects.toThrow(/wasm-unsafe-eval/);
    expect(await refusal({})).toBe('ERR_UNSUPPORTED');
  } finally {
    vi.restoreAllMocks();
  }
});

test('a runtime without WebAssembly', async () => {
  vi.stubGlobal('WebAssembly', undefined);
  try {
    expect(await refusal({})).toBe('ERR_UNSUPPORTED');
  } finally {
    vi.unstubAllGlobals();
  }
});

test('bad options', async () => {
  expect(await refusal(null)).toBe('ERR_ARGUMENT');
  expect(await refusal('simd')).toBe('ERR_ARGUMENT');
  expect(await refusal({ variant: 'avx' })).toBe('ERR_ARGUMENT');
  expect(await refusal({ module: 'core.wasm' })).toBe('ERR_ARGUMENT');
  expect(await refusal({ module: null })).toBe('ERR_ARGUMENT');
  expect(await refusal({ module: new Uint8Array(new SharedArrayBuffer(8)) })).toBe('ERR_ARGUMENT');
});

test('bad modules', async () => {
  expect(await refusal({ module: new Uint8Array(0) })).toBe('ERR_FORMAT');
  expect(await refusal({ module: new TextEncoder().encode('<html>not found</html>') })).toBe('ERR_FORMAT');
  expect(await refusal({ module: FOREIGN })).toBe('ERR_FORMAT');
  expect(await refusal({ module: wasm('simd').subarray(0, 5000) })).toBe('ERR_UNSUPPORTED');
  expect(await refusal({ module: wasm('simd'), variant: 'scalar' })).toBe('ERR_UNSUPPORTED');
});

test('a module that speaks another version of the interface', async () => {
  const bytes = wasm('scalar');
  const at = Buffer.from(bytes.buffer).indexOf(Buffer.of(0x7f, 0x00, 0x41, 0x01, 0x0b)); // the first i32 constant 1 that is immutable: ABI
  expect(at).toBeGreaterThan(0);
  bytes[at + 3] = 2;
  await expect(loadCore({ module: bytes })).rejects.toThrow(/version 2 .* version 1/);
  expect(await refusal({ module: bytes })).toBe('ERR_UNSUPPORTED');
});

test('each core has memory of its own', async () => {
  const [a, b] = [await loadCore(), await loadCore()];
  a[Symbol.dispose]();
  expect(b.sha256(new Uint8Array(0))).toHaveLength(32);
  expect(() => a.sha256(new Uint8Array(0))).toThrow(/disposed/);
});

test.each(['Uint8Array.fromBase64', 'Buffer', 'neither'])('base64 is read by what the runtime has: %s', (what) => {
  const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i * 7);
  const base64 = Buffer.from(bytes).toString('base64');
  const asked: string[] = [];
  const fromBase64 = (text: string): Uint8Array => (asked.push(text), bytes);
  const [{ Buffer: buffer }, own] = [globalThis, Object.getOwnPropertyDescriptor(Uint8Array, 'fromBase64')];
  try {
    const value = what === 'Uint8Array.fromBase64' ? fromBase64 : undefined;
    Object.defineProperty(Uint8Array, 'fromBase64', { value, configurable: true });
    if (what === 'neither') (globalThis as { Buffer?: unknown }).Buffer = undefined;
    expect([...decoded(base64)]).toEqual([...bytes]);
  } finally {
    globalThis.Buffer = buffer;
    if (own) Object.defineProperty(Uint8Array, 'fromBase64', own);
    else delete (Uint8Array as { fromBase64?: unknown }).fromBase64;
  }
  expect(asked).toEqual(what === 'Uint8Array.fromBase64' ? [base64] : []);
});
