// The output appears when it is complete, or not at all: interruptions, full disks, readers that leave.

import { execFileSync, spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bench, COMMAND, keystrata, namesIn, PASSPHRASE } from './support.ts';

const bench = new Bench();
beforeAll(() => bench.prepare());
afterAll(() => bench.end());

/** Zeros that take no room on the disk. */
function sparse(path: string, size: number): void {
  closeSync(openSync(path, 'w'));
  truncateSync(path, size);
}

const draftIn = (folder: string): string | undefined => namesIn(folder).find((name) => name.endsWith('.tmp'));

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; !condition(); i++) {
    if (i > 2000) throw new Error('it did not come to that');
    await sleep(5);
  }
}

describe.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('interrupted by %s', (signal) => {
  it('in the middle of sealing: 130, no half file, the old one is kept', async () => {
    const folder = bench.folder();
    sparse(join(folder, 'big'), 2 ** 40);
    writeFileSync(join(folder, 'big.sealed'), 'precious');
    const { code, stderr } = await bench.run(['seal', 'big', '--force'], {
      cwd: folder,
      started: (child) =>
        void until(() => {
          const draft = draftIn(folder);
          return draft !== undefined && statSync(join(folder, draft)).size > 1 << 20;
        }).then(() => child.kill(signal)),
    });
    expect({ code, stderr }).toEqual({
      code: 130,
      stderr: expect.stringMatching(/^keystrata: interrupted.*\(ERR_ABORTED\)\n$/) as string,
    });
    expect(namesIn(folder)).toEqual(['big', 'big.sealed']);
    expect(readFileSync(join(folder, 'big.sealed'), 'utf8')).toBe('precious');
  });

  it('while it waits for the passphrase: 130, nothing left', async () => {
    const folder = bench.folder();
    writeFileSync(join(folder, 'file'), 'x');
    const child = spawn(
      process.execPath,
      [COMMAND, 'seal', 'file', '--json', '--keyring', bench.keyring, '--passphrase-stdin'],
      { cwd: folder },
    );
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    const ended = new Promise((resolve) => child.on('close', resolve));
    await until(() => draftIn(folder) !== undefined);
    await sleep(100);
    child.kill(signal);
    expect(await ended).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: 'ERR_ABORTED' } });
    expect(namesIn(folder)).toEqual(['file']);
  });
});

it('killed outright: a draft may stay, under its name nothing does', async () => {
  const folder = bench.folder();
  sparse(join(folder, 'big'), 2 ** 40);
  const { signal } = await bench.run(['seal', 'big'], {
    cwd: folder,
    started: (child) => void until(() => draftIn(folder) !== undefined).then(() => child.kill('SIGKILL')),
  });
  expect(signal).toBe('SIGKILL');
  expect(existsSync(join(folder, 'big.sealed'))).toBe(false);
  expect(draftIn(folder)).toMatch(/^\.keystrata-[0-9a-f]{16}\.tmp$/);
});

