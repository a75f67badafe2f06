// keystrata rotate-mek: every keyring of a PostgreSQL table from an operator's old keys to the new one. Run on as many
// machines as one likes: they share the work, and each ends when all of it is done and verified.

import pg from 'pg';
import { KeystrataError } from '../core/errors.ts';
import { createEngine } from '../engine/create.ts';
import type { KeyId } from '../engine/key.ts';
import { OperatorRing } from '../keyring/operator-ring.ts';
import { rewrapKeyrings, type RewrapReport } from '../keyring/rewrap-keyrings.ts';
import { postgresStore } from '../store/postgres.ts';
import type { PostgresStore } from '../store/postgres-rows.ts';
import { gracefully } from './interrupt.ts';
import type { Call, Result } from './io.ts';
import { checkDescriptor, readLine } from './line.ts';
import { takeOperatorKeys } from './operator-keys.ts';
import { withBar } from './progress.ts';
import { complain } from './report.ts';
import { grouped, quoted } from './words.ts';

export interface RotateOptions {
  operatorKeysFd?: number;
  database?: string;
  databaseFd?: number;
  table?: string;
  to?: string;
}

const LINES = 'a line ID:KEY each, by --operator-keys-fd N, say --operator-keys-fd 3 3<FILE';

export async function rotateMek(call: Call, options: RotateOptions): Promise<Result> {
  if (options.operatorKeysFd === undefined)
    throw new KeystrataError('ERR_ARGUMENT', `the operator keys are wanted: ${LINES}`);
  if (options.databaseFd === options.operatorKeysFd)
    throw new KeystrataError('ERR_ARGUMENT', '--database-fd and --operator-keys-fd: two descriptors are wanted');
  const connectionString = await databaseOf(options);
  const engine = await createEngine();
  const pool = new pg.Pool({ connectionString });
  pool.on('error', () => undefined); // what fails is said by the call that needs it
  try {
    const { table } = options;
    const store = postgresStore(pool, { table });
    const ring = new OperatorRing(engine);
    const ids = await takeOperatorKeys(ring, options.operatorKeysFd);
    const last = ids.at(-1);
    if (last === undefined) throw new KeystrataError('ERR_ARGUMENT', `no operator keys: ${LINES}`);
    ring.activate(options.to ?? last);
    const report = await gracefully((signal) =>
      withBar(call, 're-wrapping', ({ at }) => rewrapKeyrings({ ring, store, pool, signal, onProgress: at })),
    );
    return await told(call, report, await retirable(call, ring, store));
  } finally {
    engine[Symbol.dispose]();
    await pool.end();
  }
}

/** A URL with a password in it comes from a descriptor; arguments can be read by every process. */
async function databaseOf({ database, databaseFd }: RotateOptions): Promise<string> {
  if ((database === undefined) === (databaseFd === undefined))
    throw new KeystrataError(
      'ERR_ARGUMENT',
      'the database is wanted: --database URL, or --database-fd N to read it from',
    );
  const url = database ?? (await lineOf(databaseFd!));
  if (!URL.canParse(url) || !/^postgres(ql)?:$/.test(new URL(url).protocol))
    throw new KeystrataError('ERR_ARGUMENT', 'database: a URL such as postgres://user@host/database is wanted');
  const { password, searchParams } = new URL(url);
  if (database !== undefined && (password !== '' || searchParams.has('password')))
    throw new KeystrataError(
      'ERR_ARGUMENT',
      '--database: other people on this machine can read a password in an argument; give the URL by --database-fd, or the password in a file named by $PGPASSFILE',
    );
  return url;
}

async function lineOf(fd: number): Promise<string> {
  checkDescriptor(fd, '--database-fd');
  const line = await readLine(fd, 'database');
  try {
    return Buffer.from(line.buffer).toString();
  } finally {
    line.fill(0);
  }
}

/** The old keys that nothing is left under. */
async function retirable(call: Call, ring: OperatorRing, store: PostgresStore): Promise<KeyId[]> {
  const free: KeyId[] = [];
  for (const { id, state } of ring.list()) {
    if (state === 'active') continue;
    try {
      await withBar(call, 'looking for what is left', ({ at }) => ring.retire(id, { stores: [store], onProgress: at }));
      free.push(id);
    } catch (error) {
      if (!KeystrataError.is(error, 'ERR_KEY_STATE')) throw error;
    }
  }
  return free;
}

async function told(call: Call, report: RewrapReport, free: readonly KeyId[]): Promise<Result> {
  const { to, rewrapped, verified, without, failed } = report;
  const failures = failed.map(({ owner, code }) => {
    const message = `the keyring of ${quoted(owner)} was not opened, and is as it was`;
    return new KeystrataError(code, message);
  });
  for (const failure of failures) await complain(call, failure);
  const lines = [
    `${grouped(verified)} keyrings are under ${to}, each seen to open; ${grouped(rewrapped)} of them were re-wrapped here`,
    ...(without === 0 ? [] : [`${grouped(without)} have no operator slot`]),
    ...free.map((id) => `nothing is left under ${id}: it may go, when no backup needs it`),
  ];
  return { facts: { ...report, retirable: free }, said: lines.join('\n'), failure: failures[0] };
}
