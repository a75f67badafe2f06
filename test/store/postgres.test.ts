// A store in PostgreSQL, against a real server: the suite of all stores, then what only a database can do to it.

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { KeystrataError } from '../../bindings/core/errors.ts';
import { memoryStore } from '../../bindings/store/memory.ts';
import { postgresStore } from '../../bindings/store/postgres.ts';
import { migrate, STEPS, type Database } from '../../bindings/store/postgres-schema.ts';
import type { Store } from '../../bindings/store/store.ts';
import { skippedName, tryServer, type Server } from '../postgres/server.ts';
import { compiledStore } from './compiled.ts';
import { storeSuite } from './conformance.ts';

const { server, unavailable } = await tryServer();
afterAll(() => server?.end());

const ROOT = join(import.meta.dirname, '../..');
let count = 0;
const fresh = (): string => `vault_${count++}`;
const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));
const valueOf = async (store: Store, id = 'alice'): Promise<string | null> => {
  const stored = await store.get(id);
  return stored && Buffer.from(stored.bytes).toString();
};
const refused = (code: string, message = /./) => ({
  code,
  message: expect.stringMatching(message) as string,
});

if (server === null) {
  it.skip(skippedName(unavailable), () => undefined);
} else {
  storeSuite('PostgreSQL', () => {
    const table = fresh();
    return {
      store: postgresStore(server.pool(), { table }),
      again: () => postgresStore(server.pool({ max: 2 }), { table }),
    };
  });
  tests(server);
}

