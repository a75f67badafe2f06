// A store in a table of PostgreSQL, or of what speaks its protocol and SQL (CockroachDB, YugabyteDB). Tables: postgres-schema.ts.
//
//   put, none yet   INSERT … ON CONFLICT DO NOTHING              1 row: done
//   put             UPDATE … WHERE id = … AND version = …        0 rows: ERR_CONFLICT
//   delete          DELETE … WHERE id = … AND version = …
//
// Versions are 128 random bits, drawn here. So none comes twice, not even where the database was put back to an old copy,
// as a sequence in it would be; and a write whose answer was lost may be asked again: where it was made, its version stands.

import { text, type Bytes } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import { conditionOf, copied, idBytes, MOST_BYTES, versionOf } from './arguments.ts';
import { lost } from './conflict.ts';
import { databaseError, isCollision, isLost } from './postgres-failure.ts';
import { migrate, quotedTable, type Database } from './postgres-schema.ts';
import type { RollbackMemory, Store, Stored } from './store.ts';
import { freshVersion } from './version.ts';

export interface PostgresOptions {
  /** `table` or `schema.table`: "keystrata_keyrings" by default. Made where it is not there. */
  table?: string;
  /** Tells this database apart in the rollback memory: by default its address, as the pool has it. */
  name?: string;
  /** What keyrings must not fall back behind is remembered here. Never in the same database. */
  memory?: RollbackMemory | undefined;
}

const TABLE = 'keystrata_keyrings';
/** A statement is tried so often, where it is known that this does no harm. */
const TRIES = 6;
const FIRST_PAUSE = 10; // ms, doubled each time: a server that restarts is up again in a second or so
/** Ids are read so many at a time. */
const PAGE = 1000;

/** host:port/database of a pg.Pool, without a name or password in it. */
function addressOf(pool: unknown): string {
  const { options = {} } = pool as { options?: Record<string, unknown> };
  const { connectionString, host, port, database } = options;
  if (typeof connectionString === 'string' && URL.canParse(connectionString)) {
    const url = new URL(connectionString);
    if (url.hostname !== '' && url.pathname.length > 1) return `${url.hostname}:${url.port || '5432'}${url.pathname}`;
  }
  if (typeof host === 'string' && typeof database === 'string') return `${host}:${Number(port ?? 5432)}/${database}`;
  throw new KeystrataError(
    'ERR_ARGUMENT',
    'name: the pool does not say where its database is, so a name for it is wanted, always the same',
  );
}

export class PostgresStore implements Store {
  readonly name: string;
  readonly memory: RollbackMemory | undefined;
  readonly #database: Database;
  readonly #tableName: string;
  readonly #table: string; // between quotes
  #ready: Promise<void> | null = null;

  constructor(pool: Database, { table = TABLE, name, memory }: PostgresOptions = {}) {
    if (typeof (pool as Partial<Database> | null | undefined)?.query !== 'function')
      throw new KeystrataError('ERR_ARGUMENT', 'pool: a Pool of pg is wanted');
    if (name !== undefined && (typeof name !== 'string' || name === ''))
      throw new KeystrataError('ERR_ARGUMENT', 'name: a string is wanted');
    this.#table = quotedTable(table).table;
    this.#tableName = table;
    this.#database = pool;
    this.memory = memory;
    this.name = `postgres:${name ?? addressOf(pool)}/${table}`;
  }

