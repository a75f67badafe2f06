// A store in a folder: every revision is a file of its own, and the highest number is the current one. Names: names.ts.
//
//   write n    1. look: the current revision is n-1, as the caller says        else ERR_CONFLICT
//              2. write <id>.<n>.<random>.tmp, fsync                           announces n
//              3. look again: n-1 is still the current one                     else back to 1
//              4. link <id>.<n>.<random>.tmp → <id>.<n>                        fails where n exists: back to 1
//              5. fsync the folder: done
//              6. remove the .tmp, then what is older than n and not announced
//
// Why nothing is lost: link() makes n once, as long as n is not removed and made again. A writer's announcement keeps
// every revision from its number up (step 6 of others). Somebody who looked before the announcement and removes n had
// seen a higher one, m; m stands through step 3, since only those who look later could remove it and they see the
// announcement: step 3 finds m. Whoever was stopped so long that the announcement was removed as a leftover has
// nothing to link. So step 4 works only where n never was. Killed anywhere: n is made or it is not.
//
// A deleted id leaves a revision that says so: its numbers are never used again.
//   00 "deleted\n"   deleted            00 …   the bytes after the 00, where they are none or begin with 00
//   …                the bytes
//
// Reading a folder takes time in proportion to the ids in it: for some ten thousand, not for millions.

import { randomBytes } from 'node:crypto';
import { realpathSync } from 'node:fs';
import * as nodeFs from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { concat, equal, utf8, type Bytes, type Out } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import { conditionOf, copied, MOST_BYTES, versionOf } from './arguments.ts';
import { lost } from './conflict.ts';
import { storeError, systemCode } from './failure.ts';
import {
  ageOf,
  makeFolder,
  namesIn,
  readWhole,
  sizeOf,
  syncFolder,
  tidy,
  writeNew,
  type FileSystem,
} from './folder.ts';
import { entryOf, idOf, isFolder, placeOf, type Entry, type Place } from './names.ts';
import type { RollbackMemory, Store, Stored } from './store.ts';

const ESCAPE = Uint8Array.of(0);
const DELETED = concat(ESCAPE, utf8('deleted\n', 'mark'));

/** An announcement of this age is a crashed writer's. A live one that is this slow begins again. */
const LEFTOVER_MS = 60 * 60 * 1000;
/** Each try that fails is a success of somebody else's. */
const TRIES = 1000;

