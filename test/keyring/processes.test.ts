// Real processes at one folder: each adds keys to the same keyring at the same time; every key that was reported made is there.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Keyring } from '../../bindings/index.ts';
import { fileStore } from '../../bindings/node.ts';
import { engine, operator, OWNER } from './support.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

describe('processes', () => {
  let folder: string;
  let program: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'keystrata-processes-'));
    await build({
      root,
      configFile: false,
      logLevel: 'silent',
      build: {
        ssr: join(root, 'test/keyring/adding.ts'),
        outDir: join(folder, 'program'),
        target: 'node20',
        rollupOptions: { output: { entryFileNames: 'adding.mjs' } },
      },
      ssr: { noExternal: true },
    });
    program = join(folder, 'program', 'adding.mjs');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('at one keyring lose nothing', async () => {
    const secret = operator();
    const store = fileStore(join(folder, 'vault'));
    await Keyring.create({ engine, store, owner: OWNER, ...secret });
    const [processes, each] = [4, 15];
    const run = (n: number): Promise<string[]> =>
      new Promise((resolve, reject) => {
        const child = spawn(process.execPath, [program, join(folder, 'vault'), OWNER, String(n), String(each)]);
        let out = '';
        child.stdout.on('data', (data: Buffer) => (out += data.toString()));
        child.stderr.on('data', (data: Buffer) => (out += data.toString()));
        child.on('error', reject);
        child.on('close', (code) => (code === 0 ? resolve(out.trim().split('\n')) : reject(new Error(out))));
        child.stdin.end(JSON.stringify({ ...secret, operatorKey: secret.operatorKey.toString('hex') }));
      });
    const made = (await Promise.all(Array.from({ length: processes }, (_, n) => run(n)))).flat();
    expect(made).toHaveLength(processes * each);
    const keyring = await Keyring.unlock({ engine, store, owner: OWNER, ...secret });
    expect(keyring.revision).toBe(1 + processes * (1 + each)); // each process reserved a share of the KEK
    const known = new Map(keyring.inventory().map(({ id, space }) => [id, space]));
    for (const line of made) {
      const [id, space] = line.split(' ') as [string, string];
      expect(known.get(id)).toBe(space);
    }
  });
});
