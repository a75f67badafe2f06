// Several processes at one keyring: whatever was accepted is there, whatever was refused says so.

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConflictError, Keyring, KeystrataError, memoryStore, type Store } from '../../bindings/index.ts';
import { codeOf, engine, FEW, OWNER, PASSPHRASE, STORES, world } from './support.ts';

/** `inner`, but for what is given. */
const altered = (inner: Store, p: Partial<Store>): Store => ({
  name: inner.name,
  get: (id) => inner.get(id),
  put: (id, bytes, at) => inner.put(id, bytes, at),
  delete: (id, at) => inner.delete(id, at),
  list: () => inner.list(),
  ...p,
});

describe.each(STORES)('devices at one %s store', (_name, open) => {
  let store: Store;
  let end: () => void;
  beforeEach(() => ({ store, end } = open()));
  afterEach(() => end());

  it('lose nothing: every key of all is there', async () => {
    const { keyring, unlock } = await world(store);
    const devices = [keyring, await unlock(), await unlock()];
    const each = 12;
    const made = await Promise.all(
      devices.flatMap((device, d) =>
        Array.from({ length: each }, (_, i) => device.createDataKey({ space: i % 3 === 0 ? 'common' : `${d}/${i}` })),
      ),
    );
    const fresh = await unlock();
    const known = new Map(fresh.inventory().map((key) => [key.id, key]));
    for (const { id, space } of made) expect(known.get(id)).toMatchObject({ space });
    const common = [...known.values()].filter(({ space }) => space === 'common');
    const versions = common.map(({ version }) => version).sort((a, b) => a - b);
    expect(versions).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
    expect(common.filter(({ state }) => state === 'active')).toHaveLength(1);
    expect(fresh.revision).toBe(1 + (devices.length - 1) + devices.length * each); // two reserved a share of the KEK
    for (const device of devices) await device.refresh();
    expect(devices.map(({ revision }) => revision)).toEqual(devices.map(() => fresh.revision));
  });

  it('find each other’s keys without being told', async () => {
    const { keyring, unlock } = await world(store);
    const other = await unlock();
    await keyring.createDataKey({ space: 'new' });
    const record = await keyring.encrypt('from there', { space: 'new', context: '' });
    expect(other.revision).toBe(1);
    expect(await other.decryptText(record, { context: '' })).toBe('from there');
    expect(other.revision).toBe(2);
    await keyring.createDataKey({ space: 'newer' });
    await other.encrypt('from here', { space: 'newer', context: '' });
    expect(other.revision).toBe(4); // it reserved a share of the key
  });

  it('change a passphrase once: the second is told', async () => {
    const p = { engine, store, owner: OWNER, allowWeak: true };
    const { keyring } = await Keyring.create({ ...p, passphrase: PASSPHRASE, iterations: FEW });
    const other = await Keyring.unlock({ ...p, passphrase: PASSPHRASE });
    const results = await Promise.allSettled([
      keyring.changePassphrase(PASSPHRASE, 'the first one to come'),
      other.changePassphrase(PASSPHRASE, 'the second one to come'),
    ]);
    const refused = results.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(1);
    expect((refused[0] as PromiseRejectedResult).reason).toBeInstanceOf(ConflictError);
    const won = results[0].status === 'fulfilled' ? 'the first one to come' : 'the second one to come';
    const lost = results[0].status === 'fulfilled' ? 'the second one to come' : 'the first one to come';
    expect(await codeOf(() => Keyring.unlock({ ...p, passphrase: lost }))).toBe('ERR_WRONG_SECRET');
    (await Keyring.unlock({ ...p, passphrase: won })).lock();
    // Whoever changes it later starts from what is there now.
    await other.changePassphrase(won, 'the third one to come');
    expect(other.revision).toBe(4); // 2: unlocking raised the iterations
  });

  it('are created once', async () => {
    const creating = Array.from({ length: 4 }, () => codeOf(() => world(store)));
    expect((await Promise.all(creating)).sort()).toEqual(['ERR_EXISTS', 'ERR_EXISTS', 'ERR_EXISTS', undefined]);
  });
});

