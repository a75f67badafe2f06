// The guard of a PIN: every wrong one counts, before it is tried; at ten the device secret is gone.

import { createHmac, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decode } from 'cborg';
import { describe, expect, it } from 'vitest';
import { Keyring, memoryStore, pinGuard, type DeviceStore, type Store } from '../../bindings/index.ts';
import { fileStore } from '../../bindings/node.ts';
import { codeOf, engine, FEW, OWNER, world } from './support.ts';

const ID = 'pin of alice';
const PIN = '4711';

async function guarded(device: DeviceStore = memoryStore(), key?: Parameters<typeof pinGuard>[0]['key']) {
  const { store, keyring } = await world();
  const guard = pinGuard({ engine, store: device, id: ID, ...(key && { key }) });
  await guard.enrol();
  const { id } = await guard.attempt((deviceSecret) =>
    keyring.slots.add({ pin: PIN, deviceSecret, iterations: FEW, allowWeak: true }),
  );
  const unlock = (pin: string, other = guard) =>
    codeOf(async () => {
      const p = { engine, store, owner: OWNER, memory: memoryStore(), allowWeak: true, pin, slot: id };
      (await other.attempt((deviceSecret) => Keyring.unlock({ ...p, deviceSecret }))).lock();
    });
  return { store, keyring, guard, unlock, device };
}

/** Failures and secret as they lie there. */
async function entry(device: DeviceStore): Promise<[number, Uint8Array] | null> {
  const stored = await device.get(ID);
  if (stored === null) return null;
  const [version, failures, secret] = decode(stored.bytes) as [number, number, Uint8Array];
  expect(version).toBe(1);
  return [failures, secret];
}

