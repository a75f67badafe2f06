// Re-wrapping files in place: whatever call to the system is the last, the file opens afterwards. FORMATS §6.

import * as nodeFs from 'node:fs/promises';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe as group, expect, it } from 'vitest';
import { describe, KeystrataError, type Keyring } from '../../bindings/index.ts';
import { finishRewrap, rewrapFile } from '../../bindings/node.ts';
import { decodeRewrapNote, encodeRewrapNote, isBegunNote } from '../../bindings/format/rewrap-note.ts';
import { finishRewrapThrough, rewrapFileThrough } from '../../bindings/keyring/rewrap-file.ts';
import { bytesOf } from '../format/strict.ts';
import { interposed } from '../store/interposed.ts';
import { deaths, PowerLoss, type Disk } from '../store/power-loss.ts';
import { agedFile, folder } from './aged-file.ts';
import { aged, type Aged } from './old-kek.ts';
import { codeOf, utf8, world } from './support.ts';

const CONTENT = bytesOf(20_000, 9);
const context = 'photo';

/** A folder with photo.sealed in it, sealed under the old KEK. */
const sealedFile = (p?: Aged) => agedFile('photo.sealed', (by) => by.stream(CONTENT, context), p);
const opens = async (keyring: Keyring, bytes: Uint8Array): Promise<void> =>
  expect(Buffer.compare(await keyring.open(bytes, { context }), CONTENT)).toBe(0);

group('a sealed file', () => {
  it('is re-wrapped in place: 143 bytes at most change; the second time nothing does', async () => {
    const { keyring, path, before, at, kek } = await sealedFile();
    chmodSync(path, 0o640);
    expect(await rewrapFile(keyring, path)).toBe(true);
    const after = readFileSync(path);
    expect(describe(after).keyId).toBe(kek);
    expect(Buffer.compare(after.subarray(143), before.subarray(143))).toBe(0);
    expect(Buffer.compare(after.subarray(0, 23), before.subarray(0, 23))).toBe(0);
    await opens(keyring, after);
    expect([readdirSync(at), statSync(path).mode & 0o777]).toEqual([['photo.sealed'], 0o640]);
    expect(await rewrapFile(keyring, path)).toBe(false);
    expect(Buffer.compare(readFileSync(path), after)).toBe(0);
  });

  it('behind a symbolic link: the note lies beside the file itself', async () => {
    const { keyring, path, at } = await sealedFile();
    const elsewhere = folder();
    symlinkSync(path, join(elsewhere, 'link'));
    const seen: string[][] = [];
    const fs = interposed((call) => void (call === 'write' && seen.push(readdirSync(at), readdirSync(elsewhere))));
    expect(await rewrapFileThrough(fs, keyring, join(elsewhere, 'link'))).toBe(true);
    expect(seen).toEqual([['photo.sealed', 'photo.sealed.rewrap'], ['link']]);
    expect([readdirSync(at), readdirSync(elsewhere)]).toEqual([['photo.sealed'], ['link']]);
    await opens(keyring, readFileSync(path));
  });

  it('what is none is refused, and stays as it is', async () => {
    const { keyring, stream, at } = await sealedFile();
    const other = await world();
    const altered = (await stream(CONTENT, context)).slice();
    await keyring.createDataKey({ space: 'notes' });
    altered[100]! ^= 1;
    const cases: [string, Uint8Array, string][] = [
      ['text', utf8('not sealed'), 'ERR_FORMAT'],
      ['empty', new Uint8Array(), 'ERR_FORMAT'],
      ['short', (await stream(CONTENT, context)).subarray(0, 142), 'ERR_FORMAT'],
      ['altered', altered, 'ERR_AUTHENTICATION'],
      ['foreign', await other.keyring.seal(CONTENT, { context }), 'ERR_KEY_NOT_FOUND'],
      ['record', await keyring.encrypt('x', { space: 'notes', context }), 'ERR_FORMAT'],
    ];
    for (const [name, bytes, code] of cases) {
      const path = join(at, name);
      writeFileSync(path, bytes);
      expect(await codeOf(() => rewrapFile(keyring, path)), name).toBe(code);
      expect(Buffer.compare(readFileSync(path), bytes)).toBe(0);
      expect(existsSync(`${path}.rewrap`)).toBe(false);
    }
    mkdirSync(join(at, 'folder'));
    expect(await codeOf(() => rewrapFile(keyring, join(at, 'folder')))).toBe('ERR_STORE');
    expect(await codeOf(() => rewrapFile(keyring, join(at, 'nothing')))).toBe('ERR_NOT_FOUND');
    expect(await codeOf(() => finishRewrap(keyring, join(at, 'nothing')))).toBe('ERR_NOT_FOUND');
  });
});

