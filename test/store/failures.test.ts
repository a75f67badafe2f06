// Whatever call to the system fails, dies or is overtaken: the old or the new state is there, and the next write works.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KeystrataError } from '../../bindings/core/errors.ts';
import { fileStore } from '../../bindings/store/file.ts';
import { FileStore } from '../../bindings/store/revisions.ts';
import type { Store } from '../../bindings/store/store.ts';
import { compiledStore } from './compiled.ts';
import { interposed } from './interposed.ts';

const root = mkdtempSync(join(tmpdir(), 'keystrata-failures-'));
afterAll(() => rmSync(root, { recursive: true }));
let count = 0;
const fresh = (): string => join(root, `vault-${count++}`);
const text = (value: string): Uint8Array => new Uint8Array(Buffer.from(value));
const valueOf = async (store: Store, id = 'alice'): Promise<string | null> => {
  const stored = await store.get(id);
  return stored && Buffer.from(stored.bytes).toString();
};
const fault = (code: string): Error => Object.assign(new Error(`${code}: made by the test`), { code, syscall: 'test' });

type Change = { name: string; prepare: boolean; run: (store: Store) => Promise<unknown>; result: string | null };
const CHANGES: Change[] = [
  {
    name: 'create',
    prepare: false,
    run: (store) => store.put('alice', text('new'), { ifVersion: null }),
    result: 'new',
  },
  { name: 'change', prepare: true, run: (store) => store.put('alice', text('new'), { ifVersion: '1' }), result: 'new' },
  { name: 'delete', prepare: true, run: (store) => store.delete('alice', { ifVersion: '1' }), result: null },
];

async function prepared(change: Change): Promise<string> {
  const folder = fresh();
  if (change.prepare) await fileStore(folder).put('alice', text('old'), { ifVersion: null });
  return folder;
}

/** How many calls a change makes. */
async function callsOf(change: Change): Promise<number> {
  let calls = 0;
  await change.run(
    new FileStore(
      await prepared(change),
      interposed(() => void calls++),
    ),
  );
  return calls;
}

async function expectOldOrNew(folder: string, change: Change): Promise<void> {
  const store = fileStore(folder);
  const now = await valueOf(store);
  expect([change.prepare ? 'old' : null, change.result]).toContain(now);
  await store.put('alice', text('next'), { ifVersion: (await store.get('alice'))?.version ?? null });
  expect(await valueOf(store)).toBe('next');
}

describe.each(CHANGES)('a failing filesystem: $name', (change) => {
  it.each(['ENOSPC', 'EIO', 'EACCES', 'EROFS', 'EDQUOT', 'EMFILE', 'EWHATEVER'])('%s at every call', async (code) => {
    const calls = await callsOf(change);
    expect(calls).toBeGreaterThan(9);
    let refused = 0;
    for (let k = 1; k <= calls; k++) {
      const folder = await prepared(change);
      let call = 0;
      const store = new FileStore(
        folder,
        interposed(() => {
          if (++call === k) throw fault(code);
        }),
      );
      const error: unknown = await change.run(store).then(
        () => null,
        (e: unknown) => e,
      );
      if (error !== null) {
        refused++;
        expect(KeystrataError.is(error, 'ERR_STORE'), `call ${k}: ${(error as Error).message}`).toBe(true);
        expect((error as Error).message).toContain('"alice"');
        expect((error as Error).cause).toMatchObject({ code });
      } else expect(await valueOf(fileStore(folder))).toBe(change.result); // only tidying up failed
      await expectOldOrNew(folder, change);
    }
    expect(refused).toBeGreaterThan(7);
  });
});

it('a filesystem without hard links is named as that', async () => {
  for (const code of ['EPERM', 'ENOTSUP', 'ENOSYS']) {
    const folder = fresh();
    const store = new FileStore(
      folder,
      interposed((call) => {
        if (call === 'link') throw fault(code);
      }),
    );
    await expect(store.put('alice', text('new'), { ifVersion: null })).rejects.toMatchObject({
      code: 'ERR_STORE',
      message: expect.stringMatching(/no hard links/) as string,
    });
    expect(readdirSync(folder)).toEqual([]);
  }
});

