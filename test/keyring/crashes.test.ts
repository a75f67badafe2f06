// A process that dies, or loses its store, at any call of any operation: the keyring is as it was, or as it should be, never
// neither; all data opens, and the next operation works.

import 'fake-indexeddb/auto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  createEngine,
  Keyring,
  KeystrataError,
  memoryStore,
  type Engine,
  type Secret,
  type Store,
} from '../../bindings/index.ts';
import { indexedDbStore } from '../../bindings/idb.ts';
import { fileStore } from '../../bindings/node.ts';
import type * as Policy from '../../bindings/keyring/policy.ts';
import { postgresStore } from '../../bindings/store/postgres.ts';
import { FileStore } from '../../bindings/store/revisions.ts';
import { skippedName, tryServer } from '../postgres/server.ts';
import { interposed } from '../store/interposed.ts';
import { codeOf, operator, OWNER, utf8 } from './support.ts';

// Every crash derives anew: how often PBKDF2 goes round has no bearing on what is written.
vi.mock('../../bindings/keyring/policy.ts', async (original) => ({
  ...(await original<typeof Policy>()),
  LEAST_ITERATIONS: 1000,
  TARGET_ITERATIONS: 1000,
}));

const { server, unavailable } = await tryServer();
if (server === null) it.skip(skippedName(unavailable), () => undefined);
const pool = server?.pool();
let places = 0;
/** Stores, each with nothing in it. */
const PLACES: readonly (readonly [string, () => Store])[] = [
  ['memory', memoryStore],
  ['IndexedDB (fake-indexeddb)', () => indexedDbStore(`crashes-${places++}`)],
  ...(pool ? [['PostgreSQL', () => postgresStore(pool, { table: `crashes_${places++}` })] as const] : []),
];

const root = mkdtempSync(join(tmpdir(), 'keystrata-crashes-'));
const secret = operator();
const other = operator();
/** Of a direct slot, and of a rotatable one. */
const direct = { passphrase: 'the passphrase of a direct slot' };
const rotatable = { passphrase: 'the passphrase of a rotatable slot' };
const next = 'the passphrase that takes its place';
const at = { space: 's', context: 'c' };
let engine: Engine;
let sealed: { record: Uint8Array; envelope: Uint8Array; file: Uint8Array };
let key = '';
let unused = '';
let slot = '';
let count = 0;
const ready = join(root, 'ready');

beforeAll(async () => {
  engine = await createEngine();
  const { keyring } = await Keyring.create({
    engine,
    store: fileStore(ready),
    owner: OWNER,
    recovery: false,
    ...secret,
  });
  const [first, second] = await keyring.createDataKeys([{ space: 's' }, { space: 'unused' }]);
  [key, unused] = [first!.id, second!.id];
  slot = (await keyring.slots.add({ ...other, rotatable: true })).id;
  await keyring.slots.add({ ...direct });
  await keyring.slots.add({ ...rotatable, rotatable: true });
  sealed = {
    record: await keyring.encrypt('a record', at),
    envelope: await keyring.sealEnvelope('an envelope', at),
    file: await keyring.seal(utf8('a file'), at),
  };
  keyring.lock();
});
afterAll(async () => {
  engine.dispose();
  rmSync(root, { recursive: true });
  await server?.end();
});

const unlock = (store: Store, by: Secret = secret): Promise<Keyring> =>
  Keyring.unlock({ engine, store, owner: OWNER, memory: memoryStore(), ...by });
const opens = async (store: Store, by: Secret): Promise<boolean> => {
  const code = await codeOf(async () => (await unlock(store, by)).lock());
  expect([undefined, 'ERR_WRONG_SECRET']).toContain(code);
  return code === undefined;
};
const kekOf = (keyring: Keyring): string => keyring.inventory()[0]!.id;

