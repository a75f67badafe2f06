// A store on a backend of one's own: the suite on the smallest one, and what the backend's failures become.

import { describe, expect, it } from 'vitest';
import { KeystrataError } from '../../bindings/core/errors.ts';
import { adaptStore, type Backend } from '../../bindings/store/adapt.ts';
import { memoryStore } from '../../bindings/store/memory.ts';
import { storeSuite } from './conformance.ts';

function mapBackend(): Backend {
  const held = new Map<string, { bytes: Uint8Array; version: string }>();
  return {
    name: 'map:test',
    read: (id) => held.get(id) ?? null,
    write(id, { bytes, version, ifVersion }) {
      if ((held.get(id)?.version ?? null) !== ifVersion) return false;
      held.set(id, { bytes, version });
      return true;
    },
    remove: (id, { ifVersion }) => held.get(id)?.version === ifVersion && held.delete(id),
    ids: () => [...held.keys()],
  };
}

storeSuite('of a Map', () => {
  const backend = mapBackend();
  return { store: adaptStore(backend), again: () => adaptStore(backend) };
});

describe('a backend', () => {
  it('is asked for its functions and its name before any work', () => {
    for (const name of ['read', 'write', 'remove', 'ids'] as const)
      expect(() => adaptStore({ ...mapBackend(), [name]: undefined })).toThrow(`"${name}" is wanted`);
    for (const wrong of [undefined, null, 5]) expect(() => adaptStore(wrong as never)).toThrow(/is wanted/);
    for (const name of ['', 'sqlite', 'sqlite:', 5])
      expect(() => adaptStore({ ...mapBackend(), name } as never)).toThrow(/a name such as/);
  });

  it('gives its memory on', () => {
    const memory = memoryStore();
    expect(adaptStore({ ...mapBackend(), memory }).memory).toBe(memory);
    expect(adaptStore(mapBackend()).memory).toBeUndefined();
  });

  it('that fails is ERR_STORE with its cause, whichever function it is, at once or later', async () => {
    const cause = new Error('a gremlin');
    const fail = (): never => {
      throw cause;
    };
    const later = () => Promise.reject(cause);
    for (const read of [fail, later]) {
      const store = adaptStore({ ...mapBackend(), read, write: () => false });
      await expect(store.get('alice')).rejects.toMatchObject({
        code: 'ERR_STORE',
        message: 'reading "alice": a gremlin',
        cause,
      });
      await expect(store.put('alice', Uint8Array.of(1), { ifVersion: null })).rejects.toMatchObject({
        code: 'ERR_STORE',
      });
    }
    const store = adaptStore({ ...mapBackend(), write: later, remove: fail, ids: fail });
    await expect(store.put('alice', Uint8Array.of(1), { ifVersion: null })).rejects.toMatchObject({
      code: 'ERR_STORE',
      cause,
    });
    await expect(store.delete('alice', { ifVersion: 'x' })).rejects.toMatchObject({ code: 'ERR_STORE', cause });
    await expect(store.list()[Symbol.asyncIterator]().next()).rejects.toMatchObject({ code: 'ERR_STORE', cause });
    const ours = new KeystrataError('ERR_LIMIT', 'too much');
    await expect(adaptStore({ ...mapBackend(), read: () => Promise.reject(ours) }).get('alice')).rejects.toBe(ours);
    const odd = adaptStore({ ...mapBackend(), read: () => Promise.reject('a string') }); // eslint-disable-line @typescript-eslint/prefer-promise-reject-errors
    await expect(odd.get('alice')).rejects.toMatchObject({ code: 'ERR_STORE', message: 'reading "alice": it failed' });
  });

  it('lists as it comes, at once or bit by bit', async () => {
    async function* bitByBit(): AsyncIterable<string> {
      yield 'a';
      await Promise.resolve();
      yield 'b';
    }
    const ids = [];
    for await (const id of adaptStore({ ...mapBackend(), ids: bitByBit }).list()) ids.push(id);
    expect(ids).toEqual(['a', 'b']);
  });
});
