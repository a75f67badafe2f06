// Keyrings in SQLite, by a store of one's own: node examples/sqlite-store.mjs [FILE]
// For another backend, write these four functions anew: each of them is one step that nobody comes between.
import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { adaptStore, createEngine, Keyring } from 'keystrata';
import { fileMemory } from 'keystrata/node';

export async function sqliteStore(file, memory) {
  const { all, run } = await connect(file);
  all('PRAGMA busy_timeout = 5000'); // ms, where another process writes
  all('PRAGMA synchronous = FULL'); // what is reported done is on the disk
  run('CREATE TABLE IF NOT EXISTS keyrings (id BLOB PRIMARY KEY, version TEXT NOT NULL, bytes BLOB NOT NULL)');
  return adaptStore({
    name: `sqlite:${join(realpathSync(dirname(file)), basename(file))}`,
    memory,
    read: (id) => all('SELECT bytes, version FROM keyrings WHERE id = ?', [Buffer.from(id)])[0] ?? null,
    write: (id, { bytes, version, ifVersion }) =>
      ifVersion === null
        ? run('INSERT OR IGNORE INTO keyrings VALUES (?, ?, ?)', [Buffer.from(id), version, bytes]) === 1
        : run('UPDATE keyrings SET version = ?, bytes = ? WHERE id = ? AND version = ?', [
            version,
            bytes,
            Buffer.from(id),
            ifVersion,
          ]) === 1,
    remove: (id, { ifVersion }) =>
      run('DELETE FROM keyrings WHERE id = ? AND version = ?', [Buffer.from(id), ifVersion]) === 1,
    ids: () => all('SELECT id FROM keyrings').map(({ id }) => Buffer.from(id).toString()),
  });
}

/** By node:sqlite where this Node has it, else by node-sqlite3-wasm. */
async function connect(file) {
  const native = await import('node:sqlite').catch(() => null);
  const database = native ? new native.DatabaseSync(file) : new (await wasm()).Database(file);
  const all = (sql, values = []) => (native ? database.prepare(sql).all(...values) : database.all(sql, values));
  const run = (sql, values = []) => (native ? database.prepare(sql).run(...values) : database.run(sql, values)).changes;
  return { all, run };
}
const wasm = async () => (await import('node-sqlite3-wasm')).default;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = mkdtempSync(join(tmpdir(), 'sqlite-'));
  const store = await sqliteStore(process.argv[2] ?? join(folder, 'keys.db'), fileMemory(join(folder, 'memory')));
  const where = { engine: await createEngine(), store, owner: 'alice', passphrase: 'a passphrase that a person types' };
  (await Keyring.create(where)).keyring.lock();
  const keyring = await Keyring.unlock(where);
  for await (const owner of store.list()) console.log(`${owner}: revision ${keyring.revision}, in ${store.name}`);
  keyring.lock();
}