interface Operation {
  readonly name: string;
  readonly run: (keyring: Keyring) => Promise<unknown>;
  /** Whether it is done. */
  readonly done: (keyring: Keyring, store: Store) => boolean | Promise<boolean>;
}
let kek = '';
const versions = (keyring: Keyring): number => keyring.inventory().filter(({ space }) => space === 's').length;
/** Of the slot that `old` opens; with `rekey` the KEK in the same write, or neither. */
const changing = (name: string, old: typeof direct, secrets?: Secret[]): Operation => ({
  name: `changePassphrase, ${name}`,
  run: (k) => k.changePassphrase(old.passphrase, next, secrets && { rekey: true, secrets }),
  done: async (k, store) => {
    const is = await opens(store, { passphrase: next });
    expect(await opens(store, old)).toBe(!is);
    expect(kekOf(k) !== kek).toBe(is && secrets !== undefined);
    return is;
  },
});
const OPERATIONS: readonly Operation[] = [
  {
    name: 'createDataKey',
    run: (k) => k.createDataKey({ space: 'n' }),
    done: (k) => k.inventory().some(({ space }) => space === 'n'),
  },
  {
    name: 'createIndexKey',
    run: (k) => k.createIndexKey({ space: 'i' }),
    done: (k) => k.inventory().some(({ space }) => space === 'i'),
  },
  { name: 'rotateDataKey', run: (k) => k.rotateDataKey({ space: 's', reason: 'why' }), done: (k) => versions(k) === 2 },
  { name: 'suspend', run: (k) => k.setState(key, 'suspended', 'why'), done: (k) => stateOf(k, key) === 'suspended' },
  {
    name: 'destroy',
    run: (k) => k.setState(unused, 'destroyed', 'why'),
    done: (k) => stateOf(k, unused) === 'destroyed',
  },
  { name: 'setPolicy', run: (k) => k.setPolicy({ originator: 1000 }), done: (k) => k.policy.originator === 1000 },
  {
    name: 'keypairs.create',
    run: (k) => k.keypairs.create({ use: 'sign' }),
    done: (k) => k.keypairs.list().length === 1,
  },
  { name: 'replaceRecoveryCode', run: (k) => k.replaceRecoveryCode(), done: (k) => k.slots.list().length === 5 },
  { name: 'slots.add', run: (k) => k.slots.add(operator()), done: (k) => k.slots.list().length === 5 },
  { name: 'slots.remove', run: (k) => k.slots.remove(slot), done: (k) => k.slots.list().length === 3 },
  {
    name: 'slots.remove, re-keying',
    run: (k) => k.slots.remove(slot, { rekey: true, secrets: [secret, direct] }),
    done: (k) => k.slots.list().length === 3 && kekOf(k) !== kek,
  },
  { name: 'rotateKek', run: (k) => k.rotateKek({ secrets: [secret, direct] }), done: (k) => kekOf(k) !== kek },
  {
    name: 'rotateKek, compromised',
    run: (k) => k.rotateKek({ reason: 'compromised', secrets: [secret, direct] }),
    done: (k) => isRenewed(k, 2),
  },
  {
    name: 'rotateKek, compromised, with the secrets of all slots',
    run: (k) => k.rotateKek({ reason: 'compromised', secrets: [secret, other, direct, rotatable] }),
    done: (k) => isRenewed(k, 0) && !k.slots.list().some(({ id }) => id === slot),
  },
  changing('direct', direct),
  changing('rotatable', rotatable),
  changing('direct, re-keying', direct, [secret]),
  changing('rotatable, re-keying', rotatable, [secret, direct]),
];
/** With so many slots to be enrolled again. */
const isRenewed = (k: Keyring, again: number): boolean =>
  kekOf(k) !== kek &&
  versions(k) === 2 &&
  stateOf(k, key) === 'compromised' &&
  k.slots.list().filter(({ enrolAgain }) => enrolAgain).length === again;
const stateOf = (keyring: Keyring, id: string): string => keyring.inventory().find((one) => one.id === id)!.state;

/** The keyring in `store` is the old one or the new one, whole, and goes on. True where it is the new one. */
async function whole(store: Store, { name, done, run }: Operation): Promise<boolean> {
  const keyring = await unlock(store);
  try {
    await keyring.verify();
    expect(await keyring.decryptText(sealed.record, at)).toBe('a record');
    expect(await keyring.decryptText(sealed.envelope, at)).toBe('an envelope');
    expect(await keyring.open(sealed.file, at)).toEqual(utf8('a file'));
    const is = await done(keyring, store);
    if (is) {
      const ways = await Promise.all([other, direct, rotatable, { passphrase: next }].map((by) => opens(store, by)));
      expect(ways.filter((way) => way).length, 'each slot by its own secret').toBe(
        name.startsWith('slots.remove') ? 2 : 3,
      );
    } else {
      await run(keyring);
      expect(await done(keyring, store)).toBe(true);
    }
    await keyring.createDataKey({ space: 'afterwards' });
    return is;
  } finally {
    keyring.lock();
  }
}

describe.each(OPERATIONS)('$name', (operation) => {
  it('dies at any call to the system: old or new', async () => {
    const outcomes = new Set<boolean>();
    for (let dies = 0; ; dies++) {
      const folder = join(root, `vault-${count++}`);
      cpSync(ready, folder, { recursive: true });
      let left = Infinity;
      const fs = interposed(() => {
        if (left-- <= 0) throw Object.assign(new Error('EIO: made by the test'), { code: 'EIO', syscall: 'test' });
      });
      const keyring = await unlock(new FileStore(folder, fs));
      kek = kekOf(keyring);
      left = dies; // from there on nothing of this process reaches the disk any more
      const survived = await operation.run(keyring).then(
        () => true,
        (error: unknown) => {
          if (!KeystrataError.is(error)) throw error;
          return false;
        },
      );
      keyring.lock();
      const is = await whole(fileStore(folder), operation);
      outcomes.add(is);
      if (survived) expect(is).toBe(true);
      rmSync(folder, { recursive: true });
      if (survived && left > 0) break;
      expect(dies).toBeLessThan(500);
    }
    expect(outcomes).toEqual(new Set([false, true]));
  });

  it.each(PLACES)(
    'loses %s before or behind any write: old or new, never told done where it is not',
    async (_, make) => {
      for (const how of ['before', 'behind'] as const)
        for (let fails = 0; ; fails++) {
          const inner = make();
          await inner.put(OWNER, (await fileStore(ready).get(OWNER))!.bytes, { ifVersion: null });
          let writes = -1;
          let failed = false;
          const store: Store = {
            name: inner.name,
            get: (id) => inner.get(id),
            put: async (id, bytes, p) => {
              const now = ++writes === fails;
              failed ||= now;
              if (now && how === 'before') throw new KeystrataError('ERR_STORE', 'made by the test');
              const put = await inner.put(id, bytes, p);
              if (now) throw new KeystrataError('ERR_STORE', 'made by the test');
              return put;
            },
            delete: (id, p) => inner.delete(id, p),
            list: () => inner.list(),
          };
          const keyring = await unlock(store);
          kek = kekOf(keyring);
          const survived = await operation.run(keyring).then(
            () => true,
            (error: unknown) => {
              if (!KeystrataError.is(error, 'ERR_STORE')) throw error;
              return false;
            },
          );
          keyring.lock();
          const is = await whole(inner, operation);
          if (survived) expect(is).toBe(true);
          if (!failed) break;
          expect(survived).toBe(false);
        }
    },
  );
});
