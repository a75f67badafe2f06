// From one operator key to the next, over a PostgreSQL store: shared, resumed, nothing twice, nothing left out.

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine, Keyring, KeystrataError, memoryStore, type Engine } from '../../bindings/index.ts';
import { OperatorRing, rewrapKeyrings, type Pool, type RewrapOptions } from '../../bindings/operator.ts';
import { postgresStore } from '../../bindings/postgres.ts';
import { codeOf, FEW, PASSPHRASE } from '../keyring/support.ts';
import { skippedName, tryServer, type Server } from '../postgres/server.ts';
import { fill, Machine, world, type World } from './machines.ts';

const { server, unavailable } = await tryServer();
afterAll(() => server?.end());

let count = 0;
const fresh = (): string => `keyrings_${count++}`;
/** Names that no page may stumble over, and so many plain ones. */
const owners = (n: number): string[] => [
  ...['\0', 'nul\0byte', 'é', '日本', '%', '"', "'", '\\', 'Z', 'z', '~', ' '].slice(0, n),
  ...Array.from({ length: Math.max(0, n - 12) }, (_, i) => `owner ${i}`),
];

if (server === null) it.skip(skippedName(unavailable), () => undefined);
else tests(server);

function tests(server: Server): void {
  let engine: Engine;
  beforeAll(async () => {
    engine = await createEngine();
  });
  afterAll(() => engine.dispose());

  const options = (w: World, p: Partial<RewrapOptions> = {}): RewrapOptions => ({
    ring: w.ring,
    store: w.store,
    pool: w.pool,
    memory: memoryStore(),
    pageSize: 20,
    ...p,
  });

  /** Every keyring has one slot under the key, which opens it, and was written once since it was made. */
  async function expectMoved(w: World, all: readonly string[], revision = 2): Promise<void> {
    const [from, to] = w.ids as [string, string];
    const listed = [];
    for await (const owner of w.store.list()) listed.push(owner);
    expect(listed.sort()).toEqual([...all].sort());
    const alone = new OperatorRing(engine);
    alone.activate(alone.add(Buffer.from(w.keys[1]!.split(' ')[1]!, 'hex'), to));
    for (const owner of all) {
      const keyring = await alone.unlock({ store: w.store, owner, memory: memoryStore() });
      expect([owner, keyring.revision]).toEqual([owner, revision]);
      expect(keyring.slots.list().map(({ operatorKeyId }) => operatorKeyId)).toEqual([to]);
      keyring.lock();
    }
    alone.dispose();
    await w.ring.retire(from, { stores: [w.store] });
    expect(w.ring.list()).toEqual([{ id: to, state: 'active' }]);
  }

  it('one machine moves every keyring once, and verifies it', async () => {
    const w = world(server, engine, fresh());
    const all = owners(150);
    await fill(w, all);
    w.ring.activate(w.ids[1]!);
    expect(await codeOf(() => w.ring.retire(w.ids[0]!, { stores: [w.store] }))).toBe('ERR_KEY_STATE');
    const told: number[] = [];
    const report = await rewrapKeyrings(options(w, { onProgress: (fraction) => told.push(fraction) }));
    expect(report).toEqual({ to: w.ids[1], rewrapped: 150, verified: 150, without: 0, failed: [], rounds: 2 });
    expect(told.length).toBeGreaterThan(10);
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect(told.at(-1)).toBe(1);
    await expectMoved(w, all);
    // again: nothing is there to do, and that is seen
    expect(await rewrapKeyrings(options(w))).toMatchObject({ rewrapped: 0, verified: 150, rounds: 1 });
    w.ring.dispose();
  });

  it('two machines share 300; one is killed in the middle, the other has all of them done', async () => {
    const w = world(server, engine, fresh());
    const all = owners(300);
    await fill(w, all);
    const machines = [1, 2].map(() => new Machine(server, w, { pageSize: 10, seconds: 2 })) as [Machine, Machine];
    await Promise.all(machines.map((machine) => machine.begin()));
    const [victim, survivor] = machines;
    while (victim.fraction < 0.15) await new Promise((resolve) => setTimeout(resolve, 2));
    await victim.kill();
    const report = await survivor.report;
    expect(report).toMatchObject({ to: w.ids[1], verified: 300, without: 0, failed: [] });
    expect(report.rewrapped).toBeGreaterThan(0);
    expect(report.rewrapped).toBeLessThan(300); // the other one had its part
    w.ring.activate(w.ids[1]!);
    await expectMoved(w, all);
    w.ring.dispose();
  });

  it('many start at once where there is not even a table', async () => {
    const w = world(server, engine, fresh());
    await fill(w, ['alice']);
    w.ring.activate(w.ids[1]!);
    const all = Array.from({ length: 5 }, () => rewrapKeyrings(options(w, { schema: `jobs_${w.table}` })));
    const reports = await Promise.all(all);
    expect(reports.reduce((sum, { rewrapped }) => sum + rewrapped, 0)).toBe(1);
    for (const report of reports) expect(report.verified).toBe(1);
    const none = world(server, engine, fresh());
    none.ring.activate(none.ids[1]!);
    expect(await rewrapKeyrings(options(none))).toMatchObject({ rewrapped: 0, verified: 0, failed: [] });
    w.ring.dispose();
    none.ring.dispose();
  });

  it('a statement that the database gave up for another’s sake is sent again', async () => {
    const w = world(server, engine, fresh());
    await fill(w, owners(20));
    w.ring.activate(w.ids[1]!);
    let [statements, given] = [0, 0];
    const pool: Pool = {
      query: (text, values) => w.pool.query(text, values),
      async connect() {
        const client = await w.pool.connect();
        return {
          query(text, values) {
            if (++statements % 2 === 0) return client.query(text, values);
            given++;
            return Promise.reject(Object.assign(new Error('deadlock detected'), { code: '40P01' }));
          },
          release: (destroy) => client.release(destroy),
        };
      },
    };
    const report = await rewrapKeyrings(options(w, { pool, schema: `jobs_${w.table}` }));
    expect(report).toMatchObject({ rewrapped: 20, verified: 20, failed: [] });
    expect(given).toBeGreaterThan(5);
    w.ring.dispose();
  });

  it('stops where it is told to, and goes on from there', async () => {
    const w = world(server, engine, fresh());
    const all = owners(300);
    await fill(w, all);
    w.ring.activate(w.ids[1]!);
    let rewrapped = 0;
    for (let stops = 0; stops < 4; stops++) {
      const stop = new AbortController();
      const memory = memoryStore();
      const counting = {
        get: (id: string) => memory.get(id),
        put: (...given: Parameters<typeof memory.put>) => {
          if (++rewrapped % 40 === 0) stop.abort();
          return memory.put(...given);
        },
      };
      const started = rewrapKeyrings(options(w, { pageSize: 100, memory: counting, signal: stop.signal }));
      expect(await codeOf(() => started)).toBe('ERR_ABORTED');
    }
    // What was stopped is free for others at once: no page waits for its time to be over.
    const held = await w.pool.query(
      `SELECT count(*)::int AS jobs FROM keystrata_jobs.job WHERE name = $1 AND state = 'active'`,
      [`rewrap-${w.ids[1]}`],
    );
    expect(held.rows).toEqual([{ jobs: 0 }]);
    const report = await rewrapKeyrings(options(w, { seconds: 3600 }));
    expect(report).toMatchObject({ verified: 300, failed: [] });
    expect(report.rewrapped).toBeLessThan(260);
    await expectMoved(w, all);
    w.ring.dispose();
  });

  it('takes in keyrings that come while it runs', async () => {
    const w = world(server, engine, fresh());
    await fill(w, owners(60));
    // A server that was not told yet makes more under the old key.
    const late = new OperatorRing(engine);
    for (const line of w.keys) late.add(Buffer.from(line.split(' ')[1]!, 'hex'), line.split(' ')[0]);
    late.activate(w.ids[0]!);
    const more = ['0', 'owner 10a', '~~', 'zzz'];
    let made = false;
    w.ring.activate(w.ids[1]!);
    const report = await rewrapKeyrings(
      options(w, {
        onProgress(fraction) {
          if (fraction < 0.5 || made) return;
          made = true;
          void fill({ ...w, ring: late }, more);
        },
      }),
    );
    expect(made).toBe(true);
    const again = await rewrapKeyrings(options(w));
    expect(report.rewrapped + again.rewrapped).toBe(64);
    expect(again).toMatchObject({ verified: 64, failed: [] });
    await expectMoved(w, [...owners(60), ...more]);
    late.dispose();
    w.ring.dispose();
  });

  it('names what it cannot open, does the rest, and such a key cannot be retired', async () => {
    const w = world(server, engine, fresh());
    await fill(w, owners(30));
    const put = async (owner: string, bytes: Uint8Array): Promise<unknown> =>
      w.store.put(owner, bytes, { ifVersion: (await w.store.get(owner))?.version ?? null });
    const altered = (await w.store.get('owner 3'))!.bytes;
    altered[altered.length - 1]! ^= 1; // its MAC
    await put('owner 3', altered);
    await put('\0', (await w.store.get('owner 4'))!.bytes); // another's, in its place
    await put('dust', Uint8Array.of(1, 2, 3));
    const stranger = new OperatorRing(engine);
    stranger.activate(stranger.add(randomBytes(32)));
    (await stranger.create({ store: w.store, owner: 'strange', memory: memoryStore() })).keyring.lock();
    const person = {
      engine,
      store: w.store,
      owner: 'a person',
      passphrase: PASSPHRASE,
      iterations: FEW,
      allowWeak: true,
    };
    (await Keyring.create({ ...person, recovery: false, memory: memoryStore() })).keyring.lock();
    w.ring.activate(w.ids[1]!);
    const report = await rewrapKeyrings(options(w));
    expect(report).toEqual({
      to: w.ids[1],
      rewrapped: 28,
      verified: 28,
      without: 1,
      failed: [
        { owner: '\0', code: 'ERR_AUTHENTICATION' },
        { owner: 'dust', code: 'ERR_FORMAT' },
        { owner: 'owner 3', code: 'ERR_AUTHENTICATION' },
        { owner: 'strange', code: 'ERR_WRONG_SECRET' },
      ],
      rounds: 2,
    });
    const refusal = await w.ring.retire(w.ids[0]!, { stores: [w.store] }).catch((error: unknown) => error);
    expect(refusal).toMatchObject({
      code: 'ERR_KEY_STATE',
      message: expect.stringContaining('1 more still under') as string,
    });
    stranger.dispose();
    w.ring.dispose();
  });

  describe('a database that fails', () => {
    /** A pool of which the k-th statement fails, before it is sent or after it was done. */
    const failing = (pool: Pool, k: number, when: 'before' | 'after'): { pool: Pool; calls: () => number } => {
      let call = 0;
      const query =
        (ask: Pool['query']): Pool['query'] =>
        async (text, values) => {
          const fails = ++call === k;
          if (fails && when === 'before')
            throw Object.assign(new Error('the network is gone'), { code: 'EHOSTUNREACH' });
          const result = await ask(text, values);
          if (fails) throw Object.assign(new Error('the network is gone'), { code: 'EHOSTUNREACH' });
          return result;
        };
      return {
        calls: () => call,
        pool: {
          query: query((text, values) => pool.query(text, values)),
          async connect() {
            const client = await pool.connect();
            return {
              query: query((text, values) => client.query(text, values)),
              release: (destroy) => client.release(destroy),
            };
          },
        },
      };
    };

    it.each(['before', 'after'] as const)(
      '%s any statement of any step: it is said, and the next run completes',
      async (when) => {
        const all = owners(5);
        const run = async (k: number): Promise<{ calls: number; failed: boolean }> => {
          const w = world(server, engine, fresh());
          await fill(w, all);
          w.ring.activate(w.ids[1]!);
          const { pool, calls } = failing(w.pool, k, when);
          const store = postgresStore(pool, { table: w.table, name: 'test', memory: memoryStore() });
          const first = await rewrapKeyrings(options(w, { pool, store, pageSize: 2, seconds: 1 })).then(
            () => null,
            (error: unknown) => error,
          );
          if (first !== null) expect(KeystrataError.is(first, 'ERR_STORE'), (first as Error).message).toBe(true);
          const report = await rewrapKeyrings(options(w, { pageSize: 2, seconds: 1 }));
          expect(report).toMatchObject({ verified: 5, failed: [] });
          const made = calls();
          await expectMoved(w, all);
          w.ring.dispose();
          return { calls: made, failed: first !== null };
        };
        const { calls } = await run(0);
        expect(calls).toBeGreaterThan(30);
        let failures = 0;
        for (let k = 1; k <= calls; k += 3) failures += (await run(k)).failed ? 1 : 0;
        expect(failures).toBeGreaterThan(5);
      },
      300_000,
    );
  });

  it('refuses wrong arguments before any work', async () => {
    const w = world(server, engine, fresh());
    await fill(w, ['alice']);
    const wrong: Partial<RewrapOptions>[] = [
      { ring: {} as never },
      { store: memoryStore() as never },
      { pool: {} as never },
      { schema: 'a b' },
      { schema: 'A' },
      { pageSize: 0 },
      { pageSize: 1.5 },
      { seconds: 0 },
      { signal: {} as never },
      { onProgress: 1 as never },
    ];
    for (const p of wrong)
      expect(await codeOf(() => rewrapKeyrings(options(w, p))), JSON.stringify(p)).toBe('ERR_ARGUMENT');
    expect(await codeOf(() => rewrapKeyrings(undefined as never))).toBe('ERR_ARGUMENT');
    const none = new OperatorRing(engine);
    none.add(randomBytes(32));
    expect(await codeOf(() => rewrapKeyrings(options(w, { ring: none })))).toBe('ERR_KEY_STATE');
    expect(await codeOf(() => rewrapKeyrings(options(w, { signal: AbortSignal.abort() })))).toBe('ERR_ABORTED');
    none.dispose();
    w.ring.dispose();
  });
}
