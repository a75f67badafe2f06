// Re-wrapping: the DEK under the present KEK, not a byte of the ciphertext changed. FORMATS §6.

import { describe as group, expect, it } from 'vitest';
import { describe } from '../../bindings/index.ts';
import { bytesOf } from '../format/strict.ts';
import { aged } from './old-kek.ts';
import { codeOf, engine, utf8, world } from './support.ts';

group('re-wrapping', () => {
  it('an envelope: another wrap, the same record; it opens as before', async () => {
    const { keyring, kek, old, envelope } = await aged();
    const before = await envelope('from before', 'c');
    expect(describe(before).keyId).toBe(old);
    const free = engine.freeSlots();
    const after = await keyring.rewrap(before);
    expect(engine.freeSlots()).toBe(free);
    expect(describe(after)).toEqual({ ...describe(before), keyId: kek });
    expect(Buffer.compare(after.subarray(125), before.subarray(125))).toBe(0);
    expect(Buffer.compare(after.subarray(0, 2), before.subarray(0, 2))).toBe(0);
    expect(await keyring.decryptText(after, { context: 'c' })).toBe('from before');
    expect(await keyring.decryptText(before, { context: 'c' })).toBe('from before'); // the one before still opens
    expect(await codeOf(() => keyring.decrypt(after, { context: 'd' }))).toBe('ERR_AUTHENTICATION');
  });

  it('a sealed file: by its first 143 bytes, or by all of it', async () => {
    const { keyring, kek, stream } = await aged();
    const file = await stream(bytesOf(40_000, 1), 'f');
    const head = await keyring.rewrap(file.subarray(0, 143));
    expect(head).toHaveLength(143);
    expect(Buffer.compare(head.subarray(0, 23), file.subarray(0, 23))).toBe(0);
    for (const after of [Buffer.concat([head, file.subarray(143)]), await keyring.rewrap(file)]) {
      expect(describe(after).keyId).toBe(kek);
      expect(Buffer.compare(after.subarray(143), file.subarray(143))).toBe(0);
      expect(Buffer.compare(await keyring.open(after, { context: 'f' }), bytesOf(40_000, 1))).toBe(0);
    }
  });

  it('what is under the present KEK comes back as it is, a copy, and takes no unit', async () => {
    const { keyring } = await world();
    const envelope = await keyring.sealEnvelope('text', { context: '' });
    const file = await keyring.seal(utf8('text'), { context: '' });
    for (let i = 0; i < 2000; i++)
      for (const sealed of [envelope, file.subarray(0, 143)]) {
        const same = await keyring.rewrap(sealed);
        if (Buffer.compare(same, sealed) !== 0 || same.buffer === sealed.buffer) throw new Error('changed');
      }
    expect(keyring.revision).toBe(1);
  });

  it('twice is once: the wrap is another, what it holds is the same', async () => {
    const { keyring, envelope } = await aged();
    const before = await envelope('text', '');
    const [a, b] = [await keyring.rewrap(before), await keyring.rewrap(before)];
    expect(Buffer.compare(a, b)).not.toBe(0); // two IVs
    expect(await keyring.rewrap(a)).toEqual(a);
    for (const one of [a, b]) expect(await keyring.decryptText(one, { context: '' })).toBe('text');
  });

  it('a wrap with any bit changed is refused, under an old KEK and under the present one', async () => {
    const { keyring, envelope, stream } = await aged();
    const things = [
      await envelope('text', ''),
      await keyring.sealEnvelope('text', { context: '' }),
      (await stream(utf8('text'), '')).subarray(0, 143),
      (await keyring.seal(utf8('text'), { context: '' })).subarray(0, 143),
    ];
    const free = engine.freeSlots();
    for (const thing of things)
      for (let bit = 0; bit < 8 * (thing.length === 143 ? 143 : 125 + 24); bit++) {
        const altered = thing.slice();
        altered[bit >> 3]! ^= 1 << (bit & 7);
        const codes = ['ERR_AUTHENTICATION', 'ERR_FORMAT', 'ERR_UNSUPPORTED', 'ERR_KEY_NOT_FOUND'];
        expect(codes, `bit ${bit}`).toContain(await codeOf(() => keyring.rewrap(altered)));
      }
    expect(engine.freeSlots()).toBe(free);
  });

  it('what carries no wrap is told so', async () => {
    const { keyring, store } = await world();
    await keyring.createDataKey({ space: 's' });
    const record = await keyring.encrypt('text', { space: 's', context: '' });
    const document = (await store.get('alice'))!.bytes;
    for (const sealed of [record, document, utf8('anything'), new Uint8Array(0)])
      expect(await codeOf(() => keyring.rewrap(sealed))).toBe('ERR_UNSUPPORTED');
    expect(await codeOf(() => keyring.rewrap(Buffer.from('KSTS\u0001')))).toBe('ERR_FORMAT');
    expect(await codeOf(() => keyring.rewrap(Buffer.of(0x83, 1, 2)))).toBe('ERR_FORMAT');
  });

  it('each takes a unit of the present KEK, reserved before', async () => {
    const { keyring, envelope, kek } = await aged();
    const before = await envelope('text', '');
    const { revision } = keyring;
    for (let i = 0; i < 1025; i++) await keyring.rewrap(before);
    expect(keyring.revision).toBe(revision + 2); // 1,024, then 2,048
    expect(keyring.inventory().find(({ id }) => id === kek)!.usage.reserved).toBe(1024 + 1024 + 2048);
  });

  it('many at once, with many keys in the core', async () => {
    const { keyring, envelope } = await aged();
    const spaces = Array.from({ length: 100 }, (_, i) => ({ space: `s${i}` }));
    await keyring.createDataKeys(spaces);
    for (const { space } of spaces) await keyring.encrypt('x', { space, context: '' });
    const before: Uint8Array[] = [];
    for (let i = 0; i < 500; i++) before.push(await envelope(`text ${i}`, `${i}`));
    const after = await Promise.all(before.map((one) => keyring.rewrap(one)));
    const texts = await Promise.all(after.map((one, i) => keyring.decryptText(one, { context: `${i}` })));
    expect(texts).toEqual(before.map((_, i) => `text ${i}`));
  });

  it('a KEK that is not known here may be in a newer document: the store is read once', async () => {
    const { keyring, unlock } = await aged();
    const other = await world();
    const sealed = await other.keyring.sealEnvelope('text', { context: '' });
    const behind = await unlock();
    await keyring.createDataKey({ space: 'newer' });
    expect(await codeOf(() => behind.rewrap(sealed))).toBe('ERR_KEY_NOT_FOUND');
    expect(behind.revision).toBe(keyring.revision);
  });
});
