// What each command does when all is well.

import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bench, COMMAND, json, keystrata, namesIn, PASSPHRASE } from './support.ts';

const bench = new Bench();
beforeAll(() => bench.prepare());
afterAll(() => bench.end());
const KEY_ID = /^[0-9a-f]{32}$/;

describe('init', () => {
  it('makes a keyring and says what next', async () => {
    const keyring = join(bench.folder(), 'made', 'on demand');
    const { code, stdout, stderr } = await keystrata(['init', '--keyring', keyring, '--passphrase-fd', '3'], {
      fd3: PASSPHRASE, // without a newline
    });
    expect(stderr).toContain('keystrata seal FILE');
    expect(stderr).not.toContain(PASSPHRASE);
    expect([code, stdout.length]).toEqual([0, 0]);
    expect(namesIn(keyring)).toEqual(['default.1']);
    expect(statSync(keyring).mode & 0o777).toBe(0o700);
  });

  it('takes --owner, $KEYSTRATA_KEYRING, --no-recovery, --json', async () => {
    const keyring = join(bench.folder(), 'ring');
    const env = { KEYSTRATA_KEYRING: keyring };
    const made = await keystrata(['init', '--owner', 'Alice', '--no-recovery', '--json', '--passphrase-stdin'], {
      env,
      stdin: `${PASSPHRASE}\n`,
    });
    expect(made.code, made.stderr).toBe(0);
    const facts = json(made);
    expect(facts).toMatchObject({ ok: true, command: 'init', owner: 'Alice', revision: 1, folder: keyring });
    expect(facts['keyring']).toMatch(KEY_ID);
    expect(facts).not.toHaveProperty('recoveryCode');
    const shown = await keystrata(['inspect', '--owner', 'Alice', '--json'], { env });
    expect(json(shown)).toMatchObject({ kind: 'keyring', id: facts['keyring'] });
    const other = await keystrata(['inspect', '--json'], { env });
    expect(other.code).toBe(6);
  });

  it('has the platform’s folder for data as its default', async () => {
    const home = bench.folder();
    const { code, stderr } = await keystrata(['init', '--passphrase-stdin'], {
      env: { XDG_DATA_HOME: home },
      stdin: `${PASSPHRASE}\n`,
    });
    expect(code, stderr).toBe(0);
    expect(namesIn(join(home, 'keystrata'))).toEqual(['default.1']);
  });
});

