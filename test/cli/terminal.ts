// A terminal of its own for a shell command. util-linux's `script` makes it.

import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { COMMAND, ENV } from './support.ts';

export const terminals = spawnSync('script', ['--version']).stdout?.toString().includes('util-linux') ?? false;

export const ENTER = '\r';
export const BACKSPACE = '\u007f';
export const CTRL_C = '\u0003';
export const CTRL_D = '\u0004';

export class Terminal {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<number | null>;
  screen = '';
  #seen = 0;

  /** Of `command`; its keyring is in $KEYSTRATA_KEYRING. */
  constructor(command: string, cwd: string, keyring: string) {
    const env = { ...ENV, HOME: cwd, TERM: 'xterm', KEYSTRATA_KEYRING: keyring };
    this.#child = spawn('script', ['-qefc', command, '/dev/null'], { cwd, env });
    this.#child.stdout.on('data', (chunk: Buffer) => (this.screen += chunk.toString()));
    this.#child.stdin.on('error', () => undefined);
    this.#ended = new Promise((resolve) => this.#child.on('close', resolve));
  }

  /** Runs `keystrata args`. */
  static of(args: string, cwd: string, keyring: string): Terminal {
    return new Terminal(`'${process.execPath}' '${COMMAND}' ${args}`, cwd, keyring);
  }

  /** Waits until the screen shows `text`, behind what was seen before. */
  async sees(text: string): Promise<void> {
    for (let i = 0; ; i++) {
      const at = this.screen.indexOf(text, this.#seen);
      if (at >= 0) {
        this.#seen = at + text.length;
        await sleep(50); // the prompt listens as soon as it is drawn
        return;
      }
      if (i > 10_000) throw new Error(`"${text}" did not come:\n${this.screen}`);
      await sleep(10);
    }
  }

  types(keys: string): void {
    this.#child.stdin.write(keys);
  }

  async answers(prompt: string, text: string): Promise<void> {
    await this.sees(prompt);
    this.types(text + ENTER);
  }

  /** It goes away under the command, as a window that is closed. */
  closes(): void {
    this.#child.kill('SIGKILL');
  }

  /** The exit code; 128 and more for a signal. */
  ended(): Promise<number | null> {
    return this.#ended;
  }
}
