// Many DEKs: found at once, brought into the core when they are used, the least recently used wiped to make room.

import { describe, expect, it, vi } from 'vitest';
import { Keyring, memoryStore } from '../../bindings/index.ts';
import { keyringOf } from '../../bindings/keyring/keyring.ts';
import { unlock } from '../../bindings/keyring/unlock.ts';
import { codeOf, engine, operator, OWNER, utf8, world } from './support.ts';

/** Every way through all that a map has. */
const walksOf = (map: ReadonlyMap<unknown, unknown>) =>
  ([Symbol.iterator, 'entries', 'keys', 'values', 'forEach'] as const).map((way) =>
    vi.spyOn(map as Map<unknown, unknown>, way),
  );

describe('data keys', () => {
  it('are more than the core has slots: all of them work, in any order', async () => {
    const { keyring } = await world();
    const count = 150;
    await keyring.createDataKeys(Array.from({ length: count }, (_, i) => ({ space: `${i}` })));
    const records: Uint8Array[] = [];
    for (let i = 0; i < count; i++) records.push(await keyring.encrypt(`text ${i}`, { space: `${i}`, context: '' }));
    expect(engine.freeSlots()).toBeGreaterThan(8);
    expect(engine.freeSlots()).toBeLessThan(16); // the rest holds what was used last
    for (let step = 0; step < 3 * count; step++) {
      const i = (step * 37) % count;
      expect(await keyring.decryptText(records[i]!, { context: '' })).toBe(`text ${i}`);
    }
    const free = engine.freeSlots();
    await keyring.decrypt(records[((3 * count - 1) * 37) % count]!, { context: '' });
    expect(engine.freeSlots()).toBe(free); // it was there
    keyring.lock();
    expect(engine.freeSlots()).toBe(64);
  });

  it('make room for other keyrings of the engine, and for streams', async () => {
    const { keyring } = await world();
    const spaces = Array.from({ length: 80 }, (_, i) => ({ space: `${i}` }));
    await keyring.createDataKeys(spaces);
    for (const { space } of spaces) await keyring.encrypt('', { space, context: '' });
    const others = [];
    for (let i = 0; i < 30; i++) others.push((await world()).keyring);
    for (const other of others) {
      const { id } = await other.createDataKey({ space: 's' });
      const record = await other.encrypt('text', { space: 's', context: '' });
      expect(await other.decryptText(record, { context: '' })).toBe('text');
      expect(other.dataKey({ space: 's' }).id).toBe(id);
    }
    for (const { space } of spaces.slice(0, 20)) await keyring.encrypt('', { space, context: '' });
    const streams = Array.from({ length: 20 }, () => keyring.sealStream({ context: '' }));
    await keyring.encrypt('', { space: '79', context: '' });
    for (const stream of streams) await stream.readable.cancel();
    for (const other of others) other.lock();
    keyring.lock();
    expect(engine.freeSlots()).toBe(64);
  });

  it('say so when the core has no slot left', async () => {
    const secret = operator();
    const opened: Keyring[] = [];
    const open = async (i: number): Promise<void> => {
      const { store } = await world();
      opened.push((await Keyring.create({ engine, store, owner: `${i}`, ...secret })).keyring);
    };
    let code: string | undefined;
    for (let i = 0; i < 64 && code === undefined; i++) code = await codeOf(() => open(i));
    expect(code).toBe('ERR_LIMIT');
    opened[0]!.lock();
    opened[1]!.lock();
    opened[2]!.lock();
    expect(await codeOf(() => world())).toBeUndefined();
  });

  it('are ten thousand in one keyring: unlocking brings none of them in, finding one takes no time', async () => {
    const { keyring, secret, store } = await world();
    const count = 10_000;
    await keyring.createDataKeys(Array.from({ length: count }, (_, i) => ({ space: `space ${i}` })));
    const record = await keyring.encrypt('text', { space: 'space 9999', context: '' });
    const old = keyring.dataKey({ space: 'space 5000' }).id;
    expect(keyring.revision).toBe(3); // a larger share of the KEK, then all keys
    keyring.lock();
    const free = engine.freeSlots();
    const session = await unlock({ engine, store, owner: OWNER, memory: memoryStore(), ...secret });
    const again = keyringOf(session);
    expect(engine.freeSlots()).toBe(free - 1);
    expect(await again.decryptText(record, { context: '' })).toBe('text');
    expect(again.dataKey({ id: old }).space).toBe('space 5000');
    const { body, private: part } = session.snapshot;
    const walks = [...walksOf(body.keys), ...walksOf(part.labels)];
    for (let i = 0; i < count; i += 100) again.dataKey({ space: `space ${i}` });
    expect(walks.flatMap(({ mock }) => mock.calls).length).toBeLessThanOrEqual(1); // each by itself, not each through all
    for (const walk of walks) walk.mockRestore();
    expect(again.inventory()).toHaveLength(count + 2);
    expect((await store.get(OWNER))!.bytes.length).toBeLessThan(300 * count);
    await again.createDataKey({ space: 'space 10000' });
    expect(again.revision).toBe(5);
  });

  it('stop at a hundred thousand', async () => {
    const { keyring } = await world();
    const spaces = Array.from({ length: 100_001 }, () => ({ space: 's' }));
    expect(await codeOf(() => keyring.createDataKeys(spaces))).toBe('ERR_LIMIT');
    expect(keyring.revision).toBe(1);
  });

  it('work with an engine that answers later, too', async () => {
    const { store, secret } = await world();
    let waiting: (() => void)[] = [];
    const slow = new Proxy(engine, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        if (name !== 'seal' && name !== 'open') return value.bind(target) as unknown;
        return async (...p: unknown[]) => {
          await new Promise<void>((resolve) => waiting.push(resolve));
          return (value as (...p: unknown[]) => unknown).apply(target, p);
        };
      },
    });
    const answer = setInterval(() => {
      for (const go of waiting) go();
      waiting = [];
    }, 1);
    const keyring = await Keyring.unlock({ engine: slow, store, owner: OWNER, ...secret });
    await keyring.createDataKey({ space: 's' });
    const record = await keyring.encrypt('text', { space: 's', context: '' });
    expect(await keyring.decryptText(record, { context: '' })).toBe('text');
    expect(await codeOf(() => keyring.decrypt(record, { context: 'other' }))).toBe('ERR_AUTHENTICATION');
    clearInterval(answer);
    const [sealing, opening] = [
      codeOf(() => keyring.encrypt('text', { space: 's', context: '' })),
      codeOf(() => keyring.decrypt(record, { context: '' })),
    ];
    keyring.lock();
    expect(await Promise.all([sealing, opening])).toEqual(['ERR_DISPOSED', 'ERR_DISPOSED']);
    for (const go of waiting) go();
  });

  it('take and give any bytes', async () => {
    const { keyring } = await world();
    await keyring.createDataKey({ space: 's' });
    for (const n of [0, 1, 15, 16, 17, 255, 256, 65_535, 65_536, 1 << 20]) {
      const plaintext = new Uint8Array(n).map((_, i) => (i * 7) & 255);
      const kept = plaintext.slice();
      const record = await keyring.encrypt(plaintext, { space: 's', context: utf8('c') });
      expect(Buffer.compare(plaintext, kept)).toBe(0);
      expect([record.byteOffset, record.buffer.byteLength]).toEqual([0, record.length]);
      const opened = await keyring.decrypt(Buffer.from(record), { context: 'c' });
      expect(Buffer.compare(opened, kept)).toBe(0);
      expect([opened.byteOffset, opened.buffer.byteLength]).toEqual([0, n]);
    }
    expect(await keyring.encrypt('', { space: 's', context: '' })).not.toEqual(
      await keyring.encrypt('', { space: 's', context: '' }),
    );
  });
});
