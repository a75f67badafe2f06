// What the command refuses: the exit code, the object, the words, and that nothing was changed.

import { spawnSync } from 'node:child_process';
import { chmodSync, closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Bench, COMMAND, json, keystrata, namesIn, PASSPHRASE, type Finished } from './support.ts';

const bench = new Bench();
let sealed: Buffer;
beforeAll(async () => {
  await bench.prepare();
  sealed = (await bench.run(['seal', '-'], { stdin: Buffer.alloc(40_000, 'data') })).stdout;
});
afterAll(() => bench.end());

const wrongLine = { fd3: 'this is not the passphrase\n' };

/** The exit code, and one line on standard error that ends with the error's code. */
function expectRefusal({ code, stdout, stderr }: Finished, exit: number, errorCode: string): void {
  expect({ code, stderr }).toMatchObject({ code: exit });
  expect(stderr).toMatch(new RegExp(`^keystrata: .+ \\(${errorCode}\\)\\n$`));
  expect(stderr).not.toContain(PASSPHRASE);
  expect(stdout.toString()).toBe('');
}

describe('usage: 2', () => {
  it.each([
    [['frobnicate']],
    [['seal']],
    [['open']],
    [['seal', 'one', 'two']],
    [['seal', 'x', '--nonsense']],
    [['seal', 'x', '--owner']],
    [['seal', 'x', '--passphrase', 'secret']],
    [['seal', 'x', '--passphrase-fd', 'three']],
    [['seal', 'x', '--passphrase-fd', '-1']],
    [['seal', 'x', '--passphrase-fd', '1']],
    [['init', 'x']],
    [['--no-such']],
    [['seal', '', '--passphrase-stdin']],
    [['seal', '-', '-o', '', '--passphrase-stdin']],
    [['inspect', '--owner', '']],
    [['inspect', '--owner', 'x'.repeat(256)]],
    [['inspect', '--keyring', '']],
  ])('%j', async (args) => {
    expectRefusal(
      await keystrata(args, { cwd: bench.folder(), env: { KEYSTRATA_KEYRING: bench.keyring } }),
      2,
      'ERR_ARGUMENT',
    );
  });

  it('an option that is almost right is named', async () => {
    const { stderr } = await keystrata(['seal', 'x', '--contxt', 'y']);
    expect(stderr).toContain('Did you mean --context?');
  });

  it('no terminal and no option for the passphrase: says how', async () => {
    for (const args of [['init', '--owner', 'new'], ['seal', '-'], ['open', '-'], ['passwd']]) {
      const refused = await keystrata([...args, '--keyring', bench.keyring], { stdin: sealed });
      expectRefusal(refused, 2, 'ERR_ARGUMENT');
      expect(refused.stderr).toMatch(/--passphrase-fd N.*--passphrase-stdin/);
    }
  });

  it('both ways at once', async () => {
    expectRefusal(await bench.run(['seal', '-', '--passphrase-stdin']), 2, 'ERR_ARGUMENT');
  });

  it('a descriptor that is not open', async () => {
    const refused = await keystrata(['seal', '-', '--keyring', bench.keyring, '--passphrase-fd', '99']);
    expectRefusal(refused, 2, 'ERR_ARGUMENT');
    expect(refused.stderr).toContain('99<FILE');
  });

  it('a descriptor that is a folder', () => {
    const fd = openSync(bench.folder(), 'r');
    const { status, stderr } = spawnSync(
      process.execPath,
      [COMMAND, 'seal', '-', '--keyring', bench.keyring, '--passphrase-fd', '3'],
      { stdio: ['ignore', 'pipe', 'pipe', fd] },
    );
    closeSync(fd);
    expect([status, stderr.toString()]).toEqual([2, expect.stringContaining('nothing readable is open there')]);
  });

  it('no line, an empty line, a line that is no text', async () => {
    for (const line of ['', '\n', '\r\n', Buffer.from([0xff, 0xfe, 0x41, 10]), 'nul\0byte in it\n'])
      expectRefusal(await bench.run(['seal', '-'], { fd3: line }), 2, 'ERR_ARGUMENT');
  });

  it('a new passphrase that is too short, a second line that does not come', async () => {
    const keyring = join(bench.folder(), 'ring');
    const short = await keystrata(['init', '--keyring', keyring, '--passphrase-fd', '3'], { fd3: 'short\n' });
    expectRefusal(short, 2, 'ERR_ARGUMENT');
    expect(namesIn(join(keyring, '..'))).toEqual([]);
    expectRefusal(await bench.run(['passwd'], { fd3: `${PASSPHRASE}\n` }), 2, 'ERR_ARGUMENT');
    expectRefusal(await bench.run(['passwd'], { fd3: `${PASSPHRASE}\nshort\n` }), 2, 'ERR_ARGUMENT');
    expect(namesIn(bench.keyring)).toEqual(['default.1']);
  });

  it('a folder as FILE or OUT, a name without .sealed', async () => {
    const folder = bench.folder();
    mkdirSync(join(folder, 'photos'));
    writeFileSync(join(folder, 'file'), 'x');
    const run = (...args: string[]) => bench.run(args, { cwd: folder });
    const packed = await run('seal', 'photos');
    expectRefusal(packed, 2, 'ERR_ARGUMENT');
    expect(packed.stderr).toContain('tar -c');
    for (const args of [
      ['open', 'photos', '-o', 'x'],
      ['inspect', 'photos'],
      ['seal', 'file', '-o', 'photos'],
      ['seal', 'file', '-o', 'photos', '--force'],
      ['seal', 'file', '-o', '.'],
      ['open', 'file'],
      ['open', '.sealed'],
    ])
      expectRefusal(await run(...args), 2, 'ERR_ARGUMENT');
    expect(namesIn(folder)).toEqual(['file', 'photos']);
  });
});

