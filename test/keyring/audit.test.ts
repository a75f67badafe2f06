// The log of a keyring: every change enters what it does in the write that does it. FORMATS §9.

import { describe, expect, it } from 'vitest';
import { Keyring, memoryStore } from '../../bindings/index.ts';
import { isWhole } from '../../bindings/keyring/audit-log.ts';
import { apply } from '../../bindings/keyring/change.ts';
import { changePassphrase } from '../../bindings/keyring/change-passphrase.ts';
import { create } from '../../bindings/keyring/create.ts';
import { createDataKeys } from '../../bindings/keyring/create-data-keys.ts';
import { replaceRecoveryCode } from '../../bindings/keyring/replace-recovery.ts';
import { raw } from './by-hand.ts';
import { engine, events, FEW, operator, OWNER, PASSPHRASE } from './support.ts';

const session = async (store = memoryStore()) =>
  (await create({ engine, store, owner: OWNER, recovery: false, ...operator() })).session;

describe('the audit log', () => {
  it('tells what was done, to whom, in the order it was done', async () => {
    const store = memoryStore();
    const p = { engine, store, owner: OWNER, passphrase: PASSPHRASE, allowWeak: true };
    const { session: own } = await create({ ...p, iterations: FEW });
    const slot = (type: string) => own.snapshot.header.slots.find((one) => one.type === type)!.id;
    const [first] = await createDataKeys(own, [{ space: 's' }]);
    const [second, other] = await createDataKeys(own, [{ space: 's' }, { space: 't' }]);
    await changePassphrase(own, { passphrase: PASSPHRASE }, 'another passphrase', {});
    await replaceRecoveryCode(own, {});
    expect(events(own.snapshot.body)).toEqual([
      ['create', own.keyring],
      ['key create', first!.id],
      ['key create', second!.id],
      ['rotate DEK', first!.id],
      ['key create', other!.id],
      ['slot change', slot('passphrase')],
      ['slot change', slot('recovery')],
    ]);
    expect(isWhole(own, own.snapshot.body.audit)).toBe(true);
    expect(own.snapshot.body.audit.entries.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it('tells of a slot that is added where there was none, and of iterations that were raised', async () => {
    const own = await session();
    await replaceRecoveryCode(own, {});
    expect(events(own.snapshot.body).at(-1)).toEqual([
      'slot add',
      own.snapshot.header.slots.find((s) => s.type === 'recovery')!.id,
    ]);
    const p = { engine, store: memoryStore(), owner: OWNER, passphrase: PASSPHRASE, allowWeak: true };
    (await Keyring.create({ ...p, iterations: FEW, recovery: false })).keyring.lock();
    (await Keyring.unlock(p)).lock();
    const [, , entries] = raw((await p.store.get(OWNER))!.bytes).body.get(7) as [number, Uint8Array, unknown[][]];
    expect(entries.map((entry) => entry[2])).toEqual([1, 4]);
  });

  it('keeps 1,024 entries, moves its anchor, and stays whole', async () => {
    const own = await session();
    const before = (): number => own.snapshot.body.audit.dropped;
    await createDataKeys(
      own,
      Array.from({ length: 1020 }, (_, i) => ({ space: `${i}` })),
    );
    expect(before()).toBe(0);
    await createDataKeys(own, [{ space: '0' }, { space: '1' }]);
    const { audit } = own.snapshot.body;
    expect([audit.dropped, audit.entries.length, audit.entries[0]!.sequence]).toEqual([1, 1024, 1]);
    expect(audit.anchor).toEqual(audit.entries[0]!.previous);
    expect(isWhole(own, audit)).toBe(true);
    await createDataKeys(
      own,
      Array.from({ length: 3000 }, (_, i) => ({ space: `n ${i}` })),
    );
    expect(before()).toBe(1 + 3000);
    expect(isWhole(own, own.snapshot.body.audit)).toBe(true);
  });

  it('keeps the texts of reasons in the private part, as long as their entries', async () => {
    const own = await session();
    const tell = (reason?: string) =>
      apply(own, () => ({ events: [{ event: 'state', subject: own.keyring, reason }] }));
    await tell('first');
    await tell();
    await tell('third');
    expect([...own.snapshot.private.reasons]).toEqual([
      [1, 'first'],
      [3, 'third'],
    ]);
    await apply(own, () => ({
      events: Array.from({ length: 1022 }, () => ({ event: 'state' as const, subject: own.keyring })),
    }));
    await tell('last');
    expect([...own.snapshot.private.reasons]).toEqual([
      [3, 'third'],
      [1026, 'last'],
    ]);
  });

  it('is whole no more where an entry is missing, doubled, swapped or changed', async () => {
    const own = await session();
    await createDataKeys(
      own,
      Array.from({ length: 5 }, (_, i) => ({ space: `${i}` })),
    );
    const { audit } = own.snapshot.body;
    const { entries } = audit;
    const [a, b, ...rest] = entries;
    const broken = (some: typeof entries) => isWhole(own, { ...audit, entries: some });
    expect(broken(entries)).toBe(true);
    expect(broken(entries.slice(1))).toBe(false);
    expect(broken([a!, ...rest])).toBe(false);
    expect(broken([a!, a!, b!, ...rest])).toBe(false);
    expect(broken([b!, a!, ...rest])).toBe(false);
    for (const change of [{ time: 1 }, { event: 9 }, { subject: own.device }, { device: own.keyring }, { sequence: 9 }])
      expect(broken([a!, { ...b!, ...change }, ...rest]), JSON.stringify(change)).toBe(false);
    expect(isWhole(own, { ...audit, anchor: new Uint8Array(32).fill(1) })).toBe(false);
    expect(isWhole({ engine, keyring: own.device }, audit)).toBe(false); // another keyring's
    expect(broken(entries.slice(0, -1))).toBe(true); // a cut end is found by the document's MAC alone
  });
});