describe('seal and open', () => {
  it.each([0, 1, 16383, 16384, 16385, 300_000])('a file of %i bytes', async (size) => {
    const folder = bench.folder();
    const plain = randomBytes(size);
    writeFileSync(join(folder, 'file'), plain);
    const sealed = await bench.run(['seal', 'file', '--json'], { cwd: folder });
    expect(sealed.code, sealed.stderr).toBe(0);
    const { size: sealedBytes } = statSync(join(folder, 'file.sealed'));
    expect(json(sealed)).toEqual({
      ok: true,
      command: 'seal',
      input: 'file',
      output: 'file.sealed',
      bytes: size,
      sealedBytes,
    });
    expect(sealedBytes).toBe(size + 143 + 56 + 16 * (Math.floor(size / 16384) + 1)); // FORMATS §6
    expect(readFileSync(join(folder, 'file.sealed')).includes(plain.subarray(0, 16)) && size >= 16).toBe(false);
    const opened = await bench.run(['open', 'file.sealed', '-o', 'again', '--json'], { cwd: folder });
    expect(json(opened)).toEqual({ ok: true, command: 'open', input: 'file.sealed', output: 'again', bytes: size });
    expect(readFileSync(join(folder, 'again')).equals(plain)).toBe(true);
    expect(namesIn(folder)).toEqual(['again', 'file', 'file.sealed']);
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

  it.each(['with space', 'new\nline', '-dash', 'ünï-日本語', '"quotes"', '$(id)', 'a'.repeat(240)])(
    'a file called %j',
    async (name) => {
      const folder = bench.folder();
      writeFileSync(join(folder, name), name);
      const sealed = await bench.run(['seal', '--', name], { cwd: folder });
      expect(sealed.code, sealed.stderr).toBe(0);
      expect(sealed.stderr.trimEnd().split('\n')).toHaveLength(1);
      const opened = await bench.run(['open', '--force', '--', `${name}.sealed`], { cwd: folder });
      expect(opened.code, opened.stderr).toBe(0);
      expect(readFileSync(join(folder, name), 'utf8')).toBe(name);
    },
  );

  it('keeps the source’s permissions, as far as the umask allows', async () => {
    const folder = bench.folder();
    for (const [name, mode] of Object.entries({ private: 0o600, open: 0o666, program: 0o755 })) {
      writeFileSync(join(folder, name), 'x');
      chmodSync(join(folder, name), mode);
      await bench.run(['seal', name], { cwd: folder });
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
    const fifo = spawn('mkfifo', [join(folder, 'in'), join(folder, 'out')]);
    await new Promise((resolve) => fifo.on('exit', resolve));
    const feed = spawn('sh', ['-c', 'printf through > in'], { cwd: folder });
    const drain = spawn('sh', ['-c', `cat out > kept`], { cwd: folder });
    const { code, stderr } = await bench.run(['seal', 'in', '-o', 'out'], { cwd: folder });
    expect(code, stderr).toBe(0);
    for (const child of [feed, drain])
      if (child.exitCode === null) await new Promise((resolve) => child.on('exit', resolve));
    const opened = await bench.run(['open', 'kept', '-o', '-'], { cwd: folder });
    expect(opened.stdout.toString()).toBe('through');
  });

  it('a large stream in constant memory', async () => {
    const SIZE = 64 << 20;
    const zeros = createHash('sha256').update(Buffer.alloc(SIZE)).digest('hex');
    const folder = bench.folder();
    writeFileSync(join(folder, 'ring'), `${PASSPHRASE}\n`);
    const measured = (args: string): string =>
      `'${process.execPath}' --import 'data:text/javascript,process.on("exit",()=>process.stderr.write("RSS "+process.resourceUsage().maxRSS+"\\n"))' '${COMMAND}' --quiet --keyring '${bench.keyring}' --passphrase-fd 3 ${args} 3<ring`;
    const shell = spawn(
      'sh',
      ['-c', `head -c ${SIZE} /dev/zero | ${measured('seal -')} | ${measured('open -')} | sha256sum`],
      { cwd: folder },
    );
    let [stdout, stderr] = ['', ''];
    shell.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    shell.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    await new Promise((resolve) => shell.on('close', resolve));
    expect(stdout.slice(0, 64), stderr).toBe(zeros);
    const rss = [...stderr.matchAll(/RSS (\d+)/g)].map((match) => Number(match[1]));
    expect(rss).toHaveLength(2);
    for (const kilobytes of rss) expect(kilobytes).toBeLessThan(150 * 1024);
  });
});

describe('passwd', () => {
  it('changes the passphrase, and sealed files still open', async () => {
    const keyring = bench.copy();
    const sealed = await bench.run(['seal', '-'], { stdin: 'kept' });
    const NEXT = 'a different one altogether';
    const changed = await keystrata(['passwd', '--keyring', keyring, '--passphrase-stdin', '--json'], {
      stdin: `${PASSPHRASE}\n${NEXT}\n`,
    });
    expect(changed.code, changed.stderr).toBe(0);
    expect(json(changed)).toMatchObject({ ok: true, command: 'passwd', owner: 'default', revision: 2 });
    expect(namesIn(keyring)).toEqual(['default.2']);
    const args = ['open', '-', '--keyring', keyring, '--passphrase-fd', '3'];
    const after = await keystrata(args, { fd3: NEXT, stdin: sealed.stdout });
    expect(after.stdout.toString(), after.stderr).toBe('kept');
    const before = await keystrata(args, { fd3: PASSPHRASE, stdin: sealed.stdout });
    expect(before.code).toBe(3);
  });

  it('lets one of two win, and loses neither keyring nor data', async () => {
    const keyring = bench.copy();
    const nexts = ['the first of the two', 'the second of the two'];
    const outcomes = await Promise.all(
      nexts.map((next) =>
        keystrata(['passwd', '--keyring', keyring, '--passphrase-stdin'], { stdin: `${PASSPHRASE}\n${next}\n` }),
      ),
    );
    const won = outcomes.filter(({ code }) => code === 0);
    expect(won, outcomes.map(({ stderr }) => stderr).join()).toHaveLength(1);
    expect([3, 7]).toContain(outcomes.find(({ code }) => code !== 0)!.code); // too late to read, or to write
    const opens = await Promise.all(
      [PASSPHRASE, ...nexts].map((fd3) =>
        keystrata(['seal', '-', '--keyring', keyring, '--passphrase-fd', '3'], { fd3 }),
      ),
    );
    expect(opens.map(({ code }) => code)).toEqual([3, ...outcomes.map(({ code }) => (code === 0 ? 0 : 3))]);
  });
});

describe('inspect', () => {
  it('draws a keyring as a tree, without a secret', async () => {
    const { code, stdout, stderr } = await keystrata(['inspect', '--keyring', bench.keyring]);
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout.toString().trimEnd().split('\n');
    expect(lines[0]).toMatch(/^keyring [0-9a-f]{32} of "default", revision 1 \(.*not authenticated\)$/);
    expect(stdout.toString()).toMatch(/├── slot [0-9a-f]{32}: passphrase, 600,000 iterations, since 20\d\d-\d\d-\d\d/);
    expect(stdout.toString()).toMatch(/└── KEK [0-9a-f]{32}: version 1, active\n {4}└── DEK/);
  });

  it('gives the same as JSON', async () => {
    const facts = json(await keystrata(['inspect', '--keyring', bench.keyring, '--json']));
    expect(facts).toMatchObject({
      ok: true,
      command: 'inspect',
      kind: 'keyring',
      owner: 'default',
      revision: 1,
      authenticated: false,
      slots: [{ type: 'passphrase', iterations: 600_000, rotatable: false }],
    });
    const keys = facts['keys'] as { role: string; id: string; wrappedBy: string }[];
    expect(keys[0]).toMatchObject({ role: 'KEK', wrappedBy: (facts['slots'] as { id: string }[])[0]!.id });
    for (const key of keys.slice(1)) expect(key.wrappedBy).toBe(keys[0]!.id);
  });

  it('says what a sealed file says of itself, from a path or a pipe', async () => {
    const folder = bench.folder();
    writeFileSync(join(folder, 'file'), randomBytes(20_000));
    await bench.run(['seal', 'file'], { cwd: folder });
    const { keys } = json(await keystrata(['inspect', '--keyring', bench.keyring, '--json'])) as {
      keys: { id: string }[];
    };
    const sealed = readFileSync(join(folder, 'file.sealed'));
    const expected = {
      ok: true,
      command: 'inspect',
      kind: 'stream',
      keyId: keys[0]!.id,
      size: sealed.length,
      overhead: sealed.length - 20_000,
      content: 20_000,
      authenticated: false,
    };
    const byPath = await keystrata(['inspect', 'file.sealed', '--json'], { cwd: folder });
    expect(json(byPath)).toEqual({ ...expected, file: 'file.sealed' });
    expect(json(await keystrata(['inspect', '-', '--json'], { stdin: sealed }))).toEqual({ ...expected, file: '-' });
    const tree = await keystrata(['inspect', 'file.sealed'], { cwd: folder });
    expect(tree.stdout.toString()).toContain(`wrapped by KEK ${keys[0]!.id}`);
    expect(tree.stdout.toString()).toContain('20,000 bytes of content');
  });

  it('knows a keyring’s own file', async () => {
    const facts = json(await keystrata(['inspect', join(bench.keyring, 'default.1'), '--json']));
    expect(facts).toMatchObject({ kind: 'document', content: 0 });
  });
});

describe('passphrases', () => {
  it('are normalised: what is typed composed or decomposed opens the same', async () => {
    const keyring = join(bench.folder(), 'ring');
    const args = ['--keyring', keyring, '--passphrase-fd', '3'];
    const made = await keystrata(['init', ...args], { fd3: 'caf\u00e9 \ufb01sh grün zwölf\n' });
    expect(made.code, made.stderr).toBe(0);
    const sealed = await keystrata(['seal', '-', ...args], {
      fd3: 'cafe\u0301 fish gru\u0308n zwo\u0308lf\n',
      stdin: 'x',
    });
    expect(sealed.code, sealed.stderr).toBe(0);
  });

  it('may come from a file that is open for them', async () => {
    const folder = bench.folder();
    writeFileSync(join(folder, 'line'), `${PASSPHRASE}\r\nanother line`);
    const shell = spawn(
      'sh',
      [
        '-c',
        `'${process.execPath}' '${COMMAND}' seal - --keyring '${bench.keyring}' --passphrase-fd 7 7<line </dev/null >sealed`,
      ],
      { cwd: folder },
    );
    expect(await new Promise((resolve) => shell.on('exit', resolve))).toBe(0);
    expect(statSync(join(folder, 'sealed')).size).toBe(143 + 56 + 16);
  });
});

describe('help', () => {
  it.each(['init', 'seal', 'open', 'passwd', 'inspect'])('of %s teaches, with examples', async (command) => {
    const { code, stdout, stderr } = await keystrata([command, '--help']);
    expect([code, stderr]).toEqual([0, '']);
    const text = stdout.toString();
    expect(text).toContain(`Usage: keystrata ${command}`);
    expect(text.split(`  keystrata ${command}`).length + text.split(`| keystrata ${command}`).length).toBeGreaterThan(
      3,
    );
    for (const option of ['--keyring', '--owner', '--context', '--passphrase-fd', '--json', '--force', '--quiet'])
      expect(text).toContain(option);
    expect(text).toMatch(/Exit codes:[^]*130 {2}interrupted/);
  });

  it('as a whole: every command, to standard output where asked, else to standard error', async () => {
    const asked = await keystrata(['--help']);
    expect(asked.code).toBe(0);
    for (const command of ['init', 'seal', 'open', 'passwd', 'inspect'])
      expect(asked.stdout.toString()).toContain(command);
    const bare = await keystrata([]);
    expect([bare.code, bare.stdout.length]).toEqual([2, 0]);
    expect(bare.stderr).toBe(asked.stdout.toString());
  });

  it('and the version', async () => {
    const { version } = JSON.parse(readFileSync(join(COMMAND, '../../package.json'), 'utf8')) as { version: string };
    const { code, stdout } = await keystrata(['--version']);
    expect([code, stdout.toString()]).toEqual([0, `${version}\n`]);
  });
});

it('runs as a program of its own', () => {
  expect(readFileSync(COMMAND, 'utf8').startsWith('#!/usr/bin/env node\n')).toBe(true);
});

it('follows a link, with --force, to the file it names', async () => {
  const folder = bench.folder();
  mkdirSync(join(folder, 'real'));
  writeFileSync(join(folder, 'real', 'target'), 'old');
  symlinkSync(join('real', 'target'), join(folder, 'link'));
  const { code, stderr } = await bench.run(['seal', '-', '-o', 'link', '--force'], { cwd: folder, stdin: 'x' });
  expect(code, stderr).toBe(0);
  expect(namesIn(join(folder, 'real'))).toEqual(['target']);
  expect(statSync(join(folder, 'real', 'target')).size).toBe(143 + 56 + 17);
  expect(existsSync(join(folder, 'link'))).toBe(true);
});
