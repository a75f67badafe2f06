// Index keys: equal values are found by equal indexes, within one field of one space of one keyring. FORMATS §6.

import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { decode, encode, rfc8949EncodeOptions } from 'cborg';
import { describe, expect, it } from 'vitest';
import { createEngine, Keyring, memoryStore } from '../../bindings/index.ts';
import { indexInput } from '../../bindings/format/index-input.ts';
import { create } from '../../bindings/keyring/create.ts';
import { createIndexKey } from '../../bindings/keyring/create-index-key.ts';
import { apply } from '../../bindings/keyring/change.ts';
import { bytesOf, idOfSeed } from '../format/strict.ts';
import { ByHand } from './by-hand.ts';
import { codeOf, engine, events, operator, OWNER, STORES, utf8, world } from './support.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const email = { space: 'people', field: 'email' };

describe('an index', () => {
  it('is the same for the same value, as text or bytes, in another session; another for every other value', async () => {
    const { keyring, unlock } = await world();
    await keyring.createIndexKey({ space: 'people' });
    const again = await unlock();
    const values = ['', 'a', 'b', 'A', 'a ', 'ä', 'a\u0308', 'x'.repeat(65_535)];
    const indexes = await Promise.all(values.map((value) => keyring.index(value, email)));
    for (const [i, value] of values.entries()) {
      expect(indexes[i]).toHaveLength(32);
      expect(await again.index(value, email)).toEqual(indexes[i]);
      expect(await again.index(utf8(value), email)).toEqual(indexes[i]);
    }
    expect(new Set(indexes.map(hex)).size).toBe(values.length);
  });

  it('has nothing in common with one of another field, space, version or keyring', async () => {
    const [one, other] = [await world(), await world()];
    for (const { keyring } of [one, other])
      for (const space of ['people', 'email']) await keyring.createIndexKey({ space });
    await one.keyring.createIndexKey({ space: 'people' });
    const all = await Promise.all([
      one.keyring.index('x', email),
      one.keyring.index('x', { ...email, version: 1 }),
      one.keyring.index('x', { ...email, field: 'name' }),
      one.keyring.index('x', { ...email, field: 'emailx' }),
      one.keyring.index('mailx', { ...email, field: 'e' }),
      one.keyring.index('x', { ...email, space: 'email' }),
      one.keyring.index('x', { space: 'email', field: 'people' }),
      other.keyring.index('x', email),
    ]);
    for (let n = 0; n < 32 - 8; n++)
      // no 8 bytes of any in any other
      for (const [i, a] of all.entries())
        for (const [j, b] of all.entries()) if (i !== j) expect(hex(b)).not.toContain(hex(a.subarray(n, n + 8)));
  });

  it('is truncated to its first bytes', async () => {
    const { keyring } = await world();
    await keyring.createIndexKey({ space: 'people' });
    const whole = await keyring.index('x', email);
    for (let length = 8; length <= 32; length++) {
      const short = await keyring.index('x', { ...email, length });
      expect(short).toEqual(whole.slice(0, length));
      expect([short.byteOffset, short.buffer.byteLength]).toEqual([0, length]);
    }
  });

  it('is HMAC-SHA256 of [label, keyring, family, field, value]: by hand, from the document', async () => {
    const { keyring, store, secret } = await world();
    const { id } = await keyring.createIndexKey({ space: 'people' });
    const document = new ByHand((await store.get(OWNER))!.bytes, secret.operatorKey);
    const record = document.records.get(id)!;
    expect([record.get(1), (record.get(8) as Uint8Array).length]).toEqual([5, 123]);
    const kid = Buffer.from(id, 'hex');
    const key = document.unwrap('index-key', kid, record.get(8) as Uint8Array, [9, 10]);
    const input = ['keystrata/index/v1', document.keyring, record.get(2), 'email', Buffer.from('alice@example.org')];
    const mac = createHmac('sha256', key).update(encode(input, rfc8949EncodeOptions)).digest();
    expect(hex(await keyring.index('alice@example.org', email))).toBe(hex(mac));
  });

  it('is asked for with what it needs, before any work', async () => {
    const { keyring, store } = await world();
    await keyring.createIndexKey({ space: 'people' });
    const none = undefined as never;
    for (const p of [none, {}, { space: 'people' }, { ...email, field: '' }, { ...email, field: 'x'.repeat(256) }])
      expect(await codeOf(() => keyring.index('x', p as never))).toBe('ERR_ARGUMENT');
    for (const length of [0, 7, 33, 8.5, '8', NaN])
      expect(await codeOf(() => keyring.index('x', { ...email, length } as never))).toBe('ERR_ARGUMENT');
    for (const version of [0, -1, 1.5, '1'])
      expect(await codeOf(() => keyring.index('x', { ...email, version } as never))).toBe('ERR_ARGUMENT');
    for (const value of [undefined, null, 7, ['x'], '\ud800'])
      expect(await codeOf(() => keyring.index(value as never, email))).toBe('ERR_ARGUMENT');
    for (const p of [none, {}, { space: '' }, { space: 'x'.repeat(256) }])
      expect(await codeOf(() => keyring.createIndexKey(p as never))).toBe('ERR_ARGUMENT');
    expect(await codeOf(() => keyring.index('x'.repeat(65_536), email))).toBe('ERR_LIMIT');
    expect(await codeOf(() => keyring.index('x', { ...email, space: 'nobody' }))).toBe('ERR_KEY_NOT_FOUND');
    expect(await codeOf(() => keyring.index('x', { ...email, version: 2 }))).toBe('ERR_KEY_NOT_FOUND');
    expect(await codeOf(() => keyring.everyIndex('x', { ...email, space: 'nobody' }))).toBe('ERR_KEY_NOT_FOUND');
    keyring.lock();
    expect(await codeOf(() => keyring.index('x', email))).toBe('ERR_DISPOSED');
    expect(await codeOf(() => keyring.everyIndex('x', email))).toBe('ERR_DISPOSED');
    expect(await codeOf(() => keyring.createIndexKey({ space: 's' }))).toBe('ERR_DISPOSED');
    expect(await Keyring.exists({ store, owner: OWNER })).toBe(true);
  });
});

