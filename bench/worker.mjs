// A process that peers run in: asked by its parent for an answer's digest or for a sample of a time.
// One process a set of (binary, flags, environment), so that each contender meets the same conditions.
import { Bench } from 'tinybench';
import { digest, prepare } from './work.mjs';

const peers = new Map();
const ready = new Map();

async function peerOf(name) {
  const [file, argument] = name.split(':');
  if (!peers.has(name)) {
    const { load } = await import(`./peers/${file}.mjs`);
    peers.set(name, await load(argument));
  }
  return peers.get(name);
}

async function readyFor(name, work) {
  const id = JSON.stringify([name, work]);
  if (!ready.has(id)) ready.set(id, await prepare(await peerOf(name), work));
  return ready.get(id);
}

/** How many runs last about a millisecond, so that the clock's grain does not show. */
async function batchOf(one) {
  if (one.batch) return one.batch;
  for (let batch = 1; ; batch *= 2) {
    const from = performance.now();
    await repeat(one.run, batch);
    const took = performance.now() - from;
    if (took > 2 || batch >= 1 << 16) return (one.batch = Math.max(1, Math.round(batch / Math.max(1, took))));
  }
}

function repeat(run, times) {
  for (let i = 0; i < times; i++) {
    const result = run();
    if (result instanceof Promise) return rest(run, times - i - 1, result);
  }
}

async function rest(run, times, first) {
  await first;
  for (let i = 0; i < times; i++) await run();
}

/** The median time of one operation, in seconds, over `time` milliseconds at least. */
async function sample(one, time) {
  const batch = await batchOf(one);
  const bench = new Bench({ time, iterations: 1, warmup: false, throws: true });
  const first = one.run();
  await first;
  bench.add('one', first instanceof Promise ? async () => repeat(one.run, batch) : () => repeat(one.run, batch));
  await bench.run();
  return bench.tasks[0].result.latency.p50 / 1000 / batch / (one.operations ?? 1);
}

const answers = {
  async agree({ peer, work }) {
    const one = await readyFor(peer, work);
    return one && digest(await one.answer());
  },
  async sample({ peer, work, time }) {
    return sample(await readyFor(peer, work), time);
  },
  async end({ peer, work }) {
    const id = JSON.stringify([peer, work]);
    await ready.get(id)?.end?.();
    ready.delete(id);
  },
};

process.on('message', async ({ id, ask, ...p }) => {
  try {
    process.send({ id, value: await answers[ask](p) });
  } catch (error) {
    process.send({ id, error: String(error?.stack ?? error) });
  }
});
