// FILE.rewrap: what lies beside a file while it is re-wrapped, and after a crash tells what to do. FORMATS §6.

import { dirname } from 'node:path';
import { equal, type Bytes } from '../core/bytes.ts';
import { KeystrataError, conflictError } from '../core/errors.ts';
import { systemCode } from '../store/failure.ts';
import { readWhole, syncFolder, tidy, type FileSystem } from '../store/folder.ts';

export const sideOf = (path: string): string => `${path}.rewrap`;

/** By its name: what takes the place of a file that holds an envelope, or what a crash left of it (format/draft-note.ts). */
export const isDraft = (path: string): boolean => /\.rewrap\.[0-9a-f]{16}$/.test(path);

export const inTheWay = (side: string): KeystrataError =>
  new KeystrataError(
    'ERR_EXISTS',
    `${JSON.stringify(side)} is in the way and is no note of a re-wrap of this file: move it elsewhere`,
  );

/** The note is on the disk under its name, or nothing of it stays. */
export async function announce(fs: FileSystem, side: string, note: Bytes): Promise<void> {
  let handle;
  try {
    handle = await fs.open(side, 'wx', 0o600);
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw error;
    throw conflictError(`${JSON.stringify(side)}: somebody else re-wraps this file; do it again when that is done`);
  }
  try {
    try {
      await handle.writeFile(note);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await syncFolder(fs, dirname(side));
  } catch (error) {
    await tidy(fs, side);
    throw error;
  }
}

/** No two notes are the same: each has random bytes of its own. */
export async function isOurs(fs: FileSystem, side: string, note: Bytes): Promise<boolean> {
  const there = await readWhole(fs, side, note.length);
  return there !== null && equal(there, note);
}

/** Gone from the disk; where somebody else was first, too. */
export async function discard(fs: FileSystem, path: string): Promise<void> {
  await fs.unlink(path).catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw error;
  });
  await syncFolder(fs, dirname(path));
}
