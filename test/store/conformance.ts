// What every store must do, whatever it is made of: one suite, asked of each.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { equal } from '../../bindings/core/bytes.ts';
import { KeystrataError } from '../../bindings/core/errors.ts';
import type { Store } from '../../bindings/store/store.ts';

export interface Subject {
  store: Store;
  /** Another handle on the same place, as a second process would have; the store itself where there can be none. */
  again: () => Store;
  end?: () => Promise<void> | void;
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'none',
    (error: unknown) => (KeystrataError.is(error) ? error.code : `untyped: ${String(error)}`),
  );
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const all = async (store: Store): Promise<string[]> => {
  const ids = [];
  for await (const id of store.list()) ids.push(id);
  return ids.sort();
};

export const ODD_IDS = [
  'alice',
  'Alice',
  'ALICE',
  'a.b',
  'a',
  'a.1',
  '.',
  '..',
  '../../up',
  '/etc/passwd',
  'back\\slash',
  'C:\\con',
  'con',
  'CON',
  'nul',
  'com1',
  'lpt9',
  'space and\nnewline',
  'nul\0byte',
  '%',
  '%41lice',
  '%61lice',
  'alice.7.0123456789abcdef.tmp',
  ' ',
  '-rf',
  '~',
  '*?"<>|',
  'é',
  'e\u0301',
  '日本語',
  '🔑',
  '\u202egnp.exe',
  'ﬀ',
  'İ',
  'ß',
  '__proto__',
  'constructor',
  'x'.repeat(200),
  'x'.repeat(201),
  `${'x'.repeat(200)}con`,
  'x'.repeat(255),
  'X'.repeat(255),
  '\u00e9'.repeat(127),
  '日'.repeat(85),
];

