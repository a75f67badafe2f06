// Envelopes: one DEK a record, carried with it. FORMATS §6.

import { describe as group, expect, it } from 'vitest';
import { createEngine, describe, Keyring, memoryStore } from '../../bindings/index.ts';
import { bytesOf } from '../format/strict.ts';
import { aged } from './old-kek.ts';
import { codeOf, engine, operator, OWNER, utf8, world } from './support.ts';

const KINDS = ['ERR_AUTHENTICATION', 'ERR_FORMAT', 'ERR_UNSUPPORTED', 'ERR_KEY_NOT_FOUND'];

group('an envelope', () => {
  it('opens with its context, as bytes, as text, in another session; at every length of the heads', async () => {
    const { keyring, unlock } = await world();
    const again = await unlock();
    const free = engine.freeSlots();
    for (const n of [0, 1, 7, 8, 239, 240, 65_519, 65_520, 200_000]) {
      const plaintext = bytesOf(n, n);
      const sealed = await keyring.sealEnvelope(plaintext, { context: `row/${n}` });
      expect(sealed.length - n).toBe(125 + (n < 8 ? 56 : n < 240 ? 57 : n < 65_520 ? 58 : 60));
      expect([sealed.byteOffset, sealed.buffer.byteLength]).toEqual([0, sealed.length]);
      expect(Buffer.compare(await again.decrypt(sealed, { context: utf8(`row/${n}`) }), plaintext)).toBe(0);
      expect(Buffer.compare(await again.openEnvelope(sealed, { context: `row/${n}` }), plaintext)).toBe(0);
      expect(describe(sealed)).toEqual({
        kind: 'envelope',
        keyId: keyring.inventory()[0]!.id,
        overhead: sealed.length - n,
      });
    }
    const text = await keyring.sealEnvelope('Grüße', { context: '' });
    expect(await again.decryptText(text, { context: '' })).toBe('Grüße');
    expect(engine.freeSlots()).toBe(free); // every DEK was wiped
    expect(keyring.revision).toBe(1); // no write for an envelope's key
  });

  it('has a DEK of its own, and another one for the same data', async () => {
    const { keyring } = await world();
    const kids = new Set<string>();
    for (let i = 0; i < 50; i++) {
      const sealed = await keyring.sealEnvelope('the same', { context: 'c' });
      kids.add(Buffer.from(sealed.subarray(125 + 8, 125 + 24)).toString('hex'));
    }
    expect(kids.size).toBe(50);
  });

  it('is refused with any bit changed and at any other length; nothing stays in the core', async () => {
    const { keyring } = await world();
    const sealed = await keyring.sealEnvelope('Dear diary', { context: 'c' });
    const free = engine.freeSlots();
    for (let bit = 0; bit < 8 * sealed.length; bit++) {
      const altered = sealed.slice();
      altered[bit >> 3]! ^= 1 << (bit & 7);
      const code = await codeOf(() => keyring.openEnvelope(altered, { context: 'c' }));
      expect(KINDS, `bit ${bit}`).toContain(code);
      expect(KINDS, `bit ${bit}`).toContain(await codeOf(() => keyring.decrypt(altered, { context: 'c' })));
    }
    for (let n = 0; n < sealed.length; n++)
      expect(KINDS, `${n} bytes`).toContain(
        await codeOf(() => keyring.openEnvelope(sealed.subarray(0, n), { context: 'c' })),
      );
    expect(KINDS).toContain(
      await codeOf(() => keyring.decrypt(Buffer.concat([sealed, Buffer.of(0)]), { context: 'c' })),
    );
    expect(engine.freeSlots()).toBe(free);
  });

  it('has no other context, no other wrap, no other record and no other keyring', async () => {
    const { keyring } = await world();
    const other = await world();
    const [a, b] = [
      await keyring.sealEnvelope('a', { context: 'c' }),
      await keyring.sealEnvelope('b', { context: 'c' }),
    ];
    for (const context of ['', 'd', 'c '])
      expect(await codeOf(() => keyring.decrypt(a, { context }))).toBe('ERR_AUTHENTICATION');
    const swapped = Buffer.concat([a.subarray(0, 125), b.subarray(125)]);
    expect(await codeOf(() => keyring.decrypt(swapped, { context: 'c' }))).toBe('ERR_AUTHENTICATION');
    expect(await codeOf(() => keyring.rewrap(swapped))).toBe('ERR_AUTHENTICATION');
    expect(await codeOf(() => other.keyring.decrypt(a, { context: 'c' }))).toBe('ERR_KEY_NOT_FOUND');
    expect(await codeOf(() => other.keyring.rewrap(a))).toBe('ERR_KEY_NOT_FOUND');
  });

  it('and records do not pass for one another, nor a stream DEK for an envelope DEK', async () => {
    const { keyring } = await world();
    await keyring.createDataKey({ space: 's' });
    const record = await keyring.encrypt('text', { space: 's', context: 'c' });
    const envelope = await keyring.sealEnvelope('text', { context: 'c' });
    expect(await codeOf(() => keyring.openEnvelope(record, { context: 'c' }))).toBe('ERR_FORMAT');
    expect(await codeOf(() => keyring.decrypt(envelope.subarray(125), { context: 'c' }))).toBe('ERR_KEY_NOT_FOUND');
    const stream = await keyring.seal(utf8('text'), { context: 'c' });
    expect(await codeOf(() => keyring.openEnvelope(stream, { context: 'c' }))).toBe('ERR_FORMAT');
    const posing = Buffer.concat([envelope.subarray(0, 2), stream.subarray(23, 143), envelope.subarray(125)]);
    expect(KINDS).toContain(await codeOf(() => keyring.decrypt(posing, { context: 'c' })));
  });

  it('is asked for with what it needs, before any work', async () => {
    const { keyring } = await world();
    const none = undefined as never;
    for (const work of [
      () => keyring.sealEnvelope('text', none),
      () => keyring.sealEnvelope('text', {} as never),
      () => keyring.sealEnvelope(7 as never, { context: '' }),
      () => keyring.sealEnvelope('\ud800', { context: '' }),
      () => keyring.openEnvelope('text' as never, { context: '' }),
      () => keyring.openEnvelope(new Uint8Array(200), none),
      () => keyring.rewrap('text' as never),
    ])
      expect(await codeOf(work)).toBe('ERR_ARGUMENT');
    const large = new Uint8Array(64 * 1024 * 1024 + 1);
    expect(await codeOf(() => keyring.sealEnvelope(large, { context: '' }))).toBe('ERR_LIMIT');
    const sealed = await keyring.sealEnvelope('text', { context: '' });
    keyring.lock();
    for (const work of [
      () => keyring.sealEnvelope('text', { context: '' }),
      () => keyring.openEnvelope(sealed, { context: '' }),
      () => keyring.rewrap(sealed),
    ])
      expect(await codeOf(work)).toBe('ERR_DISPOSED');
  });

  it('takes a unit of the KEK, as a stream does; the share is reserved in doubling steps', async () => {
    const { keyring, unlock } = await world();
    const kek = keyring.inventory()[0]!.id;
    const reserved = (of: Keyring): number => of.inventory().find(({ id }) => id === kek)!.usage.reserved;
    expect(reserved(keyring)).toBe(1024); // two of them are spent: document key and body DEK
    for (let i = 0; i < 1021; i++) await keyring.sealEnvelope('', { context: '' });
    await keyring.seal(new Uint8Array(0), { context: '' });
    expect([keyring.revision, reserved(keyring)]).toEqual([1, 1024]);
    await keyring.sealEnvelope('', { context: '' });
    expect([keyring.revision, reserved(keyring)]).toEqual([2, 1024 + 2048]);
    const later = await unlock();
    await Promise.all(Array.from({ length: 20 }, () => later.sealEnvelope('', { context: '' })));
    expect([later.revision, reserved(later)]).toEqual([3, 1024 + 2048 + 1024]);
  });

  it('is made by the platform, too, and its key ends when the keyring is locked meanwhile', async () => {
    const platform = await createEngine({ prefer: 'webcrypto' });
    const where = { engine: platform, store: memoryStore(), owner: OWNER, ...operator() };
    const { keyring } = await Keyring.create({ ...where, recovery: false });
    const plaintext = bytesOf(3_000_000, 1);
    const free = platform.freeSlots();
    const sealed = await keyring.sealEnvelope(plaintext, { context: 'c' });
    expect(Buffer.compare(await keyring.decrypt(sealed, { context: 'c' }), plaintext)).toBe(0);
    const altered = sealed.slice();
    altered[altered.length - 1]! ^= 1;
    expect(await codeOf(() => keyring.decrypt(altered, { context: 'c' }))).toBe('ERR_AUTHENTICATION');
    expect(platform.freeSlots()).toBe(free);
    const under = [keyring.sealEnvelope(plaintext, { context: 'c' }), keyring.decrypt(sealed, { context: 'c' })];
    keyring.lock();
    for (const call of under) expect(await codeOf(() => call)).toBe('ERR_DISPOSED');
    expect(platform.freeSlots()).toBe(64);
    platform.dispose();
  });
});

