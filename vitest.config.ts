import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

/** What keyrings in files remember: never in the home of whoever runs the tests. */
const KEYSTRATA_MEMORY = mkdtempSync(join(tmpdir(), 'keystrata-memory-'));
process.on('exit', () => rmSync(KEYSTRATA_MEMORY, { recursive: true, force: true }));

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/assembly/**', 'test/long/**'],
    testTimeout: 180_000, // for what hangs: a machine with much else to do is slow, which is no fault
    hookTimeout: 180_000,
    pool: 'forks',
    maxWorkers: 2, // one a core of a small machine: by default a core stays idle
    env: { KEYSTRATA_MEMORY },
    // `npm run coverage`; docs/testing.md has the figures. What runs in processes and threads of its own is not seen.
    coverage: {
      provider: 'v8',
      include: ['bindings/**/*.ts'],
      reporter: ['text', 'json'],
      reportsDirectory: 'coverage',
    },
    execArgv: ['--expose-gc', '--experimental-wasm-relaxed-simd'], // Node 20 has relaxed SIMD behind a flag; newer ones take it, and do nothing
  },
});
