// What the command refuses: the exit code, the object, the words, and that nothing was changed. Exit 2 stands in usage.test.ts.

import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectRefusal } from './refusal.ts';
import { Bench, filesOf, json, keystrata, namesIn, PASSPHRASE } from './support.ts';

const bench = new Bench();
let sealed: Buffer;
beforeAll(async () => {
  await bench.prepare();
  sealed = (await bench.run(['seal', '-'], { stdin: Buffer.alloc(40_000, 'data') })).stdout;
});
afterAll(() => bench.end());

const wrongLine = { fd3: 'this is not the passphrase\n' };

describe('wrong passphrase: 3', () => {
  it.each([
    ['seal', ['seal', '-']],
    ['open', ['open', '-']],
    ['passwd', ['passwd']],
  ])('%s', async (_, args) => {
    const before = namesIn(bench.keyring);
    const refused = await bench.run(args, { fd3: `${wrongLine.fd3}another passphrase\n`, stdin: sealed });
    expectRefusal(refused, 3, 'ERR_WRONG_SECRET');
    expect(refused.stderr).not.toContain('this is not the passphrase');
    expect(namesIn(bench.keyring)).toEqual(before);
  });
});

describe('wrong recovery code: 3', () => {
  it('of another keyring, though well written', async () => {
    const args = ['init', '--json', '--keyring', join(bench.folder(), 'ring'), '--passphrase-fd', '3'];
    const other = json(await keystrata(args, { fd3: PASSPHRASE }))['recoveryCode'] as string;
    const refused = await bench.runByCode(['seal', '-'], { fd3: other });
    expectRefusal(refused, 3, 'ERR_WRONG_SECRET');
    expect(refused.stderr).not.toContain(other.slice(0, 5));
  });

  it('of a keyring that has none', async () => {
    const keyring = join(bench.folder(), 'ring');
    await keystrata(['init', '--no-recovery', '--keyring', keyring, '--passphrase-fd', '3'], { fd3: PASSPHRASE });
    expectRefusal(await bench.runByCode(['seal', '-', '--keyring', keyring]), 3, 'ERR_WRONG_SECRET');
  });
});

describe('altered: 4', () => {
  const into = (folder: string) => ['open', '-', '-o', join(folder, 'out')];

  it('one bit, anywhere in the sealed data: no file appears', async () => {
    const at = [30, 100, 142, 143, 170, 199, 200, 16_600, sealed.length - 17, sealed.length - 1];
    const flipped = at.map((i) => {
      const bytes = Buffer.from(sealed);
      bytes[i]! ^= 4;
      return [`${i}.sealed`, bytes] as const;
    });
    const folder = bench.files(Object.fromEntries(flipped));
    const refused = await bench.run(['open', ...at.map((i) => `${i}.sealed`), '--json'], { cwd: folder });
    const codes = filesOf(refused).map(({ error }) => (error as { code: string }).code);
    expect(codes).toHaveLength(at.length);
    for (const [n, code] of codes.entries()) {
      if (at[n]! > 142) expect(code, `byte ${at[n]}`).toBe('ERR_AUTHENTICATION');
      else expect(['ERR_AUTHENTICATION', 'ERR_FORMAT', 'ERR_KEY_NOT_FOUND']).toContain(code);
    }
    expect(namesIn(folder)).toHaveLength(at.length);
  });

  it('an end that is missing, or more than the end', async () => {
    for (const cut of [
      sealed.subarray(0, -1),
      sealed.subarray(0, 199 + 2 * 16_400),
      Buffer.concat([sealed, Buffer.of(0)]),
    ]) {
      const folder = bench.folder();
      expectRefusal(await bench.run(into(folder), { stdin: cut }), 4, 'ERR_AUTHENTICATION');
      expect(namesIn(folder)).toEqual([]);
    }
  });

  it('to standard output only verified chunks come', async () => {
    const flipped = Buffer.from(sealed);
    flipped[199 + 16_400 + 5]! ^= 1; // in the second chunk
    const refused = await bench.run(['open', '-'], { stdin: flipped });
    expect(refused.code).toBe(4);
    expect(refused.stdout.equals(Buffer.alloc(16_384, 'data'))).toBe(true);
  });

  it('a second line that does not come, behind a first one that has no ending', async () => {
    const refused = await bench.run(['passwd', '--keyring', bench.copy()], { fd3: PASSPHRASE });
    expectRefusal(refused, 2, 'ERR_ARGUMENT');
    expect(refused.stderr).toMatch(/nothing came/);
  });

  it('an old keyring put back in place of the new one', async () => {
    const keyring = bench.copy();
    const path = join(keyring, 'default.1');
    const old = readFileSync(path);
    const changed = await bench.run(['passwd', '--keyring', keyring], { fd3: `${PASSPHRASE}\nanother passphrase\n` });
    expect(changed.code, changed.stderr).toBe(0);
    rmSync(join(keyring, 'default.2'));
    writeFileSync(path, old);
    const refused = await bench.run(['seal', '-', '--keyring', keyring]);
    expectRefusal(refused, 4, 'ERR_ROLLBACK');
    expect(refused.stderr).toMatch(/Restore the newest copy/);
  });

  it('a keyring put in another’s place', async () => {
    const keyring = bench.copy();
    writeFileSync(join(keyring, 'mallory.1'), readFileSync(join(keyring, 'default.1')));
    const refused = await bench.run(['seal', '-', '--keyring', keyring, '--owner', 'mallory']);
    expectRefusal(refused, 4, 'ERR_AUTHENTICATION');
  });
});

