// No set is forgotten: each under ../shared/vectors is in the list, and each test that the list names asks for it.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SETS } from './list.ts';
import { FOLDER } from './sets.ts';

const test = join(import.meta.dirname, '..');

const tests = readdirSync(test, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts') && !file.endsWith('list.test.ts'))
  .map((file) => ({ file, text: readFileSync(join(test, file), 'utf8') }));

/** Whether a test asks for a set: by its name, or by a family (`origin/family-${name}`) and the rest of the name. */
function asks(text: string, set: string): boolean {
  if (text.includes(`'${set}'`)) return true;
  for (const [, family] of text.matchAll(/withSet<[^`']*`([^`$]+)\$\{name\}`/g))
    if (set.startsWith(family!) && text.includes(`'${set.slice(family!.length)}'`)) return true;
  return false;
}

describe('the list of sets', () => {
  it.skipIf(!existsSync(FOLDER))(`is that of the folder, case by case (skipped where ${FOLDER} is not there)`, () => {
    const there: Record<string, number> = {};
    for (const file of readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.json')) continue;
      const { cases } = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as { cases: unknown[] };
      there[file.slice(0, -'.json'.length).replaceAll('\\', '/')] = cases.length;
    }
    expect(Object.fromEntries(Object.entries(SETS).map(([name, { cases }]) => [name, cases]))).toEqual(there);
  });

  it('names the tests that ask, all of them and no others', () => {
    for (const [name, set] of Object.entries(SETS)) {
      const asking = tests.filter(({ text }) => asks(text, name)).map(({ file }) => file.replaceAll('\\', '/'));
      expect(asking.sort(), name).toEqual('by' in set ? [...set.by].sort() : []);
    }
  });

  it('gives a reason for every set that none asks', () => {
    const reasons = Object.values(SETS).flatMap((set) => ('because' in set ? [set.because] : []));
    expect(reasons.every((reason) => reason.length > 20)).toBe(true);
    const cases = Object.values(SETS).reduce((sum, set) => sum + ('by' in set ? set.cases : 0), 0);
    expect({ asked: Object.keys(SETS).length - reasons.length, cases }).toEqual({ asked: 67, cases: 18733 });
  });
});