group('many at once', () => {
  it('more than the core has slots: the others wait; also for one that ends badly, and for a keyring that is locked', async () => {
    const platform = await createEngine({ prefer: 'webcrypto' });
    const make = async (): Promise<Keyring> => {
      const where = { engine: platform, store: memoryStore(), owner: OWNER, ...operator() };
      return (await Keyring.create({ ...where, recovery: false })).keyring;
    };
    const [keyring, other] = [await make(), await make()];
    const ended = Array.from({ length: 100 }, () => other.sealEnvelope(bytesOf(100_000, 1), { context: '' }));
    const sealed = Array.from({ length: 200 }, (_, i) => keyring.sealEnvelope(bytesOf(50_000, i), { context: `${i}` }));
    other.lock();
    const codes = await Promise.all(ended.map((one) => codeOf(() => one))); // all are listened to before one ends
    expect(new Set(codes)).toEqual(new Set(['ERR_DISPOSED']));
    const envelopes = await Promise.all(sealed);
    const opened = envelopes.map((one, i) => keyring.decrypt(one, { context: i % 3 === 0 ? 'another' : `${i}` }));
    const results = await Promise.allSettled(opened);
    for (const [i, one] of results.entries()) {
      if (i % 3 === 0) expect(one).toMatchObject({ status: 'rejected', reason: { code: 'ERR_AUTHENTICATION' } });
      else expect(one.status === 'fulfilled' && Buffer.compare(one.value, bytesOf(50_000, i))).toBe(0);
    }
    expect(platform.freeSlots()).toBe(63); // the KEK
    platform.dispose();
  });
});

