// As much of vitest as a suite of ours needs to run in a page, where it stands in vitest's place: tests one after another,
// expectations by vitest's own.

import { JestAsymmetricMatchers, JestChaiExpect, JestExtend } from '@vitest/expect';
import * as chai from 'chai';

for (const plugin of [JestExtend, JestChaiExpect, JestAsymmetricMatchers]) chai.use(plugin);
export const expect = chai.expect;

type Work = () => unknown;
const before: Work[] = [];
const after: Work[] = [];
const tests: { name: string; work: Work }[] = [];

export const describe = (_name: string, body: () => void): void => body();
export const beforeAll = (work: Work): void => void before.push(work);
export const afterAll = (work: Work): void => void after.push(work);
export const it = (name: string, work: Work): void => void tests.push({ name, work });
it.each =
  (rows: unknown[][]) =>
  (name: string, work: (...row: unknown[]) => unknown): void =>
    rows.forEach((row) => it(name.replace('%s', String(row[0])), () => work(...row)));

export interface Outcome {
  name: string;
  error: string | null;
}

export async function runAll(): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const work of before) await work();
  for (const { name, work } of tests)
    try {
      await work();
      outcomes.push({ name, error: null });
    } catch (error) {
      outcomes.push({ name, error: (error as Error).stack ?? String(error) });
    }
  for (const work of after) await work();
  return outcomes;
}
