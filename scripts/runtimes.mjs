// npm run test:runtimes — the built package in Node, Bun and Deno. The latter two are fetched into build/runtimes, at these
// versions: 290 MB, too much for everybody's node_modules.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));
const place = join('build', 'runtimes');
const bin = (name) => join(place, 'node_modules', '.bin', name);

function run(command, args) {
  const { status } = spawnSync(command, args, { stdio: 'inherit' });
  return status === 0;
}

mkdirSync(place, { recursive: true });
const fetched = ['install', '--prefix', place, '--no-save', '--no-audit', '--no-fund', 'bun@1.4.5', 'deno@2.9.6'];
if (!run(process.execPath, ['scripts/build.mjs']) || !run('npm', fetched)) process.exit(1);

const runtimes = [
  ['Node', process.execPath, []],
  ['Bun', bin('bun'), []],
  ['Deno', bin('deno'), ['run', '--allow-all']],
];
const failed = runtimes.filter(([name, command, args]) => {
  console.log(`\n— ${name}`);
  return !run(command, [...args, 'test/runtimes/tour.mjs']);
});
console.log(`\n${runtimes.length - failed.length} passed, ${failed.length} failed, 0 skipped`);
process.exitCode = failed.length === 0 ? 0 : 1;