export function storeSuite(name: string, make: () => Promise<Subject> | Subject): void {
  describe(`a store keeps its promises: ${name}`, () => {
    let subject: Subject;
    let store: Store;
    beforeAll(async () => {
      subject = await make();
      store = subject.store;
    });
    afterAll(() => subject.end?.());

    it('has a name, the same for every handle', () => {
      expect(store.name).toMatch(/^[a-z]+:./);
      expect(subject.again().name).toBe(store.name);
    });

    it('gives null for what is not there, and lists nothing', async () => {
      expect(await store.get('nobody')).toBeNull();
      expect(await all(store)).toEqual([]);
    });

    it('gives back what was put, by every handle', async () => {
      const { version } = await store.put('first', bytes(1, 2, 3), { ifVersion: null });
      for (const handle of [store, subject.again()]) {
        const stored = await handle.get('first');
        expect([...stored!.bytes]).toEqual([1, 2, 3]);
        expect(stored!.version).toBe(version);
      }
    });

    it.each([
      ['no bytes', bytes()],
      ['one zero', bytes(0)],
      ['zeros', bytes(0, 0, 0)],
      ['what a mark of deletion looks like', Uint8Array.from([0, ...new TextEncoder().encode('deleted\n')])],
      ['255', bytes(255)],
      ['1 MiB', Uint8Array.from({ length: 1 << 20 }, (_, i) => (i * 31) >> 3)],
    ])('keeps any bytes: %s', async (label, value) => {
      const { version } = await store.put(`bytes ${label}`, value, { ifVersion: null });
      const stored = (await store.get(`bytes ${label}`))!;
      expect(equal(stored.bytes, value)).toBe(true);
      expect(stored.version).toBe(version);
    });

    it('creates only where nothing is, changes only what was read', async () => {
      const one = await store.put('cas', bytes(1), { ifVersion: null });
      expect(await codeOf(store.put('cas', bytes(9), { ifVersion: null }))).toBe('ERR_CONFLICT');
      const two = await store.put('cas', bytes(2), { ifVersion: one.version });
      expect(two.version).not.toBe(one.version);
      expect(await codeOf(store.put('cas', bytes(9), { ifVersion: one.version }))).toBe('ERR_CONFLICT');
      expect(await codeOf(store.delete('cas', { ifVersion: one.version }))).toBe('ERR_CONFLICT');
      expect([...(await store.get('cas'))!.bytes]).toEqual([2]);
      expect(await codeOf(store.put('never', bytes(9), { ifVersion: one.version }))).toBe('ERR_CONFLICT');
      for (const strange of ['', 'latest', '*', '01', '1e0', ' 1', '-1', '99999999999999999999', '../x'])
        expect(await codeOf(store.put('cas', bytes(9), { ifVersion: strange })), strange).toBe('ERR_CONFLICT');
      expect((await store.get('cas'))!.version).toBe(two.version);
    });

    it('deletes, and never uses a version twice', async () => {
      const versions = new Set<string>();
      for (let round = 0; round < 4; round++) {
        const made = await store.put('again', bytes(round), { ifVersion: null });
        const changed = await store.put('again', bytes(round, round), { ifVersion: made.version });
        for (const { version } of [made, changed]) {
          expect(versions.has(version)).toBe(false);
          versions.add(version);
        }
        await store.delete('again', { ifVersion: changed.version });
        expect(await store.get('again')).toBeNull();
        expect(await subject.again().get('again')).toBeNull();
        expect(await all(store)).not.toContain('again');
        for (const version of versions) {
          expect(await codeOf(store.put('again', bytes(9), { ifVersion: version }))).toBe('ERR_CONFLICT');
          expect(await codeOf(store.delete('again', { ifVersion: version }))).toBe('ERR_CONFLICT');
        }
      }
      expect(versions.size).toBe(8);
    });

    it('does not let a guessed version revive what was deleted', async () => {
      const { version } = await store.put('guess', bytes(1), { ifVersion: null });
      await store.delete('guess', { ifVersion: version });
      for (let n = 0; n < 64; n++)
        expect(await codeOf(store.put('guess', bytes(9), { ifVersion: String(n) })), String(n)).toBe('ERR_CONFLICT');
      expect(await store.get('guess')).toBeNull();
    });

    it('copies what it takes and gives', async () => {
      const mine = bytes(1, 2, 3);
      const put = store.put('copy', mine, { ifVersion: null });
      mine.fill(9); // before it resolves, too
      await put;
      const first = (await store.get('copy'))!.bytes;
      expect([...first]).toEqual([1, 2, 3]);
      first.fill(7);
      const second = (await store.get('copy'))!.bytes;
      expect([...second]).toEqual([1, 2, 3]);
      expect([second.byteOffset, second.buffer.byteLength]).toEqual([0, 3]);
      const part = new Uint8Array([8, 8, 4, 5, 8]).subarray(2, 4);
      await store.put('view', part, { ifVersion: null });
      expect([...(await store.get('view'))!.bytes]).toEqual([4, 5]);
      if (typeof Buffer === 'undefined') return; // in a browser
      await store.put('buffer', Buffer.from('text'), { ifVersion: null });
      expect([...(await store.get('buffer'))!.bytes]).toEqual([...Buffer.from('text')]);
    });

    it('tells odd ids apart and lists them as they are', async () => {
      const before = await all(store);
      const free = ODD_IDS.filter((id) => !before.includes(id));
      expect(free).toHaveLength(ODD_IDS.length);
      for (const [i, id] of ODD_IDS.entries()) await store.put(id, bytes(i), { ifVersion: null });
      for (const [i, id] of ODD_IDS.entries())
        expect([...(await store.get(id))!.bytes], JSON.stringify(id)).toEqual([i]);
      expect(await all(store)).toEqual([...before, ...ODD_IDS].sort());
      for (const id of ODD_IDS) await store.delete(id, { ifVersion: (await store.get(id))!.version });
      expect(await all(store)).toEqual(before);
    });

    it('refuses wrong arguments before any work', async () => {
      const before = await all(store);
      for (const id of ['', 'x'.repeat(256), '日'.repeat(86), 'a\ud800', '\udc00', 5, null, undefined, bytes(65)]) {
        const wrong = id as never;
        expect(await codeOf(store.get(wrong)), String(id)).toBe('ERR_ARGUMENT');
        expect(await codeOf(store.put(wrong, bytes(1), { ifVersion: null })), String(id)).toBe('ERR_ARGUMENT');
        expect(await codeOf(store.delete(wrong, { ifVersion: '1' })), String(id)).toBe('ERR_ARGUMENT');
      }
      for (const wrong of ['text', [1, 2], null, undefined, 5, new ArrayBuffer(3), new DataView(new ArrayBuffer(3))])
        expect(await codeOf(store.put('wrong', wrong as never, { ifVersion: null }))).toBe('ERR_ARGUMENT');
      for (const wrong of [undefined, null, {}, { ifVersion: undefined }, { ifVersion: 1 }, { ifVersion: {} }])
        expect(await codeOf(store.put('wrong', bytes(1), wrong as never))).toBe('ERR_ARGUMENT');
      for (const wrong of [undefined, {}, { ifVersion: null }, { ifVersion: 1 }])
        expect(await codeOf(store.delete('first', wrong as never))).toBe('ERR_ARGUMENT');
      expect(await codeOf(store.put('wrong', new Uint8Array(64 * 1024 * 1024 + 1), { ifVersion: null }))).toBe(
        'ERR_LIMIT',
      );
      expect(await all(store)).toEqual(before);
    });

    it('lets one of many writers win, each time', async () => {
      const handles = [store, subject.again(), subject.again()];
      for (let round = 0; round < 10; round++) {
        const version = (await store.get('race'))?.version ?? null;
        const outcomes = await Promise.all(
          Array.from({ length: 12 }, (_, i) =>
            codeOf(handles[i % 3]!.put('race', bytes(round, i), { ifVersion: version })).then((code) => ({ code, i })),
          ),
        );
        const winners = outcomes.filter(({ code }) => code === 'none');
        expect(winners).toHaveLength(1);
        expect(outcomes.filter(({ code }) => code === 'ERR_CONFLICT')).toHaveLength(11);
        expect([...(await store.get('race'))!.bytes]).toEqual([round, winners[0]!.i]);
      }
    });

    it('loses no increment of many writers', async () => {
      const WRITERS = 8;
      const EACH = 25;
      await store.put('count', bytes(0, 0), { ifVersion: null });
      const seen = new Set<string>();
      const writer = async (handle: Store): Promise<void> => {
        for (let done = 0; done < EACH;) {
          const { bytes: now, version } = (await handle.get('count'))!;
          const next = now[0]! * 256 + now[1]! + 1;
          try {
            seen.add((await handle.put('count', bytes(next >> 8, next & 255), { ifVersion: version })).version);
            done++;
          } catch (error) {
            if (!KeystrataError.is(error, 'ERR_CONFLICT')) throw error;
          }
        }
      };
      await Promise.all(Array.from({ length: WRITERS }, () => writer(subject.again())));
      const { bytes: last } = (await store.get('count'))!;
      expect(last[0]! * 256 + last[1]!).toBe(WRITERS * EACH);
      expect(seen.size).toBe(WRITERS * EACH);
    });

    it('lets writers and deleters race without an answer that is not true', async () => {
      let made = 0;
      let deleted = 0;
      const worker = async (handle: Store): Promise<void> => {
        for (let i = 0; i < 40; i++) {
          try {
            const found = await handle.get('flicker');
            if (found === null) {
              await handle.put('flicker', bytes(1), { ifVersion: null });
              made++;
            } else {
              await handle.delete('flicker', { ifVersion: found.version });
              deleted++;
            }
          } catch (error) {
            if (!KeystrataError.is(error, 'ERR_CONFLICT')) throw error;
          }
        }
      };
      await Promise.all(Array.from({ length: 6 }, () => worker(subject.again())));
      expect(made).toBeGreaterThan(10);
      expect(made - deleted).toBe((await store.get('flicker')) === null ? 0 : 1);
    });
  });
}