describe('a store that is in trouble', () => {
  it('that wrote and lost its answer: the change is there once', async () => {
    const inner = memoryStore();
    let failures = 0;
    const store = altered(inner, {
      put: async (id, bytes, at) => {
        const written = await inner.put(id, bytes, at);
        if (at.ifVersion === null || failures++ > 0) return written;
        throw new ConflictError('ERR_CONFLICT', 'it was written, but nobody knows');
      },
    });
    const { keyring, unlock } = await world(store);
    await keyring.createDataKey({ space: 'once' });
    expect([keyring.revision, failures]).toEqual([2, 1]);
    const keys = (await unlock()).inventory().filter(({ space }) => space === 'once');
    expect(keys).toHaveLength(1);
  });

  it('that wrote, lost its answer, and went on: the change is there once', async () => {
    const inner = memoryStore();
    const { secret } = await world(inner);
    let puts = 0;
    const store = altered(inner, {
      put: async (id, bytes, at) => {
        const written = await inner.put(id, bytes, at);
        if (++puts !== 2) return written;
        const other = await Keyring.unlock({ engine, store: inner, owner: OWNER, ...secret });
        await other.createDataKeys([{ space: 'theirs' }]);
        await other.createDataKeys([{ space: 'theirs' }]);
        throw new ConflictError('ERR_CONFLICT', 'it was written, but nobody knows');
      },
    });
    const keyring = await Keyring.unlock({ engine, store, owner: OWNER, ...secret });
    await keyring.createDataKey({ space: 'mine' }); // two writes: a share of the KEK, the key
    expect(keyring.revision).toBe(1 + 2 + 3);
    expect(keyring.inventory().filter(({ space }) => space === 'mine')).toHaveLength(1);
  });

  it('where others always come first: it gives up, saying so, after 16 times', async () => {
    const inner = memoryStore();
    let puts = 0;
    const store = altered(inner, {
      put: (id, bytes, at) => {
        if (at.ifVersion === null) return inner.put(id, bytes, at);
        puts++;
        return Promise.reject(new ConflictError('ERR_CONFLICT', 'changed since it was read'));
      },
    });
    const { keyring } = await world(store);
    expect(await codeOf(() => keyring.createDataKey({ space: 's' }))).toBe('ERR_CONFLICT');
    expect([puts, keyring.revision]).toEqual([1 + 16, 1]);
  });

  it('that fails: nothing changes here, and the next write works', async () => {
    const inner = memoryStore();
    let fail = true;
    const store = altered(inner, {
      put: (id, bytes, at) => {
        if (at.ifVersion === null || !fail) return inner.put(id, bytes, at);
        fail = false;
        return Promise.reject(new KeystrataError('ERR_STORE', 'the disk is full'));
      },
    });
    const { keyring } = await world(store);
    expect(await codeOf(() => keyring.createDataKey({ space: 's' }))).toBe('ERR_STORE');
    expect(keyring.revision).toBe(1);
    await keyring.createDataKey({ space: 's' });
    expect(keyring.dataKey({ space: 's' })).toBeDefined();
  });

  it('that lost the keyring: ERR_NOT_FOUND, not a new one', async () => {
    const { keyring, store } = await world();
    const { version } = (await store.get(OWNER))!;
    await store.delete(OWNER, { ifVersion: version });
    expect(await codeOf(() => keyring.createDataKey({ space: 's' }))).toBe('ERR_NOT_FOUND');
    expect(await codeOf(() => keyring.refresh())).toBe('ERR_NOT_FOUND');
    expect(await Keyring.exists({ store, owner: OWNER })).toBe(false);
  });

  it('that is put back, forked, or holds another keyring: ERR_ROLLBACK', async () => {
    const { keyring, unlock, store } = await world();
    const old = (await store.get(OWNER))!.bytes;
    const replace = async (bytes: Uint8Array): Promise<void> => {
      await store.put(OWNER, bytes, { ifVersion: (await store.get(OWNER))!.version });
    };
    await keyring.createDataKey({ space: 'a' });
    const mine = (await store.get(OWNER))!.bytes;
    await replace(old);
    expect(await codeOf(() => keyring.refresh())).toBe('ERR_ROLLBACK');
    expect(await codeOf(() => keyring.createDataKey({ space: 'b' }))).toBe('ERR_ROLLBACK');
    const deceived = await unlock(); // knows nothing of the newer one
    await deceived.createDataKey({ space: 'fork' });
    expect(await codeOf(() => keyring.refresh())).toBe('ERR_ROLLBACK'); // two documents of one revision
    await deceived.createDataKey({ space: 'fork' });
    expect(await codeOf(() => keyring.refresh())).toBe('ERR_ROLLBACK'); // newer, from another parent
    await replace((await (await world()).store.get(OWNER))!.bytes);
    expect(await codeOf(() => keyring.refresh())).toBe('ERR_ROLLBACK');
    await replace(mine);
    await keyring.refresh();
    await keyring.createDataKey({ space: 'b' });
    expect(keyring.revision).toBe(3);
  });
});
