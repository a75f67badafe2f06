// A million envelopes in a table of PostgreSQL, from one KEK to the next: in batches, each row exchanged only where it is still
// the one that was read, broken off in the middle and gone on with. The rate is printed.

import { afterAll, beforeAll, expect, it } from 'vitest';
import type pg from 'pg';
import { createEngine, describe, Keyring, memoryStore, type Engine } from '../../bindings/index.ts';
import { postgresStore } from '../../bindings/postgres.ts';
import { operator } from '../keyring/support.ts';
import { skippedName, tryServer, type Server } from '../postgres/server.ts';

const { server, unavailable } = await tryServer();
afterAll(() => server?.end());

const ROWS = 1_000_000;
const BATCH = 5_000;

if (server === null) it.skip(skippedName(unavailable), () => undefined);
else tests(server);

function tests(server: Server): void {
  let engine: Engine;
  let pool: pg.Pool;
  let keyring: Keyring;
  const secret = operator();
  beforeAll(async () => {
    engine = await createEngine();
    pool = server.pool();
    const store = postgresStore(pool, { memory: memoryStore() });
    ({ keyring } = await Keyring.create({ engine, store, owner: 'records', recovery: false, ...secret }));
    await pool.query('CREATE TABLE people (id INT PRIMARY KEY, sealed BYTEA NOT NULL)');
    for (let first = 0; first < ROWS; first += BATCH) {
      const ids = Array.from({ length: BATCH }, (_, i) => first + i);
      const sealed = [];
      for (const id of ids) sealed.push(await keyring.sealEnvelope(`person ${id}`, { context: `people/${id}` }));
      await pool.query('INSERT INTO people SELECT * FROM unnest($1::int[], $2::bytea[])', [ids, sealed]);
    }
  }, 3_600_000);
  afterAll(() => engine.dispose());

  /** Rows behind `after`, one batch: what is left of the job is what it has not come to. */
  async function rewrapBatch(after: number, present: string): Promise<{ last: number | undefined; exchanged: number }> {
    const { rows } = await pool.query<{ id: number; sealed: Buffer }>(
      'SELECT id, sealed FROM people WHERE id > $1 ORDER BY id LIMIT $2',
      [after, BATCH],
    );
    const old = rows.filter(({ sealed }) => describe(sealed).keyId !== present);
    const next = [];
    for (const { sealed } of old) next.push(await keyring.rewrap(sealed));
    const { rowCount } = await pool.query(
      `UPDATE people SET sealed = v.next FROM unnest($1::int[], $2::bytea[], $3::bytea[]) AS v (id, old, next)
       WHERE people.id = v.id AND people.sealed = v.old`,
      [old.map(({ id }) => id), old.map(({ sealed }) => sealed), next],
    );
    return { last: rows.at(-1)?.id, exchanged: rowCount ?? 0 };
  }

  it('a million rows', async () => {
    await keyring.rotateKek({ secrets: [secret] });
    const present = keyring.inventory()[0]!.id;
    let exchanged = 0;
    const began = performance.now();
    for (const until of [ROWS / 2, ROWS])
      // the second time from the first row again: what is done is seen, and passed over
      for (let after: number | undefined = -1; after !== undefined && after < until - 1;) {
        const batch = await rewrapBatch(after, present);
        exchanged += batch.exchanged;
        after = batch.last;
      }
    const seconds = (performance.now() - began) / 1000;
    console.log(
      `${ROWS} envelopes in ${seconds.toFixed(0)} s: ${(ROWS / seconds).toFixed(0)} a second, read, re-wrapped and written`,
    );
    expect(exchanged).toBe(ROWS);
    for (let id = 0; id < ROWS; id += 997) {
      const { rows } = await pool.query<{ sealed: Buffer }>('SELECT sealed FROM people WHERE id = $1', [id]);
      expect(describe(rows[0]!.sealed).keyId).toBe(present);
      expect(await keyring.decryptText(rows[0]!.sealed, { context: `people/${id}` })).toBe(`person ${id}`);
    }
    const { rows } = await pool.query<{ n: string }>('SELECT count(*) AS n FROM people WHERE length(sealed) > 0');
    expect(Number(rows[0]!.n)).toBe(ROWS);
  }, 3_600_000);
}
