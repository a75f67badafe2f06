// The page of indexed-db.browser.test.ts.

import { indexedDbMemory, indexedDbStore } from '../../bindings/idb.ts';
import { createEngine, Keyring } from '../../bindings/index.ts';
import { storeSuite } from '../store/conformance.ts';
import { runAll } from './vitest.ts';

storeSuite('IndexedDB', () => ({ store: indexedDbStore('suite'), again: () => indexedDbStore('suite') }));

/** So many increments of one number, as other tabs do at the same time: how many were accepted, how many refused. */
async function race(each: number): Promise<{ accepted: number; refused: number }> {
  const store = indexedDbStore('race');
  let [accepted, refused] = [0, 0];
  while (accepted < each) {
    const stored = await store.get('count');
    const next = Number(new TextDecoder().decode(stored?.bytes)) + 1;
    try {
      await store.put('count', new TextEncoder().encode(String(next)), { ifVersion: stored?.version ?? null });
      accepted++;
    } catch (error) {
      if ((error as { code?: string }).code !== 'ERR_CONFLICT') throw error;
      refused++;
    }
  }
  return { accepted, refused };
}

/** Puts without end; a page that is closed leaves the last or the one before. */
async function putForEver(): Promise<never> {
  const store = indexedDbStore('closed');
  let version: string | null = (await store.get('alice'))?.version ?? null;
  for (;;) {
    ({ version } = await store.put('alice', new Uint8Array(200_000).fill(7), { ifVersion: version }));
    Object.assign(globalThis, { begun: true });
  }
}

const secret = { operatorKey: new Uint8Array(32).fill(7), operatorKeyId: '0'.repeat(32) };
const where = async () => ({ engine: await createEngine(), store: indexedDbStore('vault'), owner: 'alice', ...secret });

const page = {
  suite: runAll,
  race,
  count: async () => new TextDecoder().decode((await indexedDbStore('race').get('count'))?.bytes),
  putForEver,
  whole: async () => {
    const stored = await indexedDbStore('closed').get('alice');
    return stored !== null && stored.bytes.length === 200_000 && stored.bytes.every((byte) => byte === 7);
  },
  /** A keyring made in one page … */
  async seal(): Promise<number[]> {
    const { keyring } = await Keyring.create({ ...(await where()), recovery: false });
    await keyring.createDataKey({ space: 'notes' });
    return [...(await keyring.encrypt('Dear diary', { space: 'notes', context: '' }))];
  },
  /** … opens in another. */
  async open(sealed: number[]): Promise<string> {
    const keyring = await Keyring.unlock(await where());
    return keyring.decryptText(Uint8Array.from(sealed), { context: '' });
  },
  remembered: async () => {
    for await (const id of indexedDbStore('keystrata-memory').list()) return (await indexedDbMemory().get(id)) !== null;
    return false;
  },
};
export type Page = typeof page;
Object.assign(globalThis, { page });
