// examples/sqlite-store.mjs keeps the promises of a store: a backend of one's own in under forty lines.

import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RollbackMemory, Store } from '../../bindings/store/store.ts';
import { storeSuite } from './conformance.ts';

const ROOT = join(import.meta.dirname, '../..');
const EXAMPLE = join(ROOT, 'examples/sqlite-store.mjs');
const folder = mkdtempSync(join(tmpdir(), 'keystrata-sqlite-'));
afterAll(() => rmSync(folder, { recursive: true }));

let sqliteStore: (file: string, memory?: RollbackMemory) => Promise<Store>;
beforeAll(async () => {
  if (!existsSync(join(ROOT, 'build/keystrata.js')))
    throw new Error('build/keystrata.js is missing: npm run build makes it');
  ({ sqliteStore } = (await import(/* @vite-ignore */ EXAMPLE)) as { sqliteStore: typeof sqliteStore });
});

storeSuite('SQLite', async () => {
  const file = join(folder, 'suite.db');
  const handles = [await sqliteStore(file), await sqliteStore(file), await sqliteStore(file)];
  let next = 0;
  return { store: handles[0]!, again: () => handles[++next % handles.length]! };
});

it('two processes lose no increment', async () => {
  const file = join(folder, 'processes.db');
  await (await sqliteStore(file)).put('count', Uint8Array.of(0), { ifVersion: null });
  const program = `
    import { sqliteStore } from ${JSON.stringify(EXAMPLE)};
    const store = await sqliteStore(process.argv[1]);
    for (let done = 0; done < 30;) {
      const { bytes, version } = await store.get('count');
      try {
        await store.put('count', Uint8Array.of(bytes[0] + 1), { ifVersion: version });
        done++;
      } catch (error) {
        if (error.code !== 'ERR_CONFLICT') throw error;
      }
    }`;
  const run = () => promisify(execFile)(process.execPath, ['--input-type=module', '-e', program, file], { cwd: ROOT });
  await Promise.all([run(), run(), run()]);
  expect([...(await (await sqliteStore(file)).get('count'))!.bytes]).toEqual([90]);
});

it('takes under forty lines', () => {
  const source = readFileSync(EXAMPLE, 'utf8');
  const adapter = source.slice(source.indexOf('export async function'), source.indexOf('if (process.argv[1]'));
  expect(adapter.trim().split('\n').length).toBeLessThan(40);
});
