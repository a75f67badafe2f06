// What the tests of the operator's job share: a table of keyrings under one key, and machines as processes.

import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type pg from 'pg';
import { memoryStore, type Engine } from '../../bindings/index.ts';
import { OperatorRing, type RewrapReport } from '../../bindings/operator.ts';
import { postgresStore, type PostgresStore } from '../../bindings/postgres.ts';
import type { Server } from '../postgres/server.ts';

const ROOT = join(import.meta.dirname, '../..');
if (!existsSync(join(ROOT, 'build/operator.js')))
  throw new Error('build/operator.js is missing: npm run build makes it');

export interface World {
  table: string;
  pool: pg.Pool;
  store: PostgresStore;
  ring: OperatorRing;
  /** "id key" lines, the active one last. */
  keys: string[];
  ids: string[];
}

/** A ring of two keys, the second of which is to take over, and an empty table. */
export function world(server: Server, engine: Engine, table: string): World {
  const pool = server.pool({ max: 12 });
  const store = postgresStore(pool, { table, memory: memoryStore() });
  const ring = new OperatorRing(engine);
  const pairs = Array.from({ length: 2 }, () => [randomBytes(16).toString('hex'), randomBytes(32)] as const);
  for (const [id, key] of pairs) ring.add(key, id);
  ring.activate(pairs[0]![0]);
  const keys = pairs.map(([id, key]) => `${id} ${key.toString('hex')}`);
  return { table, pool, store, ring, keys, ids: pairs.map(([id]) => id) };
}

/** Keyrings under the ring's active key. */
export async function fill({ ring, store }: World, owners: readonly string[]): Promise<void> {
  const all = [...owners];
  const maker = async (): Promise<void> => {
    for (let owner = all.pop(); owner !== undefined; owner = all.pop())
      (await ring.create({ store, owner, memory: memoryStore() })).keyring.lock();
  };
  await Promise.all(Array.from({ length: 6 }, maker));
}

/** A process that takes part. `ready` before it begins: then it has started and has its keys. */
export class Machine {
  readonly #child: ChildProcess;
  readonly ready: Promise<void>;
  readonly report: Promise<RewrapReport>;
  readonly ended: Promise<void>;
  fraction = 0;

  constructor(server: Server, { table, keys }: World, p: { pageSize: number; seconds: number; far?: number }) {
    const args = [
      join(import.meta.dirname, 'machine.mjs'),
      server.url,
      table,
      String(p.pageSize),
      String(p.seconds),
      String(p.far ?? 0),
    ];
    this.#child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#child.stdin!.on('error', () => undefined); // of one that was killed
    const lines = createInterface({ input: this.#child.stdout! });
    let ready!: () => void;
    this.ready = new Promise((resolve) => (ready = resolve));
    this.ended = new Promise((resolve) => this.#child.on('close', () => resolve()));
    this.report = new Promise((resolve, reject) => {
      lines.on('line', (line) => {
        const said = JSON.parse(line) as 'ready' | { fraction: number } | { report: RewrapReport };
        if (said === 'ready') ready();
        else if ('report' in said) resolve(said.report);
        else this.fraction = said.fraction;
      });
      void this.ended.then(() => reject(new Error('it ended without a report')));
    });
    this.report.catch(() => undefined);
    this.#child.stdin!.write(`${keys.join('\n')} last\n`);
  }

  async begin(): Promise<void> {
    await this.ready;
    this.#child.stdin!.write('begin\n');
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }
}