group('under an old KEK', () => {
  it.each(['deactivated', 'compromised'] as const)(
    '%s: envelopes and streams open; its key is wiped again',
    async (state) => {
      const { keyring, envelope, stream } = await aged(state);
      const free = engine.freeSlots();
      const sealed = await envelope('from before', 'c');
      expect(await keyring.decryptText(sealed, { context: 'c' })).toBe('from before');
      expect(await codeOf(() => keyring.decrypt(sealed, { context: 'd' }))).toBe('ERR_AUTHENTICATION');
      const file = await stream(bytesOf(50_000, 3), 'f');
      expect(Buffer.compare(await keyring.open(file, { context: 'f' }), bytesOf(50_000, 3))).toBe(0);
      expect(await codeOf(() => keyring.open(file, { context: 'g' }))).toBe('ERR_AUTHENTICATION');
      expect(engine.freeSlots()).toBe(free);
    },
  );

  it('destroyed: they say why they do not', async () => {
    const { keyring, envelope, stream } = await aged('destroyed');
    expect(await codeOf(async () => keyring.decrypt(await envelope('gone', 'c'), { context: 'c' }))).toBe(
      'ERR_KEY_STATE',
    );
    expect(await codeOf(async () => keyring.open(await stream(utf8('gone'), 'c'), { context: 'c' }))).toBe(
      'ERR_KEY_STATE',
    );
    expect(await codeOf(async () => keyring.rewrap(await envelope('gone', 'c')))).toBe('ERR_KEY_STATE');
  });

  it('nothing new is sealed', async () => {
    const { keyring, kek } = await aged();
    expect(describe(await keyring.sealEnvelope('new', { context: '' })).keyId).toBe(kek);
    expect(describe(await keyring.seal(utf8('new'), { context: '' })).keyId).toBe(kek);
  });
});
