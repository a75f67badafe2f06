// keystrata rewrap: a job over files and folders that may be broken off anywhere.

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe as group, expect, it } from 'vitest';
import { createEngine, describe, Keyring } from '../../bindings/index.ts';
import { fileStore } from '../../bindings/node.ts';
import { encodeRewrapNote } from '../../bindings/format/rewrap-note.ts';
import { agedBench, type AgedBench } from './aged.ts';
import { expectRefusal } from './refusal.ts';
import { filesOf, json, keystrata, namesIn, PASSPHRASE } from './support.ts';

let aged: AgedBench;
beforeAll(async () => {
  aged = await agedBench();
});
afterAll(() => aged.end());

const kekOf = (path: string): string => describe(readFileSync(path)).keyId;
const killing = join(import.meta.dirname, 'killing.mjs');

async function expectOpens(folder: string, name: string, content = name): Promise<void> {
  const opened = await aged.bench.run(['open', name, '-o', '-', '--quiet'], { cwd: folder });
  expect([opened.code, opened.stderr, opened.stdout.toString()]).toEqual([0, '', content]);
}

group('files', () => {
  it('are re-wrapped in place, said one by one; again there is nothing to do', async () => {
    const folder = await aged.sealed('a.sealed', 'b.sealed');
    const before = readFileSync(join(folder, 'a.sealed'));
    const done = await aged.bench.run(['rewrap', 'a.sealed', 'b.sealed'], { cwd: folder });
    expect([done.code, done.stdout.length, done.stderr]).toEqual([
      0,
      0,
      're-wrapped "a.sealed"\nre-wrapped "b.sealed"\n2 files re-wrapped\n',
    ]);
    const after = readFileSync(join(folder, 'a.sealed'));
    expect(Buffer.compare(after.subarray(143), before.subarray(143))).toBe(0);
    expect([kekOf(join(folder, 'a.sealed')), kekOf(join(folder, 'b.sealed'))]).toEqual([aged.kek, aged.kek]);
    await expectOpens(folder, 'a.sealed');
    const again = await aged.bench.run(['rewrap', 'a.sealed', 'b.sealed'], { cwd: folder });
    expect([again.code, again.stderr]).toEqual([0, '0 files re-wrapped, 2 under the present key already\n']);
    expect(Buffer.compare(readFileSync(join(folder, 'a.sealed')), after)).toBe(0);
    expect(namesIn(folder)).toEqual(['a.sealed', 'b.sealed']);
  });

  it('--json tells of each, --quiet of nothing', async () => {
    const folder = await aged.sealed('a.sealed', 'b.sealed');
    await aged.bench.run(['rewrap', 'b.sealed', '--quiet'], { cwd: folder });
    const done = await aged.bench.run(['rewrap', 'a.sealed', 'b.sealed', '--json'], { cwd: folder });
    expect(json(done)).toEqual({
      ok: true,
      command: 'rewrap',
      rewrapped: 1,
      already: 1,
      other: 0,
      links: 0,
      failed: 0,
      files: [
        { input: 'a.sealed', rewrapped: true },
        { input: 'b.sealed', rewrapped: false },
      ],
    });
    expect(done.stderr).toBe('');
  });

  it('that hold an envelope are replaced by files that hold it under the present KEK, named or in a folder', async () => {
    const one = await aged.envelope('Dear diary');
    const folder = aged.bench.files({ named: one, other: one, short: one.subarray(0, 100), like: one.subarray(0, 13) });
    const named = await aged.bench.run(['rewrap', 'named'], { cwd: folder });
    expect([named.code, named.stderr]).toEqual([0, 're-wrapped "named"\n1 file re-wrapped\n']);
    expect([kekOf(join(folder, 'named')), kekOf(join(folder, 'other'))]).toEqual([aged.kek, aged.old]);
    const rest = await aged.bench.run(['rewrap', folder, '--json']);
    expect(rest.code).toBe(5);
    expect(json(rest)).toMatchObject({ rewrapped: 1, already: 1, other: 1, failed: 1 });
    expect(filesOf(rest)).toEqual([
      { input: join(folder, 'short'), error: { code: 'ERR_FORMAT', message: expect.any(String) as string } },
    ]);
    expect(kekOf(join(folder, 'other'))).toBe(aged.kek);
    expect(namesIn(folder)).toEqual(['like', 'named', 'other', 'short']);
  });

  it('that fail are said, the others done; the first failure has the exit code', async () => {
    const folder = await aged.sealed('good.sealed', 'altered.sealed');
    const altered = readFileSync(join(folder, 'altered.sealed'));
    altered[120]! ^= 1;
    writeFileSync(join(folder, 'altered.sealed'), altered);
    writeFileSync(join(folder, 'text'), 'not sealed');
    const names = ['nothing', 'altered.sealed', 'text', 'good.sealed'];
    const done = await aged.bench.run(['rewrap', ...names], { cwd: folder });
    expect(done.code).toBe(6);
    expect(done.stderr.split('\n')).toEqual([
      'keystrata: "nothing": no such file (ERR_NOT_FOUND)',
      expect.stringMatching(/^keystrata: "altered.sealed": .*\(ERR_AUTHENTICATION\)$/),
      expect.stringMatching(/^keystrata: "text": .*this is no sealed stream.* \(ERR_FORMAT\)$/),
      're-wrapped "good.sealed"',
      '1 file re-wrapped, 3 failed',
      '',
    ]);
    expect(Buffer.compare(readFileSync(join(folder, 'altered.sealed')), altered)).toBe(0);
    const told = filesOf(await aged.bench.run(['rewrap', ...names, '--json'], { cwd: folder }));
    expect(told).toEqual([
      { input: 'nothing', error: { code: 'ERR_NOT_FOUND', message: expect.any(String) as string } },
      { input: 'altered.sealed', error: { code: 'ERR_AUTHENTICATION', message: expect.any(String) as string } },
      { input: 'text', error: { code: 'ERR_FORMAT', message: expect.any(String) as string } },
      { input: 'good.sealed', rewrapped: false },
    ]);
  });

  it('nothing that can be done: nobody is asked for a passphrase', async () => {
    const folder = aged.bench.folder();
    const none = await keystrata(['rewrap', 'nothing', '--keyring', aged.bench.keyring], { cwd: folder });
    expect([none.code, none.stderr]).toEqual([
      6,
      'keystrata: "nothing": no such file (ERR_NOT_FOUND)\n0 files re-wrapped, 1 failed\n',
    ]);
    expectRefusal(await aged.bench.run(['rewrap', '-'], { cwd: folder }), 2, 'ERR_ARGUMENT');
    expectRefusal(await aged.bench.run(['rewrap'], { cwd: folder }), 2, 'ERR_ARGUMENT');
    const wrong = await keystrata(['rewrap', folder, '--keyring', aged.bench.keyring, '--passphrase-stdin'], {
      stdin: 'a wrong passphrase\n',
    });
    expectRefusal(wrong, 3, 'ERR_WRONG_SECRET');
  });
});

