// What the project holds itself to, asked of the results. Every ratio is the median over rounds measured side by side.
import { ratio } from './measure.mjs';

const SCALE = { ms: 1e3, MB: 1e-6 };

/** A ratio of a to b; of a to the better of `best`; or, with a unit, a itself. Null where it was not measured. */
function judged({ suite, a, b, best, sign, bound, unit }, rows) {
  if (unit) {
    const row = rows.find(({ name }) => name === a);
    return (
      row && {
        value: row.median * SCALE[unit],
        text: `${suite}: ${a} takes ${(row.median * SCALE[unit]).toFixed(1)} ${unit} (${sign} ${bound} ${unit})`,
      }
    );
  }
  const against = best
    ? rows.filter(({ name }) => best.includes(name)).sort((x, y) => x.median - y.median)[0]?.name
    : b;
  const value = against && ratio(rows, a, against);
  return (
    value && { value, text: `${suite}: ${a} takes ${value.toFixed(2)} × the time of ${against} (${sign} ${bound})` }
  );
}

/** [{ held, text }] of what was measured; `results`: suite → { rows }. */
export function judge(targets, results) {
  return targets.flatMap((target) => {
    const rows = results.get(target.suite)?.rows;
    const found = rows && judged(target, rows);
    if (!found) return [];
    const { value, text } = found;
    return [{ held: target.sign === '≥' ? value >= target.bound : value <= target.bound, text }];
  });
}

/** Four blocks of PBKDF2 in the lanes of one register, over one block. */
export function judgeLanes(results, bound = 2.3) {
  return ['simd', 'relaxed'].flatMap((build) => {
    const [one, four] = ['pbkdf2-one-block', 'pbkdf2-four-blocks'].map((suite) =>
      results.get(suite)?.rows.find(({ name }) => name === `keystrata ${build}`),
    );
    if (!one || !four) return [];
    const value = four.median / one.median;
    return [
      {
        held: value <= bound,
        text: `pbkdf2: four lanes take ${value.toFixed(2)} × the time of one, ${build} (≤ ${bound})`,
      },
    ];
  });
}
