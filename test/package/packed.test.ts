// What npm would publish: complete, typed, importable by every entry, and by none that is not declared.

import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { same } from '../core/implementation.ts';
import { Packed, ROOT } from './packed.ts';

let packed: Packed;
beforeAll(() => {
  packed = new Packed();
});
afterAll(() => packed.end());

const WASM = ['./keystrata.relaxed.wasm', './keystrata.simd.wasm', './keystrata.scalar.wasm'];
const CODE = ['.', './core', './slim', './node', './idb', './postgres', './operator'];

/** A program that uses every entry a little and prints what came of it. */
const PROGRAM = `
import { createEngine, describe, Keyring, KeystrataError, memoryStore } from 'keystrata';
import { loadCore } from 'keystrata/core';
import { loadCore as loadSlim } from 'keystrata/slim';
import { fileStore } from 'keystrata/node';
import { indexedDbStore } from 'keystrata/idb';
import { postgresStore } from 'keystrata/postgres';
import { OperatorRing } from 'keystrata/operator';
import pg from 'pg';

const named = [indexedDbStore('vault').name, postgresStore(new pg.Pool({ host: 'h', database: 'd' })).name].join(' ');
const core = await loadCore();
const empty = Buffer.from(core.sha256(new Uint8Array(0))).toString('hex').slice(0, 8);
const engine = await createEngine();
const owner = 'alice';
const secret = { operatorKey: crypto.getRandomValues(new Uint8Array(32)), operatorKeyId: '0'.repeat(32) };
const store = fileStore('vault-' + engine.variant + process.pid);
const { keyring } = await Keyring.create({ engine, store, owner, ...secret });
await keyring.createDataKey({ space: 'notes' });
const sealed = await keyring.encrypt('Dear diary', { space: 'notes', context: 'note/17' });
const text = await keyring.decryptText(sealed, { context: 'note/17' });
const refused = await loadSlim().catch((error) => KeystrataError.is(error, 'ERR_ARGUMENT'));
console.log(JSON.stringify([empty, core.variant, text, describe(sealed).kind, refused, memoryStore().name !== store.name, named]));
const ring = new OperatorRing(engine);
ring.activate(ring.add(secret.operatorKey, secret.operatorKeyId));
(await ring.unlock({ store, owner })).lock();
keyring.lock();
`;

const NAMED = 'indexeddb:vault postgres:h:5432/d/keystrata_keyrings';

/** Nothing is disposed: the process ends when the work is done, and not before. */
const WORKERS = `
import { createEngine, Keyring, memoryStore } from 'keystrata';

const engine = await createEngine({ prefer: 'wasm', workers: 2 });
const secret = { operatorKey: new Uint8Array(32).fill(7), operatorKeyId: '0'.repeat(32) };
const { keyring } = await Keyring.create({ engine, store: memoryStore(), owner: 'alice', ...secret });
const plaintext = new Uint8Array(5_000_000).fill(5);
const said = [engine.ahead > 0];
void keyring
  .seal(plaintext, { context: '' })
  .then((sealed) => (said.push('sealed by two'), keyring.open(sealed, { context: '' })))
  .then((opened) => (said.push(opened.length), console.log(JSON.stringify(said))));
`;

/** A host that compiles none of our bytes. (What Node compiles for itself is let be.) */
const FORBID = `
const compile = WebAssembly.compile;
WebAssembly.compile = async (bytes) => {
  if (Buffer.from(bytes).includes('keyAllocate')) throw new WebAssembly.CompileError('forbidden');
  return compile(bytes);
};
`;

const TYPED = `
import { createEngine, Keyring, type Engine, type Store } from 'keystrata';
import { loadCore, type Core } from 'keystrata/core';
import { loadCore as loadSlim } from 'keystrata/slim';
import { fileStore } from 'keystrata/node';
import { indexedDbStore } from 'keystrata/idb';
import { postgresStore, type Database } from 'keystrata/postgres';
import { OperatorRing, rewrapKeyrings, type RewrapReport } from 'keystrata/operator';

declare const options: Parameters<typeof rewrapKeyrings>[0];
const report: RewrapReport = await rewrapKeyrings(options);
const ring: OperatorRing = options.ring;
const stores: Store[] = [indexedDbStore('vault'), postgresStore({} as Database, { table: 'keys', name: 'here' })];
const engine: Engine = await createEngine({ core: await loadCore({ variant: 'simd' }) });
const store: Store = fileStore('vault');
const { keyring, recoveryCode } = await Keyring.create({ engine, store, owner: 'alice', passphrase: 'correct horse' });
const sealed: Uint8Array<ArrayBuffer> = await keyring.encrypt('x', { space: 'notes', context: '' });
const slim: Core = await loadSlim({ module: new Uint8Array(8) });
// @ts-expect-error a module is required
await loadSlim({});
// @ts-expect-error a module is required
await loadSlim();
// @ts-expect-error a context is required
await keyring.encrypt('x', { space: 'notes' });
export { recoveryCode, report, ring, sealed, slim, stores };
`;

