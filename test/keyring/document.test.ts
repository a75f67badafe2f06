// What lies in the store, byte by byte: opened by hand, every field there, every write a step from the last.

import { describe, expect, it } from 'vitest';
import { Keyring, memoryStore, type Store } from '../../bindings/index.ts';
import { ByHand, cbor, hex, open0, raw, sha256 } from './by-hand.ts';
import { engine, FEW, OWNER, PASSPHRASE, world } from './support.ts';

const bytes = (digits: string): Buffer => Buffer.from(digits, 'hex');

describe('the stored document', () => {
  it('opens by hand, with every field', async () => {
    const { store, secret, keyring } = await world();
    const began = Math.floor(Date.now() / 1000);
    const [notes, photos] = await keyring.createDataKeys([{ space: 'notes' }, { space: 'photos' }]);
    const record = await keyring.encrypt('Dear diary', { space: 'notes', context: 'note/17' });
    const document = new ByHand((await store.get(OWNER))!.bytes, secret.operatorKey);
    const { header, body, privatePart, macHolds, records } = document;
    expect(macHolds).toBe(true);

    expect([...header.keys()]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(hex(header.get(1) as Uint8Array)).toBe(keyring.id);
    expect([header.get(2), header.get(3), header.get(8)]).toEqual([OWNER, 2, 0]);
    expect(header.get(9)).toBeGreaterThanOrEqual(began);
    const slots = header.get(7) as Map<number, unknown>[];
    expect(slots.map((slot) => [...slot.keys()])).toEqual([[1, 2, 3, 4, 7, 8, 14]]);
    expect([slots[0]!.get(2), slots[0]!.get(3), hex(slots[0]!.get(14) as Uint8Array)]).toEqual([
      5,
      0,
      secret.operatorKeyId,
    ]);
    expect((slots[0]!.get(8) as Uint8Array).length).toBe(123);

    expect([...body.keys()]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    for (const empty of [2, 3, 5, 6]) expect((body.get(empty) as Map<unknown, unknown>).size, `field ${empty}`).toBe(0);
    const [[device, units] = [new Uint8Array(), new Map<Uint8Array, number>()], ...others] = body.get(4) as Map<
      Uint8Array,
      Map<Uint8Array, number>
    >;
    expect([hex(device), others]).toEqual([hex(header.get(4) as Uint8Array), []]);
    expect(new Map([...units].map(([kid, n]) => [hex(kid), n]))).toEqual(
      new Map([
        [hex(header.get(5) as Uint8Array), 2 ** 10],
        ...[hex(body.get(10) as Uint8Array), notes!.id, photos!.id].map((kid) => [kid, 2 ** 16] as const),
      ]),
    );
    const [dropped, anchor, entries] = body.get(7) as [number, Uint8Array, unknown[][]];
    expect([dropped, hex(anchor)]).toEqual([0, '00'.repeat(32)]);
    expect(entries.map((entry) => [entry[0], entry[2], hex(entry[3] as Uint8Array)])).toEqual([
      [0, 1, keyring.id],
      [1, 7, notes!.id],
      [2, 7, photos!.id],
    ]);
    let previous = anchor;
    for (const entry of entries) {
      expect([entry[4], entry[5]]).toEqual([header.get(4), previous]);
      previous = new Uint8Array(sha256(cbor(['keystrata/audit/v1', header.get(1), entry])));
    }
    expect([...(body.get(9) as Map<number, number>)]).toEqual([
      [1, 730 * 86_400],
      [2, 1825 * 86_400],
      [3, 2 ** 32],
    ]);

    expect(records.size).toBe(3);
    const own = records.get(notes!.id)!;
    expect([...own.keys()]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect([1, 3, 4, 5, 7].map((field) => own.get(field))).toEqual([1, 1, null, 2, []]);
    expect((own.get(9) as number) - (own.get(6) as number)).toBe(730 * 86_400);
    expect((own.get(10) as number) - (own.get(6) as number)).toBe(1825 * 86_400);
    expect((own.get(8) as Uint8Array).length).toBe(123);

    expect([...privatePart.keys()]).toEqual([1, 2, 3, 4]);
    const labels = new Map([...(privatePart.get(1) as Map<Uint8Array, string>)].map(([id, label]) => [hex(id), label]));
    const familyOf = (kid: string): string => hex(records.get(kid)!.get(2) as Uint8Array);
    expect(labels).toEqual(
      new Map([
        [familyOf(notes!.id), 'notes'],
        [familyOf(photos!.id), 'photos'],
      ]),
    );

    const external = ['record', bytes(keyring.id), Buffer.from('note/17')];
    expect(open0(record, document.dek(notes!.id), bytes(notes!.id), external).toString()).toBe('Dear diary');
    expect(record.length).toBe(57 + 'Dear diary'.length);
  });

  it('steps from write to write: revision, predecessors, writer', async () => {
    const inner = memoryStore();
    const written: Uint8Array[] = [];
    const store: Store = {
      name: inner.name,
      get: (id) => inner.get(id),
      put: async (id, document, p) => {
        const stored = await inner.put(id, document, p);
        written.push(document.slice());
        return stored;
      },
      delete: (id, p) => inner.delete(id, p),
      list: () => inner.list(),
    };
    const { keyring, unlock } = await world(store);
    const writers = [keyring, await unlock()];
    for (let n = 0; n < 20; n++) await writers[n % 2]!.createDataKey({ space: `${n}` });
    const hashes: string[] = [];
    const devices = new Set<string>();
    for (const [i, document] of written.entries()) {
      const { header } = raw(document);
      expect(header.get(3)).toBe(i + 1);
      expect((header.get(10) as Uint8Array[]).map(hex)).toEqual(hashes.slice(0, 16));
      devices.add(hex(header.get(4) as Uint8Array));
      hashes.unshift(hex(sha256(document)));
    }
    expect(written).toHaveLength(1 + 20 + 1); // the second device reserved shares
    expect(devices.size).toBe(2);
  });

  it('touches one slot when the passphrase changes, and seals the private part again only when it differs', async () => {
    const store = memoryStore();
    const p = { engine, store, owner: OWNER, passphrase: PASSPHRASE, allowWeak: true };
    const { keyring } = await Keyring.create({ ...p, iterations: FEW, profile: 'regulated', recovery: false });
    await keyring.createDataKey({ space: 's' });
    const before = raw((await store.get(OWNER))!.bytes);
    expect(before.header.get(8)).toBe(1);
    await keyring.changePassphrase(PASSPHRASE, 'another passphrase');
    const after = raw((await store.get(OWNER))!.bytes);
    for (const same of [1, 2, 3, 4, 5, 6, 8, 9, 10])
      expect(after.body.get(same), `body field ${same}`).toEqual(before.body.get(same));
    const [, , log] = after.body.get(7) as [number, Uint8Array, unknown[][]];
    expect(log.map((entry) => entry[2])).toEqual([1, 7, 4]); // the log alone tells of it
    for (const same of [1, 2, 5, 6, 8])
      expect(after.header.get(same), `field ${same}`).toEqual(before.header.get(same));
    const [was, is] = [before, after].map(({ header }) => (header.get(7) as Map<number, unknown>[])[0]!) as [
      Map<number, unknown>,
      Map<number, unknown>,
    ];
    for (const same of [1, 2, 3, 4]) expect(is.get(same), `slot field ${same}`).toEqual(was.get(same));
    for (const fresh of [5, 6, 7, 8]) expect(is.get(fresh), `slot field ${fresh}`).not.toEqual(was.get(fresh));

    await keyring.createDataKey({ space: 's' }); // a second version: no new label
    expect(raw((await store.get(OWNER))!.bytes).body.get(8)).toEqual(before.body.get(8));
    await keyring.createDataKey({ space: 't' });
    expect(raw((await store.get(OWNER))!.bytes).body.get(8)).not.toEqual(before.body.get(8));
  });
});
