import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  mkdirSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { KeystrataError } from '../../bindings/core/errors.ts';
import { fileStore } from '../../bindings/node.ts';
import { idOf, placeOf } from '../../bindings/store/names.ts';
import { ODD_IDS, storeSuite } from './conformance.ts';

const root = mkdtempSync(join(tmpdir(), 'keystrata-file-'));
afterAll(() => rmSync(root, { recursive: true }));
let count = 0;
const fresh = (): string => join(root, `vault-${count++}`);
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

storeSuite('file', () => {
  const folder = fresh();
  return { store: fileStore(folder), again: () => fileStore(folder) };
});

describe('files of a file store', () => {
  it('lie as <id>.<n>, the newest alone, for the owner only', async () => {
    const folder = join(fresh(), 'made', 'on demand');
    const store = fileStore(folder);
    expect(await store.get('alice')).toBeNull();
    const one = await store.put('alice', bytes(1, 2), { ifVersion: null });
    expect(readdirSync(folder)).toEqual(['alice.1']);
    await store.put('alice', bytes(3, 4), { ifVersion: one.version });
    expect(readdirSync(folder)).toEqual(['alice.2']);
    expect([...readFileSync(join(folder, 'alice.2'))]).toEqual([3, 4]); // the bytes as they are
    expect(statSync(join(folder, 'alice.2')).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it('have names for every id, and every id its own', () => {
    const names = ODD_IDS.map((id) => [...placeOf(id).folders, placeOf(id).name].join('/'));
    for (const [i, name] of names.entries()) {
      expect(name).toMatch(/^[a-z0-9_%/-]+$/);
      for (const piece of name.split('/'))
        expect(`${piece}.999999999999999.0123456789abcdef.tmp`.length).toBeLessThan(255);
      expect(idOf(placeOf(ODD_IDS[i]!))).toBe(ODD_IDS[i]);
    }
    expect(new Set(names).size).toBe(ODD_IDS.length);
    expect(placeOf('alice')).toEqual({ folders: [], name: 'alice' });
    expect(placeOf('Alice').name).toBe('%41lice');
    expect(placeOf('..').name).toBe('%2e%2e');
    expect(placeOf('con').name).toBe('%63on');
  });

  it('that are somebody else’s are left alone and not listed', async () => {
    const folder = fresh();
    mkdirSync(folder);
    const others = [
      'README',
      'alice',
      'alice.',
      'alice.01',
      'alice.1.bak',
      'Bob.1',
      '%zz.1',
      '%61lice.1',
      '%.1',
      'a%.3',
      '.7',
      'x.0',
    ];
    for (const name of others) writeFileSync(join(folder, name), 'other');
    mkdirSync(join(folder, 'short%'));
    writeFileSync(join(folder, 'short%', 'tail.1'), 'other');
    const store = fileStore(folder);
    const listed = [];
    for await (const id of store.list()) listed.push(id);
    expect(listed).toEqual([]);
    await store.put('alice', bytes(1), { ifVersion: null });
    expect(readdirSync(folder).sort()).toEqual([...others, 'alice.1', 'short%'].sort());
  });

  it('are counted as numbers: 10 comes after 9', async () => {
    const folder = fresh();
    mkdirSync(folder);
    writeFileSync(join(folder, 'alice.9'), 'nine');
    writeFileSync(join(folder, 'alice.10'), 'ten');
    expect((await fileStore(folder).get('alice'))!.version).toBe('10');
  });

  it('that crashed writers left are removed when they are old, and what they announce is kept until then', async () => {
    const folder = fresh();
    const store = fileStore(folder);
    let { version } = await store.put('alice', bytes(1), { ifVersion: null });
    const left = join(folder, 'alice.2.0123456789abcdef.tmp');
    writeFileSync(left, 'half');
    for (let i = 2; i <= 4; i++) ({ version } = await store.put('alice', bytes(i), { ifVersion: version }));
    expect(readdirSync(folder).sort()).toEqual(['alice.2', 'alice.2.0123456789abcdef.tmp', 'alice.3', 'alice.4']);
    utimesSync(left, new Date(), new Date(Date.now() - 2 * 60 * 60 * 1000));
    await store.put('alice', bytes(5), { ifVersion: version });
    expect(readdirSync(folder)).toEqual(['alice.5']);
  });

  it('keep a tombstone, so that numbers go on', async () => {
    const folder = fresh();
    const store = fileStore(folder);
    const { version } = await store.put('alice', bytes(1), { ifVersion: null });
    await store.delete('alice', { ifVersion: version });
    expect(readdirSync(folder)).toEqual(['alice.2']);
    expect(readFileSync(join(folder, 'alice.2'), 'latin1')).toBe('\0deleted\n');
    expect(await store.put('alice', bytes(3), { ifVersion: null })).toEqual({ version: '3' });
    expect(readdirSync(folder)).toEqual(['alice.3']);
  });

  it('that a disk emptied are not taken for anything', async () => {
    const folder = fresh();
    mkdirSync(folder);
    writeFileSync(join(folder, 'alice.1'), '');
    const error: unknown = await fileStore(folder)
      .get('alice')
      .catch((e: unknown) => e);
    expect(KeystrataError.is(error, 'ERR_STORE')).toBe(true);
    expect((error as Error).message).toMatch(/restore it from a copy/);
  });

  it('that are huge are refused before memory is taken', async () => {
    const folder = fresh();
    mkdirSync(folder);
    writeFileSync(join(folder, 'alice.1'), '');
    const { truncate } = await import('node:fs/promises');
    await truncate(join(folder, 'alice.1'), 1e12); // sparse
    const before = process.memoryUsage().rss;
    await expect(fileStore(folder).get('alice')).rejects.toMatchObject({ code: 'ERR_LIMIT' });
    expect(process.memoryUsage().rss - before).toBeLessThan(64e6);
  });
});

describe('the name of a file store', () => {
  it('is the real path, the same before and after the folder is made', async () => {
    const folder = fresh();
    const link = `${folder}-link`;
    symlinkSync(root, link);
    const names = () => [folder, join(link, folder.slice(root.length))].map((path) => fileStore(path).name);
    const [before, through] = names();
    expect(through).toBe(before);
    await fileStore(folder).put('id', bytes(1), { ifVersion: null });
    expect(names()).toEqual([before, before]);
  });

  it('does not follow the working directory', () => {
    const store = fileStore('vault');
    expect(store.name).toBe(`file:${join(process.cwd(), 'vault')}`);
  });

  it.each(['', 'a\0b', 5, undefined])('is refused: %j', (folder) => {
    expect(() => fileStore(folder as string)).toThrow(expect.objectContaining({ code: 'ERR_ARGUMENT' }));
  });
});