it('a file where the folder should be, and a folder above that is a file', async () => {
  const file = fresh();
  writeFileSync(file, 'a file');
  for (const path of [file, join(file, 'below')])
    for (const work of [(s: Store) => s.get('alice'), (s: Store) => s.put('alice', text('x'), { ifVersion: null })])
      await expect(work(fileStore(path))).rejects.toMatchObject({
        code: 'ERR_STORE',
        message: expect.stringMatching(/is a file, not a folder/) as string,
      });
});

it.skipIf(!existsSync('/proc/self'))('a place where no folder can be made, which Node would try for ever', async () => {
  for (const path of ['/proc/nothing', '/proc/nothing/below'])
    await expect(fileStore(path).put('alice', text('x'), { ifVersion: null })).rejects.toMatchObject({
      code: 'ERR_STORE',
    });
});

describe.each(CHANGES)('a writer that is overtaken: $name', (change) => {
  // It stops before its k-th call, for as long as others need for so many changes; with its announcement taken for a leftover, or not.
  it.each([
    [1, false],
    [2, false],
    [5, false],
    [5, true],
  ])('by %i changes, its announcement removed: %s', async (changes, removed) => {
    const calls = await callsOf(change);
    for (let k = 1; k <= calls; k++) {
      const folder = await prepared(change);
      const others = fileStore(folder);
      const versions: string[] = [];
      let call = 0;
      const slow = new FileStore(
        folder,
        interposed(async () => {
          if (++call !== k) return;
          for (let i = 0; i < changes; i++) {
            const ifVersion = (await others.get('alice'))?.version ?? null;
            if (removed && existsSync(folder))
              for (const file of readdirSync(folder).filter((name) => name.endsWith('.tmp')))
                rmSync(join(folder, file));
            versions.push((await others.put('alice', text(`others ${i}`), { ifVersion })).version);
          }
        }),
      );
      const error: unknown = await change.run(slow).then(
        () => null,
        (e: unknown) => e,
      );
      expect(versions).toHaveLength(changes);
      expect(await valueOf(fileStore(folder)), `call ${k}`).toBe(`others ${changes - 1}`); // theirs came last, whatever happened
      const first = Number(versions[0]);
      if (error === null)
        expect(first, `call ${k}`).toBe(change.prepare ? 3 : 2); // ours was made before theirs
      else {
        expect(KeystrataError.is(error, 'ERR_CONFLICT'), `call ${k}: ${(error as Error).message}`).toBe(true);
        expect(first).toBe(change.prepare ? 2 : 1);
      }
    }
  });
});

