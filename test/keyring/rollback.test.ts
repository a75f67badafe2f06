// A device takes no older document than it has seen, whatever the store shows it.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createEngine,
  Keyring,
  KeystrataError,
  memoryStore,
  type RollbackMemory,
  type Store,
} from '../../bindings/index.ts';
import { fileMemory, fileStore } from '../../bindings/node.ts';
import { platformMemory } from '../../bindings/store/file-memory.ts';
import { codeOf, engine, operator, OWNER } from './support.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keystrata-rollback-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const secret = operator();
const places = () => ({ store: fileStore(join(folder, 'vault')), memory: fileMemory(join(folder, 'memory')) });
const create = (p: { store: Store; memory?: RollbackMemory }) =>
  Keyring.create({ engine, owner: OWNER, recovery: false, ...secret, ...p });
const unlock = (p: { store: Store; memory?: RollbackMemory }) =>
  Keyring.unlock({ engine, owner: OWNER, ...secret, ...p });
const bytesIn = async (store: Store) => (await store.get(OWNER))!.bytes;
async function replace(store: Store, bytes: Uint8Array): Promise<void> {
  await store.put(OWNER, bytes, { ifVersion: (await store.get(OWNER))!.version });
}
const errorOf = (work: Promise<unknown>): Promise<KeystrataError> =>
  work.then(
    () => expect.fail('it was taken'),
    (error: KeystrataError) => error,
  );

/** A memory that tells what it is asked, and does `before` it does so. */
function watched(inner: RollbackMemory, before: (call: 'get' | 'put') => unknown): RollbackMemory {
  return {
    get: async (id) => (await before('get'), inner.get(id)),
    put: async (id, bytes, p) => (await before('put'), inner.put(id, bytes, p)),
  };
}

