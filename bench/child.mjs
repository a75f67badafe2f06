// Contenders that are whole processes: what one prints on its last line is the sample. For what happens once a process.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A fresh Node a sample: `node SCRIPT ARGUMENTS`, a file beside this one. */
export function child(name, script, ...given) {
  const file = fileURLToPath(new URL(script, import.meta.url));
  return {
    name,
    async ask(ask) {
      if (ask !== 'sample') return 'held';
      const { stdout } = await run(process.execPath, ['--no-warnings', file, ...given.map(String)]);
      return Number(stdout.trim().split('\n').at(-1));
    },
  };
}
