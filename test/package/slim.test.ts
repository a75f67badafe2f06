// keystrata/slim: no .wasm in it; a module is given, and then it is keystrata/core.

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { KeystrataError, loadCore } from '../../bindings/slim.ts';
import { createEngine } from '../../bindings/index.ts';
import { instanceOf } from '../../bindings/core/internal.ts';
import { node, random, same, VARIANTS } from '../core/implementation.ts';
import { ROOT } from './packed.ts';

const wasm = (variant: string) => new Uint8Array(readFileSync(join(ROOT, `build/keystrata.${variant}.wasm`)));
const IMPORT = /(?:\bfrom|\bimport)\s*\(?\s*['"](\.[^'"]+)['"]/g;

/** A bundle with everything it imports, now or later. */
function reachable(entry: string, seen = new Map<string, string>()): Map<string, string> {
  if (seen.has(entry)) return seen;
  const text = readFileSync(entry, 'utf8');
  seen.set(entry, text);
  for (const [, specifier] of text.matchAll(IMPORT)) reachable(join(dirname(entry), specifier!), seen);
  return seen;
}

/** What a module looks like in base64: \0asm and version 1; and any run of base64 that is long. */
const holdsWasm = (text: string): boolean => text.includes('AGFzbQEAAA') || /[A-Za-z0-9+/]{1000}/.test(text);

describe('the bundle', () => {
  test('holds no .wasm, while that of keystrata/core holds three', () => {
    const slim = [...reachable(join(ROOT, 'build/slim.js')).values()];
    expect(slim.filter(holdsWasm)).toHaveLength(0);
    expect(slim.some((text) => /\bimport\b[^;]*\.wasm['"]/.test(text))).toBe(false);
    const core = [...reachable(join(ROOT, 'build/core.js')).values()];
    expect(core.filter(holdsWasm)).toHaveLength(3);
  });

  test('depends on nothing', () => {
    for (const [file, text] of reachable(join(ROOT, 'build/slim.js')))
      for (const [, specifier] of text.matchAll(/^(?:import|export)\b[^'"]*['"]([^'"]+)['"]/gm))
        expect(specifier, file).toMatch(/^\./);
  });
});

describe.each(VARIANTS)('%s', (variant) => {
  const [key, iv, text, aad] = [random(32), random(12), random(1000), random(20)];

  test.each([
    ['a module', () => new WebAssembly.Module(wasm(variant))],
    ['bytes', () => wasm(variant)],
  ])('given as %s', async (_what, module) => {
    const core = await loadCore({ module: module() });
    expect(core.variant).toBe(variant);
    expect(same(core.aes256gcm(key).encrypt(iv, text, aad), node.seal(key, iv, text, aad, 16))).toBe(true);
    core[Symbol.dispose]();
  });

  test('an engine takes it', async () => {
    const core = await loadCore({ module: wasm(variant), variant });
    const engine = await createEngine({ core });
    expect(engine.variant).toBe(variant);
    expect(instanceOf(core).variant).toBe(variant);
    engine.dispose();
  });
});

const refusal = async (options: unknown): Promise<string> =>
  loadCore(options as Parameters<typeof loadCore>[0]).then(
    () => 'loaded',
    (error: unknown) => (KeystrataError.is(error) ? error.code : String(error)),
  );

test('without a module there is nothing to load', async () => {
  for (const options of [undefined, null, {}, { module: undefined }, { module: null }, { module: 'core.wasm' }])
    expect(await refusal(options)).toBe('ERR_ARGUMENT');
  expect(await refusal({ module: wasm('simd'), variant: 'avx' })).toBe('ERR_ARGUMENT');
  expect(await refusal({ module: wasm('simd'), variant: 'scalar' })).toBe('ERR_UNSUPPORTED');
  expect(await refusal({ module: new Uint8Array(3) })).toBe('ERR_FORMAT');
});