describe('not supported: 2', () => {
  it('--rekey, before anybody is asked', async () => {
    expectRefusal(await keystrata(['passwd', '--rekey', '--keyring', bench.keyring]), 2, 'ERR_UNSUPPORTED');
  });

  it('a recovery code', async () => {
    const args = ['--keyring', bench.keyring, '--recovery-code-fd', '3'];
    expectRefusal(await keystrata(['passwd', ...args]), 2, 'ERR_UNSUPPORTED');
    expectRefusal(await keystrata(['seal', '-', ...args], { fd3: 'ABCD-EFGH\n' }), 2, 'ERR_UNSUPPORTED');
  });

  it('a keyring or a sealed file of a newer version', async () => {
    const keyring = bench.copy();
    const path = join(keyring, 'default.1');
    const bytes = readFileSync(path);
    bytes[4] = 2; // FORMATS §4: "KSTD", version
    writeFileSync(path, bytes);
    for (const args of [['seal', '-'], ['passwd'], ['inspect']])
      expectRefusal(
        await bench.run([...args, '--keyring', keyring], { fd3: `${PASSPHRASE}\nanother passphrase\n` }),
        2,
        'ERR_UNSUPPORTED',
      );
    expect(namesIn(keyring)).toEqual(['default.1']);
    expect(readFileSync(path).equals(bytes)).toBe(true);
    const newer = Buffer.from(sealed);
    newer[4] = 2; // FORMATS §6: "KSTS", version
    expectRefusal(await bench.run(['open', '-'], { stdin: newer }), 2, 'ERR_UNSUPPORTED');
  });

  it('sealed things that are no files', async () => {
    const refused = await bench.run(['open', join(bench.keyring, 'default.1'), '-o', join(bench.folder(), 'x')]);
    expectRefusal(refused, 2, 'ERR_UNSUPPORTED');
    expect(refused.stderr).toContain('is a document');
  });
});

describe('wrong passphrase: 3', () => {
  it.each([
    ['seal', ['seal', '-']],
    ['open', ['open', '-']],
    ['passwd', ['passwd']],
  ])('%s', async (_, args) => {
    const refused = await bench.run(args, { fd3: `${wrongLine.fd3}another passphrase\n`, stdin: sealed });
    expectRefusal(refused, 3, 'ERR_WRONG_SECRET');
    expect(refused.stderr).not.toContain('this is not the passphrase');
    expect(namesIn(bench.keyring)).toEqual(['default.1']);
  });
});

describe('altered: 4', () => {
  const into = (folder: string) => ['open', '-', '-o', join(folder, 'out')];

  it('one bit, anywhere in the sealed data: no file appears', async () => {
    const at = [30, 100, 142, 143, 170, 199, 200, 16_600, sealed.length - 17, sealed.length - 1];
    for (const i of at) {
      const folder = bench.folder();
      const flipped = Buffer.from(sealed);
      flipped[i]! ^= 4;
      const refused = await bench.run(into(folder), { stdin: flipped });
      expect([4, 5]).toContain(refused.code);
      expectRefusal(refused, refused.code!, refused.code === 4 ? 'ERR_AUTHENTICATION' : 'ERR_FORMAT');
      if (i > 142) expect(refused.code, `byte ${i}`).toBe(4);
      expect(namesIn(folder)).toEqual([]);
    }
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
    const before = readFileSync(join(bench.keyring, 'default.1'));
    for (const args of [[], ['--force']]) expectRefusal(await bench.run(['init', ...args]), 7, 'ERR_EXISTS');
    expect(readFileSync(join(bench.keyring, 'default.1')).equals(before)).toBe(true);
    expect(namesIn(bench.keyring)).toEqual(['default.1']);
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
