// A file that holds an envelope is replaced whole: whatever call to the system is the last, it is the old one or the new one.

import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import * as nodeFs from 'node:fs/promises';
import { join } from 'node:path';
import { describe as group, expect, it } from 'vitest';
import { describe, KeystrataError, type Keyring } from '../../bindings/index.ts';
import { finishRewrap, rewrapFile } from '../../bindings/node.ts';
import { draftEnding, encodeDraftNote, isBegunDraftNote } from '../../bindings/format/draft-note.ts';
import { finishRewrapThrough, rewrapFileThrough } from '../../bindings/keyring/rewrap-file.ts';
import { interposed } from '../store/interposed.ts';
import { deaths, PowerLoss, type Disk } from '../store/power-loss.ts';
import { agedFile, folder } from './aged-file.ts';
import { aged, noise, type Aged } from './old-kek.ts';
import { codeOf, utf8 } from './support.ts';

const TEXT = 'row 17: Dear diary';
const context = 'row/17';
const NAME = 'row.envelope';

/** A folder with an envelope in a file in it, under the old KEK. */
const envelopeFile = (p?: Aged) => agedFile(NAME, (by) => by.envelope(TEXT, context), p);
const opens = async (keyring: Keyring, bytes: Uint8Array): Promise<void> =>
  expect(await keyring.decryptText(bytes, { context })).toBe(TEXT);

group('a file that holds an envelope', () => {
  it('is replaced by one whose 123 bytes at offset 2 are others; the second time nothing is done', async () => {
    const { keyring, path, before, at, kek } = await envelopeFile();
    chmodSync(path, 0o640);
    expect(await rewrapFile(keyring, path)).toBe(true);
    const after = readFileSync(path);
    expect(describe(after)).toMatchObject({ kind: 'envelope', keyId: kek });
    expect(Buffer.compare(after.subarray(125), before.subarray(125))).toBe(0);
    await opens(keyring, after);
    expect([readdirSync(at), statSync(path).mode & 0o777]).toEqual([[NAME], 0o640]);
    const { ino } = statSync(path);
    expect(await rewrapFile(keyring, path)).toBe(false);
    expect(statSync(path).ino).toBe(ino);
  });

  it('behind a symbolic link: the file itself is replaced, beside itself', async () => {
    const { keyring, path, at, kek } = await envelopeFile();
    const elsewhere = folder();
    symlinkSync(path, join(elsewhere, 'link'));
    expect(await rewrapFile(keyring, join(elsewhere, 'link'))).toBe(true);
    expect([readdirSync(at), readdirSync(elsewhere), statSync(path).isFile()]).toEqual([[NAME], ['link'], true]);
    expect(describe(readFileSync(path)).keyId).toBe(kek);
  });

  it.skipIf(process.getuid?.() !== 0)('of somebody else stays theirs (needs root to give it away)', async () => {
    const { keyring, path } = await envelopeFile();
    chownSync(path, 65534, 65534);
    expect(await rewrapFile(keyring, path)).toBe(true);
    const { uid, gid, mode } = statSync(path);
    expect([uid, gid, mode & 0o777]).toEqual([65534, 65534, 0o644]);
  });

  it('and something more, or altered, is refused and stays as it is', async () => {
    const { keyring, path, before, at } = await envelopeFile();
    const altered = before.slice();
    altered[100]! ^= 1;
    const cases: [Uint8Array, string][] = [
      [Buffer.concat([before, Buffer.of(0)]), 'ERR_FORMAT'],
      [before.subarray(0, before.length - 1), 'ERR_FORMAT'],
      [before.subarray(0, 140), 'ERR_FORMAT'],
      [Buffer.of(0x83), 'ERR_FORMAT'],
      [altered, 'ERR_AUTHENTICATION'],
      [await (await aged()).envelope(TEXT, context), 'ERR_KEY_NOT_FOUND'],
    ];
    for (const [bytes, code] of cases) {
      writeFileSync(path, bytes);
      expect(await codeOf(() => rewrapFile(keyring, path))).toBe(code);
      expect(Buffer.compare(readFileSync(path), bytes)).toBe(0);
      expect(readdirSync(at)).toEqual([NAME]);
    }
  });

  it('longer than any envelope is refused before it is read', async () => {
    const { keyring, path, before } = await envelopeFile();
    const handle = await nodeFs.open(path, 'w');
    await handle.writeFile(before);
    await handle.truncate(64 * 1024 * 1024 + 1025); // a hole
    await handle.close();
    expect(await codeOf(() => rewrapFile(keyring, path))).toBe('ERR_LIMIT');
  });
});

