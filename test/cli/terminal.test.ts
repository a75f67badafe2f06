// The command as a person meets it: on a terminal, with hidden prompts.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bench, COMMAND, namesIn, PASSPHRASE } from './support.ts';
import { BACKSPACE, Terminal, terminals } from './terminal.ts';

const bench = new Bench();
beforeAll(() => bench.prepare());
afterAll(() => bench.end());

const on = (args: string, cwd = bench.folder()): Terminal => Terminal.of(args, cwd, bench.keyring);

describe.skipIf(!terminals)('on a terminal (util-linux script)', () => {
  it('init asks twice, shows neither, says what next, and shows the recovery code in a box', async () => {
    const folder = bench.folder();
    const terminal = on('init --keyring ring', folder);
    await terminal.answers('New passphrase for "default":', PASSPHRASE);
    await terminal.answers('The same again:', PASSPHRASE);
    await terminal.sees('Recovery code of "default"');
    await terminal.sees('11 to 13');
    await terminal.sees('keystrata seal FILE');
    expect(await terminal.ended(), terminal.screen).toBe(0);
    expect(terminal.screen).not.toContain(PASSPHRASE.slice(0, 5));
    expect(namesIn(join(folder, 'ring'))).toEqual(['default.1']);
  });

  it('init says why a passphrase is too short, or the two differ, and asks again', async () => {
    const terminal = on('init --keyring ring --no-recovery');
    await terminal.answers('New passphrase', 'short');
    await terminal.sees('at least 12');
    await terminal.answers('New passphrase', PASSPHRASE);
    await terminal.answers('The same again:', `${PASSPHRASE}!`);
    await terminal.sees('differ');
    await terminal.answers('New passphrase', `${PASSPHRASE}!${BACKSPACE}`);
    await terminal.answers('The same again:', PASSPHRASE);
    await terminal.sees('keystrata seal FILE');
    expect(await terminal.ended(), terminal.screen).toBe(0);
    expect(terminal.screen).not.toContain('Recovery code');
  });

  it('but three times, no more, and nothing is made', async () => {
    const folder = bench.folder();
    const terminal = on('init --keyring ring', folder);
    for (let i = 0; i < 3; i++) {
      await terminal.answers('New passphrase', 'short');
      await terminal.sees('at least 12');
    }
    expect(await terminal.ended(), terminal.screen).toBe(2);
    expect(namesIn(folder)).toEqual([]);
  });

  it('seal and open ask once; output on standard output stays clean', async () => {
    const folder = bench.files({ file: 'Dear diary', other: 'x' });
    const sealing = on('seal file other', folder);
    await sealing.answers('Passphrase of "default":', PASSPHRASE);
    expect(await sealing.ended(), sealing.screen).toBe(0);
    const opening = on('open file.sealed -o - > out', folder);
    await opening.answers('Passphrase of "default":', PASSPHRASE);
    expect(await opening.ended(), opening.screen).toBe(0);
    expect(readFileSync(join(folder, 'out'), 'utf8')).toBe('Dear diary');
  });

  it('asks the terminal where the data comes through a pipe', async () => {
    const folder = bench.files({ line: PASSPHRASE });
    const keystrata = `'${process.execPath}' '${COMMAND}'`;
    const terminal = new Terminal(
      `printf piped | ${keystrata} seal - | ${keystrata} open - --passphrase-fd 3 3<line > out`,
      folder,
      bench.keyring,
    );
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

  it('a recovery code is typed unseen, its slips are named and asked for again', async () => {
    const keyring = bench.copy();
    const terminal = on(`passwd --keyring '${keyring}' --recovery-code-fd 0`);
    const wrong = bench.recoveryCode.replace(/^./, (c) => (c === 'A' ? 'B' : 'A'));
    await terminal.answers('Recovery code:', wrong);
    await terminal.sees('group 1 is mistyped');
    await terminal.answers('Recovery code:', bench.recoveryCode.toLowerCase());
    await terminal.answers('New passphrase:', 'another passphrase');
    await terminal.answers('The same again:', 'another passphrase');
    expect(await terminal.ended(), terminal.screen).toBe(0);
    for (const group of bench.recoveryCode.split('-'))
      expect(terminal.screen.toUpperCase().includes(group), 'a group on the screen').toBe(false);
    expect(namesIn(keyring)).toEqual(['default.2']);
  });

  it('one bar for all files, none for what is quick, none with --quiet', async () => {
    const folder = bench.files({ file: 'x', big: Buffer.alloc(1 << 20) });
    const quick = on('seal file', folder);
    await quick.answers('Passphrase', PASSPHRASE);
    expect(await quick.ended()).toBe(0);
    expect(quick.screen).not.toContain('sealing "file"');
    const names = Array.from({ length: 60 }, (_, i) => `big${i}`);
    for (const name of names) writeFileSync(join(folder, name), Buffer.alloc(4 << 20));
    const slow = on(`seal ${names.join(' ')}`, folder);
    await slow.answers('Passphrase', PASSPHRASE);
    await slow.sees('sealing 60 files');
    expect(await slow.ended()).toBe(0);
    const shown = [...slow.screen.matchAll(/sealing 60 files \S+ (\d+)%/g)].map((match) => Number(match[1]));
    expect(shown.length).toBeGreaterThan(0);
    expect(shown).toEqual([...shown].sort((a, b) => a - b));
    expect(slow.screen.match(/sealed "big\d+"/g)).toHaveLength(60);
    const quiet = on(`open --force --quiet ${names.map((name) => `${name}.sealed`).join(' ')}`, folder);
    await quiet.answers('Passphrase', PASSPHRASE);
    expect(await quiet.ended()).toBe(0);
    expect(quiet.screen).not.toMatch(/opened|█/);
  });

  it('sealed data is not poured into a terminal', async () => {
    const terminal = on('seal file -o -', bench.files({ file: 'x' }));
    await terminal.sees('ERR_ARGUMENT');
    expect(await terminal.ended()).toBe(2);
  });

  it('a passphrase is not typed where it would show', async () => {
    const missing = on('seal file --passphrase-stdin -o out');
    expect(await missing.ended()).toBe(6); // no such file comes first
    const folder = bench.files({ file: 'x' });
    for (const option of ['--passphrase-stdin', '--passphrase-fd 0', '--passphrase-fd 3 3</dev/tty']) {
      const visible = on(`seal file ${option}`, folder);
      await visible.sees('a terminal would show what is typed');
      expect(await visible.ended()).toBe(2);
    }
  });
});
