import { mergeConfig } from 'vitest/config';
import base from './vitest.config.ts';

// What takes minutes: `npm run test:long`.
const long = mergeConfig(base, { test: { testTimeout: 600_000 } });
long.test.include = ['test/long/**/*.test.ts'];
long.test.exclude = [];
export default long;
