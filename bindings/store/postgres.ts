// A store in a database, and with it the memory of what was read there, in the files of this machine.

import { platformMemory } from './file-memory.ts';
import { PostgresStore, type PostgresOptions } from './postgres-rows.ts';
import type { Database } from './postgres-schema.ts';

/**
 * A store in a table of the database that `pool`, a Pool of pg, is connected to: PostgreSQL from version 13, CockroachDB.
 * The table is made and brought up to date at the first call. The pool stays the caller's, to listen to its errors and to
 * end it. What keyrings must not fall back behind is remembered in $KEYSTRATA_MEMORY, else in the platform's folder for
 * data. Throws ERR_ARGUMENT; its calls reject with ERR_STORE and its `cause` where the database fails, and where the
 * connection ended before the answer came and did not come back.
 */
export function postgresStore(pool: Database, p: PostgresOptions = {}): PostgresStore {
  return new PostgresStore(pool, { ...p, memory: p.memory ?? platformMemory() });
}
