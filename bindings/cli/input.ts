// FILE: something to read, from a path or from standard input. Nothing is open but while it is read.

import type { Stats } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { still, type Bytes } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import { storeError, systemCode } from '../store/failure.ts';
import type { Io } from './io.ts';
import { readPipe } from './pipe.ts';
import { quoted } from './words.ts';

/** A chunk of a file: large enough that the system is asked rarely, small against memory. */
const CHUNK = 256 * 1024;

export interface Input {
  /** For people: a quoted path, or "standard input". */
  readonly name: string;
  /** In bytes; null where nobody knows before the end. */
  readonly size: number | null;
  /** Permission bits, for the output to be no more open than its source; null where there are none. */
  readonly mode: number | null;
  /** The first `most` bytes, for a file that can be read twice; null for a pipe. */
  head(most: number): Promise<Bytes | null>;
  /** All of it, once. Reads when its reader asks, never ahead; `count` hears how many bytes came. */
  stream(count: (bytes: number) => void): ReadableStream<Bytes>;
}

/** Looks at FILE, "-" for standard input. ERR_NOT_FOUND, ERR_ARGUMENT for a folder, ERR_STORE where the system refuses. */
export async function findInput(io: Io, path: string): Promise<Input> {
  if (path === '-') return standardInput(io);
  const name = quoted(path);
  const stats = await statsOf(path, name);
  const regular = stats.isFile();
  return {
    name,
    size: regular && stats.size > 0 ? stats.size : null, // files of /proc say 0 and are not empty
    mode: regular ? stats.mode & 0o777 : null,
    head: (most) => (regular ? headOf(path, name, most) : Promise.resolve(null)),
    stream: (count) => (regular ? fileStream : pipeStream)(path, name, count),
  };
}

async function statsOf(path: string, name: string): Promise<Stats> {
  if (path === '') throw new KeystrataError('ERR_ARGUMENT', 'FILE: a path is wanted; "-" is standard input');
  try {
    const stats = await stat(path);
    if (!stats.isDirectory()) return stats;
  } catch (error) {
    if (systemCode(error) === 'ENOENT')
      throw new KeystrataError('ERR_NOT_FOUND', `${name}: no such file`, { cause: error });
    throw storeError(error, `reading ${name}`);
  }
  throw new KeystrataError(
    'ERR_ARGUMENT',
    `${name} is a folder; keystrata seals files: pack it first, for example tar -c FOLDER | keystrata seal - -o FOLDER.tar.sealed`,
  );
}

async function headOf(path: string, name: string, most: number): Promise<Bytes> {
  const bytes = still(most);
  try {
    const handle = await open(path, 'r');
    try {
      const { bytesRead } = await handle.read(bytes, 0, most, 0);
      return bytes.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw storeError(error, `reading ${name}`);
  }
}

function fileStream(path: string, name: string, count: (bytes: number) => void): ReadableStream<Bytes> {
  let handle: FileHandle | undefined;
  return streamOf(name, count, {
    async next() {
      handle ??= await open(path, 'r');
      const chunk = still(CHUNK);
      const { bytesRead } = await handle.read(chunk, 0, CHUNK, null);
      return bytesRead === 0 ? null : chunk.subarray(0, bytesRead);
    },
    async end() {
      await handle?.close();
    },
  });
}

function standardInput(io: Io): Input {
  const name = 'standard input';
  return {
    name,
    size: null,
    mode: null,
    head: () => Promise.resolve(null),
    stream: (count) =>
      streamOf(
        name,
        count,
        chunksOf(() => Promise.resolve(io.stdin.stream())),
      ),
  };
}

const pipeStream = (path: string, name: string, count: (bytes: number) => void): ReadableStream<Bytes> =>
  streamOf(
    name,
    count,
    chunksOf(() => readPipe(path)),
  );

function chunksOf(open: () => Promise<Readable>): Source {
  let chunks: AsyncIterator<Bytes> | undefined;
  return {
    async next() {
      chunks ??= (await open())[Symbol.asyncIterator]() as AsyncIterator<Bytes>;
      const next = await chunks.next();
      return next.done ? null : next.value;
    },
    async end() {
      await chunks?.return?.();
    },
  };
}

interface Source {
  /** Null at the end. */
  next(): Promise<Bytes | null>;
  /** Called once: at the end, after an error, or when nobody reads on. */
  end(): Promise<void>;
}

function streamOf(name: string, count: (bytes: number) => void, source: Source): ReadableStream<Bytes> {
  const pull = async (controller: ReadableStreamDefaultController<Bytes>): Promise<void> => {
    try {
      const chunk = await source.next();
      if (chunk === null) {
        await source.end();
        return controller.close();
      }
      count(chunk.length);
      controller.enqueue(chunk);
    } catch (error) {
      await source.end().catch(() => undefined);
      controller.error(storeError(error, `reading ${name}`));
    }
  };
  return new ReadableStream<Bytes>({ pull, cancel: () => source.end() }, { highWaterMark: 0 });
}
