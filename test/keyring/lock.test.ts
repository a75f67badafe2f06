// The end of a session: everything that is under way fails, nothing stays in the core.

import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Keyring, memoryStore } from '../../bindings/index.ts';
import { codeOf, engine, FEW, OWNER, PASSPHRASE, utf8, world } from './support.ts';

/** What the idle timer goes by. */
const CLOCK: ('setTimeout' | 'clearTimeout' | 'performance')[] = ['setTimeout', 'clearTimeout', 'performance'];
afterEach(() => void vi.useRealTimers());

describe('lock', () => {
  it('is idempotent, and ends every use', async () => {
    const { keyring } = await world();
    const key = await keyring.createDataKey({ space: 's' });
    const record = await keyring.encrypt('text', { space: 's', context: '' });
    const file = await keyring.seal(utf8('text'), { context: '' });
    keyring.lock();
    keyring.lock();
    keyring[Symbol.dispose]();
    expect([keyring.locked, keyring.owner, keyring.revision]).toEqual([true, OWNER, 2]);
    const uses: Record<string, () => unknown> = {
      createDataKey: () => keyring.createDataKey({ space: 't' }),
      createDataKeys: () => keyring.createDataKeys([]),
      dataKey: () => keyring.dataKey({ space: 's' }),
      'DataKey.encrypt': () => key.encrypt('text', { context: '' }),
      encrypt: () => keyring.encrypt('text', { space: 's', context: '' }),
      decrypt: () => keyring.decrypt(record, { context: '' }),
      decryptText: () => keyring.decryptText(record, { context: '' }),
      seal: () => keyring.seal(utf8('text'), { context: '' }),
      open: () => keyring.open(file, { context: '' }),
      sealStream: () => keyring.sealStream({ context: '' }),
      openStream: () => keyring.openStream({ context: '' }),
      changePassphrase: () => keyring.changePassphrase(PASSPHRASE, PASSPHRASE),
      inventory: () => keyring.inventory(),
      refresh: () => keyring.refresh(),
    };
    for (const [name, use] of Object.entries(uses)) expect(await codeOf(use), name).toBe('ERR_DISPOSED');
  });

  it('rejects calls under way, and frees every slot', async () => {
    const free = engine.freeSlots();
    const inner = memoryStore();
    let hang = false;
    const store = {
      name: inner.name,
      get: (id: string) => (hang ? new Promise<never>(() => undefined) : inner.get(id)),
      put: inner.put.bind(inner),
      delete: inner.delete.bind(inner),
      list: inner.list.bind(inner),
    };
    const p = { engine, store, owner: OWNER, passphrase: PASSPHRASE, allowWeak: true };
    const { keyring } = await Keyring.create({ ...p, iterations: FEW });
    await keyring.createDataKeys(Array.from({ length: 20 }, (_, i) => ({ space: String(i) })));
    for (let i = 0; i < 20; i++) await keyring.encrypt('', { space: String(i), context: '' });
    const deriving = codeOf(() => keyring.changePassphrase(PASSPHRASE, 'another passphrase'));
    const sealing = codeOf(() => keyring.seal(randomBytes(64 << 20), { context: '' }));
    await new Promise((resolve) => setTimeout(resolve, 20));
    hang = true;
    const reading = codeOf(() => keyring.refresh());
    const making = codeOf(() => keyring.createDataKey({ space: 'never' }));
    keyring.lock();
    expect(await Promise.all([deriving, sealing, reading, making])).toEqual(Array(4).fill('ERR_DISPOSED'));
    await vi.waitFor(() => expect(engine.freeSlots()).toBe(free), 20_000); // what was under way ends unseen
    hang = false;
    expect((await Keyring.inspect(p)).revision).toBe(2); // no write began after the end
    (await Keyring.unlock(p)).lock();
    expect(engine.freeSlots()).toBe(free);
  });

  it('errors streams under way', async () => {
    const { keyring, unlock } = await world();
    const again = await unlock();
    const free = engine.freeSlots();
    const file = await keyring.seal(randomBytes(100_000), { context: '' });
    const sealing = keyring.sealStream({ context: '' });
    const opening = keyring.openStream({ context: '' });
    const stalled = keyring.openStream({ context: '' });
    const into = sealing.writable.getWriter();
    const from = sealing.readable.getReader();
    const writing = into.write(randomBytes(40_000));
    expect((await from.read()).done).toBe(false);
    await writing;
    const opened = opening.readable.getReader();
    const feeding = opening.writable.getWriter().write(file.subarray(0, 50_000));
    expect((await opened.read()).done).toBe(false);
    const waiting = codeOf(() => stalled.readable.getReader().read());
    keyring.lock();
    expect(await waiting).toBe('ERR_DISPOSED');
    expect(await codeOf(() => into.write(randomBytes(10)))).toBe('ERR_DISPOSED');
    const drain = async (reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> => {
      while (!(await reader.read()).done);
    };
    expect(await codeOf(() => drain(from))).toBe('ERR_DISPOSED');
    expect(await codeOf(() => drain(opened))).toBe('ERR_DISPOSED');
    await feeding.catch(() => undefined);
    expect(engine.freeSlots()).toBe(free + 1); // the chunk keys and this keyring's KEK; the other keeps its own
    again.lock();
  });

  it('comes by itself when nobody uses it', async () => {
    vi.useFakeTimers({ toFake: CLOCK });
    const { store, secret } = await world();
    const p = { engine, store, owner: OWNER, ...secret };
    for (const idle of [0, -1, 1.5, 2 ** 31, NaN])
      expect(await codeOf(() => Keyring.unlock({ ...p, idle }))).toBe('ERR_ARGUMENT');
    const keyring = await Keyring.unlock({ ...p, idle: 150 });
    for (let i = 0; i < 5; i++) {
      vi.advanceTimersByTime(149);
      keyring.inventory(); // a use
    }
    vi.advanceTimersByTime(149);
    expect(keyring.locked).toBe(false);
    vi.advanceTimersByTime(1);
    expect(keyring.locked).toBe(true);
    expect(await codeOf(() => keyring.inventory())).toBe('ERR_DISPOSED');
  });

  it('does not come while a stream runs', async () => {
    vi.useFakeTimers({ toFake: CLOCK });
    const { store, secret } = await world();
    const keyring = await Keyring.unlock({ engine, store, owner: OWNER, ...secret, idle: 200 });
    const stream = keyring.sealStream({ context: '' });
    const into = stream.writable.getWriter();
    void stream.readable.pipeTo(new WritableStream()).catch(() => undefined);
    for (let i = 0; i < 6; i++) {
      vi.advanceTimersByTime(199);
      await into.write(randomBytes(1000));
    }
    expect(keyring.locked).toBe(false);
    await into.close();
    vi.advanceTimersByTime(200);
    expect(keyring.locked).toBe(true);
  });

  it('leaves nothing to print', async () => {
    const { keyring } = await world();
    const key = await keyring.createDataKey({ space: 's' });
    expect(JSON.stringify(keyring)).toBe('{"slots":{},"keypairs":{}}');
    expect(JSON.parse(JSON.stringify(key))).toEqual({ id: key.id, space: 's' });
    expect(() => structuredClone(key)).toThrow();
  });
});
