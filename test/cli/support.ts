// The built command as a child process, with every stream in the test's hands.

import { spawn, type ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const COMMAND = join(import.meta.dirname, '../../build/cli.js');
if (!existsSync(COMMAND)) throw new Error(`${COMMAND} is missing: npm run build makes it`);

export const PASSPHRASE = 'correct horse battery staple';

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
  started?: (child: ChildProcess) => void;
}

/** Runs `keystrata ...args` to its end. The environment holds nothing of the person who runs the tests. */
export function keystrata(args: readonly string[], given: Given = {}): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [COMMAND, ...args], {
      cwd: given.cwd,
      uid: given.uid,
      env: {
        PATH: process.env['PATH'],
        HOME: '/nonexistent',
        KEYSTRATA_MEMORY: process.env['KEYSTRATA_MEMORY'],
        ...given.env,
      },
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

/** A folder of its own for a test file, with a keyring made once. */
export class Bench {
  readonly root = mkdtempSync(join(tmpdir(), 'keystrata-cli-'));
  readonly keyring = join(this.root, 'keyring');
  #count = 0;

  async prepare(): Promise<this> {
    const { code, stderr } = await keystrata(['init', '--keyring', this.keyring, '--passphrase-stdin'], {
      stdin: `${PASSPHRASE}\n`,
    });
    if (code !== 0) throw new Error(`init: ${stderr}`);
    return this;
  }

  /** An empty folder. */
  folder(): string {
    return mkdtempSync(join(this.root, `${this.#count++}-`));
  }

  /** A copy of the keyring, to be changed. */
  copy(): string {
    const folder = join(this.folder(), 'keyring');
    cpSync(this.keyring, folder, { recursive: true });
    return folder;
  }

  /** With the keyring and its passphrase on descriptor 3. */
  run(args: readonly string[], given: Given = {}): Promise<Finished> {
    return keystrata(['--keyring', this.keyring, '--passphrase-fd', '3', ...args], {
      fd3: `${PASSPHRASE}\n`,
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