function tests(server: Server): void {
  const pool = server.pool();

  describe('writers', () => {
    it('16 on one row: what was accepted is there, what was refused got ERR_CONFLICT', async () => {
      const table = fresh();
      const handles = Array.from({ length: 4 }, () => postgresStore(server.pool({ max: 4 }), { table }));
      await handles[0]!.put('row', bytes('[]'), { ifVersion: null });
      const accepted: string[] = [];
      let conflicts = 0;
      const writer = async (w: number): Promise<void> => {
        const store = handles[w % handles.length]!;
        for (let n = 0; n < 12;) {
          const stored = (await store.get('row'))!;
          const list = JSON.parse(Buffer.from(stored.bytes).toString()) as string[];
          try {
            await store.put('row', bytes(JSON.stringify([...list, `${w}/${n}`])), { ifVersion: stored.version });
            accepted.push(`${w}/${n++}`);
          } catch (error) {
            if (!KeystrataError.is(error, 'ERR_CONFLICT')) throw error;
            conflicts++;
          }
        }
      };
      await Promise.all(Array.from({ length: 16 }, (_, w) => writer(w)));
      const list = JSON.parse((await valueOf(handles[1]!, 'row'))!) as string[];
      expect(list.slice().sort()).toEqual(accepted.slice().sort());
      expect(list).toHaveLength(16 * 12);
      expect(conflicts).toBeGreaterThan(16);
    });

    it('under SERIALIZABLE, too, where the database refuses some of its own', async () => {
      const table = fresh();
      const strict = server.pool({ max: 8, options: '-c default_transaction_isolation=serializable' });
      const store = postgresStore(strict, { table });
      await store.put('count', bytes('0'), { ifVersion: null });
      let wins = 0;
      await Promise.all(
        Array.from({ length: 8 }, async () => {
          for (let i = 0; i < 10; i++) {
            const { bytes: now, version } = (await store.get('count'))!;
            await store
              .put('count', bytes(String(Number(Buffer.from(now).toString()) + 1)), { ifVersion: version })
              .then(() => wins++)
              .catch((error: unknown) => expect(error).toMatchObject({ code: 'ERR_CONFLICT' }));
          }
        }),
      );
      expect(await valueOf(store, 'count')).toBe(String(wins));
    });
  });

  describe('the tables', () => {
    it('are made once by many processes that start at once', async () => {
      for (let round = 0; round < 5; round++) {
        const table = fresh();
        const stores = Array.from({ length: 12 }, () => postgresStore(server.pool({ max: 1 }), { table }));
        await Promise.all(stores.map((store, i) => store.put(`id ${i}`, bytes('x'), { ifVersion: null })));
        const ids = [];
        for await (const id of stores[0]!.list()) ids.push(id);
        expect(ids).toHaveLength(12);
        const { rows } = await pool.query(`SELECT version FROM ${table}_migrations`);
        expect(rows).toEqual([{ version: 1 }]);
      }
    });

    it('lie in a schema where one is named', async () => {
      await pool.query('CREATE SCHEMA elsewhere');
      const store = postgresStore(pool, { table: 'elsewhere.keys' });
      await store.put('alice', bytes('x'), { ifVersion: null });
      expect((await pool.query('SELECT * FROM elsewhere.keys')).rowCount).toBe(1);
    });

    it('are brought up to date step by step, whoever dies between two statements', async () => {
      const steps = [
        ...STEPS,
        (table: string) => `ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS note TEXT`,
        (table: string) => `CREATE INDEX IF NOT EXISTS by_note ON ${table} (note)`,
      ];
      let calls = 0;
      const whole = fresh();
      const counting: Database = { query: (text, values) => (calls++, pool.query(text, values)) };
      await migrate(counting, whole, steps);
      expect(calls).toBeGreaterThan(6);
      for (let k = 1; k <= calls; k++) {
        const table = fresh();
        let call = 0;
        const dying: Database = {
          query: (text, values) => (call++ < k - 1 ? pool.query(text, values) : Promise.reject(new Error('died'))),
        };
        await expect(migrate(dying, table, steps)).rejects.toThrow('died');
        await migrate(pool, table, steps);
        const { rows } = await pool.query(`SELECT version FROM ${table}_migrations ORDER BY version`);
        expect(rows).toEqual([{ version: 1 }, { version: 2 }, { version: 3 }]);
        await pool.query(
          `DROP INDEX by_note; INSERT INTO ${table} (id, version, bytes, note) VALUES ('\\x00', '', '\\x00', '')`,
        );
      }
      const old = fresh();
      await postgresStore(pool, { table: old }).put('alice', bytes('kept'), { ifVersion: null });
      await migrate(pool, old, steps);
      const { rows } = await pool.query(`SELECT note FROM ${old}`);
      expect(rows).toEqual([{ note: null }]);
      // and what this version finds then is too new for it
      const store = postgresStore(pool, { table: old });
      await expect(store.get('alice')).rejects.toMatchObject(refused('ERR_UNSUPPORTED', /update keystrata/));
    });

    it('need no right but to read and write, once they are there', async () => {
      const table = fresh();
      await postgresStore(pool, { table }).put('alice', bytes('x'), { ifVersion: null });
      await pool.query(
        `CREATE ROLE app LOGIN PASSWORD 'app'; GRANT SELECT, INSERT, UPDATE, DELETE ON ${table} TO app; GRANT SELECT ON ${table}_migrations TO app; REVOKE CREATE ON SCHEMA public FROM PUBLIC`,
      );
      const url = new URL(server.url);
      [url.username, url.password] = ['app', 'app'];
      const app = server.pool({ connectionString: url.href });
      expect(await valueOf(postgresStore(app, { table }))).toBe('x');
      await expect(postgresStore(app, { table: fresh() }).get('alice')).rejects.toMatchObject(
        refused('ERR_STORE', /^reading "alice" in vault_\d+: this user may not do that/),
      );
    });

    it('are not written where an answer would come before the disk', async () => {
      const hasty = server.pool({ options: '-c synchronous_commit=off' });
      await expect(postgresStore(hasty, { table: fresh() }).get('alice')).rejects.toMatchObject(
        refused('ERR_UNSUPPORTED', /synchronous_commit/),
      );
    });
  });

  describe('a database that fails', () => {
    /** A pool whose k-th statement on the table of keyrings is cut off, before it is sent or after it was done. */
    const cutting = (when: 'before' | 'after', times: number): Database => {
      let left = times;
      return {
        async query(text, values) {
          const ours = /^(INSERT|UPDATE|DELETE)/.test(text) && !text.includes('_migrations') && left-- > 0;
          const cut = new Error('Connection terminated unexpectedly');
          if (ours && when === 'before') throw cut;
          const result = await pool.query(text, values);
          if (ours) throw cut;
          return result;
        },
      };
    };
    const named = (database: Database, table: string) => postgresStore(database, { table, name: 'test' });

    it.each(['before', 'after'] as const)('a write whose connection ends %s it was made is made once', async (when) => {
      const table = fresh();
      const one = await named(cutting(when, 2), table).put('alice', bytes('one'), { ifVersion: null });
      expect(await postgresStore(pool, { table }).get('alice')).toMatchObject({ version: one.version });
      const two = await named(cutting(when, 2), table).put('alice', bytes('two'), { ifVersion: one.version });
      expect(await valueOf(postgresStore(pool, { table }))).toBe('two');
      await expect(
        named(cutting(when, 2), table).put('alice', bytes('three'), { ifVersion: one.version }),
      ).rejects.toMatchObject(refused('ERR_CONFLICT'));
      expect(await postgresStore(pool, { table }).get('alice')).toMatchObject({ version: two.version });
    });

    it('says ERR_STORE with its cause where the connection does not come back', async () => {
      const table = fresh();
      await expect(
        named(cutting('before', 99), table).put('alice', bytes('x'), { ifVersion: null }),
      ).rejects.toMatchObject({
        ...refused('ERR_STORE', /^writing "alice" in vault_\d+: Connection terminated/),
        cause: { message: 'Connection terminated unexpectedly' },
      });
      const { version } = await postgresStore(pool, { table }).put('bob', bytes('x'), { ifVersion: null });
      await expect(named(cutting('after', 1), table).delete('bob', { ifVersion: version })).rejects.toMatchObject(
        refused('ERR_STORE', /^deleting "bob"/),
      );
      expect(await postgresStore(pool, { table }).get('bob')).toBeNull();
    });

    it.each([
      ['nobody is there', () => ({ connectionString: 'postgres://u:p@127.0.0.1:1/d' }), /cannot be reached/],
      [
        'a wrong password',
        () => ({ connectionString: server.url.replace(/:[^:@]+@/, ':not-this@') }),
        /does not let this user in/,
      ],
      ['no such database', () => ({ connectionString: `${server.url}x` }), /no such database/],
      ['a schema that is not there', () => ({ connectionString: server.url }), /no such schema/],
      [
        'a read-only database',
        () => ({ connectionString: server.url, options: '-c default_transaction_read_only=on' }),
        /read-only/,
      ],
    ])('says what to do: %s', async (why, options, message) => {
      const table = why.includes('schema') ? 'nowhere.keys' : fresh();
      const store = postgresStore(server.pool(options()), { table });
      for (const work of [
        () => store.get('alice'),
        () => store.put('alice', bytes('x'), { ifVersion: null }),
        () => store.idsAfter(null, 1),
      ]) {
        const error: unknown = await work().then(
          () => null,
          (e: unknown) => e,
        );
        expect(error).toMatchObject(refused('ERR_STORE', message));
        expect((error as Error).cause).toBeInstanceOf(Error);
        expect((error as Error).message).not.toContain('not-this');
      }
    });

    it('whose connections are cut again and again loses nothing that it accepted', async () => {
      const table = fresh();
      const store = postgresStore(server.pool({ max: 4 }), { table });
      await store.put('count', bytes('0'), { ifVersion: null });
      let done = 0;
      let over = false;
      const cutter = (async () => {
        while (!over) {
          await server.cut();
          await new Promise((resolve) => setTimeout(resolve, 15));
        }
      })();
      await Promise.all(
        Array.from({ length: 4 }, async () => {
          for (let mine = 0; mine < 15;) {
            try {
              const { bytes: now, version } = (await store.get('count'))!;
              await store.put('count', bytes(String(Number(Buffer.from(now).toString()) + 1)), { ifVersion: version });
              mine++;
              done++;
            } catch (error) {
              expect(['ERR_CONFLICT', 'ERR_STORE']).toContain((error as KeystrataError).code);
            }
          }
        }),
      );
      over = true;
      await cutter;
      // A write may have been made whose answer said otherwise; none that was accepted is missing.
      expect(Number(await valueOf(postgresStore(pool, { table }), 'count'))).toBeGreaterThanOrEqual(done);
      expect(done).toBe(60);
    });

    it('that crashes has all that it accepted', async () => {
      const table = fresh();
      const store = postgresStore(server.pool({ max: 4 }), { table });
      const accepted = new Set<string>();
      let over = false;
      const writers = Array.from({ length: 4 }, async (_, w) => {
        for (let n = 0; !over; n++) {
          const id = `${w}/${n}`;
          await store.put(id, bytes(id), { ifVersion: null }).then(
            () => accepted.add(id),
            (error: unknown) => expect(error).toMatchObject({ code: 'ERR_STORE' }),
          );
        }
      });
      for (let i = 1; i <= 3; i++) {
        while (accepted.size < 20 * i) await new Promise((resolve) => setTimeout(resolve, 1));
        await server.crash();
      }
      over = true;
      await Promise.all(writers);
      const again = postgresStore(server.pool(), { table });
      for (const id of accepted) expect(await valueOf(again, id)).toBe(id);
    });
  });

  describe('a process that is killed in a put', () => {
    const compiled = compiledStore();
    afterAll(() => compiled.end());

    /** Puts "new" over what is there and dies at that point. */
    const dying = (point: string, table: string, version: string | null): Promise<string> =>
      new Promise((resolve) => {
        const program = `
          import pg from 'pg';
          import { PostgresStore } from ${JSON.stringify(join(compiled.folder, 'store/postgres-rows.js'))};
          const die = () => process.kill(process.pid, 'SIGKILL');
          const pool = new pg.Pool({ connectionString: process.argv[1] });
          const [, , point, table, version] = process.argv;
          const database = { async query(text, values) {
            if (!/^(INSERT|UPDATE)/.test(text) || text.includes('_migrations')) return pool.query(text, values);
            if (point === 'before') die();
            const answer = pool.query(text, values);
            if (point === 'sent') setTimeout(die, 2);
            await answer;
            if (point === 'answered') die();
            return new Promise(() => undefined);
          } };
          const store = new PostgresStore(database, { table, name: 'test' });
          await store.put('alice', new TextEncoder().encode('new'), { ifVersion: version === '-' ? null : version });
        `;
        const args = ['--input-type=module', '-e', program, server.url, point, table, version ?? '-'];
        const child = spawn(process.execPath, args, { cwd: ROOT, stdio: 'inherit' });
        child.on('close', (_code, signal) => resolve(String(signal)));
      });

    it.each(['before', 'sent', 'answered'])('leaves the old or the new: %s', async (point) => {
      for (const old of [null, 'old']) {
        const table = fresh();
        const store = postgresStore(pool, { table });
        await store.get('alice');
        const made = old === null ? null : await store.put('alice', bytes(old), { ifVersion: null });
        expect(await dying(point, table, made?.version ?? null)).toBe('SIGKILL');
        const now = await valueOf(store);
        if (point === 'before') expect(now).toBe(old);
        if (point === 'answered') expect(now).toBe('new');
        expect([old, 'new']).toContain(now);
        await store.put('alice', bytes('next'), { ifVersion: (await store.get('alice'))?.version ?? null });
        expect(await valueOf(store)).toBe('next');
      }
    });
  });

  it('lists more than a page, in pages, while others write', async () => {
    const table = fresh();
    const store = postgresStore(pool, { table });
    await store.get('x');
    await pool.query(
      `INSERT INTO ${table} (id, version, bytes) SELECT convert_to(lpad(i::text, 5, '0'), 'UTF8'), i::text, '' FROM generate_series(1, 2500) i`,
    );
    const ids: string[] = [];
    for await (const id of store.list()) {
      if (ids.length === 700) await store.delete('02000', { ifVersion: '2000' });
      ids.push(id);
    }
    expect(ids).toHaveLength(2499);
    expect(ids).toEqual([...ids].sort());
    expect(await store.idsAfter('02498', 10)).toEqual(['02499', '02500']);
    expect(await store.idsAfter(null, 2)).toEqual(['00001', '00002']);
  });

  it('does not take what no store of ours can have written', async () => {
    const table = fresh();
    const store = postgresStore(pool, { table });
    await store.get('x');
    await pool.query(
      `INSERT INTO ${table} (id, version, bytes) VALUES ('big', '1', convert_to(repeat('x', 67108865), 'UTF8'))`,
    );
    await expect(store.get('big')).rejects.toMatchObject(refused('ERR_LIMIT', /67108865 bytes/));
    await pool.query(`INSERT INTO ${table} (id, version, bytes) VALUES ('\\xff', '1', '')`);
    await expect(store.idsAfter(null, 10)).rejects.toMatchObject(refused('ERR_FORMAT', /not UTF-8/));
  });
}

