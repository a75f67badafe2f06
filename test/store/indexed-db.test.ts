// A store in IndexedDB: in fake-indexeddb everywhere. In a real browser: indexed-db.browser.test.ts.

import 'fake-indexeddb/auto';
import { deleteDB, openDB } from 'idb';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createEngine, Keyring, memoryStore } from '../../bindings/index.ts';
import { indexedDbMemory, indexedDbStore } from '../../bindings/idb.ts';
import { storeSuite } from './conformance.ts';

let count = 0;
const fresh = (): string => `vault-${count++}`;
const one = Uint8Array.of(1);
const refused = (code: string, message: RegExp) => ({ code, message: expect.stringMatching(message) as string });
afterEach(() => vi.restoreAllMocks());

storeSuite('IndexedDB (fake-indexeddb)', () => {
  const name = fresh();
  return { store: indexedDbStore(name), again: () => indexedDbStore(name) };
});

describe('a database of the browser', () => {
  it('that is deleted while it is open is made again, with other versions', async () => {
    const name = fresh();
    const store = indexedDbStore(name);
    const { version } = await store.put('alice', one, { ifVersion: null });
    await deleteDB(name); // resolves when the store has let go of it
    expect(await store.get('alice')).toBeNull();
    await store.put('alice', one, { ifVersion: null });
    await expect(store.put('alice', one, { ifVersion: version })).rejects.toMatchObject({ code: 'ERR_CONFLICT' });
  });

  it('that a newer version has brought up to date is let go, and not written', async () => {
    const name = fresh();
    const store = indexedDbStore(name);
    await store.put('alice', one, { ifVersion: null });
    (await openDB(name, 99)).close();
    await expect(store.get('alice')).rejects.toMatchObject(refused('ERR_UNSUPPORTED', /newer keystrata/));
  });

  it('whose connection was closed under the store is opened again', async () => {
    const name = fresh();
    const store = indexedDbStore(name);
    const open = vi.spyOn(indexedDB, 'open');
    await store.put('alice', one, { ifVersion: null });
    const { result } = open.mock.results[0]!.value as IDBOpenDBRequest;
    result.close();
    expect(await store.get('alice')).not.toBeNull();
    expect(open).toHaveBeenCalledTimes(2);
  });

  it.each([
    ['QuotaExceededError', /no more room/],
    ['UnknownError', /storage failed/],
    ['SomethingElse', /made by the test/],
  ])('that fails with %s says what to do', async (name, message) => {
    const store = indexedDbStore(fresh());
    await store.put('alice', one, { ifVersion: null });
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('made by the test', name);
    });
    const error: unknown = await store.put('bob', one, { ifVersion: null }).catch((e: unknown) => e);
    expect(error).toMatchObject(refused('ERR_STORE', message));
    expect(error).toMatchObject({ cause: { name }, message: expect.stringContaining('"bob"') as string });
    vi.restoreAllMocks();
    expect(await store.get('bob')).toBeNull();
    await store.put('bob', one, { ifVersion: null });
  });

  it('that aborts a transaction leaves the old, and the next write works', async () => {
    const store = indexedDbStore(fresh());
    const { version } = await store.put('alice', one, { ifVersion: null });
    const put = Reflect.get(IDBObjectStore.prototype, 'put') as (...given: unknown[]) => IDBRequest<IDBValidKey>;
    vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(function (this: IDBObjectStore, ...args) {
      const request = put.apply(this, args);
      request.onsuccess = () => this.transaction.abort();
      return request;
    });
    const next = Uint8Array.of(2);
    await expect(store.put('alice', next, { ifVersion: version })).rejects.toMatchObject(
      refused('ERR_STORE', /gave the write up/),
    );
    vi.restoreAllMocks();
    expect(await store.get('alice')).toEqual({ bytes: one, version });
    await store.put('alice', next, { ifVersion: version });
  });

  it('that is not there is named, and a name is wanted', async () => {
    for (const wrong of ['', 5, undefined]) expect(() => indexedDbStore(wrong as string)).toThrow(/name of a database/);
    vi.stubGlobal('indexedDB', undefined);
    try {
      await expect(indexedDbStore('x').get('alice')).rejects.toMatchObject(refused('ERR_UNSUPPORTED', /no IndexedDB/));
    } finally {
      vi.unstubAllGlobals();
    }
  });

  it('lists more than a page', async () => {
    const store = indexedDbStore(fresh());
    for (let i = 0; i < 1001; i++) await store.put(String(i), one, { ifVersion: null });
    const ids = [];
    for await (const id of store.list()) ids.push(id);
    expect(new Set(ids).size).toBe(1001);
  });
});

describe('the memory of a browser', () => {
  it('finds a store that was put back', async () => {
    const engine = await createEngine();
    const name = fresh();
    const secret = { operatorKey: new Uint8Array(32).fill(7), operatorKeyId: '0'.repeat(32) };
    const where = () => ({ engine, store: indexedDbStore(name), owner: 'alice' });
    const { keyring } = await Keyring.create({ ...where(), recovery: false, ...secret });
    const before = (await indexedDbStore(name).get('alice'))!;
    await keyring.createDataKey({ space: 'notes' });
    keyring.lock();
    const now = (await indexedDbStore(name).get('alice'))!;
    await indexedDbStore(name).put('alice', before.bytes, { ifVersion: now.version });
    await expect(Keyring.unlock({ ...where(), ...secret })).rejects.toMatchObject(
      refused('ERR_ROLLBACK', /IndexedDB database keystrata-memory, entry [0-9a-f]{64}/),
    );
    const other = { ...where(), memory: memoryStore(), ...secret };
    (await Keyring.unlock(other)).lock(); // another device cannot know
    engine.dispose();
  });

  it('is a database of a given name', async () => {
    const memory = indexedDbMemory('elsewhere');
    await memory.put('ab'.repeat(32), one, { ifVersion: null });
    expect(await indexedDbMemory('elsewhere').get('ab'.repeat(32))).toMatchObject({ bytes: one });
    expect(await indexedDbMemory().get('ab'.repeat(32))).toBeNull();
    expect(indexedDbStore('x', { memory }).memory).toBe(memory);
  });
});