group('what a crash left', () => {
  const note = encodeDraftNote(randomBytes(8));
  const ending = draftEnding(note)!;

  it('note and draft, whole or in part: go, and the file stays', async () => {
    const { keyring, path, before, at } = await envelopeFile();
    for (const draft of [null, new Uint8Array(), before.subarray(0, 60), await keyring.rewrap(before)]) {
      writeFileSync(`${path}.rewrap`, note);
      if (draft !== null) writeFileSync(`${path}.rewrap${ending}`, draft);
      expect(await finishRewrap(keyring, path)).toBe(true);
      expect(readdirSync(at)).toEqual([NAME]);
      expect(Buffer.compare(readFileSync(path), before)).toBe(0);
      expect(await finishRewrap(keyring, path)).toBe(false);
    }
    writeFileSync(`${path}.rewrap`, note);
    expect(await rewrapFile(keyring, path)).toBe(true);
    expect(readdirSync(at)).toEqual([NAME]);
  });

  it('a note that was only begun, at any length, with zeros behind or not: goes', async () => {
    const { keyring, path, at } = await envelopeFile();
    for (let n = 0; n < note.length; n++)
      for (const zeros of [0, note.length - n]) {
        writeFileSync(`${path}.rewrap`, Buffer.concat([note.subarray(0, n), Buffer.alloc(zeros)]));
        expect(await finishRewrap(keyring, path), `${n} bytes, ${zeros} zeros`).toBe(true);
        expect(readdirSync(at)).toEqual([NAME]);
      }
  });

  it('something else of that name is not touched, and nothing is replaced beside it', async () => {
    const { keyring, path, before } = await envelopeFile();
    const other = note.slice();
    other[4] = 3;
    for (const bytes of [utf8('shopping list'), utf8('list'), noise(500), Buffer.concat([note, Buffer.of(0)]), other]) {
      writeFileSync(`${path}.rewrap`, bytes);
      expect(await finishRewrap(keyring, path)).toBe(false);
      expect(await codeOf(() => rewrapFile(keyring, path))).toBe('ERR_EXISTS');
      expect(Buffer.compare(readFileSync(`${path}.rewrap`), bytes)).toBe(0);
      expect(Buffer.compare(readFileSync(path), before)).toBe(0);
    }
  });

  it('its note names a draft of 16 digits, and is read strictly', () => {
    expect(ending).toMatch(/^\.[0-9a-f]{16}$/);
    for (let n = 0; n < note.length; n++) expect(draftEnding(note.subarray(0, n))).toBeNull();
    for (let i = 0; i < 5; i++) {
      const altered = note.slice();
      altered[i]! ^= 1;
      expect(draftEnding(altered)).toBeNull();
      expect(isBegunDraftNote(altered)).toBe(false);
    }
  });
});

group('a failing filesystem', () => {
  it.each(['ENOSPC', 'EIO', 'EACCES', 'EROFS'])(
    '%s at every call: the file is whole, and the next try ends it',
    async (code) => {
      const made = await aged();
      let calls = 0;
      const { path: counted } = await envelopeFile(made);
      await rewrapFileThrough(interposed(() => void calls++), made.keyring, counted); // prettier-ignore
      expect(calls).toBeGreaterThan(30);
      let refused = 0;
      for (let k = 1; k <= calls; k++) {
        const { keyring, path, at } = await envelopeFile(made);
        let call = 0;
        const fs = interposed(() => {
          if (++call === k) throw Object.assign(new Error(`${code}: made by the test`), { code, syscall: 'test' });
        });
        const error: unknown = await rewrapFileThrough(fs, keyring, path).then(() => null, (e: unknown) => e); // prettier-ignore
        if (error !== null) {
          refused++;
          expect(KeystrataError.is(error, 'ERR_STORE'), `call ${k}`).toBe(true);
          expect((error as Error).message).toContain(NAME);
        }
        await opens(keyring, readFileSync(path));
        await rewrapFile(keyring, path);
        expect(readdirSync(at), `call ${k}`).toEqual([NAME]);
        expect(describe(readFileSync(path)).keyId).toBe(made.kek);
        await opens(keyring, readFileSync(path));
      }
      expect(refused).toBeGreaterThan(25);
    },
  );
});