it('an output that appears meanwhile is not overwritten', async () => {
  const folder = bench.folder();
  writeFileSync(join(folder, 'file'), 'x');
  const child = spawn(process.execPath, [COMMAND, 'seal', 'file', '--keyring', bench.keyring, '--passphrase-stdin'], {
    cwd: folder,
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  await until(() => draftIn(folder) !== undefined);
  writeFileSync(join(folder, 'file.sealed'), 'somebody else’s');
  child.stdin.end(`${PASSPHRASE}\n`);
  expect(await ended).toBe(7);
  expect(readFileSync(join(folder, 'file.sealed'), 'utf8')).toBe('somebody else’s');
  expect(namesIn(folder)).toEqual(['file', 'file.sealed']);
});

it('two that make the same output: one wins, whole', async () => {
  const folder = bench.folder();
  writeFileSync(join(folder, 'one'), 'one');
  writeFileSync(join(folder, 'two'), 'two');
  const outcomes = await Promise.all(
    ['one', 'two'].map((name) => bench.run(['seal', name, '-o', 'out'], { cwd: folder })),
  );
  expect(outcomes.map(({ code }) => code).sort()).toEqual([0, 7]);
  const opened = await bench.run(['open', 'out', '-o', '-'], { cwd: folder });
  expect(opened.stdout.toString()).toBe(outcomes[0]!.code === 0 ? 'one' : 'two');
  expect(namesIn(folder)).toEqual(['one', 'out', 'two']);
});

describe('a reader that leaves', () => {
  it('is no news: exit 8, not a word', async () => {
    const folder = bench.folder();
    sparse(join(folder, 'big'), 2 ** 30);
    writeFileSync(join(folder, 'line'), PASSPHRASE);
    const script = `{ '${process.execPath}' '${COMMAND}' seal big -o - --keyring '${bench.keyring}' --passphrase-fd 3 3<line 2>err; echo $? >code; } | head -c 100 >/dev/null`;
    const shell = spawn('sh', ['-c', script], { cwd: folder });
    await new Promise((resolve) => shell.on('close', resolve));
    await until(() => existsSync(join(folder, 'code')) && readFileSync(join(folder, 'code'), 'utf8') !== '');
    expect(readFileSync(join(folder, 'code'), 'utf8')).toBe('8\n');
    expect(readFileSync(join(folder, 'err'), 'utf8')).toBe('');
  });

  it('also of a tree', async () => {
    const script = `{ '${process.execPath}' '${COMMAND}' inspect --keyring '${bench.keyring}'; echo $? >&2; } | true`;
    const shell = spawn('sh', ['-c', script]);
    let stderr = '';
    shell.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    await new Promise((resolve) => shell.on('close', resolve));
    expect(stderr).toMatch(/^[08]\n$/); // the pipe may still take it
  });
});

const FULL = '/dev/full';
describe.skipIf(!existsSync(FULL))('a device that is full (/dev/full)', () => {
  it('as OUT', async () => {
    const { code, stderr } = await bench.run(['seal', '-', '-o', FULL], { stdin: 'x' });
    expect({ code, stderr }).toEqual({
      code: 8,
      stderr: expect.stringMatching(/the disk is full.*\(ERR_STORE\)\n$/) as string,
    });
    expect(statSync(FULL).isCharacterDevice()).toBe(true);
  });

  it.each([
    ['data', 'seal -'],
    ['a tree', 'inspect'],
    ['an object', 'inspect --json'],
  ])('as standard output, for %s', async (_, args) => {
    const folder = bench.folder();
    writeFileSync(join(folder, 'line'), PASSPHRASE);
    const shell = spawn(
      'sh',
      [
        '-c',
        `'${process.execPath}' '${COMMAND}' ${args} --keyring '${bench.keyring}' --passphrase-fd 3 3<line </dev/null >${FULL}`,
      ],
      { cwd: folder },
    );
    let stderr = '';
    shell.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const code = await new Promise((resolve) => shell.on('close', resolve));
    expect({ code, stderr }).toEqual({
      code: 8,
      stderr: expect.stringMatching(/the disk is full.*\(ERR_STORE\)\n$/) as string,
    });
  });
});

it('--force does not replace a device by a file', async () => {
  const { code, stderr } = await bench.run(['seal', '-', '-o', '/dev/null', '--force'], { stdin: 'x' });
  expect(code, stderr).toBe(0);
  expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
});

const disk = join(bench.root, 'disk');
const mounted = ((): boolean => {
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe.skipIf(!mounted)('a real disk (a tmpfs of 256 KiB, which needs root)', () => {
  afterAll(() => execFileSync('umount', [disk]));

  it('that fills up while sealing and opening: 8, nothing left of it', async () => {
    const folder = bench.folder();
    sparse(join(folder, 'big'), 1 << 20);
    const out = join(disk, 'out');
    const sealing = await bench.run(['seal', 'big', '-o', out], { cwd: folder });
    expect(sealing).toMatchObject({
      code: 8,
      stderr: expect.stringMatching(/the disk is full.*\(ERR_STORE\)\n$/) as string,
    });
    await bench.run(['seal', 'big'], { cwd: folder });
    const opening = await bench.run(['open', 'big.sealed', '-o', out], { cwd: folder });
    expect(opening.code).toBe(8);
    expect(namesIn(disk)).toEqual([]);
  });

  it('that is full for the keyring', async () => {
    writeFileSync(join(disk, 'filler'), Buffer.alloc(256 * 1024));
    const { code, stderr } = await keystrata(['init', '--keyring', join(disk, 'ring'), '--passphrase-fd', '3'], {
      fd3: PASSPHRASE,
    });
    expect({ code, stderr }).toEqual({
      code: 8,
      stderr: expect.stringMatching(/the disk is full.*\(ERR_STORE\)\n$/) as string,
    });
  });

  it('that is read-only: what is there opens, nothing is written', async () => {
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    const { code, stderr } = await bench.run(['seal', '-', '-o', join(disk, 'out')], { stdin: 'x' });
    expect({ code, stderr }).toEqual({
      code: 8,
      stderr: expect.stringMatching(/read-only.*\(ERR_STORE\)\n$/) as string,
    });
  });
});
