// Several files at once: one unlocking, each file whole or not at all, every failure said, the first one's exit code.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bench, filesOf, json, keystrata, namesIn, PASSPHRASE, shell } from './support.ts';

const bench = new Bench();
beforeAll(() => bench.prepare());
afterAll(() => bench.end());

it('each has its own output, and its own line', async () => {
  const folder = bench.files({ A: 'a', B: 'bb', C: 'ccc' });
  const sealed = await bench.run(['seal', 'A', 'B', 'C'], { cwd: folder });
  expect([sealed.code, sealed.stdout.length, sealed.stderr]).toEqual([
    0,
    0,
    'sealed "A" → "A.sealed", 1 byte\nsealed "B" → "B.sealed", 2 bytes\nsealed "C" → "C.sealed", 3 bytes\n',
  ]);
  for (const name of ['A', 'B', 'C']) rmSync(join(folder, name));
  const opened = await bench.run(['open', 'A.sealed', 'C.sealed', '--quiet'], { cwd: folder });
  expect([opened.code, opened.stderr]).toEqual([0, '']);
  expect(namesIn(folder)).toEqual(['A', 'A.sealed', 'B.sealed', 'C', 'C.sealed']);
  expect(readFileSync(join(folder, 'C'), 'utf8')).toBe('ccc');
});

describe('one that fails', () => {
  it('keeps no other from being done; the first failure has the exit code; all are said', async () => {
    const folder = bench.files({ A: 'a', B: 'b', 'B.sealed': 'precious', D: 'd' });
    mkdirSync(join(folder, 'C'));
    const sealed = await bench.run(['seal', 'A', 'B', 'C', 'nothing', 'D'], { cwd: folder });
    expect(sealed.code).toBe(7);
    expect(sealed.stderr.split('\n')).toEqual([
      expect.stringMatching(/^keystrata: "B.sealed" is there already.* \(ERR_EXISTS\)$/),
      expect.stringMatching(/^keystrata: "C" is a folder.* \(ERR_ARGUMENT\)$/),
      'keystrata: "nothing": no such file (ERR_NOT_FOUND)',
      'sealed "A" → "A.sealed", 1 byte',
      'sealed "D" → "D.sealed", 1 byte',
      '3 of 5 files failed',
      '',
    ]);
    expect(namesIn(folder)).toEqual(['A', 'A.sealed', 'B', 'B.sealed', 'C', 'D', 'D.sealed']);
    expect(readFileSync(join(folder, 'B.sealed'), 'utf8')).toBe('precious');
  });

  it('also where it shows late: altered data, another context, a key of another keyring', async () => {
    const folder = bench.files({ good: 'good', altered: 'altered', context: 'context', foreign: 'foreign' });
    await bench.run(['seal', 'good', 'altered'], { cwd: folder });
    await bench.run(['seal', 'context', '--context', 'other'], { cwd: folder });
    const other = join(folder, 'ring');
    await keystrata(['init', '--keyring', other, '--passphrase-fd', '3'], { fd3: PASSPHRASE });
    await bench.run(['seal', 'foreign', '--keyring', other], { cwd: folder });
    const bytes = readFileSync(join(folder, 'altered.sealed'));
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(join(folder, 'altered.sealed'), bytes);
    for (const name of ['good', 'altered', 'context', 'foreign']) rmSync(join(folder, name));
    const args = ['open', 'altered.sealed', 'foreign.sealed', 'context.sealed', 'good.sealed', '--json'];
    const opened = await bench.run(args, { cwd: folder });
    expect(opened.code).toBe(4);
    const failed = (name: string, code: string): object => ({
      input: `${name}.sealed`,
      output: name,
      error: { code, message: expect.any(String) as string },
    });
    expect(json(opened)).toEqual({
      ok: false,
      command: 'open',
      error: { code: 'ERR_AUTHENTICATION', message: expect.any(String) as string },
      files: [
        failed('altered', 'ERR_AUTHENTICATION'),
        failed('foreign', 'ERR_KEY_NOT_FOUND'),
        failed('context', 'ERR_AUTHENTICATION'),
        { input: 'good.sealed', output: 'good', bytes: 4 },
      ],
    });
    expect(opened.stderr.match(/^keystrata: .*$/gm)).toHaveLength(3);
    expect(readFileSync(join(folder, 'good'), 'utf8')).toBe('good');
    expect(namesIn(folder).filter((name) => !name.endsWith('.sealed'))).toEqual(['good', 'ring']);
  });

  it('where all of them do, nobody is asked for a passphrase', async () => {
    const folder = bench.folder();
    const sealed = await keystrata(['seal', 'one', 'two', '--json', '--keyring', bench.keyring], { cwd: folder });
    expect(sealed.code).toBe(6);
    expect(filesOf(sealed)).toMatchObject([
      { input: 'one', error: { code: 'ERR_NOT_FOUND' } },
      { input: 'two', error: { code: 'ERR_NOT_FOUND' } },
    ]);
  });

  it('where the passphrase is wrong, no file is begun', async () => {
    const folder = bench.files({ A: 'a', B: 'b' });
    const sealed = await bench.run(['seal', 'A', 'nothing', 'B', '--json'], { cwd: folder, fd3: 'not the passphrase' });
    expect(sealed.code).toBe(3);
    expect(json(sealed)).toMatchObject({ ok: false, error: { code: 'ERR_WRONG_SECRET' } });
    expect(namesIn(folder)).toEqual(['A', 'B']);
  });
});

it('standard input among them, once; its output goes to standard output', async () => {
  const folder = bench.files({ A: 'a' });
  const sealed = await bench.run(['seal', 'A', '-'], { cwd: folder, stdin: 'piped' });
  expect(sealed.code, sealed.stderr).toBe(0);
  const opened = await bench.run(['open', '-'], { stdin: sealed.stdout });
  expect(opened.stdout.toString()).toBe('piped');
  const twice = await bench.run(['seal', '-', '-'], { stdin: 'x' });
  expect([twice.code, twice.stderr]).toEqual([2, expect.stringContaining('standard input can be read once')]);
});

it('-o with more than one is refused', async () => {
  const folder = bench.files({ A: 'a', B: 'b' });
  const refused = await bench.run(['seal', 'A', 'B', '-o', 'out'], { cwd: folder });
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('leave it out')]);
  expect(namesIn(folder)).toEqual(['A', 'B']);
});

it('the same one twice: the second finds the output there', async () => {
  const folder = bench.files({ A: 'a' });
  const sealed = await bench.run(['seal', 'A', 'A'], { cwd: folder });
  expect(sealed.code).toBe(7);
  expect(namesIn(folder)).toEqual(['A', 'A.sealed']);
});

it('many, with few files open at a time', async () => {
  const names = Array.from({ length: 300 }, (_, i) => `${i}`);
  const folder = bench.files(Object.fromEntries(names.map((name) => [name, name])));
  const done = await shell(
    `ulimit -n 256; $K seal --quiet --keyring '${bench.keyring}' --passphrase-fd 3 ${names.join(' ')} 3<$PASS`,
    folder,
  );
  expect(done.code, done.stderr).toBe(0);
  expect(namesIn(folder)).toHaveLength(600);
});

it('a pipe without a writer does not hold up looking at the others', async () => {
  const folder = bench.files({ A: 'a' });
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  const done = await keystrata(['seal', 'pipe', 'nothing', '--keyring', bench.keyring], { cwd: folder });
  expect([done.code, done.stderr]).toEqual([2, expect.stringContaining('"nothing": no such file')]);
});