describe('processes', () => {
  let compiled: ReturnType<typeof compiledStore>;
  beforeAll(() => {
    compiled = compiledStore();
    writeFileSync(
      join(compiled.folder, 'killed.js'),
      `
      import * as fs from 'node:fs/promises';
      import { FileStore } from './store/revisions.js';
      const [folder, name, k] = process.argv.slice(2);
      const CALLS = ['open', 'readdir', 'link', 'unlink', 'mkdir', 'stat', 'writeFile', 'read', 'sync', 'close'];
      let call = 0;
      const dying = (target) => new Proxy(target, { get(object, key) {
        const value = Reflect.get(object, key, object);
        if (typeof value !== 'function' || !CALLS.includes(key)) return value;
        return async (...given) => {
          if (++call === Number(k)) process.kill(process.pid, 'SIGKILL');
          // Half a write, for a death in its middle.
          if (key === 'writeFile' && ++call === Number(k)) {
            await object.write(given[0].subarray(0, given[0].length >> 1));
            process.kill(process.pid, 'SIGKILL');
          }
          const result = await value.apply(object, given);
          return key === 'open' ? dying(result) : result;
        };
      } });
      const store = new FileStore(folder, dying({ ...fs }));
      const bytes = new Uint8Array(Buffer.from('new'));
      if (name === 'delete') await store.delete('alice', { ifVersion: '1' });
      else await store.put('alice', bytes, { ifVersion: name === 'create' ? null : '1' });
      `,
    );
    writeFileSync(
      join(compiled.folder, 'increments.js'),
      `
      import { FileStore } from './store/revisions.js';
      const [folder, many] = process.argv.slice(2);
      const store = new FileStore(folder);
      for (let done = 0; done < Number(many); ) {
        const { bytes, version } = await store.get('count');
        const next = Number(Buffer.from(bytes).toString()) + 1;
        try {
          await store.put('count', new Uint8Array(Buffer.from(String(next))), { ifVersion: version });
          done++;
        } catch (error) {
          if (error.code !== 'ERR_CONFLICT') throw error;
        }
      }
      `,
    );
  });
  afterAll(() => compiled.end());

  it.each(CHANGES)('killed at every call to the system: $name', async (change) => {
    let k = 1;
    let news = 0;
    for (; ; k++) {
      const folder = await prepared(change);
      const { signal, status, stderr } = spawnSync(process.execPath, [
        join(compiled.folder, 'killed.js'),
        folder,
        change.name,
        String(k),
      ]);
      if (signal === null) {
        expect(status, stderr.toString()).toBe(0);
        break;
      }
      expect(signal).toBe('SIGKILL');
      if ((await valueOf(fileStore(folder))) === change.result) news++;
      await expectOldOrNew(folder, change);
    }
    expect(k).toBeGreaterThan(10);
    expect(news).toBeGreaterThan(0); // the new state was seen after some deaths …
    expect(news).toBeLessThan(k - 1); // … and the old after others
  });

  it('8 × 200 conflicting increments: nothing is lost', async () => {
    // Where a folder in memory is at hand: its fsync is free.
    const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'keystrata-increments-'));
    try {
      const store = fileStore(folder);
      await store.put('count', text('0'), { ifVersion: null });
      const codes = await Promise.all(
        Array.from(
          { length: 8 },
          () =>
            new Promise((resolve) =>
              spawn(process.execPath, [join(compiled.folder, 'increments.js'), folder, '200'], { stdio: 'inherit' }).on(
                'exit',
                resolve,
              ),
            ),
        ),
      );
      expect(codes).toEqual(Array(8).fill(0));
      expect(await store.get('count')).toMatchObject({ version: '1601' });
      expect(await valueOf(store, 'count')).toBe('1600');
      await store.put('count', text('end'), { ifVersion: '1601' });
      expect(readdirSync(folder)).toEqual(['count.1602']);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

// A small disk that can be full, and read-only: only root can mount one.
const disk = join(root, 'disk');
const mounted = ((): boolean => {
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe.skipIf(!mounted)('a real disk (a tmpfs of 64 KiB, which needs root)', () => {
  afterAll(() => execFileSync('umount', [disk]));
  const refusal = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => null,
      (e: unknown) => e,
    );

  it('that is full: ERR_STORE, the old state, no leftovers', async () => {
    const store = fileStore(join(disk, 'vault'));
    await store.put('alice', text('old'), { ifVersion: null });
    const error = await refusal(store.put('alice', new Uint8Array(100_000), { ifVersion: '1' }));
    expect(error).toMatchObject({ code: 'ERR_STORE', message: expect.stringMatching(/the disk is full/) as string });
    expect(readdirSync(join(disk, 'vault'))).toEqual(['alice.1']);
    expect(await valueOf(store)).toBe('old');
    expect(await store.put('alice', text('new'), { ifVersion: '1' })).toEqual({ version: '2' });
  });

  it('that is read-only: ERR_STORE, and what is there can be read', async () => {
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    const store = fileStore(join(disk, 'vault'));
    const error = await refusal(store.put('alice', text('x'), { ifVersion: '2' }));
    expect(error).toMatchObject({ code: 'ERR_STORE', message: expect.stringMatching(/read-only/) as string });
    expect(await valueOf(store)).toBe('new');
    execFileSync('mount', ['-o', 'remount,rw', disk]);
  });
});