describe('arguments', () => {
  const none: Database = { query: () => Promise.reject(new Error('asked')) };

  it('are checked before any work', () => {
    for (const pool of [undefined, null, {}, { query: 1 }, 'postgres://x'])
      expect(() => postgresStore(pool as never)).toThrow(/a Pool of pg is wanted/);
    for (const table of ['', 'a b', 'a.b.c', 'a"b', 'a;drop', '1a', 'x'.repeat(42), 5, null])
      expect(() => postgresStore(none, { table: table as never, name: 'n' }), String(table)).toThrow(/^table: a name/);
    expect(() => postgresStore(none)).toThrow(/^name: the pool does not say/);
    for (const name of ['', 5]) expect(() => postgresStore(none, { name: name as never })).toThrow(/^name: a string/);
  });

  it('name the database by its address, never by who enters it', () => {
    const at = (options: object, p = {}) => postgresStore({ ...none, options } as Database, p).name;
    expect(at({ connectionString: 'postgres://user:secret@db.example/keys?sslmode=require' })).toBe(
      'postgres:db.example:5432/keys/keystrata_keyrings',
    );
    expect(at({ host: 'db', database: 'd', user: 'u', password: 'secret' }, { table: 's.t' })).toBe(
      'postgres:db:5432/d/s.t',
    );
    expect(at({ host: 'db', port: 6432, database: 'd' })).toBe('postgres:db:6432/d/keystrata_keyrings');
    expect(at({}, { name: 'production' })).toBe('postgres:production/keystrata_keyrings');
    expect(() => at({ connectionString: 'socket:/run/pg' })).toThrow(/name/);
  });

  it('have a memory of this machine where none is given', () => {
    const memory = memoryStore();
    expect(postgresStore(none, { name: 'n', memory }).memory).toBe(memory);
    expect(postgresStore(none, { name: 'n' }).memory).toBeDefined();
  });
});
