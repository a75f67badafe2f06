// Which DEK of a space is active: looked up for one space or found out for all, it is the same.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KeyRecord } from '../../bindings/format/key-record.ts';
import { ActiveKeys } from '../../bindings/keyring/active-keys.ts';

const SPACES = ['a', 'b', 'c', 'none'];
/** Few families and versions, so that they meet: two families may have one label. */
const record = fc.record({
  type: fc.constantFrom('record', 'index'),
  family: fc.constantFrom('f0', 'f1', 'f2', 'f3'),
  version: fc.integer({ min: 1, max: 5 }),
  state: fc.constantFrom('pre-active', 'active', 'deactivated', 'compromised'),
});
const labels = fc.dictionary(fc.constantFrom('f0', 'f1', 'f2', 'f3'), fc.constantFrom('a', 'b', 'c'));

describe('the active DEK of a space', () => {
  test('is the same, asked for once or as the hundredth; and the newest there is', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 12 }), labels, (records, named) => {
        const keys = new Map(records.map((one, i) => [`k${i}`, one as unknown as KeyRecord]));
        const labelled = new Map(Object.entries(named));
        const all = new ActiveKeys(keys, labelled).all();
        for (const space of SPACES) {
          const wanted = records
            .map((one, i) => ({ ...one, kid: `k${i}` }))
            .filter(({ type, state, family }) => type === 'record' && state === 'active' && named[family] === space)
            .sort((a, b) => b.version - a.version)[0];
          const asked = new ActiveKeys(keys, labelled);
          for (let times = 0; times < 6; times++) {
            expect(asked.get(space)).toBe(wanted?.kid);
            expect(asked.has(space)).toBe(wanted !== undefined);
          }
          expect(all.get(space)).toBe(wanted?.kid);
        }
      }),
      { numRuns: 500 },
    );
  });
});
