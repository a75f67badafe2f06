// npm run bench [-- --quick] [-- --only PATTERN]: keystrata against its peers, in interleaved rounds, agreement first.
// Prints a table a suite and the ratios the project holds itself to; writes bench/results/: JSON, SVG, a page.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const options = process.argv.slice(2);
const quick = options.includes('--quick');
const only = options.includes('--only') ? new RegExp(options[options.indexOf('--only') + 1]) : /./;

function need(command, args, cwd) {
  if (spawnSync(command, args, { cwd, stdio: 'inherit' }).status !== 0) process.exit(1);
}
need(process.execPath, ['scripts/build.mjs'], `${here}..`);
if (!existsSync(`${here}node_modules/tinybench`)) need('npm', ['ci', '--no-audit', '--no-fund'], here);

const { closeAll } = await import('./contenders.mjs');
const { compare, ratio } = await import('./measure.mjs');
const { bars, curves, page } = await import('./report.mjs');
const { suites, targets } = await import('./suites.mjs');

const effort = quick ? { rounds: 3, time: 12 } : { rounds: 7, time: 80 };
const folder = `${here}results`;
const machine = `Node ${process.version}, ${cpus()[0]?.model}, ${cpus().length} cores`;
mkdirSync(folder, { recursive: true });

const show = (seconds) => {
  if (seconds < 1e-6) return `${(seconds * 1e9).toFixed(0)} ns`;
  return seconds < 1e-3 ? `${(seconds * 1e6).toFixed(2)} µs` : `${(seconds * 1e3).toFixed(2)} ms`;
};

const results = new Map();
for (const { name, work, who, and = [] } of suites(quick)) {
  if (!only.test(name)) continue;
  const rows = await compare([...who, ...and], work, effort);
  results.set(name, { work, rows });
  console.log(`\n${name}`);
  for (const row of [...rows].sort((a, b) => a.median - b.median)) {
    const rate = work.size ? `${(work.size / row.median / 1e6).toFixed(1)} MB/s` : '';
    const spread = `[${show(row.min)} … ${show(row.max)}]`;
    console.log(`  ${row.name.padEnd(30)} ${show(row.median).padStart(11)}  ${spread.padEnd(28)} ${rate}`);
  }
  writeFileSync(`${folder}/${name}.json`, `${JSON.stringify({ name, work, machine, rows }, null, 1)}\n`);
}

const ratios = [];
for (const { suite, a, b, sign, bound } of targets) {
  const rows = results.get(suite)?.rows;
  const value = rows && ratio(rows, a, b);
  if (!value) continue;
  const held = sign === '≥' ? value >= bound : value <= bound;
  ratios.push({ held, text: `${suite}: ${a} takes ${value.toFixed(2)} × the time of ${b} (${sign} ${bound})` });
}
for (const build of ['simd', 'relaxed']) {
  const [one, four] = ['one', 'four'].map((n) =>
    results.get(`pbkdf2-${n}-block${n === 'one' ? '' : 's'}`)?.rows.find((row) => row.name === `keystrata ${build}`),
  );
  if (one && four)
    ratios.push({
      held: four.median / one.median <= 2.3,
      text: `pbkdf2: four lanes take ${(four.median / one.median).toFixed(2)} × the time of one, ${build} (≤ 2.3)`,
    });
}
console.log('\nratios (median of rounds measured side by side)');
for (const { held, text } of ratios) console.log(`  ${held ? 'held  ' : 'MISSED'} ${text}`);

const pictures = [];
for (const op of ['encrypt', 'decrypt']) {
  const lines = new Map();
  for (const { work, rows } of results.values()) {
    if (work.what !== 'gcm' || work.op !== op || work.into || work.key) continue;
    for (const { name, median } of rows) lines.set(name, [...(lines.get(name) ?? []), [work.size, work.size / median]]);
  }
  const drawn = [...lines]
    .filter(([name, points]) => points.length > 1 && !name.startsWith('engine w'))
    .map(([name, points]) => ({ name, points }));
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
closeAll();
process.exitCode = ratios.every(({ held }) => held) ? 0 : 1;
