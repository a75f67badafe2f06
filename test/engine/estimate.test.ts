import { expect, test } from 'vitest';
import { likely } from '../../bindings/engine/estimate.ts';

test('what is likely rises, keeps under 1, and is the time itself until nearly all of it is over', () => {
  let last = 0;
  for (let part = 0.01; part < 3; part += 0.01) {
    expect(likely(part)).toBeGreaterThan(last);
    expect(likely(part)).toBeLessThan(1);
    last = likely(part);
  }
  expect([likely(0.1), likely(0.5), likely(0.9)]).toEqual([0.1, 0.5, 0.9]);
});
