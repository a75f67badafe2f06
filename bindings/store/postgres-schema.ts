// The tables of a PostgreSQL store, made and brought up to date by whoever comes first.
//
//   <table>              id bytea (UTF-8, so that any text has one place)   version text   bytes bytea
//   <table>_migrations   version int, at timestamptz: one row a step that was made
//
// Many processes may start at once, and one may die between any two statements: every step does nothing where it was made
// already, and its row is written after it. No lock is needed, and none that CockroachDB has not is used.

import { KeystrataError } from '../core/errors.ts';
import { codeOf, isCollision } from './postgres-failure.ts';

/** The part of pg.Pool in use. */
export interface Database {
  query(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[]; rowCount: number | null }>;
}

/** A step makes version n of the tables out of n - 1: it must be one that may be made twice. */
export type Step = (table: string) => string;

export const STEPS: readonly Step[] = [
  (table) => `CREATE TABLE IF NOT EXISTS ${table} (
    id BYTEA PRIMARY KEY,
    version TEXT NOT NULL,
    bytes BYTEA NOT NULL
  )`,
];

/** Each try that fails is another process's success, or nearly: some dozens start at once. */
const TRIES = 50;
const PAUSE = 20; // ms, at most; a moment that differs from process to process
const UNDEFINED_TABLE = '42P01';
/** What a CREATE … IF NOT EXISTS says where another one is at the same table: unique_violation in the catalogue, duplicates. */
const MEANWHILE = new Set(['23505', '42P07', '42710', 'XX000']);

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,40}$/;

/** `table` or `schema.table` between quotes, and so with one meaning. ERR_ARGUMENT for names that are no plain ones. */
export function quotedTable(table: unknown): { table: string; migrations: string } {
  const parts = typeof table === 'string' ? table.split('.') : [];
  if (parts.length < 1 || parts.length > 2 || !parts.every((part) => NAME.test(part)))
    throw new KeystrataError(
      'ERR_ARGUMENT',
      'table: a name is wanted, or schema.name, of letters, digits and _, each at most 41 long',
    );
  const quote = (...names: string[]): string => names.map((name) => `"${name}"`).join('.');
  return { table: quote(...parts), migrations: quote(...parts.slice(0, -1), `${parts.at(-1)}_migrations`) };
}

/** Resolves when the tables are there, as this version wants them. ERR_UNSUPPORTED where a newer one made them. */
export async function migrate(database: Database, name: string, steps: readonly Step[] = STEPS): Promise<void> {
  const { table, migrations } = quotedTable(name);
  let made = await versionOf(database, migrations);
  if (made === null) {
    await persistently(() =>
      database.query(
        `CREATE TABLE IF NOT EXISTS ${migrations} (version INT PRIMARY KEY, at TIMESTAMPTZ NOT NULL DEFAULT now())`,
      ),
    );
    made = (await versionOf(database, migrations)) ?? 0;
  }
  if (made > steps.length)
    throw new KeystrataError(
      'ERR_UNSUPPORTED',
      `${name}: its tables are of version ${made}, this keystrata knows ${steps.length}: update keystrata`,
    );
  for (const [i, step] of steps.entries()) {
    if (i < made) continue;
    await persistently(() => database.query(step(table)));
    await persistently(() =>
      database.query(`INSERT INTO ${migrations} (version) VALUES ($1) ON CONFLICT (version) DO NOTHING`, [i + 1]),
    );
  }
  await mustBeDurable(database);
}

/** Null where there is not even a table that would say. */
async function versionOf(database: Database, migrations: string): Promise<number | null> {
  try {
    const { rows } = await database.query(`SELECT max(version) AS version FROM ${migrations}`);
    return Number(rows[0]?.['version'] ?? 0);
  } catch (error) {
    if (codeOf(error) === UNDEFINED_TABLE) return null;
    throw error;
  }
}

async function persistently<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries === TRIES || !(MEANWHILE.has(codeOf(error)) || isCollision(error))) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * PAUSE));
    }
  }
}

/** A write that is answered before it is on the disk would be lost by a crash of the server. */
async function mustBeDurable(database: Database): Promise<void> {
  const { rows } = await database.query(`SELECT current_setting('synchronous_commit', true) AS mode`);
  if (rows[0]?.['mode'] === 'off')
    throw new KeystrataError(
      'ERR_UNSUPPORTED',
      'synchronous_commit is off, so a crash of the server would lose what it said it had written: set it to on for this user',
    );
}
