// Builds what is missing or older than its sources: the three cores, their embedded forms, the bundles and types.
//   node scripts/build.mjs [core|all] [--force]
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
const what = process.argv.includes('core') ? 'core' : 'all';
const force = process.argv.includes('--force');
const VARIANTS = ['relaxed', 'simd', 'scalar'];

const files = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
const newest = (paths) => Math.max(...paths.map((path) => statSync(path).mtimeMs));
const stale = (outputs, inputs) =>
  force ||
  outputs.some((path) => !existsSync(path)) ||
  Math.min(...outputs.map((path) => statSync(path).mtimeMs)) < newest(inputs);
const run = (bin, ...args) =>
  execFileSync(process.execPath, [join('node_modules', bin), ...args], { stdio: 'inherit' });

mkdirSync('build/embed', { recursive: true });
const tools = ['asconfig.json', 'tsconfig.json', 'package.json', 'scripts/build.mjs'];
const assembly = [...files('assembly'), ...tools];
for (const variant of VARIANTS) {
  const wasm = `build/keystrata.${variant}.wasm`;
  const embedded = [`build/embed/${variant}.js`, `build/embed/${variant}.d.ts`];
  if (!stale([wasm, ...embedded], assembly)) continue;
  run('assemblyscript/bin/asc.js', '--config', 'asconfig.json', '--target', variant);
  writeFileSync(embedded[0], `export default '${readFileSync(wasm).toString('base64')}';\n`);
  writeFileSync(embedded[1], 'declare const base64: string;\nexport default base64;\n');
  console.log(`${wasm}: ${statSync(wasm).size} bytes`);
}

if (
  what === 'all' &&
  stale(
    ['build/keystrata.js', 'build/worker.js', 'build/keystrata.d.ts'],
    [...assembly, ...files('bindings'), 'rollup.config.js'],
  )
) {
  run('typescript/bin/tsc', '-p', 'tsconfig.build.json');
  for (const folder of ['build/chunks', 'build/workerd']) rmSync(folder, { recursive: true, force: true });
  run('rollup/dist/bin/rollup', '-c', '--silent');
}