/** What link() says where the filesystem has no hard links. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'UNKNOWN']);

const encode = (bytes: Bytes): Out => (bytes.length === 0 || bytes[0] === 0 ? concat(ESCAPE, bytes) : concat(bytes));
const isDeleted = (content: Bytes): boolean => equal(content, DELETED);
const decode = (content: Out): Out => (content[0] === 0 ? content.slice(1) : content);

/** The real path, whether or not the last parts of it are there yet: so the name stays when they are made. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path === dirname(path) ? path : join(real(dirname(path)), basename(path));
  }
}

const randomName = (): string => randomBytes(8).toString('hex');

export class FileStore implements Store {
  readonly name: string;
  readonly memory: RollbackMemory | undefined;
  readonly #folder: string;
  readonly #fs: FileSystem;

  constructor(folder: string, fs: FileSystem = nodeFs, memory?: RollbackMemory) {
    if (typeof folder !== 'string' || folder === '' || folder.includes('\0'))
      throw new KeystrataError('ERR_ARGUMENT', 'folder: the path of a folder is wanted');
    this.#folder = resolve(folder);
    this.#fs = fs;
    this.memory = memory;
    this.name = `file:${real(this.#folder)}`;
  }

  async get(id: string): Promise<Stored | null> {
    const place = placeOf(id);
    return this.#trying(`reading ${JSON.stringify(id)} in ${this.#folder}`, async () => {
      const { current } = await this.#look(place);
      if (current === 0) return null;
      const path = this.#path(place, String(current));
      const content = await readWhole(this.#fs, path, MOST_BYTES + ESCAPE.length);
      if (content === null) return undefined; // a newer one was made meanwhile, and this one removed
      if (content.length === 0)
        throw new KeystrataError('ERR_STORE', `${path}: empty, so the disk has lost it; restore it from a copy`);
      return isDeleted(content) ? null : { bytes: decode(content), version: String(current) };
    });
  }

  async put(id: string, bytes: Bytes, p: { ifVersion: string | null }): Promise<{ version: string }> {
    return { version: await this.#write(id, encode(copied(bytes)), conditionOf(p)) };
  }

  async delete(id: string, p: { ifVersion: string }): Promise<void> {
    await this.#write(id, DELETED, versionOf(p));
  }

  async *list(): AsyncIterable<string> {
    try {
      yield* this.#listIn([]);
    } catch (error) {
      throw storeError(error, `listing ${this.#folder}`);
    }
  }

  async *#listIn(folders: readonly string[]): AsyncIterable<string> {
    const names = new Set<string>();
    for (const file of await namesIn(this.#fs, join(this.#folder, ...folders))) {
      if (isFolder(file)) yield* this.#listIn([...folders, file]);
      const entry = entryOf(file);
      if (entry !== null && !entry.pending) names.add(entry.name);
    }
    for (const name of names) {
      const place = { folders, name };
      const id = idOf(place);
      if (id === null) continue;
      const { current } = await this.#look(place);
      if (current > 0 && !(await this.#isDeleted(place, current))) yield id;
    }
  }

  async #write(id: string, content: Bytes, wanted: string | null): Promise<string> {
    const place = placeOf(id);
    const folder = this.#path(place, '.');
    return this.#trying(`writing ${JSON.stringify(id)} in ${this.#folder}`, async () => {
      const { current } = await this.#look(place);
      const found = current === 0 || (await this.#isDeleted(place, current)) ? null : String(current);
      if (found !== wanted) throw lost(id, wanted, found);
      if (current === 0) await makeFolder(this.#fs, folder);

      const next = String(current + 1);
      const pending = this.#path(place, `${next}.${randomName()}.tmp`);
      try {
        await writeNew(this.#fs, pending, content);
        if ((await this.#look(place)).current !== current) return undefined;
        if (!(await this.#link(pending, this.#path(place, next)))) return undefined;
        await syncFolder(this.#fs, folder);
      } finally {
        await tidy(this.#fs, pending);
      }
      await this.#removeOld(place);
      return next;
    });
  }

  /** False where somebody was faster, or the announcement is gone. */
  async #link(from: string, to: string): Promise<boolean> {
    try {
      await this.#fs.link(from, to);
      return true;
    } catch (error) {
      const code = systemCode(error);
      if (code === 'EEXIST' || code === 'ENOENT') return false;
      if (!NO_LINKS.has(code)) throw error;
      const message = `${this.#folder}: this filesystem makes no hard links (FAT, some network shares), without which no write is safe; put the keyring on another one`;
      throw new KeystrataError('ERR_STORE', message, { cause: error });
    }
  }

  /** Step 6. What cannot be removed stays for the next write. */
  async #removeOld(place: Place): Promise<void> {
    try {
      const { current, entries } = await this.#look(place);
      let announced = current;
      for (const { file, revision, pending } of entries) {
        if (!pending) continue;
        const path = join(this.#path(place, '.'), file);
        const age = await ageOf(this.#fs, path);
        if (age === null) continue; // made or given up since
        if (age > LEFTOVER_MS) await tidy(this.#fs, path);
        else announced = Math.min(announced, revision);
      }
      for (const { file, revision, pending } of entries)
        if (!pending && revision < announced) await tidy(this.#fs, join(this.#path(place, '.'), file));
    } catch (error) {
      if (systemCode(error) === '') throw error;
    }
  }

  /** The highest revision that is made, 0 where there is none, and all that is there of this id. */
  async #look(place: Place): Promise<{ current: number; entries: (Entry & { file: string })[] }> {
    const entries = [];
    let current = 0;
    for (const file of await namesIn(this.#fs, this.#path(place, '.'))) {
      const entry = entryOf(file);
      if (entry?.name !== place.name) continue;
      entries.push({ ...entry, file });
      if (!entry.pending) current = Math.max(current, entry.revision);
    }
    return { current, entries };
  }

  /** Revisions never change, so only the few of that length are read. */
  async #isDeleted(place: Place, revision: number): Promise<boolean> {
    const path = this.#path(place, String(revision));
    if ((await sizeOf(this.#fs, path)) !== DELETED.length) return false;
    const content = await readWhole(this.#fs, path, DELETED.length);
    return content !== null && isDeleted(content);
  }

  /** A file of this place, or its folder for '.'. */
  #path(place: Place, ending: string): string {
    const folder = join(this.#folder, ...place.folders);
    return ending === '.' ? folder : join(folder, `${place.name}.${ending}`);
  }

  /** Again as long as others come first, which they cannot for ever. Every failure of the system is ERR_STORE. */
  async #trying<T>(what: string, attempt: () => Promise<T | undefined>): Promise<T> {
    try {
      for (let i = 0; i < TRIES; i++) {
        const result = await attempt();
        if (result !== undefined) return result;
      }
    } catch (error) {
      throw storeError(error, what);
    }
    throw new KeystrataError('ERR_STORE', `${what}: others change it without a pause; do it again`);
  }
}
