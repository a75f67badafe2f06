// The work of a re-wrap, shared by machines: jobs of pg-boss in the keyrings' own database, in a schema of their own.
//
//   plan   one a round      reads all ids, and makes a page of every so many
//   page   ids after … upTo  a machine takes one at a time; a dead machine's is given to another when its time is over
//
// The id of a job comes from what it is about, so a plan that is made again after a crash makes no page twice. A page that is
// done again does no harm; one left out would: so each begins where the one before it ends, and the last has no end.

import PgBoss from 'pg-boss';
import { hex, text, unhex, utf8 } from '../core/bytes.ts';
import { KeystrataError, type ErrorCode } from '../core/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { databaseError, isCollision } from '../store/postgres-failure.ts';
import type { Database } from '../store/postgres-schema.ts';

/** The part of pg.Pool in use. */
export interface Pool extends Database {
  connect(): Promise<Database & { release(destroy?: boolean): void }>;
}

/** Ids behind `after` as far as `upTo`; null: from the first, to the last. */
export interface Page {
  readonly after: string | null;
  readonly upTo: string | null;
}
export type Task = { readonly id: string; readonly round: number } & (
  { readonly page: Page } | { readonly page: null }
);

/** What came of the keyrings of a page. */
export interface Counts {
  rewrapped: number;
  current: number;
  without: number;
  failed: Failure[];
}
export interface Failure {
  readonly owner: string;
  readonly code: ErrorCode;
}

/** How far the newest round is. */
export interface Standing extends Omit<Counts, 'failed'> {
  readonly round: number;
  readonly jobs: number;
  readonly open: number;
  /** Given up after so many tries. */
  readonly broken: number;
}

const SCHEMA = /^[a-z_][a-z0-9_]{0,40}$/;
const TRIES = 100;
const COLLISIONS = 20;
const PAUSE = 200; // ms, at most; a moment that differs from machine to machine
const DAYS = 365; // that a job waits for a machine
/** Failures that a report names. */
const MOST_FAILURES = 1000;
/** Of an SHA-256 hash, for a job's UUID. */
const ID_DIGITS = 32;

/** Text that JSON in PostgreSQL may hold: it has no NUL. */
const encoded = (id: string | null): string | null => (id === null ? null : hex(utf8(id, 'id')));
const decoded = (digits: string | null): string | null =>
  digits === null ? null : text(unhex(digits, digits.length / 2, 'id'), 'id');

interface Data {
  round: number;
  after?: string | null;
  upTo?: string | null;
}

export class RewrapQueue {
  readonly #engine: Engine;
  readonly #pool: Pool;
  readonly #boss: PgBoss;
  readonly #table: string;
  readonly #name: string;

