// A sealed file under the present KEK, in place: its first 143 bytes are written anew, the rest is not read. FORMATS §6. One
// that holds an envelope: rewrap-envelope-file.ts.
//
//   FILE.rewrap written ─► on the disk, its name too ─► FILE overwritten ─► on the disk ─► FILE.rewrap removed ─► on the disk
//
// Whatever ends this between two steps, or in the middle of one: FILE opens as it is, or FILE.rewrap says how it becomes whole.
// Nothing here is locked: where two do it to one file at the same time, one of them is told ERR_CONFLICT.

import * as nodeFs from 'node:fs/promises';
import { equal, still, type Bytes, type Out } from '../core/bytes.ts';
import { KeystrataError, conflictError } from '../core/errors.ts';
import { isEnvelope } from '../format/envelope.ts';
import {
  REWRAP_NOTE_LENGTH,
  decodeRewrapNote,
  encodeRewrapNote,
  isBegunNote,
  sameStream,
} from '../format/rewrap-note.ts';
import type { RewrapNote } from '../format/rewrap-note.ts';
import { STREAM_PREFIX_LENGTH, decodePrefix } from '../format/stream.ts';
import { storeError, systemCode } from '../store/failure.ts';
import { readWhole, sizeOf, type FileSystem } from '../store/folder.ts';
import type { Keyring } from './keyring.ts';
import { rewrapEnvelope, settleEnvelope } from './rewrap-envelope-file.ts';
import { announce, discard, inTheWay, isOurs, sideOf } from './rewrap-side.ts';

type Rewraps = Pick<Keyring, 'rewrap'>;

/** An error of the system is ERR_STORE, or ERR_NOT_FOUND where there is no file. */
async function inWords<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (systemCode(error) === 'ENOENT')
      throw new KeystrataError('ERR_NOT_FOUND', `${JSON.stringify(path)}: no such file`, { cause: error });
    throw storeError(error, `re-wrapping ${JSON.stringify(path)}`);
  }
}

/** The first 143 bytes, or fewer where it is shorter; ERR_ARGUMENT where it is no regular file. */
async function readPrefix(handle: nodeFs.FileHandle, path: string): Promise<Out> {
  if (!(await handle.stat()).isFile())
    throw new KeystrataError('ERR_ARGUMENT', `${JSON.stringify(path)}: a regular file is wanted`);
  const bytes = still(STREAM_PREFIX_LENGTH);
  let at = 0;
  while (at < bytes.length) {
    const { bytesRead } = await handle.read(bytes, at, bytes.length - at, at);
    if (bytesRead === 0) return bytes.slice(0, at);
    at += bytesRead;
  }
  return bytes;
}

async function withFile<T>(
  fs: FileSystem,
  path: string,
  flags: 'r' | 'r+',
  work: (handle: nodeFs.FileHandle) => Promise<T>,
): Promise<T> {
  const handle = await fs.open(path, flags);
  try {
    return await work(handle);
  } finally {
    await handle.close();
  }
}

/** Durable when it resolves, and read back. */
async function overwritePrefix(handle: nodeFs.FileHandle, path: string, prefix: Bytes): Promise<void> {
  let at = 0;
  while (at < prefix.length) at += (await handle.write(prefix, at, prefix.length - at, at)).bytesWritten;
  await handle.sync();
  if (!equal(await readPrefix(handle, path), prefix))
    throw conflictError(`${JSON.stringify(path)}: somebody else wrote it at the same time; do it again`);
}

/** What lies beside a file: nothing, somebody else's file, a note that was only begun, or a note; "settled": that of an envelope. */
type Side = 'nothing' | 'foreign' | 'settled' | 'begun' | RewrapNote;

