// OUT: a file that appears under its name when it is complete, or something that takes bytes as they come.
//
//   a file          written beside its place first: draft.ts
//   "-"             standard output, chunk by chunk
//   a pipe, /dev/…  is written into, chunk by chunk: there is nothing to overwrite

import { constants, type Stats } from 'node:fs';
import { access, open, realpath, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Writable } from 'node:stream';
import type { Bytes } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import { storeError, systemCode } from '../store/failure.ts';
import { draftOf, exists } from './draft.ts';
import { toStdout, written, type Call } from './io.ts';
import { writePipe } from './pipe.ts';
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

/** Where an output will go. Nothing is made before it is claimed. */
export interface Place {
  /** For people: a quoted path, or "standard output". */
  readonly name: string;
  /** `mode`: permission bits of the source; the output gets no others, and none that the umask takes. */
  claim(mode: number | null): Promise<Output>;
}

/** Looks at OUT. ERR_EXISTS, ERR_ARGUMENT for a folder, ERR_NOT_FOUND where its folder is missing, ERR_STORE where nobody may write there. */
export async function findOutput({ io, options }: Call, path: string): Promise<Place> {
  const force = options.force === true;
  const name = path === '-' ? 'standard output' : quoted(path);
  if (path === '-' && options.json)
    throw new KeystrataError('ERR_ARGUMENT', '--json: the data takes standard output; name a file with -o');
  if (path === '-') return { name, claim: () => Promise.resolve(streamed(name, (chunk) => toStdout(io, chunk))) };
  if (path === '') throw new KeystrataError('ERR_ARGUMENT', 'OUT: a path is wanted; "-" is standard output');
  return inWords(path, async () => {
    const there = await statOf(path);
    if (there?.isDirectory())
      throw new KeystrataError('ERR_ARGUMENT', `${name} is a folder; name a file in it with -o`);
    if (there?.isFIFO()) return { name, claim: () => inWords(path, async () => pipe(name, await writePipe(path))) };
    if (there?.isCharacterDevice())
      return { name, claim: () => inWords(path, async () => device(name, await open(path, 'w'))) };
    if (there && !there.isFile()) throw new KeystrataError('ERR_ARGUMENT', `${name} is no file that can be written`);
    if (there && !force) throw exists(name);
    const real = there ? await realpath(path) : path;
    await access(dirname(real), constants.W_OK);
    return { name, claim: (mode: number | null) => inWords(path, () => draftOf({ name, path: real, mode }, force)) };
  });
}

/** Errors of the system, in words. */
async function inWords<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (systemCode(error) === 'ENOENT')
      throw new KeystrataError('ERR_NOT_FOUND', `${quoted(dirname(path))}: no such folder; make it first`, {
        cause: error,
      });
    throw storeError(error, `writing ${quoted(path)}`);
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

function device(name: string, handle: FileHandle): Output {
  const write = async (chunk: Bytes): Promise<void> => {
    for (let at = 0; at < chunk.length;) at += (await handle.write(chunk, at)).bytesWritten;
  };
  return streamed(name, write, () => handle.close());
}

function pipe(name: string, stream: Writable): Output {
  const end = (): Promise<void> => new Promise((resolve) => stream.end(resolve));
  return streamed(name, (chunk) => written(stream, chunk, name), end);
}

/** What was written stays written, whether it is complete or not. */
function streamed(name: string, write: (chunk: Bytes) => Promise<void>, end?: () => Promise<void>): Output {
  let total = 0;
  let ended = false;
  const close = async (): Promise<void> => {
    if (ended) return;
    ended = true;
    await end?.().catch((error: unknown) => {
      throw storeError(error, `writing ${name}`);
    });
  };
  return {
    name,
    get written() {
      return total;
    },
    sink: () =>
      sinkOf(name, async (chunk) => {
        await write(chunk);
        total += chunk.length;
      }),
    commit: close,
    discard: close,
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
