// A process of its own: adds keys, one write each, and says what it made. adding.mjs FOLDER OWNER N EACH, the secret on stdin.

import { readFileSync } from 'node:fs';
import { createEngine, Keyring } from '../../bindings/index.ts';
import { fileStore } from '../../bindings/node.ts';

const [folder, owner, n, each] = process.argv.slice(2) as [string, string, string, string];
const secret = JSON.parse(readFileSync(0, 'utf8')) as { operatorKey: string; operatorKeyId: string };
const operatorKey = Buffer.from(secret.operatorKey, 'hex');
const engine = await createEngine();
const p = { engine, store: fileStore(folder), owner, operatorKey, operatorKeyId: secret.operatorKeyId };
const keyring = await Keyring.unlock(p);
for (let i = 0; i < Number(each); i++) {
  const { id, space } = await keyring.createDataKey({ space: `${n}/${i}` });
  console.log(id, space);
}