async function besides(fs: FileSystem, side: string, prefix: Bytes): Promise<Exclude<Side, 'settled'>> {
  const size = await sizeOf(fs, side);
  if (size === null) return 'nothing';
  const bytes = size > REWRAP_NOTE_LENGTH ? null : await readWhole(fs, side, REWRAP_NOTE_LENGTH);
  if (bytes === null) return 'foreign';
  try {
    const note = decodeRewrapNote(bytes);
    return sameStream(note.before, prefix) ? note : 'foreign';
  } catch (error) {
    if (isBegunNote(bytes, prefix)) return 'begun';
    if (KeystrataError.is(error, 'ERR_UNSUPPORTED')) throw error;
    return 'foreign';
  }
}

/** Leaves no note behind, and the file whole. */
async function settle(keyring: Rewraps, path: string, fs: FileSystem): Promise<Side> {
  const name = sideOf(path);
  if ((await sizeOf(fs, name)) === null) return 'nothing';
  const prefix = await withFile(fs, path, 'r', (handle) => readPrefix(handle, path));
  if (isEnvelope(prefix)) return settleEnvelope(fs, path);
  const side = await besides(fs, name, prefix);
  if (side === 'nothing' || side === 'foreign') return side;
  if (side !== 'begun' && !equal(prefix, side.before)) {
    if (!equal(prefix, side.after)) await keyring.rewrap(side.after); // it opens
    await withFile(fs, path, 'r+', (handle) =>
      equal(prefix, side.after) ? handle.sync() : overwritePrefix(handle, path, side.after),
    );
  }
  await discard(fs, name);
  return side;
}

/** For tests: through another filesystem. */
export async function rewrapFileThrough(fs: FileSystem, keyring: Rewraps, path: string): Promise<boolean> {
  return inWords(path, async () => {
    const real = await fs.realpath(path);
    const side = sideOf(real);
    return withFile(fs, real, 'r+', async (handle) => {
      if (isEnvelope(await readPrefix(handle, real))) return rewrapEnvelope(fs, keyring, real, handle);
      if ((await settle(keyring, real, fs)) === 'foreign') throw inTheWay(side);
      const before = await readPrefix(handle, real);
      decodePrefix(before);
      const after = await keyring.rewrap(before);
      if (equal(before, after)) return false;
      await keyring.rewrap(after); // it opens
      const note = encodeRewrapNote({ before, after });
      await announce(fs, side, note);
      if (!(await isOurs(fs, side, note)) || !equal(await readPrefix(handle, real), before))
        throw conflictError(`${JSON.stringify(path)}: somebody else re-wraps it at the same time; do it again`);
      await overwritePrefix(handle, real, after);
      if (await isOurs(fs, side, note)) await discard(fs, side);
      return true;
    });
  });
}

export async function finishRewrapThrough(fs: FileSystem, keyring: Rewraps, path: string): Promise<boolean> {
  return inWords(path, async () => {
    const side = await settle(keyring, await fs.realpath(path), fs);
    return side !== 'nothing' && side !== 'foreign';
  });
}

/**
 * A sealed file under the keyring's present KEK, in place, without touching its ciphertext; true where it was not so already.
 * One that holds an envelope is replaced by another file, which has the name at once. While it lasts FILE.rewrap lies beside
 * it; after a crash the same call, or `finishRewrap`, goes on from there. Errors:
 * ERR_FORMAT for what is no sealed file, AuthenticationError where its wrapped key was altered, ERR_KEY_NOT_FOUND where it is
 * another keyring's, ERR_EXISTS where something else is named FILE.rewrap, ERR_CONFLICT where somebody else does the same,
 * ERR_NOT_FOUND, ERR_STORE. FORMATS §6.
 */
export const rewrapFile = (keyring: Rewraps, path: string): Promise<boolean> =>
  rewrapFileThrough(nodeFs, keyring, path);

/** What a crash left of a re-wrap of this file, finished or undone: true where there was something. Call it before opening. */
export const finishRewrap = (keyring: Rewraps, path: string): Promise<boolean> =>
  finishRewrapThrough(nodeFs, keyring, path);