group('somebody else', () => {
  async function calls(made: Aged): Promise<number> {
    let n = 0;
    const { path } = await envelopeFile(made);
    await rewrapFileThrough(interposed(() => void n++), made.keyring, path); // prettier-ignore
    return n;
  }

  it('who does the same, at any call: the file is whole, one may be told so, and nothing is left', async () => {
    const made = await aged();
    const other = await made.unlock();
    const codes = new Set<string | undefined>();
    for (const theirs of [rewrapFile, finishRewrap])
      for (let k = 1, all = await calls(made); k <= all; k++) {
        const { keyring, path, at } = await envelopeFile(made);
        let call = 0;
        const fs = interposed(async () => {
          if (++call !== k) return;
          await theirs(other, path);
          await opens(keyring, readFileSync(path));
        });
        codes.add(await codeOf(() => rewrapFileThrough(fs, keyring, path)));
        await opens(keyring, readFileSync(path));
        await rewrapFile(keyring, path);
        expect(readdirSync(at), `call ${k}`).toEqual([NAME]);
        expect(describe(readFileSync(path)).keyId).toBe(made.kek);
      }
    expect([...codes].sort()).toEqual(['ERR_CONFLICT', undefined]);
  });

  it('who died in the middle of the same, at any call, while we are in the middle: the file is whole', async () => {
    const made = await aged();
    const other = await made.unlock();
    const all = await calls(made);
    class Death extends Error {}
    for (let ours = 8; ours <= all; ours += 3)
      for (let dies = 8; dies <= all; dies += 3) {
        const { keyring, path, at } = await envelopeFile(made);
        let theirs = 0;
        const dying = interposed(() => {
          if (++theirs >= dies) throw new Death();
        });
        let call = 0;
        const fs = interposed(async () => {
          if (++call === ours) await rewrapFileThrough(dying, other, path).catch(() => undefined);
        });
        await rewrapFileThrough(fs, keyring, path).catch(() => undefined);
        await opens(keyring, readFileSync(path));
        await rewrapFile(keyring, path);
        await opens(keyring, readFileSync(path));
        expect(describe(readFileSync(path)).keyId).toBe(made.kek);
        expect(readdirSync(at)).toContain(NAME);
      }
  });

  it('who writes another file under the name, until it is replaced: theirs stays', async () => {
    const made = await aged();
    let replaced = 0;
    for (let k = 1, all = await calls(made); k <= all; k++) {
      const { keyring, path, at } = await envelopeFile(made);
      const theirs = await made.keyring.sealEnvelope('row 17: another', { context });
      let call = 0;
      let renamed = false;
      const fs = interposed(async (name) => {
        renamed ||= name === 'rename';
        if (++call !== k || renamed) return;
        await nodeFs.writeFile(join(at, 'new'), theirs);
        await nodeFs.rename(join(at, 'new'), path);
        replaced++;
      });
      await rewrapFileThrough(fs, keyring, path).catch(() => undefined);
      const found = await keyring.decryptText(readFileSync(path), { context });
      // Between the last look and the rename nobody can look.
      if (!renamed) expect(found, `call ${k}`).toBe('row 17: another');
      expect(readdirSync(at)).toEqual([NAME]);
    }
    expect(replaced).toBeGreaterThan(20);
  });
});

group('the power goes', () => {
  const PATH = `/disk/${NAME}`;
  /** Within the head of a note, within the wrap, at its end. */
  const SOME = [0, 1, 4, 5, 12, 13, 60, 125, 150];
  const some = (length: number): number[] => [...SOME.filter((n) => n < length), length];
  const every = (length: number): number[] => Array.from({ length: length + 1 }, (_, n) => n);

  it('ahead of every call, whatever had reached the disk: the old or the new one, and nothing beside it afterwards', async () => {
    const { keyring, before, kek } = await envelopeFile();
    let [seen, old, fresh] = [0, 0, 0];
    const disk: Disk = new Map([[NAME, before]]);
    for await (const [at, found] of deaths(disk, (model) => rewrapFileThrough(model.fs, keyring, PATH), every)) {
      seen++;
      await opens(keyring, found.get(NAME)!);
      if (describe(found.get(NAME)!).keyId === kek) fresh++;
      else old++;
      const again = new PowerLoss(found);
      await finishRewrapThrough(again.fs, keyring, PATH);
      for (const after of again.outcomes(some)) {
        expect([...after.keys()], at).toEqual([NAME]);
        await opens(keyring, after.get(NAME)!);
      }
    }
    expect([old > 0, fresh > 0, seen > 100]).toEqual([true, true, true]);
  });

  it('again while that is put right', async () => {
    const { keyring, before } = await envelopeFile();
    let seen = 0;
    const disk: Disk = new Map([[NAME, before]]);
    const work = (model: PowerLoss) => rewrapFileThrough(model.fs, keyring, PATH);
    for await (const [at, found] of deaths(disk, work, some))
      for await (const [then, again] of deaths(found, work, some)) {
        seen++;
        const last = new PowerLoss(again);
        await rewrapFileThrough(last.fs, keyring, PATH);
        for (const after of last.outcomes(some)) {
          expect([...after.keys()], `${at}, then ${then}`).toEqual([NAME]);
          await opens(keyring, after.get(NAME)!);
        }
      }
    expect(seen).toBeGreaterThan(1000);
  });

  it('a draft that is not synced would be found out', async () => {
    const { keyring, before } = await envelopeFile();
    const forgetful = (model: PowerLoss) => ({
      ...model.fs,
      open: async (path: string, flags: string) => {
        const handle = await model.fs.open(path, flags);
        return /\.[0-9a-f]{16}$/.test(path) ? { ...handle, sync: () => Promise.resolve() } : handle;
      },
    });
    let lost = 0;
    const work = (model: PowerLoss) => rewrapFileThrough(forgetful(model) as never, keyring, PATH);
    for await (const [, found] of deaths(new Map([[NAME, before]]), work, some))
      if ((await codeOf(() => keyring.decrypt(found.get(NAME)!, { context }))) !== undefined) lost++;
    expect(lost).toBeGreaterThan(0);
  });
});
