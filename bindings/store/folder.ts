// What the file store asks of a filesystem: files written once and for good, folders whose entries are on the disk.

import { constants, type Stats } from 'node:fs';
import type * as promises from 'node:fs/promises';
import { dirname } from 'node:path';
import { KeystrataError } from '../core/errors.ts';
import { still, type Bytes, type Out } from '../core/bytes.ts';
import { systemCode } from './failure.ts';

/** The part of node:fs/promises in use: tests give one that fails or dies at the k-th call. */
export type FileSystem = Pick<
  typeof promises,
  'open' | 'readdir' | 'link' | 'rename' | 'unlink' | 'mkdir' | 'stat' | 'realpath'
>;

/** Read and write for the owner of the process, nothing for others. */
const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;

/** To read, without waiting: where a pipe was put in place of a file, nobody may ever write it. */
const AT_ONCE = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

const missing = (error: unknown): boolean => systemCode(error) === 'ENOENT';

/** Makes a file that must not be there yet, whole and on the disk when this returns; its name is not, before syncFolder. */
export async function writeNew(fs: FileSystem, path: string, bytes: Bytes): Promise<void> {
  const handle = await fs.open(path, 'wx', PRIVATE_FILE);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** All of a file, or null where there is none. ERR_LIMIT over `most` bytes, before memory is taken. */
export async function readWhole(fs: FileSystem, path: string, most: number): Promise<Out | null> {
  let handle;
  try {
    handle = await fs.open(path, AT_ONCE);
  } catch (error) {
    if (missing(error)) return null;
    throw error;
  }
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new KeystrataError('ERR_STORE', `${path}: no regular file; see who put it there`);
    const { size } = stats;
    if (size > most)
      throw new KeystrataError(
        'ERR_LIMIT',
        `${path}: ${size} bytes are more than a store holds under one id (${most})`,
      );
    const bytes = still(size);
    let at = 0;
    while (at < size) {
      const { bytesRead } = await handle.read(bytes, at, size - at, at);
      if (bytesRead === 0) throw new KeystrataError('ERR_STORE', `${path}: shorter than its size says; check the disk`);
      at += bytesRead;
    }
    return bytes;
  } finally {
    await handle.close();
  }
}

async function statOf(fs: FileSystem, path: string): Promise<Stats | null> {
  try {
    return await fs.stat(path);
  } catch (error) {
    if (missing(error)) return null;
    throw error;
  }
}

/** Bytes in a file, or null where there is none. */
export async function sizeOf(fs: FileSystem, path: string): Promise<number | null> {
  return (await statOf(fs, path))?.size ?? null;
}

/** Milliseconds since a file was last written, or null where there is none. */
export async function ageOf(fs: FileSystem, path: string): Promise<number | null> {
  const stat = await statOf(fs, path);
  return stat && Date.now() - stat.mtimeMs;
}

/** Names in a folder; none where there is no folder. What stood there before the call and is not removed meanwhile is among them (POSIX readdir). */
export async function namesIn(fs: FileSystem, folder: string): Promise<string[]> {
  try {
    return await fs.readdir(folder);
  } catch (error) {
    if (missing(error)) return [];
    throw error;
  }
}

/** Puts a folder's entries on the disk. Windows knows no such call and does it by itself. */
export async function syncFolder(fs: FileSystem, folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await fs.open(folder, constants.O_RDONLY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Makes a folder and those above it, all of them on the disk when this returns. One by one: what Node does in one call never
 * ends, nor can be interrupted, where the system says of a folder that is there that nothing is (/proc, /sys).
 */
export async function makeFolder(fs: FileSystem, folder: string): Promise<void> {
  const above = dirname(folder);
  try {
    if (!(await makeOne(fs, folder))) return;
  } catch (error) {
    if (!missing(error) || above === folder) throw error;
    await makeFolder(fs, above);
    if (!(await makeOne(fs, folder))) return;
  }
  await syncFolder(fs, above);
}

/** False where it is there already. */
async function makeOne(fs: FileSystem, folder: string): Promise<boolean> {
  try {
    await fs.mkdir(folder, { mode: PRIVATE_FOLDER });
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST' && (await statOf(fs, folder))?.isDirectory()) return false;
    throw error;
  }
}

/** Removes a file where it can: what stays is found and removed by a later write. */
export async function tidy(fs: FileSystem, path: string): Promise<void> {
  await fs.unlink(path).catch(() => undefined);
}
