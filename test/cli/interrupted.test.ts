// A person who changes her mind: Ctrl-C at every point of every command, Ctrl-D, a window that is closed. Whenever it
// comes, what was there is there; what is new is whole, or not there.

import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bench, COMMAND, keystrata, namesIn, PASSPHRASE, until } from './support.ts';
import { CTRL_C, CTRL_D, Terminal, terminals } from './terminal.ts';

const bench = new Bench();
beforeAll(() => bench.prepare());
afterAll(() => bench.end());

const on = (args: string, cwd = bench.folder()): Terminal => Terminal.of(args, cwd, bench.keyring);
const NEXT = 'another passphrase';
/** After the last answer, in milliseconds: from before it is read until all is done. */
const DELAYS = [0, 60, 120, 200, 300, 450];

/** xterm: DECAWM on, with no DECAWM off behind it. The bar switches it off. */
const WRAPS_AGAIN = /\u001b\[\?7h(?![^]*\u001b\[\?7l)/;
/** … and the cursor, which a prompt hides. */
const CURSOR_AGAIN = /\u001b\[\?25h(?![^]*\u001b\[\?25l)/;

/** Whether the passphrase opens it. */
async function opens(keyring: string, passphrase: string): Promise<boolean> {
  const { code, stderr } = await keystrata(['seal', '-', '--keyring', keyring, '--passphrase-fd', '3'], {
    fd3: passphrase,
  });
  expect([0, 3], stderr).toContain(code);
  return code === 0;
}

/** What its tree says without a secret. */
async function inspected(keyring: string): Promise<{ revision: number; recovery: number }> {
  const { stdout } = await keystrata(['inspect', '--json', '--keyring', keyring]);
  const { revision, slots } = JSON.parse(stdout.toString()) as { revision: number; slots: { type: string }[] };
  return { revision, recovery: slots.filter(({ type }) => type === 'recovery').length };
}

/** Processes that work in `folder`. */
function running(folder: string): number {
  const works = (pid: string): boolean => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`) === folder;
    } catch {
      return false; // it has ended, or is somebody else's
    }
  };
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && works(name)).length;
}

/** Zeros that take no room on the disk. */
function sparse(path: string, size: number): void {
  closeSync(openSync(path, 'w'));
  truncateSync(path, size);
}

describe.skipIf(!terminals)('Ctrl-C (util-linux script)', () => {
  it.each([
    ['Ctrl-C', CTRL_C],
    ['Ctrl-D', CTRL_D],
  ])('%s at any prompt: 130, nothing left', async (_, key) => {
    const folder = bench.files({ file: 'x' });
    const keyring = bench.copy();
    const prompts: [args: string, answers: [string, string][], last: string][] = [
      ['seal file', [], 'Passphrase'],
      ['seal file --recovery-code-fd 0', [], 'Recovery code'],
      ['init --keyring ring', [], 'New passphrase'],
      ['init --keyring ring', [['New passphrase', PASSPHRASE]], 'The same again'],
      [`passwd --keyring '${keyring}'`, [['Present passphrase', PASSPHRASE]], 'New passphrase'],
    ];
    for (const [args, answers, last] of prompts) {
      const terminal = on(args, folder);
      for (const [prompt, answer] of answers) await terminal.answers(prompt, answer);
      await terminal.sees(last);
      terminal.types(`half a pass${key}`);
      expect(await terminal.ended(), terminal.screen).toBe(130);
      expect(terminal.screen).toContain('interrupted');
      expect(terminal.screen).toMatch(CURSOR_AGAIN);
    }
    expect(namesIn(folder)).toEqual(['file']);
    expect(namesIn(keyring)).toEqual(['default.1']);
  });

  it('a kill at the prompt: 130, and the cursor is back', async () => {
    const folder = bench.files({ file: 'x' });
    const terminal = new Terminal(
      `echo $$ >pid; exec '${process.execPath}' '${COMMAND}' seal file`,
      folder,
      bench.keyring,
    );
    await terminal.sees('Passphrase');
    process.kill(Number(readFileSync(join(folder, 'pid'), 'utf8')), 'SIGTERM');
    expect(await terminal.ended(), terminal.screen).toBe(130);
    expect(terminal.screen).toMatch(CURSOR_AGAIN);
    expect(namesIn(folder)).toEqual(['file', 'pid']);
  });

  it('before the command has begun to listen', async () => {
    for (const delay of [0, 30, 60, 120]) {
      const folder = bench.files({ file: 'x' });
      const terminal = new Terminal(
        `echo begun; exec '${process.execPath}' '${COMMAND}' seal file`, // before that the key is nobody's
        folder,
        bench.keyring,
      );
      await terminal.sees('begun');
      await sleep(delay);
      terminal.types(CTRL_C);
      expect(await terminal.ended(), terminal.screen).toBe(130);
      expect(namesIn(folder)).toEqual(['file']);
    }
  });

  it('in the middle of sealing: 130, nothing left; a bar showed how far it was', async () => {
    const folder = bench.folder();
    sparse(join(folder, 'big'), 2 ** 32);
    const terminal = on('seal big', folder);
    await terminal.answers('Passphrase', PASSPHRASE);
    await terminal.sees('sealing "big"');
    await terminal.sees('█');
    terminal.types(CTRL_C);
    expect(await terminal.ended()).toBe(130);
    expect(terminal.screen).toMatch(WRAPS_AGAIN);
    expect(namesIn(folder)).toEqual(['big']);
  });

  it('while sealing, whenever: the file is whole, or not there', async () => {
    const plain = Buffer.alloc(4 << 20, 'data');
    for (const delay of DELAYS) {
      const folder = bench.files({ file: plain });
      const terminal = on('seal file', folder);
      await terminal.answers('Passphrase', PASSPHRASE);
      await sleep(delay);
      terminal.types(CTRL_C);
      const code = await terminal.ended();
      const names = namesIn(folder);
      expect([0, 130], terminal.screen).toContain(code);
      if (code === 0 || names.length > 1) {
        expect(names).toEqual(['file', 'file.sealed']);
        const opened = await bench.run(['open', 'file.sealed', '-o', '-'], { cwd: folder });
        expect(opened.stdout.equals(plain)).toBe(true);
      } else expect(names).toEqual(['file']);
    }
  });

  it('while a keyring is made, whenever: no keyring, or one whose recovery code was shown', async () => {
    for (const delay of DELAYS) {
      const folder = bench.folder();
      const terminal = on('init --keyring ring', folder);
      await terminal.answers('New passphrase', PASSPHRASE);
      await terminal.answers('The same again:', PASSPHRASE);
      await sleep(delay);
      terminal.types(CTRL_C);
      const code = await terminal.ended();
      const made = namesIn(folder).includes('ring') && namesIn(join(folder, 'ring')).includes('default.1');
      expect(made, `${code} after ${delay} ms`).toBe(terminal.screen.includes('Recovery code of'));
      if (made) expect(await opens(join(folder, 'ring'), PASSPHRASE)).toBe(true);
      else expect(code).toBe(130);
    }
  });

  it('while the KEK is replaced, whenever: none is, or the new recovery code was shown', async () => {
    for (const delay of DELAYS) {
      const keyring = bench.copy();
      const { revision } = await inspected(keyring);
      const terminal = on(`rotate-kek --new-recovery-code --keyring '${keyring}'`);
      await terminal.answers('Passphrase', PASSPHRASE);
      await sleep(delay);
      terminal.types(CTRL_C);
      await terminal.ended();
      const after = await inspected(keyring);
      const shown = terminal.screen.includes('Recovery code of');
      expect([after.revision, after.recovery], `after ${delay} ms`).toEqual([revision + (shown ? 2 : 0), 1]);
    }
  });

  it('while a passphrase is changed, whenever: the old one opens, or the new one, as was said', async () => {
    for (const delay of DELAYS) {
      const keyring = bench.copy();
      const terminal = on(`passwd --keyring '${keyring}'`);
      await terminal.answers('Present', PASSPHRASE);
      await terminal.answers('New passphrase', NEXT);
      await terminal.answers('The same again:', NEXT);
      await sleep(delay);
      terminal.types(CTRL_C);
      await terminal.ended();
      const changed = terminal.screen.includes('changed the passphrase');
      expect(await opens(keyring, changed ? NEXT : PASSPHRASE), `after ${delay} ms`).toBe(true);
    }
  });
});

describe.skipIf(!terminals)('a window that is closed', () => {
  it('at the prompt: nothing left, and nobody waits on', async () => {
    const folder = bench.files({ file: 'x' });
    const terminal = on('seal file', folder);
    await terminal.sees('Passphrase');
    terminal.closes();
    await terminal.ended();
    await until(() => running(folder) === 0, 'the end of the command');
    expect(namesIn(folder)).toEqual(['file']);
  });

  it('in the middle of sealing: nothing left', async () => {
    const folder = bench.folder();
    sparse(join(folder, 'big'), 2 ** 40);
    const terminal = on('seal big', folder);
    await terminal.answers('Passphrase', PASSPHRASE);
    await terminal.sees('sealing "big"');
    terminal.closes();
    await terminal.ended();
    await until(() => running(folder) === 0, 'the end of the command');
    expect(namesIn(folder)).toEqual(['big']);
  });
});
