// A file in the making: it lies beside its place as .keystrata-<random>.tmp, is written, fsynced and only then named.
//
// Whatever ends the run removes it: an error by discard(), a signal by discardAll().

import { randomBytes } from 'node:crypto';
import { closeSync, linkSync, openSync, renameSync, rmSync, unlinkSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Bytes } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import { storeError, systemCode } from '../store/failure.ts';
import { sinkOf, type Output } from './output.ts';

/** Chunks of a stream are 16 KiB; the system gets sixteen at a time. */
const BLOCK = 256 * 1024;

const pending = new Set<string>();

/** At once, for a process that is about to end. */
export function discardAll(): void {
  for (const path of pending) rmSync(path, { force: true });
  pending.clear();
}

export const exists = (name: string): KeystrataError =>
  new KeystrataError('ERR_EXISTS', `${name} is there already; name another with -o, or overwrite it with --force`);

export interface Draft {
  /** For people. */
  name: string;
  path: string;
  /** Permission bits of the source, or null. */
  mode: number | null;
}

/** Errors of the system come as they are, until commit(). */
export async function draftOf({ name, path, mode }: Draft, force: boolean): Promise<Output> {
  const temporary = join(dirname(path), `.keystrata-${randomBytes(8).toString('hex')}.tmp`);
  pending.add(temporary);
  let handle: FileHandle;
  try {
    handle = await open(temporary, 'wx', 0o600);
  } catch (error) {
    pending.delete(temporary);
    throw error;
  }
  const { write, flush, count } = blocks(handle);
  let closed = false;
  const close = async (): Promise<void> => {
    if (!closed) await handle.close();
    closed = true;
  };
  return {
    name,
    get written() {
      return count();
    },
    sink: () => sinkOf(name, write),
    async commit() {
      try {
        await flush();
        await handle.chmod((mode ?? 0o666) & 0o666 & ~process.umask());
        await handle.sync();
        await close();
        if (force) renameSync(temporary, path);
        else publish(name, temporary, path);
        pending.delete(temporary);
      } catch (error) {
        throw storeError(error, `writing ${name}`);
      }
      await syncFolder(dirname(path));
    },
    async discard() {
      if (!pending.has(temporary)) return;
      await close().catch(() => undefined);
      rmSync(temporary, { force: true });
      pending.delete(temporary);
    },
  };
}

/** Gives the file its name, which nobody may have: synchronous, so that no signal comes in between. */
function publish(name: string, temporary: string, path: string): void {
  try {
    linkSync(temporary, path);
  } catch (error) {
    if (systemCode(error) === 'EEXIST') throw exists(name);
    reserve(name, path); // no links here (FAT): an empty file holds the name for the rename
    renameSync(temporary, path);
    return;
  }
  unlinkSync(temporary);
}

function reserve(name: string, path: string): void {
  try {
    closeSync(openSync(path, 'wx'));
  } catch (error) {
    throw systemCode(error) === 'EEXIST' ? exists(name) : error;
  }
}

/** The file is complete either way: where a folder cannot be synced, nothing is said. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => null);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

/** Gathers chunks into blocks. */
function blocks(handle: FileHandle) {
  const block = Buffer.alloc(BLOCK);
  let filled = 0;
  let total = 0;
  const all = async (bytes: Bytes): Promise<void> => {
    for (let at = 0; at < bytes.length;) at += (await handle.write(bytes, at)).bytesWritten;
  };
  const flush = async (): Promise<void> => {
    await all(block.subarray(0, filled));
    filled = 0;
  };
  const write = async (chunk: Bytes): Promise<void> => {
    total += chunk.length;
    if (filled + chunk.length > BLOCK) await flush();
    if (chunk.length > BLOCK) return all(chunk);
    block.set(chunk, filled);
    filled += chunk.length;
  };
  return { write, flush, count: () => total };
}