/** What lies beside the file after a crash, as it may be found. */
group('a note that was left', () => {
  async function left(): Promise<
    Awaited<ReturnType<typeof sealedFile>> & { side: string; note: Uint8Array; after: Uint8Array }
  > {
    const made = await sealedFile();
    const before = made.before.slice(0, 143);
    const after = await made.keyring.rewrap(before);
    return { ...made, side: `${made.path}.rewrap`, note: encodeRewrapNote({ before, after }), after };
  }
  const overwrite = (path: string, prefix: Uint8Array): void =>
    writeFileSync(path, Buffer.concat([prefix, readFileSync(path).subarray(143)]));

  it('before the file was written, and after it: goes, and the file stays', async () => {
    for (const written of [false, true]) {
      const { keyring, path, side, note, after, before } = await left();
      writeFileSync(side, note);
      if (written) overwrite(path, after);
      expect(await finishRewrap(keyring, path)).toBe(true);
      expect(existsSync(side)).toBe(false);
      expect(Buffer.compare(readFileSync(path).subarray(0, 143), written ? after : before.subarray(0, 143))).toBe(0);
      await opens(keyring, readFileSync(path));
      expect(await finishRewrap(keyring, path)).toBe(false);
    }
  });

  it('in the middle of the write, wherever it was cut: the new one is written from it', async () => {
    const { keyring, path, side, note, after, before } = await left();
    for (let cut = 24; cut < 143; cut++)
      for (const [head, tail] of [
        [after, before],
        [before, after],
      ] as const) {
        // prettier-ignore
        overwrite(path, Buffer.concat([head.subarray(0, cut), tail.subarray(cut, 143)]));
        writeFileSync(side, note);
        await finishRewrap(keyring, path);
        expect(Buffer.compare(readFileSync(path).subarray(0, 143), after) === 0 || Buffer.compare(readFileSync(path).subarray(0, 143), before.subarray(0, 143)) === 0).toBe(true); // prettier-ignore
        expect(existsSync(side)).toBe(false);
      }
    await opens(keyring, readFileSync(path));
    overwrite(path, Buffer.concat([after.subarray(0, 60), before.subarray(60, 143)]));
    writeFileSync(side, note);
    expect(await rewrapFile(keyring, path)).toBe(false); // it was finished, and so it is under the present KEK
    await opens(keyring, readFileSync(path));
  });

  it('that was only begun, at any length, with zeros behind or not: goes', async () => {
    const { keyring, path, side, note } = await left();
    for (let n = 0; n < note.length; n++)
      for (const zeros of [0, note.length - n]) {
        writeFileSync(side, Buffer.concat([note.subarray(0, n), Buffer.alloc(zeros)]));
        expect(await finishRewrap(keyring, path), `${n} bytes, ${zeros} zeros`).toBe(true);
        expect(existsSync(side)).toBe(false);
      }
    await opens(keyring, readFileSync(path));
  });

  it('of another file, or no note at all: is not touched, and nothing is re-wrapped over it', async () => {
    const one = await left();
    const other = await left();
    const { keyring, path, side } = one;
    for (const bytes of [
      other.note,
      utf8('shopping list'),
      bytesOf(5000, 1),
      Buffer.concat([one.note, Buffer.of(0)]),
    ]) {
      writeFileSync(side, bytes);
      expect(await finishRewrap(keyring, path)).toBe(false);
      expect(await codeOf(() => rewrapFile(keyring, path))).toBe('ERR_EXISTS');
      expect(Buffer.compare(readFileSync(side), bytes)).toBe(0);
      await opens(keyring, readFileSync(path));
    }
    const newer = one.note.slice();
    newer[4] = 2;
    writeFileSync(side, newer);
    expect(await codeOf(() => finishRewrap(keyring, path))).toBe('ERR_UNSUPPORTED');
  });

  it('whose new prefix does not open: the file is not touched', async () => {
    const { keyring, path, side, before, after } = await left();
    const torn = Buffer.concat([after.subarray(0, 60), before.subarray(60)]);
    const bad = after.slice();
    bad[120]! ^= 1;
    writeFileSync(path, torn);
    writeFileSync(side, encodeRewrapNote({ before: before.subarray(0, 143), after: bad }));
    expect(await codeOf(() => finishRewrap(keyring, path))).toBe('ERR_AUTHENTICATION');
    expect(Buffer.compare(readFileSync(path), torn)).toBe(0);
  });

  it('is read strictly', async () => {
    const { note, before, after } = await left();
    expect(decodeRewrapNote(note)).toEqual({ before: before.slice(0, 143), after });
    for (let n = 0; n < note.length; n++)
      expect(await codeOf(() => decodeRewrapNote(note.subarray(0, n)))).toBe('ERR_FORMAT');
    for (const at of [0, 3, 4, 5, 9, 10, 12, 148, 151, 153, 155]) {
      const altered = note.slice();
      altered[at]! ^= 0x40;
      expect(['ERR_FORMAT', 'ERR_UNSUPPORTED'], `byte ${at}`).toContain(await codeOf(() => decodeRewrapNote(altered)));
    }
    expect(isBegunNote(Buffer.concat([note.subarray(0, 50), Buffer.of(1)]), before.subarray(0, 143))).toBe(false);
  });
});

