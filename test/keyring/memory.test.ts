// Secrets live in the core and are wiped there. The whole of its memory is searched: first the key is found, which shows that
// the search works; after lock it is not.

import { createHmac, randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { createEngine, Keyring, memoryStore, type Engine, type Store } from '../../bindings/index.ts';
import { loadCore } from '../../bindings/core/index.ts';
import { instanceOf } from '../../bindings/core/internal.ts';
import { decodeRecoveryCode } from '../../bindings/format/recovery-code.ts';
import { ByHand, raw } from './by-hand.ts';
import { codeOf, operator, OWNER, utf8 } from './support.ts';

describe('the core’s memory', () => {
  let engine: Engine;
  let memory: Uint8Array;
  let store: Store;
  beforeEach(async () => {
    const core = await loadCore();
    ({ memory } = instanceOf(core));
    engine = await createEngine({ core });
    store = memoryStore();
  });

  const sightings = (secret: Uint8Array): number => {
    const all = Buffer.from(memory.buffer, memory.byteOffset, memory.length);
    let count = 0;
    for (let at = all.indexOf(secret); at >= 0; at = all.indexOf(secret, at + 1)) count++;
    return count;
  };
  const byHand = async (mek: Uint8Array, type?: number): Promise<ByHand> =>
    new ByHand((await store.get(OWNER))!.bytes, mek, type);

  it('holds KEK and DEK while unlocked, and neither after lock', async () => {
    const secret = operator();
    const { keyring } = await Keyring.create({ engine, store, owner: OWNER, ...secret });
    const key = await keyring.createDataKey({ space: 's' });
    const document = await byHand(secret.operatorKey);
    const dek = document.dek(key.id);
    const body = document.dek(Buffer.from(document.body.get(10) as Uint8Array).toString('hex'));
    expect(sightings(document.kek)).toBe(1);
    expect(sightings(dek)).toBe(0); // not before it is used
    await keyring.encrypt('text', { space: 's', context: '' });
    expect(sightings(dek)).toBe(1);
    expect(sightings(secret.operatorKey)).toBe(0);
    expect(sightings(document.documentKey)).toBe(0);
    expect(sightings(body)).toBe(0);
    keyring.lock();
    for (const gone of [document.kek, dek, body, document.documentKey, secret.operatorKey])
      expect(sightings(gone)).toBe(0);
    expect(engine.freeSlots()).toBe(64);
  });

  it('keeps nothing of what it worked on, or of what failed', async () => {
    const secret = operator();
    const { keyring } = await Keyring.create({ engine, store, owner: OWNER, ...secret });
    const key = await keyring.createDataKey({ space: 's' });
    const plaintext = randomBytes(64);
    const record = await keyring.encrypt(plaintext, { space: 's', context: '' });
    const file = await keyring.seal(plaintext, { context: '' });
    const document = await byHand(secret.operatorKey);
    const dek = document.dek(key.id);
    keyring.lock();
    expect(sightings(plaintext)).toBe(0);
    const again = await Keyring.unlock({ engine, store, owner: OWNER, ...secret });
    await again.decrypt(record, { context: '' });
    await again.open(file, { context: '' });
    expect(await codeOf(() => again.decrypt(record, { context: 'other' }))).toBe('ERR_AUTHENTICATION');
    expect(await codeOf(() => again.open(file, { context: 'other' }))).toBe('ERR_AUTHENTICATION');
    expect(sightings(plaintext)).toBe(0);
    expect([sightings(document.kek), sightings(dek)]).toEqual([1, 1]);
    again.lock();

    const { bytes, version } = (await store.get(OWNER))!;
    bytes[bytes.length - 1]! ^= 1; // of the MAC: seen after the KEK was unwrapped
    await store.put(OWNER, bytes, { ifVersion: version });
    expect(await codeOf(() => Keyring.unlock({ engine, store, owner: OWNER, ...secret }))).toBe('ERR_AUTHENTICATION');
    for (const gone of [document.kek, dek, document.documentKey, secret.operatorKey]) expect(sightings(gone)).toBe(0);
    expect(engine.freeSlots()).toBe(64);
  });

  it('keeps no recovery code, nor the MEK that comes of it', async () => {
    const { keyring, recoveryCode } = await Keyring.create({ engine, store, owner: OWNER, ...operator() });
    const secret = decodeRecoveryCode(recoveryCode);
    const mekOf = async (code: Uint8Array): Promise<Uint8Array> => {
      const slots = raw((await store.get(OWNER))!.bytes).header.get(7) as Map<number, Uint8Array>[];
      const salt = slots.find((slot) => Number(slot.get(2)) === 2)!.get(5)!;
      return createHmac('sha256', Buffer.concat([Buffer.from('keystrata/recovery/v1\0'), salt]))
        .update(code)
        .digest();
    };
    const mek = await mekOf(secret);
    expect((await byHand(mek, 2)).macHolds).toBe(true);
    expect(sightings(secret) + sightings(mek)).toBe(0);
    keyring.lock();
    const again = await Keyring.unlock({ engine, store, owner: OWNER, recoveryCode });
    expect(sightings(secret) + sightings(mek)).toBe(0);
    const next = decodeRecoveryCode(await again.replaceRecoveryCode());
    expect(sightings(next) + sightings(await mekOf(next))).toBe(0);
    expect(engine.freeSlots()).toBe(63);
    again.lock();
    expect(engine.freeSlots()).toBe(64);
  });

  it('keeps no passphrase', async () => {
    const passphrase = randomBytes(24).toString('hex');
    const p = { engine, store, owner: OWNER, passphrase, allowWeak: true };
    const { keyring } = await Keyring.create({ ...p, iterations: 3 });
    expect(sightings(utf8(passphrase))).toBe(0);
    await keyring.changePassphrase(passphrase, passphrase.toUpperCase());
    expect(await codeOf(() => Keyring.unlock(p))).toBe('ERR_WRONG_SECRET');
    keyring.lock();
    expect(sightings(utf8(passphrase)) + sightings(utf8(passphrase.toUpperCase()))).toBe(0);
    expect(engine.freeSlots()).toBe(64);
  });
});
