// Disks that fill up, fail in the middle, may not be written or read: exit 8 and what to do, nothing half-done, nothing lost.

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectRefusal } from './refusal.ts';
import { Bench, keystrata, namesIn, PASSPHRASE, shell, type Finished, type Given } from './support.ts';

const bench = new Bench();
beforeAll(() => bench.prepare());
afterAll(() => bench.end());

/** Zeros that take no room on the disk. */
function sparse(path: string, size: number): void {
  closeSync(openSync(path, 'w'));
  truncateSync(path, size);
}

function expectFailure(finished: Finished, words: RegExp): void {
  expectRefusal(finished, 8, 'ERR_STORE');
  expect(finished.stderr).toMatch(words);
}

const FULL = '/dev/full';
describe.skipIf(!existsSync(FULL))('a device that is full (/dev/full)', () => {
  it('as OUT', async () => {
    expectFailure(await bench.run(['seal', '-', '-o', FULL], { stdin: 'x' }), /the disk is full/);
    expect(statSync(FULL).isCharacterDevice()).toBe(true);
  });

  it.each([
    ['data', 'seal -'],
    ['a tree', 'inspect'],
    ['an object', 'inspect --json'],
  ])('as standard output, for %s', async (_, args) => {
    const given = args.startsWith('seal') ? '--passphrase-fd 3 3<$PASS' : '';
    const line = `$K ${args} --keyring '${bench.keyring}' ${given} </dev/null >${FULL}`;
    expectFailure(await shell(line, bench.folder()), /the disk is full/);
  });
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

  it('that fills up while sealing and opening: nothing is left of it, and the small file behind is done', async () => {
    const folder = bench.files({ small: 'x' });
    sparse(join(folder, 'big'), 1 << 20);
    const out = join(disk, 'out');
    expectFailure(await bench.run(['seal', 'big', '-o', out], { cwd: folder }), /the disk is full/);
    await bench.run(['seal', 'big', 'small'], { cwd: folder });
    const opening = await bench.run(['open', 'big.sealed', '-o', out], { cwd: folder });
    expectFailure(opening, /the disk is full/);
    expect(namesIn(disk)).toEqual([]);
    sparse(join(disk, 'big'), 1 << 20);
    writeFileSync(join(disk, 'small'), 'x');
    const both = await bench.run(['seal', 'big', 'small'], { cwd: disk });
    expect(both.code).toBe(8);
    expect(namesIn(disk)).toEqual(['big', 'small', 'small.sealed']);
  });

  it('that is full for the keyring', async () => {
    execFileSync('sh', ['-c', 'rm *; cat /dev/zero >filler 2>/dev/null || true'], { cwd: disk });
    const args = ['init', '--keyring', join(disk, 'ring'), '--passphrase-fd', '3'];
    expectFailure(await keystrata(args, { fd3: PASSPHRASE }), /the disk is full/);
  });

  it('that is read-only: nothing is written, and nobody types a passphrase for nothing', async () => {
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    const args = ['seal', '-', '-o', join(disk, 'out'), '--keyring', bench.keyring];
    expectFailure(await keystrata(args, { stdin: 'x' }), /read-only/);
    const init = ['init', '--keyring', join(disk, 'ring2'), '--passphrase-fd', '3'];
    expectFailure(await keystrata(init, { fd3: PASSPHRASE }), /read-only/);
  });
});

