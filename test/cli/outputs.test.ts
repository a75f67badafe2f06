// The output appears when it is complete, or not at all: others that write there, readers that leave, a process that is killed.

import { execFileSync, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { constants } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bench, COMMAND, ENV, namesIn, PASSPHRASE, shell, until } from './support.ts';
import { Terminal, terminals } from './terminal.ts';

const bench = new Bench();
let sealed: Buffer;
beforeAll(async () => {
  await bench.prepare();
  sealed = (await bench.run(['seal', '-'], { stdin: 'x' })).stdout;
});
afterAll(() => bench.end());

/** Zeros that take no room on the disk. */
function sparse(path: string, size: number): void {
  closeSync(openSync(path, 'w'));
  truncateSync(path, size);
}

const draftIn = (folder: string): string | undefined => namesIn(folder).find((name) => name.endsWith('.tmp'));

/**
 * Whether the command listens (proc(5): SigCgt, a mask in hex). SIGHUP is asked for, the last that it listens to: Node
 * itself has handlers of SIGINT and SIGTERM long before, which end the process.
 */
function listens(pid: number): boolean {
  const mask = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]!;
  return ((BigInt(`0x${mask}`) >> BigInt(constants.signals.SIGHUP - 1)) & 1n) === 1n;
}

/** A draft that grew beyond 1 MiB. */
function growing(folder: string): boolean {
  const draft = draftIn(folder);
  return draft !== undefined && (statSync(join(folder, draft), { throwIfNoEntry: false })?.size ?? 0) > 1 << 20;
}

describe.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('interrupted by %s', (signal) => {
  it('in the middle of sealing: 130, no half file, the old one is kept, those before it are there', async () => {
    const folder = bench.files({ small: 'x', 'big.sealed': 'precious' });
    sparse(join(folder, 'big'), 2 ** 40);
    const { code, stderr } = await bench.run(['seal', 'small', 'big', '--force'], {
      cwd: folder,
      started: (child) => void until(() => growing(folder), 'a draft').then(() => child.kill(signal)),
    });
    expect({ code, stderr }).toEqual({
      code: 130,
      stderr: expect.stringMatching(/^sealed "small".*\nkeystrata: interrupted.*\(ERR_ABORTED\)\n$/) as string,
    });
    expect(namesIn(folder)).toEqual(['big', 'big.sealed', 'small', 'small.sealed']);
    expect(readFileSync(join(folder, 'big.sealed'), 'utf8')).toBe('precious');
  });

  it.each<[string, string[], { stdin?: true; fd3?: true }]>([
    ['a pipe that nobody writes', ['seal', 'pipe'], {}],
    ['a pipe that nobody reads', ['seal', 'file', '-o', 'pipe'], {}],
    ['data on standard input', ['seal', '-', '-o', 'out'], { stdin: true }],
    ['the passphrase on standard input', ['seal', 'file', '--passphrase-stdin'], { stdin: true }],
    ['the passphrase on another descriptor', ['seal', 'file', '--passphrase-fd', '3'], { fd3: true }],
    ['the recovery code', ['open', 'file', '-o', 'out', '--recovery-code-fd', '3'], { fd3: true }],
  ])('while it waits for %s: 130, nothing left', async (_, args, waits) => {
    const folder = bench.files({ file: sealed, line: `${PASSPHRASE}\n` });
    execFileSync('mkfifo', [join(folder, 'pipe'), join(folder, 'idle')]);
    const fds = [openSync(join(folder, 'idle'), 'r+'), openSync(join(folder, 'line'), 'r'), openSync('/dev/null', 'r')];
    const [idle, line, none] = fds as [number, number, number];
    const given = args.some((arg) => /-fd$|-stdin$/.test(arg)) ? args : [...args, '--passphrase-fd', '4'];
    const child = spawn(process.execPath, [COMMAND, ...given, '--keyring', bench.keyring, '--json'], {
      cwd: folder,
      env: ENV,
      stdio: [waits.stdin ? idle : none, 'pipe', 'pipe', waits.fd3 ? idle : none, line],
    });
    let stdout = '';
    child.stdout!.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    const ended = new Promise((resolve) => child.on('close', resolve));
    await until(() => listens(child.pid!), 'the command, listening');
    await sleep(300); // it waits by now; if not, it ends all the same
    child.kill(signal);
    expect(await ended).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: 'ERR_ABORTED' } });
    expect(namesIn(folder)).toEqual(['file', 'idle', 'line', 'pipe']);
    fds.forEach((fd) => closeSync(fd));
  });
});

it('killed outright: a draft may stay, under its name nothing does', async () => {
  const folder = bench.folder();
  sparse(join(folder, 'big'), 2 ** 40);
  const { signal } = await bench.run(['seal', 'big'], {
    cwd: folder,
    started: (child) => void until(() => draftIn(folder) !== undefined, 'a draft').then(() => child.kill('SIGKILL')),
  });
  expect(signal).toBe('SIGKILL');
  expect(existsSync(join(folder, 'big.sealed'))).toBe(false);
  expect(draftIn(folder)).toMatch(/^\.keystrata-[0-9a-f]{16}\.tmp$/);
});

it('an output that appears meanwhile is not overwritten', async () => {
  const folder = bench.folder();
  const size = 1 << 20;
  const run = bench.run(['seal', '-', '-o', 'out'], {
    cwd: folder,
    stdin: Buffer.alloc(16 * size),
    started: () =>
      void until(() => draftIn(folder) !== undefined, 'a draft').then(() =>
        writeFileSync(join(folder, 'out'), 'somebody else’s'),
      ),
  });
  const { code, stderr } = await run;
  expect(code, stderr).toBe(7);
  expect(readFileSync(join(folder, 'out'), 'utf8')).toBe('somebody else’s');
  expect(namesIn(folder)).toEqual(['out']);
});

it.skipIf(!terminals)('an output that appears while the passphrase is typed is not overwritten', async () => {
  const folder = bench.files({ file: 'x' });
  const terminal = Terminal.of('seal file', folder, bench.keyring);
  await terminal.sees('Passphrase');
  expect(namesIn(folder)).toEqual(['file']); // nothing is begun yet
  writeFileSync(join(folder, 'file.sealed'), 'somebody else’s');
  terminal.types(`${PASSPHRASE}\r`);
  expect(await terminal.ended(), terminal.screen).toBe(7);
  expect(readFileSync(join(folder, 'file.sealed'), 'utf8')).toBe('somebody else’s');
});

it('two that make the same output: one wins, whole', async () => {
  const folder = bench.files({ one: 'one', two: 'two' });
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
    const { stderr } = await shell(
      `{ $K seal big -o - --keyring '${bench.keyring}' --passphrase-fd 3 3<$PASS; echo "exit $?" >&2; } | head -c 100 >/dev/null`,
      folder,
    );
    expect(stderr).toBe('exit 8\n');
  });

  it('also of a tree', async () => {
    const { stderr } = await shell(
      `{ $K inspect --keyring '${bench.keyring}'; echo "exit $?" >&2; } | true`,
      bench.folder(),
    );
    expect(stderr).toMatch(/^exit [08]\n$/); // the pipe may still take it
  });

  it('of standard error is nothing to the work', async () => {
    const folder = bench.files({ file: 'x' });
    const { code } = await shell(
      `$K seal file --keyring '${bench.keyring}' --passphrase-fd 3 3<$PASS 2>&-; exit $?`,
      folder,
    );
    expect(code).toBe(0);
    expect(namesIn(folder)).toEqual(['file', 'file.sealed']);
  });
});
