// npm run bench -- [--quick] [--long] [--only PATTERN] [--rounds N] [--publish]: keystrata against its peers, in interleaved rounds,
// agreement first. Prints a table a suite and the ratios the project holds itself to; writes bench/results/: JSON, SVG, a page.
// --long adds what takes minutes; --publish copies the pictures to docs/, where README shows them.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const options = process.argv.slice(2);
const quick = options.includes('--quick');
const long = options.includes('--long');
const only = options.includes('--only') ? new RegExp(options[options.indexOf('--only') + 1]) : /./;

function need(command, args, cwd) {
  if (spawnSync(command, args, { cwd, stdio: 'inherit' }).status !== 0) process.exit(1);
}
need(process.execPath, ['scripts/build.mjs'], `${here}..`);
if (!existsSync(`${here}node_modules/tinybench`)) need('npm', ['ci', '--no-audit', '--no-fund'], here);

const { closeAll } = await import('./contenders.mjs');
const { judge } = await import('./judge.mjs');
const { compare } = await import('./measure.mjs');
const { bars, curves, page } = await import('./report.mjs');
const { suites, targets } = await import('./suites.mjs');

const effort = quick ? { rounds: 3, time: 12 } : { rounds: 7, time: 80 };
if (options.includes('--rounds')) effort.rounds = Number(options[options.indexOf('--rounds') + 1]);
const folder = `${here}results`;
const machine = `Node ${process.version}, ${cpus()[0]?.model}, ${cpus().length} cores`;
mkdirSync(folder, { recursive: true });

const show = (seconds, unit) => {
  if (unit === 'B') return `${(seconds / 1e6).toFixed(1)} MB`;
  if (seconds < 1e-6) return `${(seconds * 1e9).toFixed(0)} ns`;
  return seconds < 1e-3 ? `${(seconds * 1e6).toFixed(2)} µs` : `${(seconds * 1e3).toFixed(2)} ms`;
};

const results = new Map();
for (const { name, work, who, and = [], rounds } of suites(quick, long)) {
  if (!only.test(name)) continue;
  const rows = await compare([...who, ...and], work, { ...effort, rounds: rounds ?? effort.rounds });
  results.set(name, { work, rows });
  console.log(`\n${name}`);
  for (const row of [...rows].sort((a, b) => a.median - b.median)) {
    const rate = work.size ? `${(work.size / row.median / 1e6).toFixed(1)} MB/s` : '';
    const spread = `[${show(row.min, work.unit)} … ${show(row.max, work.unit)}]`;
    console.log(`  ${row.name.padEnd(30)} ${show(row.median, work.unit).padStart(11)}  ${spread.padEnd(28)} ${rate}`);
  }
  writeFileSync(`${folder}/${name}.json`, `${JSON.stringify({ name, work, machine, rows }, null, 1)}\n`);
}

const ratios = judge(targets, results);
console.log('\nratios (median of rounds measured side by side)');
for (const { held, text } of ratios) console.log(`  ${held ? 'held  ' : 'MISSED'} ${text}`);

/** What earlier runs measured here stands in the pictures, too, where this one did not measure it. */
for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
  const { name, work, rows } = JSON.parse(readFileSync(`${folder}/${file}`, 'utf8'));
  if (!results.has(name)) results.set(name, { work, rows });
}
const pictures = [];
for (const op of ['encrypt', 'decrypt']) {
  const lines = new Map();
  for (const { work, rows } of results.values()) {
    if (work.what !== 'gcm' || work.op !== op || work.into || work.key) continue;
    for (const { name, median } of rows.filter((row) => !row.name.endsWith('newer Node')))
      lines.set(name, [...(lines.get(name) ?? []), [work.size, work.size / median]]);
  }
  const drawn = [...lines]
    .filter(([name, points]) => points.length > 1 && !name.startsWith('engine w'))
    .map(([name, points]) => ({ name, points: points.sort(([a], [b]) => a - b) }));
  if (drawn.length === 0) continue;
  pictures.push(`gcm-${op}.svg`);
  writeFileSync(`${folder}/gcm-${op}.svg`, curves(`AES-256-GCM, ${op}: throughput over message size`, drawn));
}
const kdf = results.get('pbkdf2');
if (kdf) {
  pictures.push('pbkdf2.svg');
  const rows = kdf.rows.map(({ name, median, min, max }) => ({
    name,
    value: median * 1e3,
    least: min * 1e3,
    most: max * 1e3,
  }));
  writeFileSync(
    `${folder}/pbkdf2.svg`,
    bars(`PBKDF2-HMAC-SHA256, ${kdf.work.iterations.toLocaleString('en')} iterations`, 'ms', rows),
  );
}
page(folder, pictures, ratios, machine);
if (options.includes('--publish'))
  for (const file of pictures) copyFileSync(`${folder}/${file}`, `${here}../docs/bench-${file}`);
closeAll();
process.exitCode = ratios.every(({ held }) => held) ? 0 : 1;
