// Exit 2: asked wrongly, or for what this version does not do. Nothing is read, asked for or changed.

import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectRefusal } from './refusal.ts';
import { Bench, COMMAND, keystrata, namesIn, PASSPHRASE, shell } from './support.ts';

const bench = new Bench();
let sealed: Buffer;
beforeAll(async () => {
  await bench.prepare();
  sealed = (await bench.run(['seal', '-'], { stdin: Buffer.alloc(40_000, 'data') })).stdout;
});
afterAll(() => bench.end());

describe('usage', () => {
  it.each([
    [['frobnicate']],
    [['seal']],
    [['open']],
    [['inspect', 'one', 'two']],
    [['seal', 'x', '--nonsense']],
    [['seal', 'x', '--owner']],
    [['seal', 'x', '--passphrase', 'secret']],
    [['seal', 'x', '--passphrase-fd', 'three']],
    [['seal', 'x', '--passphrase-fd', '-1']],
    [['seal', 'x', '--passphrase-fd', '1']],
    [['seal', 'x', '--recovery-code-fd', '2']],
    [['init', 'x']],
    [['init', '--recovery-code-fd', '3']],
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

  it('two ways at once', async () => {
    expectRefusal(await bench.run(['seal', '-', '--passphrase-stdin']), 2, 'ERR_ARGUMENT');
    expectRefusal(await bench.run(['seal', '-', '--recovery-code-fd', '0']), 2, 'ERR_ARGUMENT');
  });

  it('a descriptor that is not open', async () => {
    for (const option of ['--passphrase-fd', '--recovery-code-fd']) {
      const refused = await keystrata(['seal', '-', '--keyring', bench.keyring, option, '99']);
      expectRefusal(refused, 2, 'ERR_ARGUMENT');
      expect(refused.stderr).toContain('99<FILE');
    }
  });

  it('a descriptor that is a folder', () => {
    const fd = openSync(bench.folder(), 'r');
    const { status, stderr } = spawnSync(
      process.execPath,
      [COMMAND, 'seal', '-', '--keyring', bench.keyring, '--passphrase-fd', '3'],
      { stdio: ['ignore', 'pipe', 'pipe', fd] },
    );
    closeSync(fd);
    expect([status, stderr.toString()]).toEqual([2, expect.stringContaining('nothing readable is open')]);
  });

  it('no line, an empty line, a line that is no text', async () => {
    for (const line of ['', '\n', '\r\n', Buffer.from([0xff, 0xfe, 0x41, 10]), 'nul\0byte in it\n'])
      expectRefusal(await bench.run(['seal', '-'], { fd3: line }), 2, 'ERR_ARGUMENT');
  });

  it('a new passphrase that is too short, a second line that does not come', async () => {
    const before = namesIn(bench.keyring);
    const keyring = join(bench.folder(), 'ring');
    const short = await keystrata(['init', '--keyring', keyring, '--passphrase-fd', '3'], { fd3: 'short\n' });
    expectRefusal(short, 2, 'ERR_ARGUMENT');
    expect(short.stderr).toMatch(/5 characters are few enough to be guessed; take at least 12/);
    expect(namesIn(join(keyring, '..'))).toEqual([]);
    expectRefusal(await bench.run(['passwd'], { fd3: `${PASSPHRASE}\n` }), 2, 'ERR_ARGUMENT');
    expectRefusal(await bench.run(['passwd'], { fd3: `${PASSPHRASE}\nshort\n` }), 2, 'ERR_ARGUMENT');
    expect(namesIn(bench.keyring)).toEqual(before);
  });

  it('a folder as FILE or OUT, a name without .sealed', async () => {
    const folder = bench.files({ file: 'x' });
    mkdirSync(join(folder, 'photos'));
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

describe('a recovery code', () => {
  const typed = (code: string) => bench.runByCode(['seal', '-'], { fd3: code });

  it('that is mistyped: which group, before anything is derived', async () => {
    const groups = bench.recoveryCode.split('-');
    const slip = (g: number) =>
      groups.map((group, i) => (i === g ? group.replace(/^./, (c) => (c === 'A' ? 'B' : 'A')) : group)).join('-');
    for (const g of [0, 6, 12]) {
      const refused = await typed(slip(g));
      expectRefusal(refused, 2, 'ERR_ARGUMENT');
      expect(refused.stderr).toContain(`recovery code: group ${g + 1} is mistyped`);
    }
    const missing = await typed(groups.slice(0, 12).join('-'));
    expectRefusal(missing, 2, 'ERR_ARGUMENT');
    expect(missing.stderr).toContain('12 groups instead of 13');
    for (const code of ['', '\n', 'caf\u00e9', PASSPHRASE]) expectRefusal(await typed(code), 2, 'ERR_ARGUMENT');
  });

  it('that is mistyped changes no passphrase', async () => {
    const keyring = bench.copy();
    const refused = await keystrata(['passwd', '--keyring', keyring, '--recovery-code-fd', '3', '--passphrase-stdin'], {
      fd3: `${bench.recoveryCode.slice(0, -1)}\n`,
      stdin: 'another passphrase\n',
    });
    expectRefusal(refused, 2, 'ERR_ARGUMENT');
    expect(refused.stderr).toContain('group 13 has 4 symbols instead of 5');
    expect(namesIn(keyring)).toEqual(['default.1']);
  });
});

describe('names that are no text', () => {
  it('are refused, before their bytes are lost, and the way round them works', async () => {
    const folder = bench.folder();
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/`), Buffer.of(0xff, 0x41)]), 'kept');
    const given = `--keyring '${bench.keyring}' --passphrase-fd 3 3<$PASS`;
    const name = '"$(printf "\\377A")"';
    for (const args of [`seal ${name}`, `seal - -o ${name}`, `seal - --context ${name}`, `inspect --owner ${name}`]) {
      const refused = await shell(`$K ${args} ${given} </dev/null`, folder);
      expectRefusal(refused, 2, 'ERR_ARGUMENT');
      expect(refused.stderr).toContain('is not UTF-8 text');
    }
    const piped = await shell(`$K seal - ${given} <${name} | $K open - ${given}`, folder);
    expect(piped.stdout.toString(), piped.stderr).toBe('kept');
    expect(namesIn(folder)).toHaveLength(1);
  });
});

describe('not supported', () => {
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
    const refused = await bench.run(['open', join(bench.copy(), 'default.1'), '-o', join(bench.folder(), 'x')]);
    expectRefusal(refused, 2, 'ERR_UNSUPPORTED');
    expect(refused.stderr).toContain('is a document');
  });
});
