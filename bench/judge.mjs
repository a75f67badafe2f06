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