  private constructor(p: { engine: Engine; pool: Pool; schema: string; to: string }) {
    this.#engine = p.engine;
    this.#pool = p.pool;
    this.#table = `${p.schema}.job`;
    this.#name = `rewrap-${p.to}`;
    const db = { executeSql: (statement: string, values?: unknown[]) => this.#execute(statement, values) };
    // No timers: what is late is looked for when there is nothing else to do.
    this.#boss = new PgBoss({ db, schema: p.schema, supervise: false, schedule: false });
    this.#boss.on('error', () => undefined); // it has no connection of its own that could fail
  }

  /** `seconds`: a page that is not done after so many is given to another machine. */
  static async open(p: {
    engine: Engine;
    pool: Pool;
    schema: string;
    to: string;
    seconds: number;
  }): Promise<RewrapQueue> {
    if (typeof p.schema !== 'string' || !SCHEMA.test(p.schema))
      throw new KeystrataError('ERR_ARGUMENT', 'schema: a name of small letters, digits and _ is wanted');
    const queue = new RewrapQueue(p);
    await queue.#doing(async () => {
      await queue.#boss.start();
      await queue.#boss.createQueue(queue.#name, {
        name: queue.#name,
        retryLimit: TRIES,
        retryDelay: 0,
        expireInSeconds: p.seconds,
        retentionDays: DAYS,
      });
    });
    return queue;
  }

  close(): Promise<void> {
    return this.#doing(() => this.#boss.stop({ graceful: false, close: false }));
  }

  /** Does nothing where the round was begun already. */
  begin(round: number): Promise<void> {
    return this.#insert([{ data: { round }, about: [round, 'plan'], priority: 1 }]);
  }

  /** Does nothing for those that are there already. */
  add(round: number, pages: readonly Page[]): Promise<void> {
    return this.#insert(
      pages.map(({ after, upTo }) => {
        const data = { round, after: encoded(after), upTo: encoded(upTo) };
        return { data, about: [round, data.after, data.upTo], priority: 0 };
      }),
    );
  }

  /** Null where all is taken, or the database is away: `standing` tells. */
  async next(): Promise<Task | null> {
    const [job] = await this.#doing(() => this.#boss.fetch<Data>(this.#name, { batchSize: 1 }));
    if (job === undefined) return null;
    const { round, after, upTo } = job.data;
    const page = after === undefined ? null : { after: decoded(after), upTo: decoded(upTo ?? null) };
    return { id: job.id, round, page };
  }

  done(task: Task, { failed, ...counts }: Counts): Promise<void> {
    const output = { ...counts, failed: failed.map(({ owner, code }) => ({ owner: encoded(owner), code })) };
    return this.#doing(() => this.#boss.complete(this.#name, task.id, output));
  }

  /** Another machine may take it at once. */
  giveBack(task: Task): Promise<void> {
    return this.#doing(() => this.#boss.fail(this.#name, task.id, { message: 'given back' }));
  }

  /** Gives the pages of machines that died to others. */
  expire(): Promise<void> {
    return this.#doing(() => this.#boss.expire());
  }

  /** Null where there was no round yet. */
  async standing(): Promise<Standing | null> {
    const sum = (name: string): string => `coalesce(sum((output->>'${name}')::int), 0)::int AS ${name}`;
    const [row] = await this.#rows(
      `SELECT (data->>'round')::int AS round, count(*)::int AS jobs,
         count(*) FILTER (WHERE state < 'completed')::int AS open, count(*) FILTER (WHERE state > 'completed')::int AS broken,
         ${['rewrapped', 'current', 'without'].map(sum).join(', ')}
       FROM ${this.#table} WHERE name = $1 GROUP BY 1 ORDER BY 1 DESC LIMIT 1`,
      [this.#name],
    );
    return (row as Standing | undefined) ?? null;
  }

  async failures(round: number): Promise<Failure[]> {
    const rows = await this.#rows(
      `SELECT f->>'owner' AS owner, f->>'code' AS code
       FROM ${this.#table}, jsonb_array_elements(CASE WHEN output ? 'failed' THEN output->'failed' ELSE '[]' END) f
       WHERE name = $1 AND (data->>'round')::int = $2 AND state = 'completed' ORDER BY 1 LIMIT ${MOST_FAILURES}`,
      [this.#name, round],
    );
    return rows.map(({ owner, code }) => ({ owner: decoded(owner as string)!, code: code as ErrorCode }));
  }

  async #insert(jobs: readonly { data: Data; about: unknown[]; priority: number }[]): Promise<void> {
    const name = this.#name;
    const all = jobs.map(({ data, about, priority }) => {
      const id = hex(this.#engine.sha256(utf8(JSON.stringify([name, ...about]), 'job'))).slice(0, ID_DIGITS);
      return { id, name, data, priority };
    });
    await this.#doing(() => this.#boss.insert(all));
  }

  async #rows(statement: string, values: unknown[]): Promise<Record<string, unknown>[]> {
    return (await this.#doing(() => this.#pool.query(statement, values))).rows;
  }

  /**
   * Again where the database gave a statement up for the sake of another's: machines that start at once make the same tables.
   * Nothing of it was done then.
   */
  async #execute(statement: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }> {
    for (let tries = 1; ; tries++)
      try {
        return await this.#once(statement, values);
      } catch (error) {
        if (tries === COLLISIONS || !isCollision(error)) throw error;
        await new Promise((resolve) => setTimeout(resolve, Math.random() * PAUSE));
      }
  }

  /** A connection whose statement failed may be in the middle of a transaction: it goes. */
  async #once(statement: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }> {
    const client = await this.#pool.connect();
    let failed = true;
    try {
      const result = await client.query(statement, values);
      failed = false;
      return result;
    } finally {
      client.release(failed);
    }
  }

  async #doing<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw databaseError(error, 'sharing the work of re-wrapping');
    }
  }
}
