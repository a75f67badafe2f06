// An operator's 20,000 keyrings from one key to the next: two machines, one of them killed in the middle; and how much a
// second machine helps. The figures are printed.

import { afterAll, beforeAll, expect, it } from 'vitest';
import { createEngine, memoryStore, type Engine } from '../../bindings/index.ts';
import { OperatorRing } from '../../bindings/operator.ts';
import { fill, Machine, world, type World } from '../operator/machines.ts';
import { skippedName, tryServer, type Server } from '../postgres/server.ts';

const { server, unavailable } = await tryServer();
afterAll(() => server?.end());

const KEYRINGS = 20_000;
const SECONDS = 10;
const FAR = 20; // ms

if (server === null) it.skip(skippedName(unavailable), () => undefined);
else tests(server);

function tests(server: Server): void {
  let engine: Engine;
  let w: World;
  beforeAll(async () => {
    engine = await createEngine();
    w = world(server, engine, 'many');
    await fill(
      w,
      Array.from({ length: KEYRINGS }, (_, i) => `owner ${i}`),
    );
  }, 1_800_000);
  afterAll(() => engine.dispose());

  /** Keyrings by revision, as the database has them. */
  async function revisions(): Promise<Map<number, number>> {
    const found = new Map<number, number>();
    const [key] = w.keys.slice(-1).map((line) => line.split(' '));
    const ring = new OperatorRing(engine);
    ring.activate(ring.add(Buffer.from(key![1]!, 'hex'), key![0])); // that one alone
    for await (const owner of w.store.list()) {
      const keyring = await ring.unlock({ store: w.store, owner, memory: memoryStore() });
      found.set(keyring.revision, (found.get(keyring.revision) ?? 0) + 1);
      keyring.lock();
    }
    ring.dispose();
    return found;
  }

  it('each is re-wrapped once, none is lost, none is left under the old key', async () => {
    const machines = [1, 2].map(() => new Machine(server, w, { pageSize: 200, seconds: SECONDS })) as [
      Machine,
      Machine,
    ];
    await Promise.all(machines.map((machine) => machine.begin()));
    const [victim, survivor] = machines;
    while (victim.fraction < 0.2) await new Promise((resolve) => setTimeout(resolve, 10));
    await victim.kill();
    const report = await survivor.report;
    expect(report).toMatchObject({ verified: KEYRINGS, without: 0, failed: [] });
    console.log(`${report.rewrapped} of ${KEYRINGS} by the machine that was left, after ${report.rounds} rounds`);
    expect(await revisions()).toEqual(new Map([[2, KEYRINGS]]));
    w.ring.activate(w.ids[1]!);
    await w.ring.retire(w.ids[0]!, { stores: [w.store] });
  });

  /** Of so many machines together, a second. They are as far from the database as that. */
  async function rateOf(count: number, far: number): Promise<number> {
    w.keys.reverse(); // and back again
    const machines = Array.from({ length: count }, () => new Machine(server, w, { pageSize: 200, seconds: 600, far }));
    await Promise.all(machines.map((machine) => machine.ready));
    const from = performance.now();
    await Promise.all(machines.map((machine) => machine.begin()));
    const reports = await Promise.all(machines.map((machine) => machine.report));
    const rate = (KEYRINGS * 1000) / (performance.now() - from);
    expect(reports.reduce((sum, { rewrapped }) => sum + rewrapped, 0)).toBe(KEYRINGS);
    for (const { verified } of reports) expect(verified).toBe(KEYRINGS);
    console.log(
      `machines: ${count}, ${far} ms from the database: ${rate.toFixed(0)} keyrings a second, re-wrapped and verified`,
    );
    return rate;
  }

  // On one computer machines and database take each other's cores: that is shown, and a network is made slow enough to tell.
  it('a second machine makes it faster', async () => {
    await rateOf(1, 0);
    await rateOf(2, 0);
    const alone = await rateOf(1, FAR);
    expect(await rateOf(2, FAR)).toBeGreaterThan(1.3 * alone);
  });
}