  async get(id: string): Promise<Stored | null> {
    const key = idBytes(id);
    const what = `reading ${JSON.stringify(id)} in ${this.#tableName}`;
    // Its size is seen before memory is taken for it.
    const { rows } = await this.#ask(
      what,
      `SELECT version, octet_length(bytes) AS size, CASE WHEN octet_length(bytes) <= ${MOST_BYTES} THEN bytes END AS bytes
       FROM ${this.#table} WHERE id = $1`,
      [key],
    );
    const row = rows[0];
    if (row === undefined) return null;
    if (row['bytes'] === null)
      throw new KeystrataError(
        'ERR_LIMIT',
        `${what}: ${Number(row['size'])} bytes are more than a store holds under one id (${MOST_BYTES})`,
      );
    return { bytes: copied(row['bytes']), version: String(row['version']) };
  }

  async put(id: string, bytes: Bytes, p: { ifVersion: string | null }): Promise<{ version: string }> {
    const key = idBytes(id);
    const copy = copied(bytes);
    const wanted = conditionOf(p);
    const version = freshVersion();
    const what = `writing ${JSON.stringify(id)} in ${this.#tableName}`;
    const { rowCount } =
      wanted === null
        ? await this.#ask(
            what,
            `INSERT INTO ${this.#table} (id, version, bytes) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING`,
            [key, version, copy],
          )
        : await this.#ask(what, `UPDATE ${this.#table} SET version = $2, bytes = $3 WHERE id = $1 AND version = $4`, [
            key,
            version,
            copy,
            textOf(wanted),
          ]);
    if (rowCount !== 1) {
      const found = await this.#version(what, key);
      if (found !== version) throw lost(id, wanted, found); // else it was made, and only the answer was lost
    }
    return { version };
  }

  /** Not asked again where the answer is lost: a row that is gone does not say who deleted it. */
  async delete(id: string, p: { ifVersion: string }): Promise<void> {
    const key = idBytes(id);
    const wanted = versionOf(p);
    const what = `deleting ${JSON.stringify(id)} in ${this.#tableName}`;
    const statement = `DELETE FROM ${this.#table} WHERE id = $1 AND version = $2`;
    const { rowCount } = await this.#ask(what, statement, [key, textOf(wanted)], isCollision);
    if (rowCount !== 1) throw lost(id, wanted, await this.#version(what, key));
  }

  async *list(): AsyncIterable<string> {
    let ids: string[] = [];
    do {
      ids = await this.idsAfter(ids.at(-1) ?? null, PAGE);
      yield* ids;
    } while (ids.length === PAGE);
  }

  /** At most `most` ids, in the order of their bytes, from the first or from behind `after`; none behind `upTo`. */
  async idsAfter(after: string | null, most: number, upTo: string | null = null): Promise<string[]> {
    const values: unknown[] = [most];
    const bound = (operator: string, id: string): string => `id ${operator} $${values.push(idBytes(id))}`;
    const conditions = [...(after === null ? [] : [bound('>', after)]), ...(upTo === null ? [] : [bound('<=', upTo)])];
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    const statement = `SELECT id FROM ${this.#table} ${where} ORDER BY id LIMIT $1`;
    const { rows } = await this.#ask(`listing ${this.#tableName}`, statement, values);
    return rows.map(({ id }) => text(copied(id), `id in ${this.#tableName}`));
  }

  async #version(what: string, key: Bytes): Promise<string | null> {
    const { rows } = await this.#ask(what, `SELECT version FROM ${this.#table} WHERE id = $1`, [key]);
    return rows.length === 0 ? null : String(rows[0]!['version']);
  }

  /** Every failure is ERR_STORE. */
  async #ask(
    what: string,
    statement: string,
    values: unknown[],
    mayRepeat = isHarmless,
  ): ReturnType<Database['query']> {
    try {
      await this.#migrated();
      for (let tries = 1; ; tries++) {
        try {
          return await this.#database.query(statement, values);
        } catch (error) {
          if (tries === TRIES || !mayRepeat(error)) throw error;
          await new Promise((resolve) => setTimeout(resolve, FIRST_PAUSE * 2 ** tries * (0.5 + Math.random() / 2)));
        }
      }
    } catch (error) {
      throw databaseError(error, what);
    }
  }

  /** Once a store; again where it failed. */
  #migrated(): Promise<void> {
    return (this.#ready ??= migrate(this.#database, this.#tableName).catch((error: unknown) => {
      this.#ready = null;
      throw error;
    }));
  }
}

/** Reads, and writes that carry their own version. */
const isHarmless = (error: unknown): boolean => isCollision(error) || isLost(error);

/** PostgreSQL has no NUL in text; no version has one either. */
const textOf = (version: string): string => version.replaceAll('\0', '\ufffd');
