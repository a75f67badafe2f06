// What the documents and examples/ show is compiled against the built package, by its name, and run as a user would run it.

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blocksOf, documentedBlocks } from './examples/blocks.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const run = (file: string, cwd: string, timeout = 150_000) =>
  spawnSync(process.execPath, [file], { cwd, encoding: 'utf8', timeout });

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts', 'lib.dom.d.ts', 'lib.dom.asynciterable.d.ts'],
  types: ['node'],
  strict: true,
  skipLibCheck: true,
};

const blocks = documentedBlocks(root);
const WRONG = [
  { place: 'wrong', code: "import { Keyring } from 'keystrata';\nawait Keyring.open();\n", run: true },
  { place: 'absent', code: "import { absent } from 'keystrata/node';\nabsent();\n", run: true },
];

/** Within the package, so that `keystrata` is itself, through its own `exports`. */
let folder: string;
/** What tsc says, by the place of the block. */
let complaints: Map<string, string[]>;
const path = (place: string, extension: string): string =>
  join(folder, `${place.replaceAll(/[^\w.-]/g, '_')}.${extension}`);

beforeAll(() => {
  const built = run(join(root, 'scripts/build.mjs'), root, 240_000); // on a machine that is busy with other tests
  expect(built.status, built.stderr).toBe(0);
  mkdirSync(join(root, 'build/test'), { recursive: true });
  folder = mkdtempSync(join(root, 'build/test/examples-'));
  const all = [...blocks, ...WRONG];
  for (const { place, code } of all) writeFileSync(path(place, 'mts'), code);
  const program = ts.createProgram(
    all.map(({ place }) => path(place, 'mts')),
    OPTIONS,
  );
  complaints = new Map(
    all.map(({ place }) => {
      const found = ts.getPreEmitDiagnostics(program, program.getSourceFile(path(place, 'mts')));
      return [place, found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))];
    }),
  );
  program.emit();
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true }));

describe('documents', () => {
  it('have blocks that run and blocks that are only checked', () => {
    const places = blocks.map(({ place }) => place);
    expect(places.filter((place) => place.startsWith('README.md')).length).toBeGreaterThanOrEqual(3);
    expect(blocks.filter(({ run }) => run).length).toBeGreaterThanOrEqual(2);
  });

  it.each(blocks.map((block) => [block.place, block] as const))('%s holds', (place, { code, run: runs }) => {
    expect(complaints.get(place)).toEqual([]);
    if (!runs) return;
    const { status, stdout, stderr } = run(path(place, 'mjs'), folder);
    expect(status, stdout + stderr).toBe(0);
    // What a line is said to print, it prints: console.log(…); // this
    for (const [, said] of code.matchAll(/console\.log\(.*\); \/\/ (.+)$/gm))
      expect(stdout.split('\n')).toContain(said);
  });

  it('are found by their fences', () => {
    const markdown =
      "a\n```ts\nimport 'node:fs';\n```\n```ts no-run\nimport { a } from 'keystrata/core';\n```\n```js\nimport x from 'keystrata';\n```\n```ts\nimport { Keyring } from \"keystrata\";\n```\n";
    expect(blocksOf('x.md', markdown)).toEqual([
      { place: 'x.md:5', code: "import { a } from 'keystrata/core';\n", run: false },
      { place: 'x.md:11', code: 'import { Keyring } from "keystrata";\n', run: true },
    ]);
  });

  it('that are wrong are found out', () => {
    for (const { place } of WRONG) {
      expect(complaints.get(place)).toHaveLength(1);
      expect(run(path(place, 'mjs'), folder).status).not.toBe(0);
    }
  });
});

describe('examples', () => {
  const examples = readdirSync(join(root, 'examples')).filter((name) => name.endsWith('.mjs'));
  const SERVER = 'server.mjs';

  it.each(examples.filter((name) => name !== SERVER))('%s runs', (name) => {
    const { status, stdout, stderr } = run(join(root, 'examples', name), folder);
    expect(status, stderr).toBe(0);
    expect(stdout).not.toBe('');
  });

  it('server.mjs keeps a record under its id, and nothing of it in clear', async () => {
    const server = spawn(process.execPath, [join(root, 'examples', SERVER), '0'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const url = await firstLine(server);
      expect((await fetch(`${url}/records/1`)).status).toBe(404);
      expect((await fetch(`${url}/records/1`, { method: 'PUT', body: 'a record' })).status).toBe(204);
      expect(await (await fetch(`${url}/records/1`)).text()).toBe('a record');
    } finally {
      server.kill();
    }
  });
});

const firstLine = (child: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    let out = '';
    child.stdout!.on('data', (data: Buffer) => {
      out += data.toString();
      if (out.includes('\n')) resolve(out.split('\n')[0]!);
    });
    child.on('close', () => reject(new Error('it ended before it listened')));
  });
