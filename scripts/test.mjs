// The whole proof in one command: builds, lints, checks types, runs as-pect and vitest.
// Closes with one line, `N passed, N failed, N skipped`, and exits 0 only where nothing failed.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
const total = { passed: 0, failed: 0, skipped: 0 };
const add = ({ passed, failed, skipped }) => {
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
};

function node(title, script, args, options = {}) {
  console.log(`\n— ${title}`);
  return spawnSync(process.execPath, [script, ...args], { stdio: 'inherit', ...options });
}

/** A step that holds or does not: it counts as one test. */
function check(title, script, ...args) {
  const held = node(title, script, args).status === 0;
  add({ passed: held ? 1 : 0, failed: held ? 0 : 1, skipped: 0 });
  return held;
}

function close() {
  console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  process.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);
}

const bin = (path) => join('node_modules', path);
if (!check('build', 'scripts/build.mjs')) close();
check('eslint', bin('eslint/bin/eslint.js'), '.');
check('prettier', bin('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.');
check('types', bin('typescript/bin/tsc'), '--noEmit', '-p', '.');

const aspect = node('as-pect', 'test/assembly/run.mjs', [], {
  stdio: ['inherit', 'pipe', 'inherit'],
  encoding: 'utf8',
});
process.stdout.write(aspect.stdout);
const counts = /as-pect: (\d+) passed, (\d+) failed, (\d+) skipped\s*$/.exec(aspect.stdout);
if (counts) add({ passed: +counts[1], failed: +counts[2], skipped: +counts[3] });
if (!counts || (aspect.status !== 0 && counts[2] === '0')) add({ passed: 0, failed: 1, skipped: 0 });

const report = 'build/test/vitest.json';
rmSync(report, { force: true });
const vitest = node('vitest', bin('vitest/vitest.mjs'), [
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
]);
try {
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, success } = JSON.parse(
    readFileSync(report, 'utf8'),
  );
  add({ passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests });
  if ((!success || vitest.status !== 0) && numFailedTests === 0) add({ passed: 0, failed: 1, skipped: 0 });
} catch {
  add({ passed: 0, failed: 1, skipped: 0 });
}
close();
