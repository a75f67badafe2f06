// `npm run coverage`: which lines and branches of bindings/ the tests reach, all layers in one table.
//
//   vitest            counts what runs in its own processes: every layer but cli
//   the command       runs in processes of its own: for this, its modules as tsc leaves them, each of which has a source map;
//                     V8 writes what such a process ran when it ends (NODE_V8_COVERAGE), and that counts for bindings/cli/
//
//   node scripts/coverage.mjs [what vitest takes: folders, -t …]
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseAstAsync } from 'vite';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
const MODULES = join(root, 'build/test/counted');
const SEEN = join(root, 'build/test/seen');
const REPORT = join(root, 'coverage/coverage-final.json');
const COMMAND = join(root, 'bindings/cli') + sep;

// The provider's own tools: what it counts as a line and as a branch is counted so here.
const provider = createRequire(createRequire(import.meta.url).resolve('@vitest/coverage-v8'));
const load = async (name) => (await import(pathToFileURL(provider.resolve(name)).href)).default;
const { mergeProcessCovs } = await import(pathToFileURL(provider.resolve('@bcoe/v8-coverage')).href);
const [convert, coverage, libReport, reports] = await Promise.all(
  ['ast-v8-to-istanbul', 'istanbul-lib-coverage', 'istanbul-lib-report', 'istanbul-reports'].map(load),
);

const bin = (path) => join('node_modules', path);
const node = (...args) => execFileSync(process.execPath, args, { stdio: 'inherit' });

node('scripts/build.mjs');
for (const folder of [MODULES, SEEN]) rmSync(folder, { recursive: true, force: true });
node(
  bin('typescript/bin/tsc'),
  '-p',
  'tsconfig.build.json',
  '--sourceMap',
  '--declaration',
  'false',
  '--outDir',
  MODULES,
);
mkdirSync(SEEN, { recursive: true });
chmodSync(SEEN, 0o777); // some tests start the command as another user
const { status } = spawnSync(
  process.execPath,
  [bin('vitest/vitest.mjs'), 'run', '--coverage', '--coverage.reportOnFailure', ...process.argv.slice(2)],
  { stdio: 'inherit', env: { ...process.env, KEYSTRATA_COUNTED: MODULES, KEYSTRATA_SEEN: SEEN } },
);

/** What all processes of the command ran, together. */
function ofProcesses() {
  const mine = pathToFileURL(MODULES).href;
  let all = { result: [] };
  for (const file of readdirSync(SEEN)) {
    const { result } = JSON.parse(readFileSync(join(SEEN, file), 'utf8'));
    all = mergeProcessCovs([all, { result: result.filter(({ url }) => url.startsWith(mine)) }]);
  }
  return all.result;
}

/** In the places of the sources. */
async function inSources(script) {
  const path = fileURLToPath(script.url);
  const code = readFileSync(path, 'utf8');
  const sourceMap = JSON.parse(readFileSync(`${path}.map`, 'utf8'));
  return convert({ code, ast: parseAstAsync(code), sourceMap, coverage: script, wrapperLength: 0 });
}

const map = coverage.createCoverageMap(JSON.parse(readFileSync(REPORT, 'utf8')));
const command = coverage.createCoverageMap({});
for (const script of ofProcesses()) command.merge(await inSources(script));
command.filter((file) => file.startsWith(COMMAND));
map.filter((file) => !command.files().includes(file));
map.merge(command);
writeFileSync(REPORT, JSON.stringify(map));

const context = libReport.createContext({ dir: dirname(REPORT), coverageMap: map });
reports.create('text', { projectRoot: root }).execute(context);

const share = ({ covered, total, pct }) => `${covered} of ${total} (${pct} %)`;
const all = coverage.createCoverageSummary();
const layers = {};
for (const file of map.files()) {
  const [layer] = relative(join(root, 'bindings'), file).split(sep);
  const own = map.fileCoverageFor(file).toSummary();
  (layers[layer] ??= coverage.createCoverageSummary()).merge(own);
  all.merge(own);
}
for (const [name, { lines, branches }] of [...Object.entries(layers), ['all', all]])
  if (lines.total > 0) console.log(`${name.padEnd(8)} ${share(lines)} of lines, ${share(branches)} of branches`);
process.exitCode = status ?? 1;
