import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/assembly/**', 'test/long/**'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    execArgv: ['--expose-gc', '--experimental-wasm-relaxed-simd'], // Node 20 has relaxed SIMD behind a flag; newer ones take it, and do nothing
  },
});
