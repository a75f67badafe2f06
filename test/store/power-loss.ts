// A disk in memory that tells what may be on it after the power went: what was synced, and of what was not, any part.
//
//   file     a write that was not synced: nothing of it, all of it, or its beginning; of a new file also zeros in its place
//   folder   a name that was made or removed and not synced: either way, whatever came before or after it

/* eslint-disable @typescript-eslint/require-await -- as node:fs/promises: what a call throws, it rejects with */

import { basename } from 'node:path';
import type { FileSystem } from '../../bindings/store/folder.ts';

export type Disk = ReadonlyMap<string, Uint8Array>;

interface File {
  durable: Uint8Array;
  cached: Uint8Array;
  writes: { at: number; bytes: Uint8Array }[]; // since it was synced
  readonly ino: number;
}

let files = 0;

const failure = (code: string, syscall: string): Error =>
  Object.assign(new Error(`${code}: ${syscall}`), { code, syscall });

/** How much of a write of so many bytes came through. */
type Cuts = (length: number) => Iterable<number>;

export class PowerLoss {
  readonly #durable: Map<string, File>;
  readonly #cached: Map<string, File>;
  readonly #diesAt: number;
  #calls = 0;

  /** All of `disk` is synced. The power goes ahead of the call number `diesAt`: that call and what follows do nothing. */
  constructor(disk: Disk, diesAt = Infinity) {
    const found = [...disk].map(([name, bytes]): [string, File] => [
      name,
      { durable: bytes, cached: bytes, writes: [], ino: ++files },
    ]);
    this.#durable = new Map(found);
    this.#cached = new Map(found);
    this.#diesAt = diesAt;
  }

  get calls(): number {
    return this.#calls;
  }

  get died(): boolean {
    return this.#calls >= this.#diesAt;
  }

  #call(): void {
    if (++this.#calls >= this.#diesAt) throw failure('EPOWER', 'none');
  }

  #file(name: string, syscall: string): File {
    const file = this.#cached.get(name);
    if (file === undefined) throw failure('ENOENT', syscall);
    return file;
  }

  #write(file: File, bytes: Uint8Array, at: number): void {
    const next = new Uint8Array(Math.max(file.cached.length, at + bytes.length));
    next.set(file.cached);
    next.set(bytes, at);
    file.cached = next;
    file.writes.push({ at, bytes: bytes.slice() });
  }

  /** As much of node:fs/promises as re-wrapping asks for; every path is a name in one folder, or the folder. */
  get fs(): FileSystem {
    const call = (): void => this.#call();
    const open = (path: string, flags: string | number): Promise<object> => {
      call();
      const name = basename(path);
      if (path === '/disk')
        return Promise.resolve({
          sync: async () => {
            call();
            this.#durable.clear();
            for (const [one, file] of this.#cached) this.#durable.set(one, file);
          },
          close: async () => call(),
        });
      if (flags === 'wx') {
        if (this.#cached.has(name)) throw failure('EEXIST', 'open');
        this.#cached.set(name, { durable: new Uint8Array(), cached: new Uint8Array(), writes: [], ino: ++files });
      }
      const file = this.#file(name, 'open');
      return Promise.resolve({
        stat: async () => (
          call(),
          { isFile: () => true, size: file.cached.length, ino: file.ino, dev: 1, mode: 0o600 }
        ),
        chmod: async () => call(),
        read: async (into: Uint8Array, offset: number, length: number, at: number) => {
          call();
          const part = file.cached.subarray(at, at + length);
          into.set(part, offset);
          return { bytesRead: part.length };
        },
        write: async (from: Uint8Array, offset: number, length: number, at: number) => {
          call();
          this.#write(file, from.subarray(offset, offset + length), at);
          return { bytesWritten: length };
        },
        writeFile: async (bytes: Uint8Array) => {
          call();
          this.#write(file, bytes, 0);
        },
        sync: async () => {
          call();
          file.durable = file.cached;
          file.writes = [];
        },
        close: async () => call(),
      });
    };
    const stat = async (path: string): Promise<object> => {
      call();
      const { cached, ino } = this.#file(basename(path), 'stat');
      return { size: cached.length, mtimeMs: 0, ino, dev: 1 };
    };
    const rename = async (from: string, to: string): Promise<void> => {
      call();
      const file = this.#file(basename(from), 'rename');
      this.#cached.delete(basename(from));
      this.#cached.set(basename(to), file);
    };
    const unlink = async (path: string): Promise<void> => {
      call();
      this.#file(basename(path), 'unlink');
      this.#cached.delete(basename(path));
    };
    const realpath = async (path: string): Promise<string> => (call(), path);
    const asked = {
      open: async (path: string, flags: string | number) => open(path, flags),
      stat,
      rename,
      unlink,
      realpath,
    };
    return asked as never;
  }

  /** Every disk that may be found afterwards. */
  *outcomes(cuts: Cuts): Generator<Disk> {
    const names = [...new Set([...this.#durable.keys(), ...this.#cached.keys()])];
    yield* this.#choose(names, new Map(), cuts);
  }

  *#choose(names: readonly string[], disk: Disk, cuts: Cuts): Generator<Disk> {
    const [name, ...rest] = names;
    if (name === undefined) {
      yield disk;
      return;
    }
    const [durable, cached] = [this.#durable.get(name), this.#cached.get(name)];
    if (durable === undefined || cached === undefined) yield* this.#choose(rest, disk, cuts); // the name is not there
    for (const file of new Set([durable, cached]))
      if (file !== undefined)
        for (const bytes of contents(file, cuts)) yield* this.#choose(rest, new Map([...disk, [name, bytes]]), cuts);
  }
}

/** `work`, the power going ahead of its every call; each disk that may be found then. */
export async function* deaths(
  disk: Disk,
  work: (model: PowerLoss) => Promise<unknown>,
  cuts: (length: number) => number[],
): AsyncGenerator<[string, Disk]> {
  for (let k = 1; ; k++) {
    const model = new PowerLoss(disk, k);
    await work(model).catch(() => undefined);
    for (const outcome of model.outcomes(cuts)) yield [`call ${k}`, outcome];
    if (!model.died) return;
  }
}

function* contents(file: File, cuts: Cuts): Generator<Uint8Array> {
  yield file.durable;
  for (const { at, bytes } of file.writes)
    for (const cut of cuts(bytes.length)) {
      const torn = new Uint8Array(Math.max(file.durable.length, at + cut));
      torn.set(file.durable);
      torn.set(bytes.subarray(0, cut), at);
      yield torn;
      if (file.durable.length > 0) continue;
      const zeros = new Uint8Array(bytes.length); // its size is on the disk, the rest of its bytes are not
      zeros.set(torn);
      yield zeros;
    }
}
