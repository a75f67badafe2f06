// A million envelopes under a KEK that another has followed, re-wrapped: none lost, no ciphertext changed, and how many a second.

import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEngine, describe, Keyring, memoryStore, type Engine } from '../../bindings/index.ts';
import { apply } from '../../bindings/keyring/change.ts';
import { create } from '../../bindings/keyring/create.ts';
import { sealInEnvelope } from '../../bindings/keys/envelope.ts';
import { generateEnvelopeDek, generateKek } from '../../bindings/keys/kek.ts';
import { wrapOldKek } from '../../bindings/keys/old-kek.ts';
import type { Kek } from '../../bindings/keys/roles.ts';

const MANY = 1_000_000;
const BATCH = 10_000; // in memory at a time
const HEAD = 125; // what re-wrapping may change
const text = (i: number): string => `the ${i}th row of a table, some sixty bytes of somebody's data`;

let engine: Engine;
let keyring: Keyring;
let scope: string;
let old: Kek;
beforeAll(async () => {
  engine = await createEngine();
  const secret = { operatorKey: new Uint8Array(32).fill(7), operatorKeyId: '07'.repeat(16) };
  const where = { engine, store: memoryStore(), owner: 'operator', memory: memoryStore(), ...secret };
  const { session } = await create({ ...where, recovery: false });
  scope = session.keyring;
  old = generateKek(engine);
  const wrapped = wrapOldKek(engine, session.kek, old, scope);
  await apply(session, () => ({ body: { oldKeks: new Map([[old.id, { wrapped, state: 'deactivated', time: 1 }]]) } }));
  session.lock();
  keyring = await Keyring.unlock({ ...where, memory: memoryStore() });
});
afterAll(() => engine.dispose());

async function sealed(i: number): Promise<Uint8Array> {
  const dek = generateEnvelopeDek(engine);
  const at = { keyring: scope, context: new Uint8Array(Buffer.from(`row/${i}`)) };
  try {
    return await sealInEnvelope(engine, old, dek, new Uint8Array(Buffer.from(text(i))), at);
  } finally {
    dek.dispose();
  }
}

test('a million envelopes', { timeout: 3_600_000 }, async () => {
  const kek = keyring.inventory()[0]!.id;
  const before = keyring.revision;
  let [milliseconds, cpu, done, opened] = [0, 0, 0, 0];
  for (let first = 0; first < MANY; first += BATCH) {
    const batch: Uint8Array[] = [];
    for (let i = first; i < first + BATCH; i++) batch.push(await sealed(i));
    const after: Uint8Array[] = [];
    const [began, used] = [performance.now(), process.cpuUsage()];
    for (const envelope of batch) after.push(await keyring.rewrap(envelope));
    milliseconds += performance.now() - began;
    cpu += process.cpuUsage(used).user / 1000;
    for (const [i, envelope] of after.entries()) {
      const [was, is] = [batch[i]!, Buffer.from(envelope)];
      if (is.length !== was.length || is.compare(was, HEAD, was.length, HEAD) !== 0 || describe(is).keyId !== kek)
        throw new Error(`envelope ${first + i} was changed or not re-wrapped`);
      done++;
      if ((first + i) % 997 !== 0) continue;
      expect(await keyring.decryptText(envelope, { context: `row/${first + i}` })).toBe(text(first + i));
      opened++;
    }
  }
  const rate = (ms: number): string => Math.round((MANY / ms) * 1000).toLocaleString('en-US');
  console.log(`${MANY.toLocaleString('en-US')} envelopes re-wrapped: ${rate(milliseconds)} a second, ${rate(cpu)} a second of processor time (${engine.variant})`); // prettier-ignore
  expect([done, opened]).toEqual([MANY, Math.ceil(MANY / 997)]);
  expect(keyring.revision - before).toBe(10); // shares of the KEK: 2^10, doubling up to 2^19, which make 1,047,552
  expect(engine.freeSlots()).toBeGreaterThan(50);
});