describe('a guarded PIN', () => {
  it('opens, counts what is wrong, and begins anew after what is right', async () => {
    const { guard, unlock, device } = await guarded();
    expect(await guard.left()).toBe(10);
    for (let n = 1; n <= 9; n++) {
      expect(await unlock('0000')).toBe('ERR_WRONG_SECRET');
      expect([await guard.left(), (await entry(device))![0]]).toEqual([10 - n, n]);
    }
    expect(await unlock(PIN)).toBeUndefined();
    expect([await guard.left(), (await entry(device))![0]]).toEqual([10, 0]);
  });

  it('is no PIN any more after ten, and the device secret is gone', async () => {
    const { guard, unlock, device, store, keyring } = await guarded();
    for (let n = 1; n <= 9; n++) await unlock('0000');
    await expect(
      guard.attempt((deviceSecret) =>
        Keyring.unlock({ engine, store, owner: OWNER, allowWeak: true, pin: '0000', deviceSecret }),
      ),
    ).rejects.toMatchObject({ code: 'ERR_WRONG_SECRET', message: expect.stringMatching(/10th.*deleted/) as string });
    expect(await entry(device)).toBeNull();
    expect(await guard.left()).toBe(0);
    expect(await unlock(PIN)).toBe('ERR_NOT_FOUND');
    await guard.enrol(); // another secret: the slot does not open with that
    expect(await unlock(PIN)).toBe('ERR_WRONG_SECRET');
    const id = keyring.slots.list().find(({ type }) => type === 'pin')!.id;
    await keyring.slots.remove(id);
  });

  it('is counted before it is tried: a crash in between costs a guess, and the tenth the secret', async () => {
    const inner = memoryStore();
    const { unlock, guard } = await guarded(inner);
    const crashing = pinGuard({
      engine,
      id: ID,
      store: {
        get: async (id) => {
          if ((await entry(inner))![0] !== before) throw new Error('the power went'); // between the count and the MAC
          return inner.get(id);
        },
        put: inner.put.bind(inner),
        delete: inner.delete.bind(inner),
      },
    });
    let before = 0;
    for (; before < 10; before++) {
      await expect(unlock(PIN, crashing)).rejects.toThrow('the power went');
      expect((await entry(inner))![0]).toBe(before + 1);
    }
    expect(await guard.left()).toBe(0);
    expect(await unlock(PIN)).toBe('ERR_NOT_FOUND');
    expect(await entry(inner)).toBeNull();
  });

  it('that cannot be counted is not tried', async () => {
    const inner = memoryStore();
    const { unlock, guard } = await guarded(inner);
    const failing: DeviceStore = {
      get: inner.get.bind(inner),
      put: () => Promise.reject(new Error('read-only')),
      delete: inner.delete.bind(inner),
    };
    await expect(unlock(PIN, pinGuard({ engine, store: failing, id: ID }))).rejects.toThrow('read-only');
    expect(await guard.left()).toBe(10);
  });

  it('that opened is open, also where the count cannot be set back', async () => {
    const inner = memoryStore();
    const { unlock, guard } = await guarded(inner);
    let puts = 0;
    const failing: DeviceStore = {
      get: inner.get.bind(inner),
      put: (...p) => (puts++ === 0 ? inner.put(...p) : Promise.reject(new Error('read-only'))),
      delete: inner.delete.bind(inner),
    };
    expect(await unlock(PIN, pinGuard({ engine, store: failing, id: ID }))).toBeUndefined();
    expect(await guard.left()).toBe(9);
    expect(await unlock(PIN)).toBeUndefined();
    expect(await guard.left()).toBe(10);
  });

  it('tried by many at once has ten guesses in all', async () => {
    const { unlock, device } = await guarded();
    const codes = await Promise.all(Array.from({ length: 16 }, () => unlock('0000')));
    const wrong = codes.filter((code) => code === 'ERR_WRONG_SECRET').length;
    expect(codes.filter((code) => code === 'ERR_NOT_FOUND').length).toBe(16 - wrong);
    expect(wrong).toBeLessThanOrEqual(10);
    expect(await entry(device)).toBeNull();
  });

  it('is one guess on however many slots it is tried', async () => {
    const { keyring, guard, store } = await guarded();
    await guard.attempt((deviceSecret) =>
      keyring.slots.add({ pin: '9999', deviceSecret, iterations: FEW, allowWeak: true }),
    );
    const p = { engine, store, owner: OWNER, allowWeak: true, memory: memoryStore() };
    expect(
      await codeOf(() => guard.attempt((deviceSecret) => Keyring.unlock({ ...p, pin: '0000', deviceSecret }))),
    ).toBe('ERR_WRONG_SECRET');
    expect(await guard.left()).toBe(9);
  });

  it('is not counted where something else fails before a guess', async () => {
    const { guard } = await guarded();
    const p = { engine, store: memoryStore(), owner: OWNER, pin: PIN };
    expect(await codeOf(() => guard.attempt((deviceSecret) => Keyring.unlock({ ...p, deviceSecret })))).toBe(
      'ERR_NOT_FOUND',
    );
    await expect(guard.attempt(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await guard.attempt(() => Promise.resolve(7))).toBe(7);
    expect(await guard.left()).toBe(10);
  });
});

describe('a key of the device', () => {
  it('makes the MACs, and is deleted at ten', async () => {
    const secret = randomBytes(32);
    let deleted = 0;
    const key = {
      mac: (message: Uint8Array) => {
        if (deleted > 0) return Promise.reject(new Error('no such key'));
        return Promise.resolve(Uint8Array.from(createHmac('sha256', secret).update(message).digest()));
      },
      delete: () => Promise.resolve(void deleted++),
    };
    const { unlock, guard, device } = await guarded(memoryStore(), key);
    expect((await entry(device))![1]).toHaveLength(0);
    expect((await entry(device))![0]).toBe(0); // the slot was made with it
    for (let n = 1; n <= 10; n++) {
      expect(deleted).toBe(0);
      expect(await unlock('0000')).toBe('ERR_WRONG_SECRET');
    }
    expect([deleted, await guard.left(), await unlock(PIN)]).toEqual([1, 0, 'ERR_NOT_FOUND']);
  });
});

describe('a guard', () => {
  it('is enrolled once, and forgotten for good', async () => {
    const { guard, unlock, device } = await guarded();
    expect(await codeOf(() => guard.enrol())).toBe('ERR_EXISTS');
    await guard.forget();
    await guard.forget();
    expect([await entry(device), await unlock(PIN)]).toEqual([null, 'ERR_NOT_FOUND']);
  });

  it('refuses an entry that is none', async () => {
    const device = memoryStore();
    const guard = pinGuard({ engine, store: device, id: ID });
    let version: string | null = null;
    for (const [hex, code] of [
      ['', 'ERR_FORMAT'],
      ['80', 'ERR_FORMAT'],
      ['83010340', undefined],
      ['830103414f', 'ERR_FORMAT'],
      ['83020340', 'ERR_UNSUPPORTED'],
      ['83012040', 'ERR_FORMAT'],
    ] as const) {
      ({ version } = await device.put(ID, Buffer.from(hex, 'hex'), { ifVersion: version }));
      expect(await codeOf(() => guard.left()), hex).toBe(code);
    }
  });

  it('refuses bad arguments', async () => {
    const store: Store = memoryStore();
    for (const p of [
      undefined,
      {},
      { engine, store },
      { engine, store, id: '' },
      { engine, id: ID },
      { store, id: ID },
    ])
      expect(await codeOf(() => pinGuard(p as never))).toBe('ERR_ARGUMENT');
  });

  it('keeps its count in files, where no older one is left', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'keystrata-pin-'));
    try {
      const { unlock, guard } = await guarded(fileStore(folder));
      await unlock('0000');
      expect(await guard.left()).toBe(9);
      const secret = (await entry(fileStore(folder)))![1];
      expect(secret).toHaveLength(32);
      for (let n = 2; n <= 10; n++) await unlock('0000');
      for (const file of readdirSync(folder))
        expect(readFileSync(join(folder, file)).includes(Buffer.from(secret)), file).toBe(false);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
