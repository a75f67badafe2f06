// The command as a person meets it: on a terminal, with hidden prompts. util-linux's `script` makes the terminal.

import { spawn, spawnSync, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { closeSync, openSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bench, COMMAND, namesIn, PASSPHRASE } from './support.ts';

const terminals = spawnSync('script', ['--version']).stdout?.toString().includes('util-linux') ?? false;
const bench = new Bench();
beforeAll(() => bench.prepare());
afterAll(() => bench.end());

const ENTER = '\r';
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';

/** A shell command on a terminal of its own. */
class Terminal {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<number | null>;
  screen = '';
  #seen = 0;

  constructor(command: string, cwd: string) {
    const env = { PATH: process.env['PATH'], HOME: cwd, TERM: 'xterm', KEYSTRATA_KEYRING: bench.keyring };
    this.#child = spawn('script', ['-qefc', command, '/dev/null'], { cwd, env });
    this.#child.stdout.on('data', (chunk: Buffer) => (this.screen += chunk.toString()));
    this.#ended = new Promise((resolve) => this.#child.on('close', resolve));
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
      if (i > 1000) throw new Error(`"${text}" did not come:\n${this.screen}`);
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

  closes(): void {
    this.#child.kill('SIGKILL'); // the terminal goes away under the command
  }

  ended(): Promise<number | null> {
    return this.#ended;
  }
}

const on = (args: string, cwd = bench.folder()): Terminal =>
  new Terminal(`'${process.execPath}' '${COMMAND}' ${args}`, cwd);

describe.skipIf(!terminals)('on a terminal (util-linux script)', () => {
  it('init asks twice, shows neither, and says what next', async () => {
    const folder = bench.folder();
    const terminal = on('init --keyring ring', folder);
    await terminal.answers('New passphrase for "default":', PASSPHRASE);
    await terminal.answers('The same again:', PASSPHRASE);
    await terminal.sees('keystrata seal FILE');
    expect(await terminal.ended(), terminal.screen).toBe(0);
    expect(terminal.screen).not.toContain(PASSPHRASE.slice(0, 5));
    expect(namesIn(join(folder, 'ring'))).toEqual(['default.1']);
  });

  it('init says why a passphrase is too short, and asks again', async () => {
    const terminal = on('init --keyring ring');
    await terminal.answers('New passphrase', 'short');
    await terminal.sees('at least 12');
    terminal.types(`${'\u007f'.repeat(5)}${PASSPHRASE}${ENTER}`);
    await terminal.answers('The same again:', PASSPHRASE);
    expect(await terminal.ended(), terminal.screen).toBe(0);
  });

  it('init changes nothing where the two differ', async () => {
    const folder = bench.folder();
    const terminal = on('init --keyring ring', folder);
    await terminal.answers('New passphrase', PASSPHRASE);
    await terminal.answers('The same again:', `${PASSPHRASE}!`);
    await terminal.sees('differ');
    expect(await terminal.ended()).toBe(2);
    expect(namesIn(folder)).toEqual([]);
  });

  it('seal and open ask once; output on standard output stays clean', async () => {
    const folder = bench.folder();
    writeFileSync(join(folder, 'file'), 'Dear diary');
    const sealing = on('seal file', folder);
    await sealing.answers('Passphrase of "default":', PASSPHRASE);
    expect(await sealing.ended(), sealing.screen).toBe(0);
    const opening = on('open file.sealed -o - > out', folder);
    await opening.answers('Passphrase of "default":', PASSPHRASE);
    expect(await opening.ended(), opening.screen).toBe(0);
    expect(readFileSync(join(folder, 'out'), 'utf8')).toBe('Dear diary');
  });

  it('asks the terminal where the data comes through a pipe', async () => {
    const folder = bench.folder();
    const terminal = new Terminal(
      `printf piped | '${process.execPath}' '${COMMAND}' seal - | '${process.execPath}' '${COMMAND}' open - --passphrase-fd 3 3<line > out`,
      folder,
    );
    writeFileSync(join(folder, 'line'), PASSPHRASE);
    await terminal.answers('Passphrase of "default":', PASSPHRASE);
    expect(await terminal.ended(), terminal.screen).toBe(0);
    expect(readFileSync(join(folder, 'out'), 'utf8')).toBe('piped');
  });

  it('a wrong passphrase is said at once: passwd asks for no new one', async () => {
    const terminal = on('passwd');
    await terminal.answers('Present passphrase', 'not this one at all');
    await terminal.sees('ERR_WRONG_SECRET');
    expect(await terminal.ended()).toBe(3);
    expect(terminal.screen).not.toContain('New passphrase');
  });

  it('passwd asks for the present one, and twice for the new', async () => {
    const keyring = bench.copy();
    const terminal = on(`passwd --keyring '${keyring}'`);
    await terminal.answers('Present passphrase of "default":', PASSPHRASE);
    await terminal.answers('New passphrase:', 'another passphrase');
    await terminal.answers('The same again:', 'another passphrase');
    await terminal.sees('changed the passphrase');
    expect(await terminal.ended(), terminal.screen).toBe(0);
    expect(namesIn(keyring)).toEqual(['default.2']);
  });

  it.each([
    ['Ctrl-C', CTRL_C],
    ['Ctrl-D', CTRL_D],
  ])('%s at the prompt: 130, nothing left', async (_, key) => {
    const folder = bench.folder();
    writeFileSync(join(folder, 'file'), 'x');
    const terminal = on('seal file', folder);
    await terminal.sees('Passphrase');
    terminal.types(`half a pass${key}`);
    expect(await terminal.ended(), terminal.screen).toBe(130);
    expect(namesIn(folder)).toEqual(['file']);
  });

  it('Ctrl-C in the middle of sealing: 130, nothing left; a bar showed how far it was', async () => {
    const folder = bench.folder();
    closeSync(openSync(join(folder, 'big'), 'w'));
    truncateSync(join(folder, 'big'), 2 ** 32);
    const terminal = on('seal big', folder);
    await terminal.answers('Passphrase', PASSPHRASE);
    await terminal.sees('sealing "big"');
    await terminal.sees('%');
    await sleep(300);
    terminal.types(CTRL_C);
    expect(await terminal.ended()).toBe(130);
    expect(terminal.screen).toContain('█');
    expect(namesIn(folder)).toEqual(['big']);
  });

  it('no bar for what is quick, none with --quiet', async () => {
    const folder = bench.folder();
    writeFileSync(join(folder, 'file'), 'x');
    const quick = on('seal file', folder);
    await quick.answers('Passphrase', PASSPHRASE);
    expect(await quick.ended()).toBe(0);
    expect(quick.screen).not.toContain('sealing "file"');
    const quiet = on('open file.sealed -o again --quiet', folder);
    await quiet.answers('Passphrase', PASSPHRASE);
    expect(await quiet.ended()).toBe(0);
    expect(quiet.screen).not.toMatch(/opened|█/);
  });

  it('a terminal that closes: nothing left', async () => {
    const folder = bench.folder();
    writeFileSync(join(folder, 'file'), 'x');
    const terminal = on('seal file', folder);
    await terminal.sees('Passphrase');
    terminal.closes();
    for (let i = 0; namesIn(folder).length > 1; i++) {
      if (i > 500) throw new Error(`left: ${namesIn(folder).join()}`);
      await sleep(10);
    }
    expect(namesIn(folder)).toEqual(['file']);
  });

  it('sealed data is not poured into a terminal', async () => {
    const terminal = on('seal file -o -');
    await terminal.sees('ERR_ARGUMENT');
    expect(await terminal.ended()).toBe(2);
  });

  it('a passphrase is not typed where it would show', async () => {
    const terminal = on('seal file --passphrase-stdin -o out');
    expect(await terminal.ended()).toBe(6); // no such file comes first
    const folder = bench.folder();
    writeFileSync(join(folder, 'file'), 'x');
    const visible = on('seal file --passphrase-stdin', folder);
    await visible.sees('a terminal would show what is typed');
    expect(await visible.ended()).toBe(2);
  });
});