describe('a device', () => {
  it('refuses an older document in a later process, and says what to do', async () => {
    const { store } = places();
    const { keyring } = await create(places());
    const old = await bytesIn(store);
    await keyring.createDataKey({ space: 's' });
    const newest = await bytesIn(store);
    keyring.lock();
    await replace(store, old);

    const error = await errorOf(unlock(places()));
    expect(error.code).toBe('ERR_ROLLBACK');
    const path = /\((\/.*)\.\*\)/.exec(error.message)![1]!;
    expect(dirname(dirname(path))).toBe(join(folder, 'memory'));
    await replace(store, newest);
    expect((await unlock(places())).revision).toBe(2);

    await replace(store, old);
    expect((await unlock({ ...places(), memory: memoryStore() })).revision).toBe(1); // of a device that knows nothing
    for (const file of readdirSync(dirname(path))) rmSync(join(dirname(path), file));
    const back = await unlock(places()); // on purpose
    expect(back.revision).toBe(1);
    await back.createDataKey({ space: 'other' });
    await replace(store, newest); // of the same revision, from another writer
    expect(await codeOf(() => unlock(places()))).toBe('ERR_ROLLBACK');
  });

  it('refuses another keyring in its place, but takes the one that it makes there', async () => {
    const { store } = places();
    const first = (await create(places())).keyring;
    const elsewhere = memoryStore();
    await create({ store: elsewhere });
    const mine = await bytesIn(store);
    await replace(store, await bytesIn(elsewhere));
    expect((await errorOf(unlock(places()))).message).toMatch(/another keyring/);
    expect(await codeOf(() => first.refresh())).toBe('ERR_ROLLBACK');
    await replace(store, mine);
    await first.refresh();

    await store.delete(OWNER, { ifVersion: (await store.get(OWNER))!.version });
    const second = (await create(places())).keyring;
    expect(second.id).not.toBe(first.id);
    expect((await unlock(places())).id).toBe(second.id);
    await replace(store, mine);
    expect(await codeOf(() => unlock(places()))).toBe('ERR_ROLLBACK');
  });

  it('that died in making a new keyring takes either', async () => {
    const { store, memory } = places();
    await create({ store, memory });
    const mine = await bytesIn(store);
    await store.delete(OWNER, { ifVersion: (await store.get(OWNER))!.version });
    let puts = 0;
    const dying = watched(memory, (call) => {
      if (call === 'put' && ++puts === 2) throw new KeystrataError('ERR_STORE', 'the disk is full');
    });
    const dead: Store = {
      name: store.name,
      get: (id) => store.get(id),
      put: (...given) => store.put(...given),
      delete: () => Promise.reject(new KeystrataError('ERR_STORE', 'a process that died takes nothing back')),
      list: () => store.list(),
    };
    expect(await codeOf(() => create({ store: dead, memory: dying }))).toBe('ERR_STORE');
    const made = await bytesIn(store); // was put, and not remembered
    await replace(store, mine);
    const first = await unlock({ store, memory });
    await replace(store, made);
    expect(await codeOf(() => unlock({ store, memory }))).toBe('ERR_ROLLBACK'); // once
    first.lock();
  });

  it('that died between write and memory takes what is there', async () => {
    const { store, memory } = places();
    await create({ store, memory });
    const old = await bytesIn(store);
    let broken = false;
    const dying = watched(memory, (call) => {
      if (broken && call === 'put') throw new KeystrataError('ERR_STORE', 'the disk is full');
    });
    const keyring = await unlock({ store, memory: dying });
    broken = true;
    expect(await codeOf(() => keyring.createDataKey({ space: 's' }))).toBe('ERR_STORE'); // not reported done
    expect((await unlock({ store, memory })).revision).toBe(2);
    await replace(store, old);
    expect(await codeOf(() => unlock({ store, memory }))).toBe('ERR_ROLLBACK');
  });

  it('takes no process of its own for a rollback, whichever reads and writes in between', async () => {
    const { store, memory } = places();
    await create({ store, memory });
    const other = await unlock({ store, memory });
    let n = 0;
    const between: Store = {
      name: store.name,
      list: () => store.list(),
      put: (id, bytes, p) => store.put(id, bytes, p),
      delete: (id, p) => store.delete(id, p),
      get: async (id) => {
        const found = await store.get(id);
        await other.createDataKey({ space: `${n++}` }); // after the reading, before it is remembered
        return found;
      },
    };
    const keyring = await unlock({ store: between, memory });
    await keyring.refresh();
    await keyring.refresh();
    await other.refresh();
    expect(n).toBe(3);
    expect([keyring.revision, other.revision]).toEqual([4, 5]); // one more: its share of the KEK
    const old = await bytesIn(store);
    await other.createDataKey({ space: 'last' });
    await replace(store, old);
    expect(await codeOf(() => unlock({ store, memory }))).toBe('ERR_ROLLBACK'); // the newest of all stayed in memory
  });

  it('learns from its other processes, too', async () => {
    const { store, memory } = places();
    const { keyring } = await create({ store, memory });
    const other = await unlock({ store, memory });
    const old = await bytesIn(store);
    await other.createDataKey({ space: 's' });
    await replace(store, old);
    expect(await codeOf(() => keyring.refresh())).toBe('ERR_ROLLBACK'); // which never saw the newer one itself
  });

  it('writes its memory when there is something new alone', async () => {
    const { store, memory } = places();
    const calls: string[] = [];
    const told = watched(memory, (call) => calls.push(call));
    const { keyring } = await create({ store, memory: told });
    await keyring.createDataKey({ space: 's' });
    expect(calls).toEqual(['get', 'put', 'put']);
    await keyring.refresh();
    await unlock({ store, memory: told });
    expect(calls).toEqual(['get', 'put', 'put', 'get', 'get']);
  });

  it('whose memory is damaged or cannot be written does not unlock blindly', async () => {
    const { store, memory } = places();
    await create({ store, memory });
    const [shard] = readdirSync(join(folder, 'memory'));
    const [file] = readdirSync(join(folder, 'memory', shard!));
    const path = join(folder, 'memory', shard!, file!);
    const whole = readFileSync(path);
    writeFileSync(path, whole.subarray(0, -1));
    const error = await errorOf(unlock({ store, memory }));
    expect([error.code, error.message.includes(path.replace(/\.\d+$/, '.*'))]).toEqual(['ERR_STORE', true]);
    writeFileSync(path, whole);
    const full = watched(memoryStore(), (call) => {
      if (call === 'put') throw new KeystrataError('ERR_STORE', 'the disk is full');
    });
    expect(await codeOf(() => unlock({ store, memory: full }))).toBe('ERR_STORE');
    const contended = watched(memoryStore(), (call) => {
      if (call === 'put') throw new KeystrataError('ERR_CONFLICT', 'changed since it was read');
    });
    expect((await errorOf(unlock({ store, memory: contended }))).message).toMatch(/without a pause/);
    const free = (await createEngine()).freeSlots();
    expect(engine.freeSlots()).toBe(free - 1); // of the keyring that was made
    expect(await codeOf(() => unlock({ store, memory: {} as RollbackMemory }))).toBe('ERR_ARGUMENT');
  });

  it('remembers in its process where nothing else is given', async () => {
    const store = memoryStore();
    const { keyring } = await create({ store });
    const old = await bytesIn(store);
    await keyring.createDataKey({ space: 's' });
    await replace(store, old);
    expect((await errorOf(unlock({ store }))).message).toMatch(/start it again/);
  });
});