describe('an index key', () => {
  it.each(STORES)(
    'is kept in a %s store, wrapped; rotated it has a new version, and the old ones still find',
    async (_name, open) => {
      const { store, end } = open();
      const { keyring, unlock } = await world(store);
      const first = await keyring.createIndexKey({ space: 'people' });
      const before = await keyring.index('x', email);
      const second = await keyring.createIndexKey({ space: 'people' });
      expect([first.version, second.version, first.space, second.space]).toEqual([1, 2, 'people', 'people']);
      const again = await unlock();
      const now = await again.index('x', email);
      expect(hex(now)).not.toBe(hex(before));
      expect(await again.index('x', { ...email, version: 1 })).toEqual(before);
      expect(await first.index('x', { field: 'email' })).toEqual(before);
      expect(await second.index('x', { field: 'email', length: 8 })).toEqual(now.slice(0, 8));
      expect((await again.everyIndex('x', email)).map(hex)).toEqual([now, before].map(hex));
      const infos = again.inventory().filter(({ use }) => use === 'index');
      expect(
        infos.map(({ role, space, version, state, usage }) => [role, space, version, state, usage.reserved]),
      ).toEqual(
        expect.arrayContaining([
          ['DEK', 'people', 1, 'deactivated', 0],
          ['DEK', 'people', 2, 'active', 0],
        ]),
      );
      expect(infos).toHaveLength(2);
      keyring.lock();
      again.lock();
      end();
    },
  );

  it('encrypts nothing, and DEKs index nothing: the space may have both', async () => {
    const { keyring } = await world();
    const { id } = await keyring.createIndexKey({ space: 's' });
    expect(await codeOf(() => keyring.encrypt('x', { space: 's', context: '' }))).toBe('ERR_KEY_NOT_FOUND');
    expect(await codeOf(() => keyring.dataKey({ id }))).toBe('ERR_KEY_NOT_FOUND');
    const key = await keyring.createDataKey({ space: 's' });
    expect(keyring.inventory().find((info) => info.id === key.id)).toMatchObject({ space: 's', version: 1 });
    await keyring.createIndexKey({ space: 's' });
    expect(keyring.dataKey({ space: 's' }).id).toBe(key.id);
    const record = await keyring.encrypt('x', { space: 's', context: '' });
    expect(await keyring.decryptText(record, { context: '' })).toBe('x');
    expect(await keyring.index('x', { space: 's', field: 'f' })).toHaveLength(32);
  });

  it('prints no byte of itself', async () => {
    const { keyring } = await world();
    const key = await keyring.createIndexKey({ space: 's' });
    expect(JSON.parse(JSON.stringify(key))).toEqual({ id: key.id, space: 's', version: 1 });
  });

  it('made by two devices at once: both land, as two versions', async () => {
    const { keyring, unlock } = await world();
    const other = await unlock();
    const made = await Promise.all([keyring, other].map((one) => one.createIndexKey({ space: 's' })));
    expect(made.map(({ version }) => version).sort()).toEqual([1, 2]);
    await Promise.all([keyring.refresh(), other.refresh()]);
    for (const one of [keyring, other])
      for (const { version } of made)
        expect(await one.index('x', { space: 's', field: 'f', version })).toEqual(
          await made.find((key) => key.version === version)!.index('x', { field: 'f' }),
        );
  });

  it('of a newer document is found: the store is read once', async () => {
    const { keyring, unlock } = await world();
    const behind = await unlock();
    await keyring.createIndexKey({ space: 's' });
    const p = { space: 's', field: 'f' };
    expect(await behind.index('x', p)).toEqual(await keyring.index('x', p));
  });

  it('stands in the log, and destroyed ones say why they find nothing', async () => {
    const own = (await create({ engine, store: memoryStore(), owner: OWNER, recovery: false, ...operator() })).session;
    const first = await createIndexKey(own, 's');
    const second = await createIndexKey(own, 's');
    expect(events(own.snapshot.body).slice(1)).toEqual([
      ['key create', first.id],
      ['key create', second.id],
      ['rotate DEK', first.id],
    ]);
    await apply(own, ({ body }) => {
      const keys = new Map(body.keys);
      keys.set(first.id, { ...keys.get(first.id)!, state: 'destroyed', wrapped: null });
      return { body: { keys } };
    });
    expect(await codeOf(() => first.index('x', { field: 'f' }))).toBe('ERR_KEY_STATE');
    expect(await second.index('x', { field: 'f' })).toHaveLength(32);
    own.lock();
  });

  it('comes and goes on the shelf, among as many others as there are', async () => {
    const own = await createEngine();
    const where = { engine: own, store: memoryStore(), owner: OWNER, recovery: false, ...operator() };
    const { keyring } = await Keyring.create(where);
    const spaces = Array.from({ length: 80 }, (_, i) => ({ space: `s${i}` }));
    for (const p of spaces) await keyring.createIndexKey(p);
    const once = await Promise.all(spaces.map(({ space }) => keyring.index('x', { space, field: 'f' })));
    expect(own.freeSlots()).toBeGreaterThan(8);
    for (const [i, { space }] of spaces.entries())
      expect(await keyring.index('x', { space, field: 'f' })).toEqual(once[i]);
    keyring.lock();
    expect(own.freeSlots()).toBe(64);
    own.dispose();
  });
});

describe('the input of an index', () => {
  it('is injective: what went in comes out', () => {
    const id = fc.integer({ min: 0, max: 255 }).map(idOfSeed);
    fc.assert(
      fc.property(
        id,
        id,
        fc.string({ unit: 'grapheme' }),
        fc.uint8Array({ maxLength: 300 }),
        (keyring, family, field, value) => {
          const read = decode(indexInput({ keyring, family, field, value })) as [string, ...(Uint8Array | string)[]];
          expect(read).toEqual(['keystrata/index/v1', ...[keyring, family].map((x) => new Uint8Array(Buffer.from(x, 'hex'))), field, value]); // prettier-ignore
        },
      ),
    );
    const p = { keyring: idOfSeed(1), family: idOfSeed(2) };
    const [a, b] = [
      indexInput({ ...p, field: 'ab', value: bytesOf(1, 1) }),
      indexInput({ ...p, field: 'a', value: bytesOf(2, 1) }),
    ];
    expect(hex(a)).not.toBe(hex(b));
  });
});
