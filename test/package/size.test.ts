// What a page pays for keystrata/core: the entry bundled and minified as an app's bundler does it, and the one build that runs,
// each compressed as a server does it.

import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Rollup } from 'vite';
import { expect, test } from 'vitest';
import { VARIANTS } from '../core/implementation.ts';
import { ROOT } from './packed.ts';

const MOST = 24 * 1024;

const compressed = (chunk: Rollup.OutputChunk): number => gzipSync(chunk.code, { level: 9 }).length;

test('keystrata/core with one build is at most 24 KiB', async () => {
  const result = await build({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    build: {
      write: false,
      target: 'es2022',
      rollupOptions: { input: join(ROOT, 'build/core.js'), preserveEntrySignatures: 'strict' },
    },
  });
  const { output } = result as Rollup.RollupOutput;
  const chunks = output.filter((part) => part.type === 'chunk');
  const builds = chunks.filter(({ isDynamicEntry }) => isDynamicEntry);
  const entry = chunks.filter(({ isDynamicEntry }) => !isDynamicEntry);
  expect(builds).toHaveLength(VARIANTS.length);
  const own = entry.reduce((sum, chunk) => sum + compressed(chunk), 0);
  for (const [i, chunk] of builds.entries()) {
    const size = own + compressed(chunk);
    console.log(`keystrata/core with ${builds[i]!.name}: ${size} bytes, ${own} of them JavaScript`);
    expect(compressed(chunk)).toBeGreaterThan(5000); // it is a build
    expect(size).toBeLessThanOrEqual(MOST);
  }
  expect(own).toBeGreaterThan(3000);
});
