// A store in the browser's IndexedDB, for every tab and worker of a site.
//
//   put   one readwrite transaction: read the version, compare, write      others wait, so nobody comes between
//         its end, with durability "strict", is when it is reported done
//
// Versions are 128 random bits: none comes twice, not even where the database was deleted and made again.

import type { Bytes } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import { conditionOf, copied, idBytes, versionOf } from './arguments.ts';
import { lost } from './conflict.ts';
import { KEYRINGS, Place } from './indexed-db-place.ts';
import type { RollbackMemory, Store, Stored } from './store.ts';
import { freshVersion } from './version.ts';

/** Ids are read so many at a time. */
const PAGE = 1000;
/** Beside the stores, not in one of them: whoever puts a store's database back must not put this back with it. */
const MEMORY = 'keystrata-memory';

class IndexedDbStore implements Store {
  readonly name: string;
  readonly memory: RollbackMemory | undefined;
  readonly #database: string;
  readonly #place: Place;

  constructor(database: string, memory?: RollbackMemory) {
    if (typeof database !== 'string' || database === '')
      throw new KeystrataError('ERR_ARGUMENT', 'name: the name of a database is wanted');
    this.#database = database;
    this.#place = new Place(database);
    this.name = `indexeddb:${database}`;
    this.memory = memory;
  }

  async get(id: string): Promise<Stored | null> {
    idBytes(id);
    return this.#place.use(this.#doing('reading', id), async (connection) => {
      const held = await connection.get(KEYRINGS, id);
      return held === undefined ? null : { bytes: copied(held.bytes), version: held.version };
    });
  }

  async put(id: string, bytes: Bytes, p: { ifVersion: string | null }): Promise<{ version: string }> {
    idBytes(id);
    const version = freshVersion();
    await this.#write('writing', id, conditionOf(p), { bytes: copied(bytes), version });
    return { version };
  }

  async delete(id: string, p: { ifVersion: string }): Promise<void> {
    idBytes(id);
    await this.#write('deleting', id, versionOf(p), null);
  }

  async *list(): AsyncIterable<string> {
    let ids: string[] = [];
    do {
      const last = ids.at(-1);
      ids = await this.#place.use(`listing ${this.#database}`, (connection) =>
        connection.getAllKeys(KEYRINGS, last === undefined ? null : IDBKeyRange.lowerBound(last, true), PAGE),
      );
      yield* ids;
    } while (ids.length === PAGE);
  }

  #write(
    doing: string,
    id: string,
    wanted: string | null,
    next: { bytes: Bytes; version: string } | null,
  ): Promise<void> {
    return this.#place.use(this.#doing(doing, id), async (connection) => {
      const transaction = connection.transaction(KEYRINGS, 'readwrite', { durability: 'strict' });
      const ended = transaction.done;
      ended.catch(() => undefined); // it is awaited below, but for where something else failed first
      const found = (await transaction.store.get(id))?.version ?? null;
      if (found !== wanted) throw lost(id, wanted, found); // nothing was asked for: it ends by itself
      await (next === null ? transaction.store.delete(id) : transaction.store.put(next, id));
      await ended;
    });
  }

  #doing(what: string, id: string): string {
    return `${what} ${JSON.stringify(id)} in the IndexedDB database ${this.#database}`;
  }
}

/**
 * A store in the database `name` of this site, which is made at the first call. Tabs and workers may share it. What
 * keyrings must not fall back behind is remembered in `memory`: by default in a database of its own beside it, which finds
 * a store that was put back, but not a whole browser profile.
 */
export function indexedDbStore(name: string, p: { memory?: RollbackMemory | undefined } = {}): Store {
  return new IndexedDbStore(name, p.memory ?? indexedDbMemory());
}

/** The rollback memory of this browser, in the database `name`: also for stores that lie elsewhere, say on a server. */
export function indexedDbMemory(name: string = MEMORY): RollbackMemory {
  const entries = new IndexedDbStore(name);
  return {
    get: (id) => entries.get(id),
    put: (id, bytes, p) => entries.put(id, bytes, p),
    where: (id) => `the IndexedDB database ${name}, entry ${id}`,
  };
}