describe('a disk that fails in the middle', () => {
  const DRAFT = '/?\\.keystrata-[0-9a-f]+\\.tmp$';
  interface Fault {
    path: string;
    call: 'open' | 'read' | 'write' | 'sync' | 'close' | 'link' | 'rename';
    at: number;
    code: string;
  }
  const faulty = (fault: Fault, given: Given): Given => ({
    ...given,
    node: ['--import', join(import.meta.dirname, 'faulty.mjs')],
    env: { FAULT: JSON.stringify(fault) },
  });
  let folder: string;
  beforeAll(async () => {
    folder = bench.files({ file: Buffer.alloc(1 << 20, 'data') });
    await bench.run(['seal', 'file', '-o', 'opens'], { cwd: folder });
  });

  it.each<[Fault, RegExp]>([
    [{ path: '/?file$', call: 'read', at: 4, code: 'EIO' }, /reading "file": the disk failed.*make a copy/],
    [{ path: DRAFT, call: 'open', at: 1, code: 'EDQUOT' }, /writing "out": the disk quota is used up/],
    [{ path: DRAFT, call: 'write', at: 3, code: 'EIO' }, /writing "out": the disk failed/],
    [{ path: DRAFT, call: 'write', at: 5, code: 'ENOSPC' }, /writing "out": the disk is full/],
    [{ path: DRAFT, call: 'sync', at: 1, code: 'EIO' }, /writing "out": the disk failed/],
    [{ path: DRAFT, call: 'close', at: 1, code: 'EIO' }, /writing "out": the disk failed/],
    [{ path: DRAFT, call: 'rename', at: 1, code: 'EIO' }, /writing "out": the disk failed/],
  ])('%j', async (fault, words) => {
    writeFileSync(join(folder, 'out'), 'precious');
    const given = faulty(fault, { cwd: folder });
    expectFailure(await bench.run(['seal', 'file', '-o', 'out', '--force'], given), words);
    expect(namesIn(folder)).toEqual(['file', 'opens', 'out']);
    expect(readFileSync(join(folder, 'out'), 'utf8')).toBe('precious');
  });

  it('while opening', async () => {
    const given = faulty({ path: 'opens$', call: 'read', at: 5, code: 'EIO' }, { cwd: folder }); // the first looks at it
    expectFailure(await bench.run(['open', 'opens', '-o', 'again'], given), /reading "opens": the disk failed/);
    expect(existsSync(join(folder, 'again'))).toBe(false);
  });

  it('a filesystem without links: the name is held, then taken', async () => {
    const given = faulty({ path: DRAFT, call: 'link', at: 1, code: 'EPERM' }, { cwd: folder });
    const sealed = await bench.run(['seal', 'file', '-o', 'without'], given);
    expect(sealed.code, sealed.stderr).toBe(0);
    const opened = await bench.run(['open', 'without', '-o', '-'], { cwd: folder });
    expect(opened.stdout.equals(Buffer.alloc(1 << 20, 'data'))).toBe(true);
  });

  it.each<[Fault['call'], string]>([
    ['write', 'ENOSPC'],
    ['sync', 'EIO'],
  ])('changing a passphrase (%s: %s): the old one still opens', async (call, code) => {
    const keyring = bench.copy();
    const fd3 = `${PASSPHRASE}\nanother passphrase\n`;
    const given = faulty({ path: `${keyring}.*tmp`, call, at: 1, code }, { fd3 });
    expectFailure(await bench.run(['passwd', '--keyring', keyring], given), /disk/);
    const sealed = await bench.run(['seal', '-', '--keyring', keyring]);
    expect(sealed.code, sealed.stderr).toBe(0);
  });

  it.skipIf(!existsSync('/proc/self/mem'))('a file that cannot be read at all (/proc/self/mem)', async () => {
    const args = ['seal', '/proc/self/mem', '-o', join(bench.folder(), 'out'), '--keyring', bench.keyring];
    expectFailure(await keystrata(args), /reading .*: the disk failed/); // before a passphrase is asked for
    expectFailure(await keystrata(['inspect', '/proc/self/mem']), /the disk failed/);
  });
});

describe('a keyring', () => {
  it('whose folder is a file, or a pipe', async () => {
    const folder = bench.files({ file: 'x' });
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    for (const name of ['file', 'pipe'])
      for (const args of [['init'], ['seal', '-'], ['inspect']])
        expectFailure(await bench.run([...args, '--keyring', join(folder, name)]), /a file, not a folder/);
  });

  it('whose document somebody made a pipe: nobody waits for it', async () => {
    const keyring = bench.copy();
    rmSync(join(keyring, 'default.1'));
    execFileSync('mkfifo', [join(keyring, 'default.1')]);
    for (const args of [['init'], ['seal', '-'], ['inspect']])
      expectFailure(await bench.run([...args, '--keyring', keyring]), /no regular file/);
  });

  it('that the disk lost', async () => {
    const keyring = bench.copy();
    writeFileSync(join(keyring, 'default.1'), '');
    expectRefusal(await bench.run(['seal', '-', '--keyring', keyring]), 8, 'ERR_STORE');
  });
});

describe('no permission', () => {
  const root = process.getuid?.() === 0; // who has every permission: another does the work
  const nobody = root ? { uid: 65534 } : {};
  beforeAll(() => chmodSync(bench.root, 0o755));

  it('to read FILE, or the folder it lies in', async () => {
    const folder = bench.files({ file: 'x' });
    mkdirSync(join(folder, 'locked'));
    writeFileSync(join(folder, 'locked', 'file'), 'x');
    for (const [path, mode] of [
      [folder, 0o755],
      [join(folder, 'file'), 0],
      [join(folder, 'locked'), 0],
    ] as const)
      chmodSync(path, mode);
    for (const args of [
      ['seal', 'file'],
      ['seal', 'locked/file'],
      ['open', 'file'],
      ['inspect', 'file'],
    ]) {
      const given = [...args, ...(args[0] === 'inspect' ? [] : ['-o', '/dev/null']), '--keyring', bench.keyring];
      expectFailure(await keystrata(given, { cwd: folder, ...nobody }), /permission denied/);
    }
    chmodSync(join(folder, 'locked'), 0o755);
  });

  it('to write where OUT shall be: said before a passphrase is asked for', async () => {
    const folder = bench.files({ file: 'x' });
    chmodSync(folder, 0o555);
    const args = ['seal', 'file', '--keyring', bench.keyring];
    expectFailure(await keystrata(args, { cwd: folder, ...nobody }), /permission denied/);
    chmodSync(folder, 0o755);
  });

  it.skipIf(!root)('to read the keyring, which is for its owner only', async () => {
    for (const args of [['inspect'], ['seal', '-'], ['passwd'], ['init']])
      expectFailure(await bench.run(args, nobody), /permission denied/);
  });
});
