// Interleaved rounds: every contender is sampled once a round, in turn, so that a machine that slows down slows all.
// What disagrees is not measured.

const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/**
 * Asks all contenders the same work. Returns rows { name, median, min, max, samples } in seconds an operation, and the
 * ratios a round gives against each other can be had from `samples`: index i of all rows was measured side by side.
 */
export async function compare(contenders, work, { rounds, time, agree = true }) {
  const able = [];
  let expected;
  for (const one of contenders) {
    const mine = { ...work, ...one.work };
    const answer = await one.ask('agree', { work: mine });
    if (answer === null) continue;
    if (agree && !one.other) {
      expected ??= { name: one.name, answer };
      if (answer !== expected.answer)
        throw new Error(`${one.name} and ${expected.name} disagree on ${JSON.stringify(work)}`);
    }
    able.push({ one, work: mine, samples: [] });
  }
  for (let round = 0; round < rounds; round++)
    for (let i = 0; i < able.length; i++) {
      const { one, work: mine, samples } = able[(i + round) % able.length];
      samples.push(await one.ask('sample', { work: mine, time }));
    }
  for (const { one, work: mine } of able) await one.ask('end', { work: mine });
  return able.map(({ one, samples }) => ({
    name: one.name,
    other: one.other,
    median: median(samples),
    min: Math.min(...samples),
    max: Math.max(...samples),
    samples,
  }));
}

/** Median over the rounds of a's time by b's: both were measured side by side in each. */
export function ratio(rows, a, b) {
  const of = (name) => rows.find((row) => row.name === name)?.samples;
  const [x, y] = [of(a), of(b)];
  return x && y ? median(x.map((value, i) => value / y[i])) : null;
}
