// PBKDF2 as long as people use it, by every kind of engine and on every build: many iterations, many blocks, and how long others
// had to wait.

import { pbkdf2Sync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { ofBuild, random, same, VARIANTS } from '../core/implementation.ts';
import { ALL, engineOn, ID } from '../engine/engines.ts';

describe.each(ALL)('$name', (asked) => {
  test.each([200_001, 600_000, 10_000_000])('%d iterations, as node:crypto', async (iterations) => {
    const { engine } = await engineOn(asked);
    const [bytes, salt] = [random(20), random(32)];
    const password = engine.password(bytes);
    let gap = 0;
    let last = performance.now();
    let going = true;
    const watch = (): void => {
      gap = Math.max(gap, performance.now() - last);
      last = performance.now();
      if (going) setImmediate(watch);
    };
    watch();
    const began = performance.now();
    const key = await password.derive({ salt, iterations, id: ID });
    going = false;
    console.log(
      `${asked.name}: ${iterations} iterations in ${Math.round(performance.now() - began)} ms, longest wait ${gap.toFixed(1)} ms`,
    );
    expect(same(engine.exportSecretBytes(key), pbkdf2Sync(bytes, salt, iterations, 32, 'sha256'))).toBe(true);
    engine.dispose();
  });
});

describe.each(VARIANTS)('%s', (variant) => {
  test('nine blocks of 300,000 iterations: two full passes of four lanes, and one', async () => {
    const core = await ofBuild(variant);
    const [bytes, salt] = [random(20), random(32)];
    expect(same(core.pbkdf2(bytes, salt, 300_000, 270), pbkdf2Sync(bytes, salt, 300_000, 270, 'sha256'))).toBe(true);
  });
});
