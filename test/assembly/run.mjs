// Runs the specs inside the core, once for each build. The last line counts; the exit code is 0 only where nothing failed.
//   node test/assembly/run.mjs [relaxed|simd|scalar …]
import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

process.chdir(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const variants = process.argv.length > 2 ? process.argv.slice(2) : ['relaxed', 'simd', 'scalar'];

/** i8x16.relaxed_swizzle on two zeros: a module of one function. */
// prettier-ignore
const RELAXED = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0,
  10, 15, 1, 13, 0, 65, 0, 253, 15, 65, 0, 253, 15, 253, 128, 2, 11,
]);
/** Node 20 has relaxed SIMD behind this option; later ones do not know it. */
const option = WebAssembly.validate(RELAXED) ? [] : ['--experimental-wasm-relaxed-simd'];

let passed = 0;
let failed = 0;
for (const variant of variants) {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    [
      ...(variant === 'relaxed' ? option : []),
      'node_modules/@as-pect/cli/lib/test.js',
      '--config=test/assembly/config/as-pect.config.js',
      `--as-config=test/assembly/config/${variant}.json`,
    ],
    { encoding: 'utf8', env: { ...process.env, FORCE_COLOR: '0' } },
  );
  const counts = /\[Tests\]: (\d+) \/ (\d+)/.exec(stdout);
  const [good, all] = counts ? [Number(counts[1]), Number(counts[2])] : [0, 0];
  const held = status === 0 && all > 0 && good === all;
  passed += good;
  failed += held ? 0 : Math.max(1, all - good);
  if (!held) process.stdout.write(stdout + stderr);
  console.log(`as-pect, ${variant}: ${good} of ${all}`);
}
console.log(`as-pect: ${passed} passed, ${failed} failed, 0 skipped`);
process.exit(failed === 0 ? 0 : 1);
