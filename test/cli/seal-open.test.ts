// seal and open when all is well: sizes, names, pipes, permissions, memory.

import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bench, filesOf, json, keystrata, namesIn, PASSPHRASE, shell } from './support.ts';

const bench = new Bench();
beforeAll(() => bench.prepare());
afterAll(() => bench.end());

/** FORMATS §6. */
const sealedSize = (size: number): number => size + 143 + 56 + 16 * (Math.floor(size / 16384) + 1);

it('files of every kind of size', async () => {
  const sizes = [0, 1, 16383, 16384, 16385, 300_000];
  const plain = Object.fromEntries(sizes.map((size) => [`${size}`, randomBytes(size)]));
  const folder = bench.files(plain);
  const names = Object.keys(plain);
  const sealed = await bench.run(['seal', ...names, '--json'], { cwd: folder });
  expect(sealed.code, sealed.stderr).toBe(0);
  expect(filesOf(sealed)).toEqual(
    names.map((name) => {
      const bytes = Number(name);
      return { input: name, output: `${name}.sealed`, bytes, sealedBytes: sealedSize(bytes) };
    }),
  );
  for (const name of names) {
    const bytes = readFileSync(join(folder, `${name}.sealed`));
    expect(bytes).toHaveLength(sealedSize(Number(name)));
    if (Number(name) >= 16) expect(bytes.includes(plain[name]!.subarray(0, 16))).toBe(false);
    writeFileSync(join(folder, name), 'lost');
  }
  const opened = await bench.run(['open', '--force', ...names.map((name) => `${name}.sealed`), '--json'], {
    cwd: folder,
  });
  expect(filesOf(opened)).toEqual(
    names.map((name) => ({ input: `${name}.sealed`, output: name, bytes: Number(name) })),
  );
  for (const name of names) expect(readFileSync(join(folder, name)).equals(plain[name]!)).toBe(true);
  expect(namesIn(folder)).toEqual([...names, ...names.map((name) => `${name}.sealed`)].sort());
});

it('one file, and another name for it', async () => {
  const folder = bench.files({ file: 'Dear diary' });
  const sealed = await bench.run(['seal', 'file', '-o', 'out', '--json'], { cwd: folder });
  const facts = { input: 'file', output: 'out', bytes: 10, sealedBytes: sealedSize(10) };
  expect(json(sealed)).toEqual({ ok: true, command: 'seal', files: [facts] });
  const opened = await bench.run(['open', 'out', '-o', 'again'], { cwd: folder });
  expect(opened.stderr).toBe('opened "out" → "again", 10 bytes\n');
  expect(readFileSync(join(folder, 'again'), 'utf8')).toBe('Dear diary');
});

it('through pipes, from end to end', async () => {
  const plain = randomBytes(100_000);
  const sealed = await bench.run(['seal', '-'], { stdin: plain });
  expect(sealed.code, sealed.stderr).toBe(0);
  const opened = await bench.run(['open', '-', '-o', '-'], { stdin: sealed.stdout });
  expect(opened.stdout.equals(plain)).toBe(true);
  expect(opened.stderr).toContain('opened standard input → standard output, 100,000 bytes');
});

it('with the passphrase as the first line of standard input, and the data behind it', async () => {
  const plain = Buffer.from('first line of data\nsecond\n');
  const args = ['--keyring', bench.keyring, '--passphrase-stdin'];
  const sealed = await keystrata([...args, 'seal', '-'], {
    stdin: Buffer.concat([Buffer.from(`${PASSPHRASE}\r\n`), plain]),
  });
  expect(sealed.code, sealed.stderr).toBe(0);
  const opened = await bench.run(['open', '-'], { stdin: sealed.stdout });
  expect(opened.stdout.equals(plain)).toBe(true);
});

it('under one context, and no other', async () => {
  const sealed = await bench.run(['seal', '-', '--context', 'patient 17'], { stdin: 'x-ray' });
  const right = await bench.run(['open', '-', '--context', 'patient 17'], { stdin: sealed.stdout });
  expect(right.stdout.toString()).toBe('x-ray');
  for (const args of [['--context', 'patient 18'], []]) {
    const wrong = await bench.run(['open', '-', ...args], { stdin: sealed.stdout });
    expect([wrong.code, wrong.stdout.length]).toEqual([4, 0]);
  }
});

