// What lies under the paths that were named: files, and all files in folders, in the order of their names. No symbolic link in
// a folder is followed: it could lead out of the folder, or round in a circle. One that was named is.

import type { Dirent } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { KeystrataError } from '../core/errors.ts';
import { storeError, systemCode } from '../store/failure.ts';
import { quoted } from './words.ts';

export type Entry =
  | { readonly kind: 'file' | 'link' | 'other'; readonly path: string; readonly named: boolean }
  | { readonly kind: 'failed'; readonly path: string; readonly named: boolean; readonly error: unknown };

const inWords = (error: unknown, path: string): unknown =>
  systemCode(error) === 'ENOENT'
    ? new KeystrataError('ERR_NOT_FOUND', `${quoted(path)}: no such file`, { cause: error })
    : storeError(error, `reading ${quoted(path)}`);

/** Says of each what it is; what cannot be looked at is said, and the walk goes on. */
export async function* walk(paths: readonly string[]): AsyncGenerator<Entry, void> {
  for (const path of paths) {
    try {
      const stats = await stat(path);
      if (stats.isDirectory()) yield* within(path, true);
      else yield { kind: stats.isFile() ? 'file' : 'other', path, named: true };
    } catch (error) {
      yield { kind: 'failed', path, named: true, error: inWords(error, path) };
    }
  }
}

async function* within(folder: string, named = false): AsyncGenerator<Entry, void> {
  let entries: Dirent[];
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    yield { kind: 'failed', path: folder, named, error: inWords(error, folder) };
    return;
  }
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* within(path);
    else yield { kind: entry.isFile() ? 'file' : entry.isSymbolicLink() ? 'link' : 'other', path, named: false };
  }
}