group('a failing filesystem', () => {
  it.each(['ENOSPC', 'EIO', 'EACCES', 'EROFS'])(
    '%s at every call: the file opens, and the next try ends it',
    async (code) => {
      const made = await aged();
      let calls = 0;
      const { path: counted } = await sealedFile(made);
      await rewrapFileThrough(interposed(() => void calls++), made.keyring, counted); // prettier-ignore
      expect(calls).toBeGreaterThan(20);
      let refused = 0;
      for (let k = 1; k <= calls; k++) {
        const { keyring, path, at } = await sealedFile(made);
        let call = 0;
        const fs = interposed(() => {
          if (++call === k) throw Object.assign(new Error(`${code}: made by the test`), { code, syscall: 'test' });
        });
        const error: unknown = await rewrapFileThrough(fs, keyring, path).then(() => null, (e: unknown) => e); // prettier-ignore
        if (error !== null) {
          refused++;
          expect(KeystrataError.is(error, 'ERR_STORE'), `call ${k}`).toBe(true);
          expect((error as Error).message).toContain('photo.sealed');
        }
        await opens(keyring, readFileSync(path));
        await rewrapFile(keyring, path);
        expect(readdirSync(at), `call ${k}`).toEqual(['photo.sealed']);
        expect(describe(readFileSync(path)).keyId).toBe(made.kek);
        await opens(keyring, readFileSync(path));
      }
      expect(refused).toBeGreaterThan(15);
    },
  );
});

group('somebody else at the same file', () => {
  it('at any call: it opens, one of them may be told so, and nothing is left', async () => {
    const made = await aged();
    const other = await made.unlock();
    let calls = 0;
    const { path: counted } = await sealedFile(made);
    await rewrapFileThrough(interposed(() => void calls++), made.keyring, counted); // prettier-ignore
    const codes = new Set<string | undefined>();
    for (const theirs of [rewrapFile, finishRewrap])
      for (let k = 1; k <= calls; k++) {
        const { keyring, path, at } = await sealedFile(made);
        let call = 0;
        const fs = interposed(async () => {
          if (++call === k) await theirs(other, path);
        });
        codes.add(await codeOf(() => rewrapFileThrough(fs, keyring, path)));
        await opens(keyring, readFileSync(path));
        await rewrapFile(keyring, path);
        expect(readdirSync(at), `call ${k}`).toEqual(['photo.sealed']);
        expect(describe(readFileSync(path)).keyId).toBe(made.kek);
      }
    expect([...codes].sort()).toEqual(['ERR_CONFLICT', undefined]);
  });
});