it('files of any name', async () => {
  const names = ['with space', 'new\nline', '-dash', 'ünï-日本語', '"quotes"', '$(id)', 'a'.repeat(240)];
  const folder = bench.files(Object.fromEntries(names.map((name) => [name, name])));
  const sealed = await bench.run(['seal', '--', ...names], { cwd: folder });
  expect(sealed.code, sealed.stderr).toBe(0);
  expect(sealed.stderr.trimEnd().split('\n')).toHaveLength(names.length); // no name forges a line
  for (const name of names) writeFileSync(join(folder, name), 'lost');
  const opened = await bench.run(['open', '--force', '--', ...names.map((name) => `${name}.sealed`)], { cwd: folder });
  expect(opened.code, opened.stderr).toBe(0);
  for (const name of names) expect(readFileSync(join(folder, name), 'utf8')).toBe(name);
});

it('keeps the source’s permissions, as far as the umask allows', async () => {
  const modes = { private: 0o600, open: 0o666, program: 0o755 };
  const folder = bench.files({ private: 'x', open: 'x', program: 'x' });
  for (const [name, mode] of Object.entries(modes)) chmodSync(join(folder, name), mode);
  await bench.run(['seal', ...Object.keys(modes)], { cwd: folder });
  for (const [name, mode] of Object.entries(modes)) {
    const expected = mode & 0o666 & ~process.umask();
    expect((statSync(join(folder, `${name}.sealed`)).mode & 0o777).toString(8)).toBe(expected.toString(8));
  }
});

it('says nothing with --quiet', async () => {
  const { code, stdout, stderr } = await bench.run(['seal', '-', '-o', '/dev/null', '--quiet'], { stdin: 'x' });
  expect([code, stdout.toString(), stderr]).toEqual([0, '', '']);
});

it('from a pipe that has a name, into another', async () => {
  const folder = bench.folder();
  execFileSync('mkfifo', [join(folder, 'in'), join(folder, 'out')]);
  const done = await shell(
    `printf through >in & cat out >kept & $K seal in -o out --keyring '${bench.keyring}' --passphrase-fd 3 3<$PASS; code=$?; wait; exit $code`,
    folder,
  );
  expect(done.code, done.stderr).toBe(0);
  const opened = await bench.run(['open', 'kept', '-o', '-'], { cwd: folder });
  expect(opened.stdout.toString()).toBe('through');
});

describe.skipIf(!existsSync('/proc/version'))('a file of /proc, which says it has no bytes', () => {
  it('is sealed with those it has', async () => {
    const sealed = await bench.run(['seal', '/proc/version', '-o', '-']);
    const opened = await bench.run(['open', '-'], { stdin: sealed.stdout });
    expect(opened.stdout.toString()).toBe(readFileSync('/proc/version', 'utf8'));
    expect(opened.stdout.length).toBeGreaterThan(0);
  });
});

it('a large stream in constant memory', async () => {
  const SIZE = 64 << 20;
  const zeros = createHash('sha256').update(Buffer.alloc(SIZE)).digest('hex');
  const k = `"$NODE" --import 'data:text/javascript,process.on("exit",()=>process.stderr.write("RSS "+process.resourceUsage().maxRSS+"\\n"))' $CLI --quiet --keyring '${bench.keyring}' --passphrase-fd 3`;
  const { stdout, stderr } = await shell(
    `NODE=\${K% *}; CLI=\${K#* }; head -c ${SIZE} /dev/zero | ${k} seal - 3<$PASS | ${k} open - 3<$PASS | sha256sum`,
    bench.folder(),
  );
  expect(stdout.toString().slice(0, 64), stderr).toBe(zeros);
  const rss = [...stderr.matchAll(/RSS (\d+)/g)].map((match) => Number(match[1]));
  expect(rss).toHaveLength(2);
  for (const kilobytes of rss) expect(kilobytes).toBeLessThan(150 * 1024);
});

it('follows a link, with --force, to the file it names', async () => {
  const folder = bench.folder();
  mkdirSync(join(folder, 'real'));
  writeFileSync(join(folder, 'real', 'target'), 'old');
  symlinkSync(join('real', 'target'), join(folder, 'link'));
  const { code, stderr } = await bench.run(['seal', '-', '-o', 'link', '--force'], { cwd: folder, stdin: 'x' });
  expect(code, stderr).toBe(0);
  expect(namesIn(join(folder, 'real'))).toEqual(['target']);
  expect(statSync(join(folder, 'real', 'target')).size).toBe(sealedSize(1));
  expect(existsSync(join(folder, 'link'))).toBe(true);
});

it('--force does not replace a device by a file', async () => {
  const { code, stderr } = await bench.run(['seal', '-', '-o', '/dev/null', '--force'], { stdin: 'x' });
  expect(code, stderr).toBe(0);
  expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
});
