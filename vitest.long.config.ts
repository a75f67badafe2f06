import { mergeConfig } from 'vitest/config';
import base from './vitest.config.ts';

// What takes minutes: `npm run test:long`. One file after another: they measure time and memory.
const long = mergeConfig(base, { test: { testTimeout: 1_800_000, fileParallelism: false } });
long.test.include = ['test/long/**/*.test.ts'];
long.test.exclude = [];
export default long;
