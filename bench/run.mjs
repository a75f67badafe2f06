// npm run bench [-- --quick]: keystrata against its peers, in interleaved rounds, agreement checked first.
// Prints a table a suite and the ratios that the project holds itself to; writes bench/results/<suite>.json.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));
const options = new Set(process.argv.slice(2));
const quick = options.has('--quick');

for (const [folder, script, ...args] of [
  ['..', 'scripts/build.mjs'],
  ...(existsSync(`${here}node_modules/tinybench`) ? [] : [['.', null]]),
]) {
  const cwd = `${here}${folder}`;
  const done = script
    ? spawnSync(process.execPath, [script, ...args], { cwd, stdio: 'inherit' })
    : spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd, stdio: 'inherit' });
  if (done.status !== 0) process.exit(1);
}

const { closeAll, contender, hasNewer } = await import('./contenders.mjs');
const { compare, ratio } = await import('./measure.mjs');

const ours = [
  contender('keystrata simd', 'keystrata:simd'),
  contender('keystrata scalar', 'keystrata:scalar'),
  ...(hasNewer() ? [contender('keystrata relaxed', 'keystrata:relaxed', 'newer')] : []),
];
const peers = [
  contender('node:crypto', 'node'),
  contender('node:crypto, no CPU crypto', 'node', 'without'),
  contender('WebCrypto', 'webcrypto'),
  contender('@noble', 'noble'),
  contender('asmcrypto.js', 'asmcrypto'),
  contender('@stablelib', 'stablelib'),
  contender('hash-wasm', 'hash-wasm'),
  contender('node-forge', 'forge'),
  contender('mbedTLS wasm (Virgil)', 'virgil'),
  contender('RustCrypto wasm (Transcend)', 'transcend'),
  contender('cryppo (own format)', 'cryppo', 'here', { other: true }),
  contender('XChaCha20-Poly1305 (libsodium)', 'sodium:xchacha', 'here', { other: true }),
  contender('AEGIS-256 (libsodium)', 'sodium:aegis', 'here', { other: true }),
];
const all = [...ours, ...peers];

const MiB = 1 << 20;
const effort = quick ? { rounds: 3, time: 40 } : { rounds: 9, time: 120 };
const suites = {
  'gcm-encrypt-1MiB': { work: { what: 'gcm', op: 'encrypt', size: MiB } },
  'gcm-decrypt-1MiB': { work: { what: 'gcm', op: 'decrypt', size: MiB } },
  'pbkdf2-600000': { work: { what: 'pbkdf2', iterations: quick ? 100_000 : 600_000 } },
  'sha256-1MiB': { work: { what: 'sha256', size: MiB } },
};

/** What the project holds itself to: a's time over b's, at most or at least. */
const targets = [
  ['gcm-encrypt-1MiB', '@noble', 'keystrata simd', '≥', 3],
  ['gcm-decrypt-1MiB', '@noble', 'keystrata simd', '≥', 3],
  ['pbkdf2-600000', 'keystrata simd', 'node:crypto', '≤', 2.6],
];

const show = (seconds) =>
  seconds < 1e-6
    ? `${(seconds * 1e9).toFixed(0)} ns`
    : seconds < 1e-3
      ? `${(seconds * 1e6).toFixed(2)} µs`
      : `${(seconds * 1e3).toFixed(2)} ms`;

const results = {};
const machine = { node: process.version, cpu: cpus()[0]?.model, cores: cpus().length };
mkdirSync(`${here}results`, { recursive: true });
for (const [name, { work }] of Object.entries(suites)) {
  const rows = await compare(all, work, effort);
  results[name] = rows;
  console.log(`\n${name}`);
  for (const row of [...rows].sort((a, b) => a.median - b.median)) {
    const rate = work.size ? `${(work.size / row.median / 1e6).toFixed(1)} MB/s` : '';
    console.log(
      `  ${row.name.padEnd(34)} ${show(row.median).padStart(11)}  [${show(row.min)} … ${show(row.max)}]`.padEnd(82),
      rate,
    );
  }
  writeFileSync(`${here}results/${name}.json`, `${JSON.stringify({ name, work, machine, rows }, null, 1)}\n`);
}

console.log('\nratios (median of rounds measured side by side)');
let missed = 0;
for (const [suite, a, b, sign, bound] of targets) {
  const value = ratio(results[suite], a, b);
  if (value === null) continue;
  const held = sign === '≥' ? value >= bound : value <= bound;
  if (!held) missed++;
  console.log(
    `  ${held ? 'held  ' : 'MISSED'} ${suite}: time of ${a} over ${b} = ${value.toFixed(2)} (${sign} ${bound})`,
  );
}
closeAll();
process.exitCode = missed ? 1 : 0;
