// FILE: something to read once, from a path or from standard input.

import type { Stats } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { still, type Bytes } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import { storeError, systemCode } from '../store/failure.ts';
import type { Io } from './io.ts';
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
  /** Bytes that the stream gave so far. */
  readonly taken: number;
  stream(): ReadableStream<Bytes>;
  close(): Promise<void>;
}

/** Opens FILE, "-" for standard input. ERR_NOT_FOUND, ERR_ARGUMENT for a folder, ERR_STORE where the system refuses. */
export async function openInput(io: Io, path: string): Promise<Input> {
  if (path === '-') return standardInput(io);
  const name = quoted(path);
  if (path === '') throw new KeystrataError('ERR_ARGUMENT', 'FILE: a path is wanted; "-" is standard input');
  let stats: Stats;
  let handle: FileHandle;
  try {
    stats = await stat(path);
    if (stats.isDirectory())
      throw new KeystrataError(
        'ERR_ARGUMENT',
        `${name} is a folder; keystrata seals one file: pack it first, for example tar -c FOLDER | keystrata seal - -o FOLDER.tar.sealed`,
      );
    handle = await open(path, 'r');
  } catch (error) {
    if (systemCode(error) === 'ENOENT')
      throw new KeystrataError('ERR_NOT_FOUND', `${name}: no such file`, { cause: error });
    throw storeError(error, `reading ${name}`);
  }
  const regular = stats.isFile();
  const source = new Source(name, () => chunkOf(handle));
  return {
    name,
    get taken() {
      return source.taken;
    },
    size: regular ? stats.size : null,
    mode: regular ? stats.mode & 0o777 : null,
    async head(most) {
      if (!regular) return null;
      const bytes = still(Math.min(most, stats.size));
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0).catch((error: unknown) => {
        throw storeError(error, `reading ${name}`);
      });
      return bytes.subarray(0, bytesRead);
    },
    stream: () => source.stream(),
    close: () => handle.close(),
  };
}

async function chunkOf(handle: FileHandle): Promise<Bytes | null> {
  const chunk = still(CHUNK);
  const { bytesRead } = await handle.read(chunk, 0, CHUNK, null);
  return bytesRead === 0 ? null : chunk.subarray(0, bytesRead);
}

function standardInput(io: Io): Input {
  let chunks: AsyncIterator<Bytes> | undefined;
  const source = new Source('standard input', async () => {
    chunks ??= io.stdin.stream()[Symbol.asyncIterator]() as AsyncIterator<Bytes>;
    const next = await chunks.next();
    return next.done ? null : next.value;
  });
  return {
    name: 'standard input',
    size: null,
    mode: null,
    get taken() {
      return source.taken;
    },
    head: () => Promise.resolve(null),
    stream: () => source.stream(),
    close: () => Promise.resolve(),
  };
}

/** Reads when its reader asks, never ahead. */
class Source {
  readonly #name: string;
  readonly #next: () => Promise<Bytes | null>;
  taken = 0;

  constructor(name: string, next: () => Promise<Bytes | null>) {
    this.#name = name;
    this.#next = next;
  }

  stream(): ReadableStream<Bytes> {
    return new ReadableStream<Bytes>({ pull: (controller) => this.#pull(controller) }, { highWaterMark: 0 });
  }

  async #pull(controller: ReadableStreamDefaultController<Bytes>): Promise<void> {
    try {
      const chunk = await this.#next();
      if (chunk === null) return controller.close();
      this.taken += chunk.length;
      controller.enqueue(chunk);
    } catch (error) {
      controller.error(storeError(error, `reading ${this.#name}`));
    }
  }
}
