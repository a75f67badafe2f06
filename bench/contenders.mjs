// Who is measured, and in which process: a binary, its flags, its environment.
import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const NEWER = fileURLToPath(new URL('node_modules/node24/bin/node', import.meta.url));

/** No AES, PCLMUL or SHA instructions: OpenSSL's hand-written bitsliced AES and table GHASH, what native software reaches without them. */
const WITHOUT = { OPENSSL_ia32cap: '~0x200000200000000:~0x20000000' };

const homes = {
  here: { execPath: process.execPath, env: {} },
  without: { execPath: process.execPath, env: WITHOUT },
  newer: { execPath: NEWER, env: {} },
};

const processes = new Map();

function processOf(home) {
  if (!processes.has(home)) {
    const { execPath, env } = homes[home];
    const child = fork(fileURLToPath(new URL('worker.mjs', import.meta.url)), {
      execPath,
      execArgv: ['--no-warnings', '--expose-gc'],
      env: { ...process.env, ...env },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const waiting = new Map();
    child.on('message', ({ id, value, error }) => {
      const { resolve, reject } = waiting.get(id);
      waiting.delete(id);
      if (error) reject(new Error(error));
      else resolve(value);
    });
    child.on('exit', (code) => {
      for (const { reject } of waiting.values()) reject(new Error(`the process of "${home}" ended with ${code}`));
    });
    let last = 0;
    processes.set(home, {
      child,
      ask: (ask, p) =>
        new Promise((resolve, reject) => {
          waiting.set(++last, { resolve, reject });
          child.send({ id: last, ask, ...p });
        }),
    });
  }
  return processes.get(home);
}

/** `peer` names a file of peers/ and perhaps an argument: "keystrata:simd". */
export function contender(name, peer, home = 'here', more = {}) {
  return { name, peer, home, ask: (ask, p) => processOf(home).ask(ask, { peer, ...p }), ...more };
}

export const hasNewer = () => existsSync(NEWER);

export function closeAll() {
  for (const { child } of processes.values()) child.kill();
}
