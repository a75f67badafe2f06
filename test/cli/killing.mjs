// node --import killing.mjs: ends this process by SIGKILL ahead of the KILL-th call (from 1) on a file whose path matches PATHS;
// of a write, its first bytes are written then. Without KILL it tells on descriptor 4 how many calls there were.

import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const matches = new RegExp(process.env.PATHS);
const at = Number(process.env.KILL ?? Infinity);
const tagged = new WeakSet();
let calls = 0;

const call = () => {
  if (++calls === at) process.kill(process.pid, 'SIGKILL');
};

for (const name of ['open', 'stat', 'rename', 'unlink', 'realpath']) {
  const original = fs.promises[name];
  fs.promises[name] = async (path, ...rest) => {
    const hit = matches.test(String(path));
    if (hit) call();
    const result = await original(path, ...rest);
    if (hit && name === 'open') tagged.add(result);
    return result;
  };
}
const sample = await fs.promises.open('/dev/null');
const prototype = Object.getPrototypeOf(sample);
await sample.close();
for (const name of ['read', 'write', 'writeFile', 'chmod', 'sync']) {
  const original = prototype[name];
  prototype[name] = async function (...given) {
    if (tagged.has(this)) {
      call();
      if (name === 'write' && calls + 1 === at) await original.call(this, given[0], given[1], given[2] >> 1, given[3]);
      if (name === 'writeFile' && calls + 1 === at)
        await original.call(this, given[0].subarray(0, given[0].length >> 1));
      if (name.startsWith('write')) call();
    }
    return original.apply(this, given);
  };
}
process.on('exit', () => {
  if (at === Infinity) fs.writeFileSync(process.env.COUNT, String(calls));
});
syncBuiltinESMExports();
