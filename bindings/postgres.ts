// keystrata/postgres: keyrings in PostgreSQL, by a Pool of pg.

export { postgresStore } from './store/postgres.ts';
export type { PostgresOptions, PostgresStore } from './store/postgres-rows.ts';
export type { Database } from './store/postgres-schema.ts';
export type { RollbackMemory, Store, Stored } from './store/store.ts';