describe('not ours, or too much: 5', () => {
  it('before a passphrase is asked for, where it can be seen', async () => {
    const folder = bench.folder();
    for (const [name, content] of Object.entries({
      empty: '',
      text: 'hello',
      short: sealed.subarray(0, 142),
      cut: sealed.subarray(0, 150),
    })) {
      writeFileSync(join(folder, name), content);
      for (const args of [
        ['open', name, '-o', 'out', '--keyring', bench.keyring],
        ['inspect', name],
      ])
        expectRefusal(await keystrata(args, { cwd: folder }), 5, 'ERR_FORMAT');
    }
    expect(namesIn(folder)).toEqual(['cut', 'empty', 'short', 'text']);
  });

  it('through a pipe', async () => {
    for (const stdin of ['', 'hello', sealed.subarray(0, 142)]) {
      expectRefusal(await bench.run(['open', '-'], { stdin }), 5, 'ERR_FORMAT');
      expectRefusal(await keystrata(['inspect', '-'], { stdin }), 5, 'ERR_FORMAT');
    }
  });

  it('a keyring that is altered beyond reading', async () => {
    const keyring = bench.copy();
    writeFileSync(join(keyring, 'default.1'), 'hello');
    for (const args of [['seal', '-'], ['inspect']])
      expectRefusal(await bench.run([...args, '--keyring', keyring]), 5, 'ERR_FORMAT');
  });

  it('a passphrase over 1,024 bytes, however long', async () => {
    for (const length of [1025, 1026, 1_000_000])
      expectRefusal(await bench.run(['seal', '-'], { fd3: 'x'.repeat(length) }), 5, 'ERR_LIMIT');
    expectRefusal(await bench.run(['seal', '-'], { fd3: `${'x'.repeat(1024)}\r\n` }), 3, 'ERR_WRONG_SECRET');
  });
});

describe('not there: 6', () => {
  it('a file, a folder for the output, a keyring', async () => {
    const folder = bench.folder();
    const nowhere = await keystrata(['seal', '-', '--keyring', join(folder, 'no')]);
    expectRefusal(nowhere, 6, 'ERR_NOT_FOUND');
    expect(nowhere.stderr).toContain('keystrata init');
    for (const args of [
      ['seal', 'nothing'],
      ['open', 'nothing.sealed'],
      ['inspect', 'nothing'],
      ['seal', '-', '-o', 'no/such/folder'],
      ['passwd', '--owner', 'nobody'],
      ['inspect', '--owner', 'nobody'],
    ])
      expectRefusal(await bench.run(args, { cwd: folder }), 6, 'ERR_NOT_FOUND');
    expect(namesIn(folder)).toEqual([]);
  });

  it('a key of another keyring', async () => {
    const keyring = join(bench.folder(), 'ring');
    await keystrata(['init', '--keyring', keyring, '--passphrase-fd', '3'], { fd3: PASSPHRASE });
    const refused = await bench.run(['open', '-', '--keyring', keyring], { stdin: sealed });
    expectRefusal(refused, 6, 'ERR_KEY_NOT_FOUND');
  });
});

