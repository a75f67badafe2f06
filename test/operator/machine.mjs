// A machine of the tests: node machine.mjs URL TABLE PAGE SECONDS FAR, the ring as lines of "id key" on standard input, the last
// of them active. FAR: milliseconds to the database and back, besides what they are. Says "ready", begins at a line on
// standard input, says how far it is, and at the end its report.
import { createInterface } from 'node:readline';
import pg from 'pg';
import { createEngine, memoryStore } from 'keystrata';
import { OperatorRing, rewrapKeyrings } from 'keystrata/operator';
import { postgresStore } from 'keystrata/postgres';

const [, , url, table, pageSize, seconds, far] = process.argv;
const near = new pg.Pool({ connectionString: url, max: 8 });
const later = async (work) => {
  if (Number(far) > 0) await new Promise((resolve) => setTimeout(resolve, Number(far)));
  return work();
};
const pool = {
  query: (text, values) => later(() => near.query(text, values)),
  async connect() {
    const client = await near.connect();
    return {
      query: (text, values) => later(() => client.query(text, values)),
      release: (destroy) => client.release(destroy),
    };
  },
};
const store = postgresStore(pool, { table, name: 'test', memory: memoryStore() });
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
await near.end();
process.exit(0);
