// A file that holds an envelope, under the present KEK: a draft beside it, whole and verified, takes its name. FORMATS §6.
//
//   FILE.rewrap names the draft ─► on the disk ─► draft written ─► on the disk ─► draft renamed FILE ─► on the disk
//   ─► FILE.rewrap removed ─► on the disk
//
// Whoever reads FILE, at any time and after any crash, has the old one or the new one. A draft's name is never used twice:
// where two do it to one file and one removes the other's as a leftover, that one has nothing to rename.

import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { equal, still, type Bytes, type Out } from '../core/bytes.ts';
import { KeystrataError, conflictError } from '../core/errors.ts';
import {
  DRAFT_MARK_LENGTH,
  DRAFT_NOTE_LENGTH,
  draftEnding,
  encodeDraftNote,
  isBegunDraftNote,
} from '../format/draft-note.ts';
import { decodeEnvelope } from '../format/envelope.ts';
import { MAX_PLAINTEXT } from '../format/record.ts';
import { systemCode } from '../store/failure.ts';
import { readWhole, sizeOf, syncFolder, type FileSystem } from '../store/folder.ts';
import type { Keyring } from './keyring.ts';
import { announce, discard, inTheWay, isOurs, sideOf } from './rewrap-side.ts';

/** What an envelope has over its plaintext, and room. */
const MOST = MAX_PLAINTEXT + 1024;

interface Found {
  readonly bytes: Out;
  readonly stats: Stats;
}

/** All of it. ERR_LIMIT before memory is taken. */
async function readEnvelope(handle: FileHandle, path: string): Promise<Found> {
  const stats = await handle.stat();
  if (stats.size > MOST)
    throw new KeystrataError('ERR_LIMIT', `${JSON.stringify(path)}: ${stats.size} bytes are more than an envelope has`);
  const bytes = still(stats.size);
  let at = 0;
  while (at < bytes.length) {
    const { bytesRead } = await handle.read(bytes, at, bytes.length - at, at);
    if (bytesRead === 0) throw conflictError(`${JSON.stringify(path)}: somebody else writes it; do it again`);
    at += bytesRead;
  }
  return { bytes, stats };
}

/** Leaves neither draft nor note, unless something else has the note's name ("foreign"). FILE is whole in any case. */
export async function settleEnvelope(fs: FileSystem, path: string): Promise<'nothing' | 'foreign' | 'settled'> {
  const side = sideOf(path);
  const size = await sizeOf(fs, side);
  if (size === null) return 'nothing';
  const note = size > DRAFT_NOTE_LENGTH ? null : await readWhole(fs, side, DRAFT_NOTE_LENGTH);
  if (note === null) return 'foreign';
  const ending = draftEnding(note);
  if (ending === null && !isBegunDraftNote(note)) return 'foreign';
  if (ending !== null) await discard(fs, side + ending);
  await discard(fs, side);
  return 'settled';
}

/** `handle` is of `path`, open for writing: whoever may not write a file does not replace it. True where it was not so already. */
export async function rewrapEnvelope(
  fs: FileSystem,
  keyring: Pick<Keyring, 'rewrap'>,
  path: string,
  handle: FileHandle,
): Promise<boolean> {
  const side = sideOf(path);
  if ((await settleEnvelope(fs, path)) === 'foreign') throw inTheWay(side);
  const before = await readEnvelope(handle, path);
  decodeEnvelope(before.bytes);
  const after = await keyring.rewrap(before.bytes);
  if (equal(before.bytes, after)) return false;
  await keyring.rewrap(after); // it opens
  const note = encodeDraftNote(randomBytes(DRAFT_MARK_LENGTH));
  const draft = side + draftEnding(note)!;
  await announce(fs, side, note);
  try {
    await writeDraft(fs, draft, after, before);
    if (!equal((await readEnvelope(handle, path)).bytes, before.bytes) || !(await isSame(fs, path, before)))
      throw conflictError(`${JSON.stringify(path)}: somebody else wrote it at the same time; do it again`);
    await publish(fs, draft, path);
  } catch (error) {
    await takeBack(fs, { draft, side, note }).catch(() => undefined); // what stays is found by the note
    throw error;
  }
  if (await isOurs(fs, side, note)) await discard(fs, side);
  return true;
}

/** The note last, which names the draft. */
async function takeBack(fs: FileSystem, p: { draft: string; side: string; note: Bytes }): Promise<void> {
  await discard(fs, p.draft);
  if (await isOurs(fs, p.side, p.note)) await discard(fs, p.side);
}

/** On the disk, for whom FILE is, and read back. */
async function writeDraft(fs: FileSystem, draft: string, bytes: Bytes, { stats }: Found): Promise<void> {
  const handle = await fs.open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(bytes);
    const { uid, gid } = await handle.stat();
    if (uid !== stats.uid || gid !== stats.gid) await handle.chown(stats.uid, stats.gid);
    await handle.chmod(stats.mode & 0o7777);
    await handle.sync();
  } finally {
    await handle.close();
  }
  if (!(await isOurs(fs, draft, bytes)))
    throw conflictError(`${JSON.stringify(draft)}: somebody else wrote it or took it away; do it again`);
}

/** Whether the name still leads to the file that was read. */
async function isSame(fs: FileSystem, path: string, { stats }: Found): Promise<boolean> {
  const { ino, dev } = await fs.stat(path);
  return ino === stats.ino && dev === stats.dev;
}

async function publish(fs: FileSystem, draft: string, path: string): Promise<void> {
  try {
    await fs.rename(draft, path);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    throw conflictError(`${JSON.stringify(path)}: somebody else re-wraps it at the same time; do it again`);
  }
  await syncFolder(fs, dirname(path));
}
