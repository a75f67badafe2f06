// The log of a keyring: every change enters what it does in the write that does it. FORMATS §9.

import { createHmac } from 'node:crypto';
import { decode } from 'cborg';
import { describe, expect, it } from 'vitest';
import { Keyring, memoryStore } from '../../bindings/index.ts';
import { isWhole } from '../../bindings/keyring/audit-log.ts';
import { apply } from '../../bindings/keyring/change.ts';
import { changePassphrase } from '../../bindings/keyring/change-passphrase.ts';
import { create } from '../../bindings/keyring/create.ts';
import { createDataKeys } from '../../bindings/keyring/create-data-keys.ts';
import { replaceRecoveryCode } from '../../bindings/keyring/replace-recovery.ts';
import { ByHand, X, cbor, hex, raw } from './by-hand.ts';
import { codeOf, engine, events, FEW, operator, OWNER, PASSPHRASE, world } from './support.ts';

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
    await own.run((write) => replaceRecoveryCode(own, {}, write));
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
    await own.run((write) => replaceRecoveryCode(own, {}, write));
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

describe('an exported log', () => {
  it('tells what the log does, to who holds the KEK; every change of it is found', async () => {
    const { keyring, secret, unlock } = await world();
    const { id } = await keyring.createDataKey({ space: 's' });
    await keyring.setState(id, 'suspended', 'a reason for the holder alone');
    const exported = keyring.exportAudit();
    const other = await unlock();
    for (const one of [keyring, other]) {
      const { keyring: kid, revision, dropped, entries } = one.verifyAudit(exported);
      expect([kid, revision, dropped]).toEqual([keyring.id, keyring.revision, 0]);
      expect(entries.map(({ event, subject, reason }) => [event, subject, reason])).toEqual([
        ['create', keyring.id, ''],
        ['key create', id, ''],
        ['state', id, ''],
      ]);
    }
    expect(
      keyring
        .audit()
        .entries.map(({ reason }) => reason)
        .at(-1),
    ).toBe('a reason for the holder alone');
    expect(Buffer.from(exported).includes('a reason')).toBe(false);
    for (let bit = 0; bit < 8 * exported.length; bit++) {
      const flipped = exported.slice();
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      const code = await codeOf(() => keyring.verifyAudit(flipped));
      // The revision is under the MAC alone: one that the keyring has not reached is told apart.
      expect(['ERR_AUTHENTICATION', 'ERR_FORMAT', 'ERR_UNSUPPORTED', 'ERR_LIMIT', 'ERR_ROLLBACK']).toContain(code);
    }
    for (let n = 0; n < exported.length; n++)
      expect(await codeOf(() => keyring.verifyAudit(exported.subarray(0, n))), `${n}`).toBe('ERR_FORMAT');
    const foreign = await world();
    expect(await codeOf(() => foreign.keyring.verifyAudit(exported))).toBe('ERR_AUTHENTICATION');
    keyring.lock();
    expect(await codeOf(() => keyring.exportAudit())).toBe('ERR_DISPOSED');
    expect(secret.operatorKey).toHaveLength(32);
  });

  it('from before a rotation is held against the log that goes on', async () => {
    const { keyring, secret } = await world();
    await keyring.createDataKey({ space: 's' });
    const exported = keyring.exportAudit();
    await keyring.rotateKek({ secrets: [secret] });
    expect(keyring.verifyAudit(exported).entries).toHaveLength(2);
    const last = exported.slice();
    last[last.length - 32 - 2 - 34 - 2]! ^= 1; // of the last entry's device
    expect(await codeOf(() => keyring.verifyAudit(last))).toBe('ERR_AUTHENTICATION');
    await keyring.createDataKeys(Array.from({ length: 1024 }, (_, i) => ({ space: `${i}` })));
    expect(await codeOf(() => keyring.verifyAudit(exported))).toBe('ERR_AUTHENTICATION'); // what it ends with is dropped
  });

  it('is refused where it is newer than the keyring at hand', async () => {
    const { keyring, unlock } = await world();
    const other = await unlock();
    await keyring.createDataKey({ space: 's' });
    const exported = keyring.exportAudit();
    expect(await codeOf(() => other.verifyAudit(exported))).toBe('ERR_ROLLBACK');
    await other.refresh();
    expect(other.verifyAudit(exported).entries).toHaveLength(2);
  });

  it('is CBOR [1, keyring id, revision, dropped, anchor, entries, MAC]', async () => {
    const { keyring, secret, store } = await world();
    await keyring.createDataKey({ space: 's' });
    const document = new ByHand((await store.get(OWNER))!.bytes, secret.operatorKey);
    const items = decode(keyring.exportAudit()) as [
      number,
      Uint8Array,
      number,
      number,
      Uint8Array,
      unknown[],
      Uint8Array,
    ];
    expect(items.slice(0, 4)).toEqual([1, new Uint8Array(document.keyring), 2, 0]);
    const [kid] = document.header.get(6) as [Uint8Array];
    const key = X(document.documentKey, 'keystrata/audit-mac/v1', [document.keyring, kid], 32);
    const mac = createHmac('sha256', key)
      .update(cbor(items.slice(0, 6)))
      .digest();
    expect(hex(items[6])).toBe(hex(mac));
  });
});