describe('the memory of a file store', () => {
  const before = { ...process.env };
  afterEach(() => {
    for (const name of ['KEYSTRATA_MEMORY', 'XDG_DATA_HOME']) delete process.env[name];
    Object.assign(process.env, before);
  });

  it('lies where KEYSTRATA_MEMORY says, apart from the store', async () => {
    process.env['KEYSTRATA_MEMORY'] = join(folder, 'elsewhere');
    const store = fileStore(join(folder, 'vault'));
    const { keyring } = await create({ store });
    const old = await bytesIn(store);
    await keyring.createDataKey({ space: 's' });
    expect(readdirSync(folder).sort()).toEqual(['elsewhere', 'vault']);
    await replace(store, old);
    expect(await codeOf(() => unlock({ store: fileStore(join(folder, 'vault')) }))).toBe('ERR_ROLLBACK');
    writeFileSync(join(folder, 'no folder'), '');
    process.env['KEYSTRATA_MEMORY'] = join(folder, 'no folder', 'memory');
    expect(await codeOf(() => unlock({ store: fileStore(join(folder, 'vault')) }))).toBe('ERR_STORE'); // asked for, so it must work
  });

  it.runIf(process.platform === 'linux')(
    'is else in the folder for data, or in the process where there is none',
    async () => {
      delete process.env['KEYSTRATA_MEMORY'];
      process.env['XDG_DATA_HOME'] = join(folder, 'data');
      const store = fileStore(join(folder, 'vault'));
      const { keyring } = await create({ store });
      const old = await bytesIn(store);
      await keyring.createDataKey({ space: 's' });
      expect(existsSync(join(folder, 'data', 'keystrata-memory'))).toBe(true);

      writeFileSync(join(folder, 'no folder'), '');
      process.env['XDG_DATA_HOME'] = join(folder, 'no folder');
      const homeless = fileStore(join(folder, 'vault'));
      await unlock({ store: homeless });
      await replace(store, old);
      const error = await errorOf(unlock({ store: homeless }));
      expect([error.code, /this process/.test(error.message)]).toEqual(['ERR_ROLLBACK', true]);
    },
  );

  it('fails where the disk does', async () => {
    expect(() => fileMemory('')).toThrow(KeystrataError);
    const id = 'a'.repeat(64);
    process.env['KEYSTRATA_MEMORY'] = join(folder, 'memory');
    const memory = platformMemory();
    expect(await memory.get(id)).toBeNull();
    const { version } = await memory.put(id, Uint8Array.of(1), { ifVersion: null });
    expect(await codeOf(() => memory.put(id, Uint8Array.of(2), { ifVersion: null }))).toBe('ERR_CONFLICT');
    expect((await memory.get(id))!.version).toBe(version);
  });
});
