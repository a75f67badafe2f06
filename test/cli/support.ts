// The built command as a child process, with every stream in the test's hands.

import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** What people run; for `npm run coverage` the same command in modules that tell which of their lines ran. */
const counted = process.env['KEYSTRATA_COUNTED'];
export const COMMAND = counted ? join(counted, 'cli/main.js') : join(import.meta.dirname, '../../build/cli.js');
if (!existsSync(COMMAND)) throw new Error(`${COMMAND} is missing: npm run build makes it`);

export const PASSPHRASE = 'correct horse battery staple';

/** Nothing of the person who runs the tests; what keyrings remember goes where vitest.config.ts says. */
export const ENV = {
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  KEYSTRATA_MEMORY: process.env['KEYSTRATA_MEMORY'],
  ...(counted && { NODE_V8_COVERAGE: process.env['KEYSTRATA_SEEN'] }),
};

export interface Finished {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: Buffer;
  stderr: string;
}

export interface Given {
  /** All of standard input; without it, standard input is empty. */
  stdin?: string | Uint8Array;
  /** All of file descriptor 3. */
  fd3?: string | Uint8Array;
  cwd?: string;
  uid?: number;
  env?: Record<string, string>;
  /** For node itself, before the command. */
  node?: readonly string[];
  started?: (child: ChildProcess) => void;
}

/** Runs `keystrata ...args` to its end. */
export function keystrata(args: readonly string[], given: Given = {}): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...(given.node ?? []), COMMAND, ...args], {
      cwd: given.cwd,
      uid: given.uid,
      env: { ...ENV, ...given.env },
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.on('error', reject);
    child.on('close', (code, signal) =>
      resolve({ code, signal, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() }),
    );
    const fd3 = child.stdio[3] as NodeJS.WritableStream;
    for (const stream of [child.stdin, fd3]) stream.on('error', () => undefined); // it may end without having read
    child.stdin.end(given.stdin ?? '');
    fd3.end(given.fd3 ?? '');
    given.started?.(child);
  });
}

/** A line of the shell in `cwd`, where $K is the command and $PASS a file that holds the passphrase. */
export function shell(line: string, cwd: string, env: Record<string, string> = {}): Promise<Finished> {
  const pass = join(cwd, '.pass');
  writeFileSync(pass, `${PASSPHRASE}\n`);
  return new Promise((resolve, reject) => {
    const child = spawn('sh', ['-c', `K="${process.execPath} ${COMMAND}"; PASS=${pass}; ${line}`], {
      cwd,
      env: { ...ENV, ...env },
    });
    const stdout: Buffer[] = [];
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      rmSync(pass, { force: true });
      resolve({ code, signal, stdout: Buffer.concat(stdout), stderr });
    });
  });
}

/** A folder of its own for a test file, with a keyring made once. */
export class Bench {
  readonly root = mkdtempSync(join(tmpdir(), 'keystrata-cli-'));
  readonly keyring = join(this.root, 'keyring');
  /** Of that keyring. */
  recoveryCode = '';
  readonly #asMade = join(this.root, 'as made');
  #count = 0;

  async prepare(): Promise<this> {
    const made = await keystrata(['init', '--json', '--keyring', this.keyring, '--passphrase-stdin'], {
      stdin: `${PASSPHRASE}\n`,
    });
    if (made.code !== 0) throw new Error(`init: ${made.stderr}`);
    this.recoveryCode = json(made)['recoveryCode'] as string;
    cpSync(this.keyring, this.#asMade, { recursive: true });
    return this;
  }

  /** An empty folder. */
  folder(): string {
    return mkdtempSync(join(this.root, `${this.#count++}-`));
  }

  /** A folder with these files in it. */
  files(files: Readonly<Record<string, string | Uint8Array>>): string {
    const folder = this.folder();
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    return folder;
  }

  /** A copy of the keyring as it was made, at its first revision: to be changed. */
  copy(): string {
    const folder = join(this.folder(), 'keyring');
    cpSync(this.#asMade, folder, { recursive: true });
    return folder;
  }

  /** With the keyring and its passphrase on descriptor 3. */
  run(args: readonly string[], given: Given = {}): Promise<Finished> {
    return keystrata(['--keyring', this.keyring, '--passphrase-fd', '3', ...args], {
      fd3: `${PASSPHRASE}\n`,
      ...given,
    });
  }

  /** With the keyring, its recovery code on descriptor 3. */
  runByCode(args: readonly string[], given: Given = {}): Promise<Finished> {
    return keystrata(['--keyring', this.keyring, '--recovery-code-fd', '3', ...args], {
      fd3: `${this.recoveryCode}\n`,
      ...given,
    });
  }

  end(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

export const namesIn = (folder: string): string[] => readdirSync(folder).sort();

/** The one object on standard output. */
export const json = ({ stdout }: Finished): Record<string, unknown> =>
  JSON.parse(stdout.toString()) as Record<string, unknown>;

/** What became of each file, in the order of the arguments. */
export const filesOf = (finished: Finished): Record<string, unknown>[] =>
  json(finished)['files'] as Record<string, unknown>[];

/** Waits, ten seconds at most. */
export async function until(condition: () => boolean, what = 'it'): Promise<void> {
  for (let i = 0; !condition(); i++) {
    if (i > 20_000) throw new Error(`${what} did not come`);
    await sleep(5);
  }
}
