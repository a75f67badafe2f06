// node --import faulty.mjs: a disk that fails. FAULT is JSON: { path, call, at, code }.
// Of the files whose path matches, the `at`-th `call` (open, read, write, sync, close, link, rename; from 1) fails with `code`.

import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const fault = JSON.parse(process.env.FAULT);
const matches = new RegExp(fault.path);
const tagged = new WeakSet();
let calls = 0;

function fail(call) {
  if (call !== fault.call || ++calls !== fault.at) return;
  throw Object.assign(new Error(`${fault.code}: injected, ${call}`), { code: fault.code, syscall: call, errno: -5 });
}

const { open } = fs.promises;
fs.promises.open = async (path, ...rest) => {
  const hit = matches.test(String(path));
  if (hit) fail('open');
  const handle = await open(path, ...rest);
  if (!hit) return handle;
  tagged.add(handle);
  const { close } = handle; // each handle has its own
  handle.close = async () => {
    await close.call(handle); // a close that fails has closed
    fail('close');
  };
  return handle;
};
for (const [name, call] of [
  ['linkSync', 'link'],
  ['renameSync', 'rename'],
]) {
  const original = fs[name];
  fs[name] = (from, to) => {
    if (matches.test(String(from))) fail(call);
    return original(from, to);
  };
}
const sample = await open('/dev/null');
const prototype = Object.getPrototypeOf(sample);
await sample.close();
for (const [name, call] of [
  ['read', 'read'],
  ['write', 'write'],
  ['writeFile', 'write'],
  ['sync', 'sync'],
]) {
  const original = prototype[name];
  prototype[name] = async function (...given) {
    if (tagged.has(this)) fail(call);
    return original.apply(this, given);
  };
}
syncBuiltinESMExports();
