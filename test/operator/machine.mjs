// A machine of the tests: node machine.mjs URL TABLE PAGE SECONDS, the ring as lines of "id key" on standard input, the last of
// them active. Says "ready", begins at a line on standard input, says how far it is, and at the end its report.
import { createInterface } from 'node:readline';
import pg from 'pg';
import { createEngine, memoryStore } from 'keystrata';
import { OperatorRing, rewrapKeyrings } from 'keystrata/operator';
import { postgresStore } from 'keystrata/postgres';

const [, , url, table, pageSize, seconds] = process.argv;
const pool = new pg.Pool({ connectionString: url, max: 8 });
const store = postgresStore(pool, { table, memory: memoryStore() });
const ring = new OperatorRing(await createEngine());
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'begin') break;
  const [id, key] = line.split(' ');
  ring.activate(ring.add(Buffer.from(key, 'hex'), id));
  if (line.endsWith(' last')) say('ready');
}
const report = await rewrapKeyrings({
  ring,
  store,
  pool,
  pageSize: Number(pageSize),
  seconds: Number(seconds),
  onProgress: (fraction) => say({ fraction }),
});
say({ report });
await pool.end();
process.exit(0);