group('the power goes', () => {
  const NAME = 'photo.sealed';
  const PATH = `/disk/${NAME}`;
  /** Of a prefix: within the head, at its end, within kid, IV and key. */
  const SOME = [0, 1, 4, 5, 23, 24, 60, 61, 100, 142, 143, 148, 200, 290, 291];
  const some = (length: number): number[] => [...SOME.filter((n) => n < length), length];
  const every = (length: number): number[] => Array.from({ length: length + 1 }, (_, n) => n);

  async function expectWhole(keyring: Keyring, disk: Disk, at: string): Promise<void> {
    expect([...disk.keys()], at).toEqual([NAME]);
    await opens(keyring, disk.get(NAME)!);
  }

  it('ahead of every call, whatever had reached the disk: the old or the new prefix, or a note that makes it whole', async () => {
    const { keyring, before } = await sealedFile();
    const disk: Disk = new Map([[NAME, before]]);
    let [seen, old, fresh, torn] = [0, 0, 0, 0];
    for await (const [at, found] of deaths(disk, (model) => rewrapFileThrough(model.fs, keyring, PATH), every)) {
      seen++;
      const bytes = found.get(NAME)!;
      const opened = await codeOf(() => keyring.open(bytes, { context }));
      if (opened !== undefined) torn++;
      else if (describe(bytes).keyId === describe(before).keyId) old++;
      else fresh++;
      const again = new PowerLoss(found);
      await finishRewrapThrough(again.fs, keyring, PATH);
      for (const after of again.outcomes(some)) await expectWhole(keyring, after, at);
    }
    expect([old > 0, fresh > 0, torn > 0, seen > 500]).toEqual([true, true, true, true]);
  });

  it('again while that is put right', async () => {
    const { keyring, before } = await sealedFile();
    let seen = 0;
    for await (const [at, found] of deaths(
      new Map([[NAME, before]]),
      (model) => rewrapFileThrough(model.fs, keyring, PATH),
      some,
    ))
      for await (const [then, again] of deaths(
        found,
        (model) => finishRewrapThrough(model.fs, keyring, PATH),
        (n) => [0, n >> 1, n],
      )) {
        // prettier-ignore
        seen++;
        const last = new PowerLoss(again);
        await rewrapFileThrough(last.fs, keyring, PATH);
        for (const after of last.outcomes(some)) await expectWhole(keyring, after, `${at}, then ${then}`);
      }
    expect(seen).toBeGreaterThan(1000);
  });

  it('a folder that is not synced would be found out', async () => {
    const { keyring, before } = await sealedFile();
    const forgetful = (model: PowerLoss) => ({
      ...model.fs,
      open: async (path: string, flags: string) =>
        path === '/disk'
          ? { sync: () => Promise.resolve(), close: () => Promise.resolve() }
          : model.fs.open(path, flags),
    });
    let lost = 0;
    const work = (model: PowerLoss) => rewrapFileThrough(forgetful(model) as never, keyring, PATH);
    for await (const [, found] of deaths(new Map([[NAME, before]]), work, some)) {
      const again = new PowerLoss(found);
      await finishRewrapThrough(again.fs, keyring, PATH).catch(() => undefined);
      for (const after of again.outcomes(some))
        if ((await codeOf(() => keyring.open(after.get(NAME)!, { context }))) !== undefined) lost++;
    }
    expect(lost).toBeGreaterThan(0);
  });
});

it('the filesystem of Node has all that is asked of it', () => {
  for (const call of ['open', 'unlink', 'stat', 'realpath'] as const) expect(typeof nodeFs[call]).toBe('function');
});
