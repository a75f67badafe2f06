// OUT: a file that appears under its name when it is complete, or something that takes bytes as they come.
//
//   a file          written beside its place first: draft.ts
//   "-"             standard output, chunk by chunk
//   a pipe, /dev/…  is written into, chunk by chunk: there is nothing to overwrite

import type { Stats } from 'node:fs';
import { open, realpath, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Bytes } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import { storeError, systemCode } from '../store/failure.ts';
import { draftOf, exists } from './draft.ts';
import { toStdout, type Call, type Io } from './io.ts';
import { quoted } from './words.ts';

export interface Output {
  readonly name: string;
  readonly written: number;
  sink(): WritableStream<Bytes>;
  /** Makes it complete: call it when all was verified. */
  commit(): Promise<void>;
  /** Does nothing after commit. */
  discard(): Promise<void>;
}

export interface Claim {
  path: string;
  /** Permission bits of the source: the output gets no others, and none that the umask takes. */
  mode: number | null;
}

/** Takes OUT before anybody is asked for anything. ERR_EXISTS, ERR_ARGUMENT for a folder, ERR_NOT_FOUND where its folder is missing. */
export async function claimOutput({ io, options }: Call, { path, mode }: Claim): Promise<Output> {
  const force = options.force === true;
  if (path === '-' && options.json)
    throw new KeystrataError('ERR_ARGUMENT', '--json: the data takes standard output; name a file with -o');
  if (path === '-') return toStream(io);
  const name = quoted(path);
  if (path === '') throw new KeystrataError('ERR_ARGUMENT', 'OUT: a path is wanted; "-" is standard output');
  try {
    const there = await statOf(path);
    if (there?.isDirectory())
      throw new KeystrataError('ERR_ARGUMENT', `${name} is a folder; name a file in it with -o`);
    if (there?.isFIFO() || there?.isCharacterDevice()) return toHandle(name, await open(path, 'w'));
    if (there && !there.isFile()) throw new KeystrataError('ERR_ARGUMENT', `${name} is no file that can be written`);
    if (there && !force) throw exists(name);
    return await draftOf({ path: there ? await realpath(path) : path, mode }, force);
  } catch (error) {
    if (systemCode(error) === 'ENOENT')
      throw new KeystrataError('ERR_NOT_FOUND', `${quoted(dirname(path))}: no such folder; make it first`, {
        cause: error,
      });
    throw storeError(error, `writing ${name}`);
  }
}

async function statOf(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  }
}

function toHandle(name: string, handle: FileHandle): Output {
  let total = 0;
  let closed = false;
  const close = async (): Promise<void> => {
    if (closed) return;
    closed = true;
    await handle.close();
  };
  return {
    name,
    get written() {
      return total;
    },
    sink: () =>
      sinkOf(name, async (chunk) => {
        for (let at = 0; at < chunk.length;) at += (await handle.write(chunk, at)).bytesWritten;
        total += chunk.length;
      }),
    commit: close,
    discard: close,
  };
}

function toStream(io: Io): Output {
  const name = 'standard output';
  let total = 0;
  return {
    name,
    get written() {
      return total;
    },
    sink: () =>
      sinkOf(name, async (chunk) => {
        await toStdout(io, chunk);
        total += chunk.length;
      }),
    commit: () => Promise.resolve(),
    discard: () => Promise.resolve(),
  };
}

/** Failures of the system are ERR_STORE. */
export function sinkOf(name: string, write: (chunk: Bytes) => Promise<void>): WritableStream<Bytes> {
  return new WritableStream<Bytes>({
    async write(chunk) {
      try {
        await write(chunk);
      } catch (error) {
        throw storeError(error, `writing ${name}`);
      }
    },
  });
}
