// An operator's server that encrypts each record at rest: node examples/server.mjs [PORT]
//   PUT /records/ID   seals the body and keeps it        GET /records/ID   opens it
// Nobody types a passphrase: the master key is an operator key, from a secret manager, named by its id. Each record is
// bound to its id, so that whoever can write the database cannot put one record in another's place.
import { createServer } from 'node:http';
import { randomBytes } from 'node:crypto';
import { createEngine, Keyring, KeystrataError, memoryStore } from 'keystrata';

const operator = { operatorKey: randomBytes(32), operatorKeyId: randomBytes(16).toString('hex') }; // from your secret manager
const { keyring } = await Keyring.create({
  engine: await createEngine(),
  store: memoryStore(),
  owner: 'records',
  ...operator,
});
await keyring.createDataKey({ space: 'records' });
const database = new Map(); // id → sealed bytes: a table of yours

const body = async (request) => Buffer.concat(await request.toArray());
const routes = {
  async PUT(id, request) {
    database.set(id, await keyring.encrypt(await body(request), { space: 'records', context: `record/${id}` }));
    return [204];
  },
  async GET(id) {
    const sealed = database.get(id);
    return sealed ? [200, await keyring.decrypt(sealed, { context: `record/${id}` })] : [404];
  },
};

export const server = createServer(async (request, response) => {
  const id = /^\/records\/([\w-]{1,64})$/.exec(request.url)?.[1];
  const route = routes[request.method];
  try {
    const [status, bytes] = id && route ? await route(id, request) : [404];
    response.writeHead(status, { 'content-type': 'application/octet-stream' }).end(bytes);
  } catch (error) {
    // what failed is for the log; the client learns that it failed
    console.error(KeystrataError.is(error) ? error.code : error);
    response.writeHead(500).end();
  }
});
server.on('close', () => keyring.lock());
export { database };
server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () =>
  console.log(`http://127.0.0.1:${server.address().port}`),
);
