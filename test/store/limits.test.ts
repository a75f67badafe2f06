// What a file store says where the disk holds what no store wrote, loses what it held, or never comes to rest.

import { mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { fileStore } from '../../bindings/store/file.ts';
import { storeError } from '../../bindings/store/failure.ts';
import { MOST_BYTES } from '../../bindings/store/arguments.ts';
import { FileStore } from '../../bindings/store/revisions.ts';
import { interposed } from './interposed.ts';

const root = mkdtempSync(join(tmpdir(), 'keystrata-limits-'));
afterAll(() => rmSync(root, { recursive: true }));
let count = 0;
const one = Uint8Array.of(1);

/** A folder that holds "alice". */
async function folder(): Promise<string> {
  const path = join(root, `vault-${count++}`);
  await fileStore(path).put('alice', one, { ifVersion: null });
  return path;
}

const fault = (code: string): Error => Object.assign(new Error(`${code}: made by the test`), { code, syscall: 'test' });
const refused = (code: string, message: RegExp): object => ({
  code,
  message: expect.stringMatching(message) as string,
});

it('a file that is larger than any store writes is refused before memory is taken', async () => {
  const path = await folder();
  truncateSync(join(path, 'alice.1'), MOST_BYTES + 2); // a hole: it takes no room on the disk
  await expect(fileStore(path).get('alice')).rejects.toMatchObject(refused('ERR_LIMIT', /alice\.1: 67108866 bytes/));
  truncateSync(join(path, 'alice.1'), 0);
  await expect(fileStore(path).get('alice')).rejects.toMatchObject(refused('ERR_STORE', /alice\.1: empty.*restore/));
});

it('a file that shrinks while it is read is the disk’s fault', async () => {
  const path = await folder();
  const store = new FileStore(
    path,
    interposed((call) => {
      if (call === 'read') truncateSync(join(path, 'alice.1'), 0);
    }),
  );
  await expect(store.get('alice')).rejects.toMatchObject(refused('ERR_STORE', /shorter than its size says/));
});

it('a revision that is gone whenever it is looked at ends the reading, not the process', async () => {
  const path = await folder();
  let opened = 0;
  const store = new FileStore(
    path,
    interposed((call) => {
      if (call === 'open' && opened++ >= 0) throw fault('ENOENT');
    }),
  );
  await expect(store.get('alice')).rejects.toMatchObject(refused('ERR_STORE', /"alice".*others change it/));
  expect(opened).toBe(1000);
});

it('a folder that cannot be listed', async () => {
  const path = await folder();
  const store = new FileStore(
    path,
    interposed((call) => {
      if (call === 'readdir') throw fault('EIO');
    }),
  );
  const listing = async (): Promise<void> => {
    for await (const id of store.list()) expect.unreachable(id);
  };
  await expect(listing()).rejects.toMatchObject(refused('ERR_STORE', /^listing .*the disk failed/));
});

it('what was thrown is told in its own words where the system has none', () => {
  expect(storeError(new Error('a gremlin'), 'writing')).toMatchObject({
    code: 'ERR_STORE',
    message: 'writing: a gremlin',
  });
  expect(storeError('a gremlin', 'writing')).toMatchObject({ message: 'writing: it failed', cause: 'a gremlin' });
  expect(storeError(Object.assign(new Error('no'), { code: 5, syscall: 'x' }), 'a')).toMatchObject({
    message: 'a: no',
  });
  const ours = storeError(fault('ENOSPC'), 'writing');
  expect(storeError(ours, 'again')).toBe(ours);
});
