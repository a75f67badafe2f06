// init, passwd and what surrounds them when all is well.

import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decodeRecoveryCode } from '../../bindings/format/recovery-code.ts';
import { Bench, COMMAND, json, keystrata, namesIn, PASSPHRASE, shell } from './support.ts';

const bench = new Bench();
beforeAll(() => bench.prepare());
afterAll(() => bench.end());
const KEY_ID = /^[0-9a-f]{32}$/;
const CODE = /([0-9A-Z]{5}-){4}[0-9A-Z]{5}|([0-9A-Z]{5}-){2}[0-9A-Z]{5}/g;

describe('init', () => {
  it('makes a keyring, says what next, and shows the recovery code in a box', async () => {
    const keyring = join(bench.folder(), 'made', 'on demand');
    const { code, stdout, stderr } = await keystrata(['init', '--keyring', keyring, '--passphrase-fd', '3'], {
      fd3: PASSPHRASE, // without a newline
    });
    expect(stderr).toContain('keystrata seal FILE');
    expect(stderr).not.toContain(PASSPHRASE);
    expect([code, stdout.length]).toEqual([0, 0]);
    expect(namesIn(keyring)).toEqual(['default.1']);
    expect(statSync(keyring).mode & 0o777).toBe(0o700);
    const written = stderr.match(CODE)!;
    expect(written).toHaveLength(3); // three lines
    expect(decodeRecoveryCode(written.join('-'))).toHaveLength(32);
    const opened = await keystrata(['seal', '-', '--keyring', keyring, '--recovery-code-fd', '3', '--quiet'], {
      fd3: written.join('-'),
      stdin: 'x',
    });
    expect([opened.code, opened.stderr]).toEqual([0, '']);
  });

  it('shows the code also with --quiet: nothing else would', async () => {
    const args = ['init', '--quiet', '--keyring', join(bench.folder(), 'ring'), '--passphrase-fd', '3'];
    const { code, stderr } = await keystrata(args, { fd3: PASSPHRASE });
    expect([code, stderr.match(CODE)?.length]).toEqual([0, 3]);
    expect(stderr).not.toContain('seal FILE');
  });

  it.each([
    ['standard error is full', '', '2>/dev/full', 8],
    ['standard error is closed', '', '2>&1 | (exec <&-; sleep 2)', null],
    ['--json, and standard output is full', '--json', '>/dev/full', 8],
  ])('keeps no keyring whose recovery code nobody saw: %s', async (_, option, to, exit) => {
    const folder = bench.folder();
    const init = (rest: string) => shell(`$K init ${option} --keyring ring --passphrase-fd 3 3<$PASS ${rest}`, folder);
    const { code, stderr } = await init(to);
    if (exit !== null) expect(code).toBe(exit);
    expect((await keystrata(['inspect', '--keyring', join(folder, 'ring')])).code).toBe(6);
    if (option !== '') expect(stderr).toContain('the keyring was not kept');
    const again = await init(''); // what is remembered of it is not in the way
    expect(again.code, again.stderr).toBe(0);
    const used = await shell('$K seal - --keyring ring --passphrase-fd 3 3<$PASS </dev/null >sealed', folder);
    expect(used.code, used.stderr).toBe(0);
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
    const shown = json(await keystrata(['inspect', '--owner', 'Alice', '--json'], { env }));
    expect(shown).toMatchObject({ kind: 'keyring', id: facts['keyring'], slots: [{ type: 'passphrase' }] });
    expect(shown['slots']).toHaveLength(1);
    const other = await keystrata(['inspect', '--json'], { env });
    expect(other.code).toBe(6);
  });

  it('--json carries the code, and nothing shows it beside', async () => {
    const args = ['init', '--json', '--keyring', join(bench.folder(), 'ring'), '--passphrase-fd', '3'];
    const made = await keystrata(args, { fd3: PASSPHRASE });
    expect(decodeRecoveryCode(json(made)['recoveryCode'] as string)).toHaveLength(32);
    expect(made.stderr).toBe('');
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

describe('the recovery code', () => {
  it('opens and seals in place of the passphrase, however it is typed', async () => {
    const folder = bench.files({ file: 'kept' });
    await bench.run(['seal', 'file'], { cwd: folder });
    const spoken = bench.recoveryCode.toLowerCase().replaceAll('1', 'l').replaceAll('0', 'o').replaceAll('-', ' ');
    const opened = await bench.runByCode(['open', 'file.sealed', '-o', '-'], { cwd: folder, fd3: `${spoken}\r\n` });
    expect(opened.stdout.toString(), opened.stderr).toBe('kept');
    const sealed = await bench.runByCode(['seal', '-'], { stdin: 'also', fd3: bench.recoveryCode });
    const back = await bench.run(['open', '-'], { stdin: sealed.stdout });
    expect(back.stdout.toString(), back.stderr).toBe('also');
  });

  it('sets another passphrase where the first is lost; both lines may come from one descriptor', async () => {
    const keyring = bench.copy();
    const NEXT = 'the one that I shall not forget';
    const one = await keystrata(
      ['passwd', '--keyring', keyring, '--recovery-code-fd', '3', '--passphrase-stdin', '--json'],
      { fd3: bench.recoveryCode, stdin: `${NEXT}\n` },
    );
    expect(one.code, one.stderr).toBe(0);
    expect(json(one)).toMatchObject({ command: 'passwd', revision: 2 });
    const two = await keystrata(['passwd', '--keyring', keyring, '--recovery-code-fd', '3', '--passphrase-fd', '3'], {
      fd3: `${bench.recoveryCode}\n${NEXT}!\n`,
    });
    expect(two.code, two.stderr).toBe(0);
    const opens = (fd3: string) => keystrata(['seal', '-', '--keyring', keyring, '--passphrase-fd', '3'], { fd3 });
    expect((await Promise.all([PASSPHRASE, NEXT, `${NEXT}!`].map(opens))).map(({ code }) => code)).toEqual([3, 3, 0]);
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
    const { code, stderr } = await shell(
      `$K seal - --keyring '${bench.keyring}' --passphrase-fd 7 7<line </dev/null >sealed`,
      folder,
    );
    expect(code, stderr).toBe(0);
    expect(statSync(join(folder, 'sealed')).size).toBe(143 + 56 + 16);
  });
});

describe('help', () => {
  it.each(['init', 'seal', 'open', 'passwd', 'rewrap', 'inspect'])('of %s teaches, with examples', async (command) => {
    const { code, stdout, stderr } = await keystrata([command, '--help']);
    expect([code, stderr]).toEqual([0, '']);
    const text = stdout.toString();
    expect(text).toContain(`Usage: keystrata ${command}`);
    expect(text.split(`  keystrata ${command}`).length + text.split(`| keystrata ${command}`).length).toBeGreaterThan(
      3,
    );
    for (const option of ['--keyring', '--owner', '--context', '--passphrase-fd', '--json', '--force', '--quiet'])
      expect(text).toContain(option);
    for (const name of ['KEYSTRATA_KEYRING', 'KEYSTRATA_MEMORY']) expect(text).toContain(`  ${name} `);
    expect(text).toMatch(/Exit codes:[^]*130 {2}interrupted/);
    if (command === 'init') expect(text).toMatch(/six words[^]*recovery code[^]*--no-recovery/);
  });

  it('as a whole: every command, to standard output where asked, else to standard error', async () => {
    const asked = await keystrata(['--help']);
    expect(asked.code).toBe(0);
    for (const command of ['init', 'seal', 'open', 'passwd', 'rewrap', 'inspect'])
      expect(asked.stdout.toString()).toContain(command);
    for (const name of ['KEYSTRATA_KEYRING', 'KEYSTRATA_MEMORY']) expect(asked.stdout.toString()).toContain(name);
    const bare = await keystrata([]);
    expect([bare.code, bare.stdout.length]).toEqual([2, 0]);
    expect(bare.stderr).toBe(asked.stdout.toString());
  });

  it('and the version', async () => {
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
      version: string;
    };
    const { code, stdout } = await keystrata(['--version']);
    expect([code, stdout.toString()]).toEqual([0, `${version}\n`]);
  });
});

it('runs as a program of its own', () => {
  expect(readFileSync(COMMAND, 'utf8').startsWith('#!/usr/bin/env node\n')).toBe(true);
});