describe('there already: 7', () => {
  it('an output, before a passphrase is asked for; --force overwrites', async () => {
    const folder = bench.folder();
    writeFileSync(join(folder, 'file'), 'x');
    writeFileSync(join(folder, 'file.sealed'), 'precious');
    const refused = await keystrata(['seal', 'file', '--keyring', bench.keyring], { cwd: folder });
    expectRefusal(refused, 7, 'ERR_EXISTS');
    expect(refused.stderr).toContain('--force');
    expect(readFileSync(join(folder, 'file.sealed'), 'utf8')).toBe('precious');
    const forced = await bench.run(['seal', 'file', '--force'], { cwd: folder });
    expect(forced.code, forced.stderr).toBe(0);
    expectRefusal(
      await keystrata(['open', 'file.sealed', '--keyring', bench.keyring], { cwd: folder }),
      7,
      'ERR_EXISTS',
    );
    expect(namesIn(folder)).toEqual(['file', 'file.sealed']);
  });

  it('--force leaves the old file where the new one is not complete', async () => {
    const folder = bench.folder();
    writeFileSync(join(folder, 'out'), 'precious');
    const refused = await bench.run(['open', '-', '-o', 'out', '--force'], {
      cwd: folder,
      stdin: sealed.subarray(0, -1),
    });
    expectRefusal(refused, 4, 'ERR_AUTHENTICATION');
    expect(readFileSync(join(folder, 'out'), 'utf8')).toBe('precious');
    expect(namesIn(folder)).toEqual(['out']);
  });

  it('a keyring, also with --force', async () => {
    const keyring = bench.copy();
    const before = readFileSync(join(keyring, 'default.1'));
    for (const args of [[], ['--force']])
      expectRefusal(await bench.run(['init', '--keyring', keyring, ...args]), 7, 'ERR_EXISTS');
    expect(readFileSync(join(keyring, 'default.1')).equals(before)).toBe(true);
    expect(namesIn(keyring)).toEqual(['default.1']);
  });
});

describe('the disk: 8', () => {
  it('a keyring folder that is a file', async () => {
    const path = join(bench.folder(), 'file');
    writeFileSync(path, 'x');
    for (const args of [['init'], ['seal', '-'], ['inspect']])
      expectRefusal(await bench.run([...args, '--keyring', path]), 8, 'ERR_STORE');
  });

  it('a keyring that the disk lost', async () => {
    const keyring = bench.copy();
    writeFileSync(join(keyring, 'default.1'), '');
    expectRefusal(await bench.run(['seal', '-', '--keyring', keyring]), 8, 'ERR_STORE');
  });

  it('no permission', async () => {
    const root = process.getuid?.() === 0; // who has every permission: another does the work
    const folder = bench.folder();
    for (const path of [bench.root, folder]) chmodSync(path, 0o755);
    writeFileSync(join(folder, 'file'), 'x');
    chmodSync(join(folder, 'file'), 0o000);
    const given = { cwd: folder, ...(root && { uid: 65534 }) };
    const refused = await bench.run(['seal', 'file', '-o', '/dev/null'], given);
    expectRefusal(refused, 8, 'ERR_STORE');
    expect(refused.stderr).toContain('permission denied');
    chmodSync(folder, 0o555);
    expectRefusal(await bench.run(['seal', '-', '-o', 'out'], given), 8, 'ERR_STORE');
    if (root) expectRefusal(await bench.run(['inspect'], given), 8, 'ERR_STORE'); // the keyring is for its owner only
  });
});

describe('with --json', () => {
  it.each([
    ['usage', ['seal', '--nonsense'], 'ERR_ARGUMENT'],
    ['no file', ['seal', 'nothing'], 'ERR_NOT_FOUND'],
    ['no keyring', ['inspect', '--owner', 'nobody'], 'ERR_NOT_FOUND'],
    ['wrong passphrase', ['passwd'], 'ERR_WRONG_SECRET'],
  ])('an error is one object too: %s', async (_, args, code) => {
    const refused = await bench.run([...args, '--json'], { fd3: `${wrongLine.fd3}another passphrase\n` });
    const { ok, error } = json(refused) as { ok: boolean; error: { code: string; message: string } };
    expect([ok, error.code]).toEqual([false, code]);
    expect(refused.stderr).toBe(`keystrata: ${error.message} (${code})\n`);
    expect(refused.code).not.toBe(0);
  });

  it('data and the object do not share standard output', async () => {
    for (const args of [
      ['seal', '-'],
      ['open', '-'],
      ['seal', '-', '-o', '-'],
    ]) {
      const refused = await bench.run([...args, '--json'], { stdin: sealed });
      expect(refused.code).toBe(2);
      expect(json(refused)).toMatchObject({ ok: false, error: { code: 'ERR_ARGUMENT' } });
    }
  });
});

describe('names from others', () => {
  it('do not steer the terminal', async () => {
    const folder = bench.folder();
    const name = 'x\u001b]0;title\u0007\r\n\u202eforged';
    const { stderr } = await bench.run(['seal', name], { cwd: folder });
    expect(stderr).toBe(
      'keystrata: "x\\u{1b}]0;title\\u{7}\\u{d}\\u{a}\\u{202e}forged": no such file (ERR_NOT_FOUND)\n',
    );
  });
});

it('an owner’s keyring can be removed by hand, and made again', async () => {
  const keyring = bench.copy();
  rmSync(join(keyring, 'default.1'));
  const { code } = await bench.run(['init', '--keyring', keyring]);
  expect(code).toBe(0);
});
