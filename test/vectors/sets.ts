// Sets of public vectors that are not kept here: they lie in ../shared/vectors, or where KEYSTRATA_VECTORS points. A set that
// is not there is said, as a skipped test with its name, and the rest still counts.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

export const FOLDER = process.env.KEYSTRATA_VECTORS ?? join(import.meta.dirname, '../../../shared/vectors');

/** Each set is missed aloud once, though every build would have been asked. */
const said = new Set<string>();

/**
 * Describes the tests of one set, `origin/name`. It must have `count` cases: a file that was cut, or a filter that matches
 * nothing, proves nothing.
 */
export function withSet<Case>(name: string, count: number, tests: (cases: readonly Case[]) => void): void {
  const path = join(FOLDER, `${name}.json`);
  if (!existsSync(path)) {
    if (!said.has(name)) console.warn(`vectors not found: ${path}: the ${count} cases of ${name} are not run`);
    said.add(name);
    test.skip(`${name}: ${count} cases, not found at ${path}`);
    return;
  }
  const { cases } = JSON.parse(readFileSync(path, 'utf8')) as { cases: Case[] };
  describe(name, () => {
    test(`has ${count} cases`, () => expect(cases).toHaveLength(count));
    tests(cases);
  });
}