describe('the package', () => {
  test('has the entries that are promised', () => {
    expect(Object.keys(packed.manifest.exports)).toEqual([...CODE, ...WASM, './package.json']);
  });

  test('publint finds nothing', async () => {
    const { buffer, byteOffset, byteLength } = readFileSync(packed.tarball);
    const tarball = buffer.slice(byteOffset, byteOffset + byteLength);
    const { messages } = await publint({ pack: { tarball }, strict: true });
    expect(messages).toEqual([]);
  });

  test('arethetypeswrong finds nothing wrong, for users of ES modules', async () => {
    const args = [
      '--profile',
      'esm-only',
      '--no-definitely-typed',
      '--format',
      'json',
      '--exclude-entrypoints',
      ...WASM,
    ];
    const said = JSON.parse(await packed.tool('@arethetypeswrong/cli/dist/index.js', packed.tarball, ...args)) as {
      analysis: { entrypoints: Record<string, { resolutions: Record<string, { resolution: unknown }> }> };
    };
    const entries = said.analysis.entrypoints;
    expect(Object.keys(entries)).toEqual([...CODE, './package.json']);
    for (const entry of CODE)
      for (const kind of ['node16-esm', 'bundler'])
        expect(entries[entry]!.resolutions[kind]!.resolution, `${entry} ${kind}`).toMatchObject({ isTypeScript: true });
  });

  test('runs in Node, every entry', async () => {
    const program = packed.write('program.mjs', PROGRAM);
    const [empty, variant, ...rest] = JSON.parse(await packed.node(program)) as unknown[];
    expect(empty).toBe('e3b0c442');
    expect(['simd', 'relaxed']).toContain(variant);
    expect(rest).toEqual(['Dear diary', 'record', true, true, NAMED]);
  });

  test('starts workers in Node, which hold no process that has nothing to do', async () => {
    const program = packed.write('workers.mjs', WORKERS);
    expect(JSON.parse(await packed.node(program))).toEqual([true, 'sealed by two', 5_000_000]);
  });

  test('runs where an imported .wasm is a module and bytes are not compiled, as in workerd', async () => {
    const program = packed.write('program.mjs', PROGRAM);
    const forbid = packed.write('forbid.mjs', FORBID);
    const modules = join(import.meta.dirname, 'wasm-modules.mjs');
    const [, , ...rest] = JSON.parse(
      await packed.node('--conditions=workerd', '--import', modules, '--import', forbid, program),
    ) as unknown[];
    expect(rest).toEqual(['Dear diary', 'record', true, true, NAMED]);
    await expect(packed.node('--import', forbid, program)).rejects.toThrow(/wasm-unsafe-eval/);
  });

  test('gives its .wasm and its package.json', async () => {
    for (const wasm of WASM) {
      const path = await packed.node('-p', `require.resolve('keystrata/${wasm.slice(2)}')`);
      expect(path).toBe(join(realpathSync(packed.folder), 'build', wasm));
      expect(same(readFileSync(path), readFileSync(join(ROOT, 'build', wasm)))).toBe(true);
    }
    expect(await packed.node('-p', "require('keystrata/package.json').name")).toBe('keystrata');
  });

  test('gives nothing else', async () => {
    for (const path of ['keystrata/build/core.js', 'keystrata/engine', 'keystrata/core/internal'])
      await expect(packed.node('--input-type=module', '-e', `import '${path}'`)).rejects.toThrow(
        /ERR_PACKAGE_PATH_NOT_EXPORTED/,
      );
  });

  test('has types that stand alone, under each resolution of today', async () => {
    const program = packed.write('typed.mts', TYPED);
    const common = ['--noEmit', '--strict', '--target', 'es2022', '--lib', 'es2023,esnext.disposable,dom'];
    for (const kind of [
      ['--module', 'nodenext', '--moduleResolution', 'nodenext'],
      ['--module', 'esnext', '--moduleResolution', 'bundler'],
    ])
      expect(await packed.tool('typescript/bin/tsc', ...common, ...kind, program)).toBe('');
  }, 180_000);

  test('has the command', async () => {
    const command = join(packed.folder, packed.manifest.bin['keystrata']!);
    expect(await packed.node(command, '--version')).toMatch(/^\d+\.\d+\.\d+$/);
    expect(await packed.node(command, '--help')).toContain('keystrata');
    expect(readFileSync(command, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });
});