group('a folder', () => {
  it('with all that is in it: what is not sealed stays, links are not followed, what cannot be read is said', async () => {
    const folder = await aged.sealed('a.sealed');
    const outside = await aged.sealed('outside.sealed');
    mkdirSync(join(folder, 'deep/deeper'), { recursive: true });
    writeFileSync(join(folder, 'deep/deeper/b'), await aged.seal('b'));
    writeFileSync(join(folder, 'deep/note.txt'), 'a note');
    writeFileSync(join(folder, 'empty'), '');
    writeFileSync(join(folder, 'altered'), Buffer.concat([(await aged.seal('x')).subarray(0, 100)]));
    symlinkSync(outside, join(folder, 'deep/out'));
    symlinkSync('..', join(folder, 'deep/round'));
    symlinkSync(join(outside, 'outside.sealed'), join(folder, 'link.sealed'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    const done = await aged.bench.run(['rewrap', folder, '--json'], {});
    expect(done.code).toBe(5);
    expect(json(done)).toMatchObject({ ok: false, rewrapped: 2, already: 0, other: 3, links: 3, failed: 1 });
    expect(filesOf(done)).toEqual([
      { input: join(folder, 'altered'), error: { code: 'ERR_FORMAT', message: expect.any(String) as string } },
    ]);
    expect(kekOf(join(folder, 'a.sealed'))).toBe(aged.kek);
    expect(kekOf(join(folder, 'deep/deeper/b'))).toBe(aged.kek);
    expect(kekOf(join(outside, 'outside.sealed'))).toBe(aged.old);
    const named = await aged.bench.run(['rewrap', join(folder, 'link.sealed')], {});
    expect([named.code, kekOf(join(outside, 'outside.sealed'))]).toEqual([0, aged.kek]);
  });

  it('the keyring itself in it is left alone', async () => {
    const done = await aged.bench.run(['rewrap', aged.bench.keyring]);
    expect([done.code, done.stderr]).toEqual([0, '0 files re-wrapped, 1 file not sealed\n']);
  });

  it.skipIf(process.getuid?.() !== 0)(
    'what its user may not read or write is said (needs root to be another user)',
    async () => {
      const folder = await aged.sealed('a.sealed', 'b.sealed');
      const [nobody, memory] = [65534, aged.bench.folder()];
      for (const path of [folder, memory, aged.bench.root]) chmodSync(path, 0o777);
      for (const name of readdirSync(aged.bench.keyring)) chmodSync(join(aged.bench.keyring, name), 0o666);
      chmodSync(aged.bench.keyring, 0o777);
      mkdirSync(join(folder, 'closed'), { mode: 0o700 });
      chmodSync(join(folder, 'a.sealed'), 0o444);
      chmodSync(join(folder, 'b.sealed'), 0o666);
      const done = await aged.bench.run(['rewrap', folder, '--json'], {
        uid: nobody,
        env: { KEYSTRATA_MEMORY: memory },
      });
      expect(done.code, done.stderr).toBe(8);
      expect(json(done)).toMatchObject({ rewrapped: 1, failed: 2 });
      expect(filesOf(done).map(({ input, error }) => [input, (error as { code: string }).code])).toEqual([
        [join(folder, 'a.sealed'), 'ERR_STORE'],
        [join(folder, 'closed'), 'ERR_STORE'],
      ]);
      await expectOpens(folder, 'a.sealed');
    },
  );

  it('broken off and started again: the rest is done', async () => {
    const names = Array.from({ length: 400 }, (_, i) => `${String(i).padStart(3, '0')}.sealed`);
    const folder = await aged.sealed(...names);
    const underNew = (): number => names.filter((name) => kekOf(join(folder, name)) === aged.kek).length;
    const first = await aged.bench.run(['rewrap', folder], {
      node: ['--import', killing],
      env: { PATHS: '/200\\.sealed$', KILL: '1' },
    });
    expect(first.signal).toBe('SIGKILL');
    const after = underNew();
    expect(after).toBeGreaterThan(0);
    expect(after).toBeLessThan(400);
    const again = await aged.bench.run(['rewrap', folder, '--json']);
    expect(again.code, again.stderr).toBe(0);
    const { rewrapped, already, failed } = json(again) as Record<'rewrapped' | 'already' | 'failed', number>;
    expect([rewrapped + already, failed]).toEqual([400, 0]);
    expect(rewrapped).toBeLessThanOrEqual(400 - after); // those that were under way may be finished before they are looked at
    expect([underNew(), namesIn(folder).length]).toEqual([400, 400]);
    await expectOpens(folder, '399.sealed');
  });

  it('interrupted once: says where it is, every file whole', async () => {
    const names = Array.from({ length: 200 }, (_, i) => `${i}.sealed`);
    const folder = await aged.sealed(...names);
    let once = false;
    const first = await aged.bench.run(['rewrap', folder, '--json'], {
      started: (child) => {
        const timer = setInterval(() => {
          if (once || !names.some((name) => kekOf(join(folder, name)) === aged.kek)) return;
          once = child.kill('SIGINT');
          clearInterval(timer);
        }, 1);
        child.on('close', () => clearInterval(timer));
      },
    });
    expect([once, first.code]).toEqual([true, 130]);
    const { rewrapped, error } = json(first) as { rewrapped: number; error: { code: string; message: string } };
    expect(error).toMatchObject({
      code: 'ERR_ABORTED',
      message: expect.stringMatching(/the same command goes on/) as string,
    });
    expect(names.filter((name) => kekOf(join(folder, name)) === aged.kek)).toHaveLength(rewrapped);
    expect(namesIn(folder)).toHaveLength(200);
  });
});

group('killed', () => {
  it('at every call to the system on the file: it opens, and opening leaves nothing beside it', async () => {
    const count = join(aged.bench.folder(), 'count');
    const env = { PATHS: 'one\\.sealed' };
    const counted = await aged.sealed('one.sealed');
    await aged.bench.run(['rewrap', 'one.sealed'], {
      cwd: counted,
      node: ['--import', killing],
      env: { ...env, COUNT: count },
    });
    const calls = Number(readFileSync(count, 'utf8'));
    expect(calls).toBeGreaterThan(15);
    const states = new Set<string>();
    for (let k = 1; k <= calls; k++) {
      const folder = await aged.sealed('one.sealed');
      const p = { cwd: folder, node: ['--import', killing], env: { ...env, KILL: String(k) } };
      const { signal } = await aged.bench.run(['rewrap', 'one.sealed'], p);
      expect(signal, `call ${k}`).toBe('SIGKILL');
      const opened = await aged.bench.run(['open', 'one.sealed'], { cwd: folder });
      expect([opened.code, readFileSync(join(folder, 'one'), 'utf8')], `call ${k}: ${opened.stderr}`).toEqual([
        0,
        'one.sealed',
      ]);
      expect(namesIn(folder)).toEqual(['one', 'one.sealed']);
      states.add(kekOf(join(folder, 'one.sealed')));
    }
    expect([...states].sort()).toEqual([aged.kek, aged.old].sort());
  }, 300_000);

  it('at every call to the system on a file that holds an envelope: it opens as it lies there', async () => {
    const engine = await createEngine();
    const where = { engine, store: fileStore(aged.bench.keyring), owner: 'default', passphrase: PASSPHRASE };
    const keyring = await Keyring.unlock(where);
    const one = await aged.envelope('Dear diary');
    const folderOfOne = (): string => aged.bench.files({ 'one.envelope': one });
    const count = join(aged.bench.folder(), 'count');
    const env = { PATHS: 'one\\.envelope' };
    await aged.bench.run(['rewrap', 'one.envelope'], {
      cwd: folderOfOne(),
      node: ['--import', killing],
      env: { ...env, COUNT: count },
    });
    const calls = Number(readFileSync(count, 'utf8'));
    expect(calls).toBeGreaterThan(20);
    const states = new Set<string>();
    for (let k = 1; k <= calls; k++) {
      const folder = folderOfOne();
      const p = { cwd: folder, node: ['--import', killing], env: { ...env, KILL: String(k) } };
      expect((await aged.bench.run(['rewrap', 'one.envelope'], p)).signal, `call ${k}`).toBe('SIGKILL');
      const found = readFileSync(join(folder, 'one.envelope'));
      expect(await keyring.decryptText(found, { context: '' }), `call ${k}`).toBe('Dear diary');
      states.add(describe(found).keyId);
      const again = await aged.bench.run(['rewrap', folder], {});
      expect([again.code, namesIn(folder)], `call ${k}: ${again.stderr}`).toEqual([0, ['one.envelope']]);
      expect(kekOf(join(folder, 'one.envelope'))).toBe(aged.kek);
    }
    expect([...states].sort()).toEqual([aged.kek, aged.old].sort());
    keyring.lock();
    engine[Symbol.dispose]();
  }, 300_000);

  it('in the middle of a write: open makes it whole from the note', async () => {
    const folder = await aged.sealed('one.sealed', 'two.sealed');
    const path = join(folder, 'one.sealed');
    const before = readFileSync(path);
    await aged.bench.run(['rewrap', path]);
    const after = readFileSync(path);
    const torn = Buffer.concat([after.subarray(0, 90), before.subarray(90)]);
    writeFileSync(path, torn);
    const note = encodeRewrapNote({ before: before.subarray(0, 143), after: after.subarray(0, 143) });
    writeFileSync(`${path}.rewrap`, note);
    await expectOpens(folder, 'one.sealed');
    expect(Buffer.compare(readFileSync(path), after)).toBe(0);
    expect(namesIn(folder)).toEqual(['one.sealed', 'two.sealed']);
    writeFileSync(path, torn);
    const without = await aged.bench.run(['open', path, '-o', '-'], {});
    expect([4, 6]).toContain(without.code); // which shows that the note did it
  });

  it('a file of that name that is no note stands in nobody’s way but rewrap’s, which leaves it', async () => {
    const folder = await aged.sealed('one.sealed');
    writeFileSync(join(folder, 'one.sealed.rewrap'), 'a shopping list');
    await expectOpens(folder, 'one.sealed');
    const refused = await aged.bench.run(['rewrap', 'one.sealed'], { cwd: folder });
    expect(refused.code).toBe(7);
    expect(refused.stderr).toMatch(/is in the way .* \(ERR_EXISTS\)\n0 files re-wrapped, 1 failed\n$/);
    expect(readFileSync(join(folder, 'one.sealed.rewrap'), 'utf8')).toBe('a shopping list');
  });
});
