// The ways into a keyring: every type of secret added, listed, named, removed; what must not be done with them.

import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Keyring, memoryStore, type Secret } from '../../bindings/index.ts';
import { decodeRecoveryCode } from '../../bindings/format/recovery-code.ts';
import { codeOf, engine, FEW, operator, OWNER, PASSPHRASE, STORES, world } from './support.ts';

const WEAK = { iterations: FEW, allowWeak: true };
const credentialId = Uint8Array.from(randomBytes(20));

type Kind = 'passphrase' | 'pin' | 'pin on a device' | 'prf' | 'operator';

/** A secret of each kind, as it makes a slot and as it opens one. */
function secrets(): Record<Kind, { type: string; secret: Secret }> {
  const device = randomBytes(32);
  const bytes = Uint8Array.from(device);
  const key = crypto.subtle.importKey('raw', device, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  const sign = async (message: Uint8Array): Promise<Uint8Array> =>
    new Uint8Array(await crypto.subtle.sign('HMAC', await key, Uint8Array.from(message)));
  return {
    passphrase: { type: 'passphrase', secret: { passphrase: PASSPHRASE } },
    pin: { type: 'pin', secret: { pin: '1234', deviceSecret: bytes } },
    'pin on a device': { type: 'pin', secret: { pin: '0000', deviceSecret: sign } },
    prf: { type: 'prf', secret: { prf: randomBytes(32), credentialId, salt: randomBytes(32) } },
    operator: { type: 'operator', secret: operator() },
  };
}

describe.each(STORES)('in a store of kind %s', (_, open) => {
  it('a slot of every type is added, opens the same keyring, and opens it no more when it was removed', async () => {
    const { store, end } = open();
    const { keyring, secret: first } = await world(store);
    await keyring.createDataKey({ space: 'notes' });
    const sealed = await keyring.encrypt('kept', { space: 'notes', context: 'c' });
    for (const [kind, { type, secret }] of Object.entries(secrets())) {
      const p = { engine, store, owner: OWNER, allowWeak: true, ...secret };
      expect(await codeOf(() => Keyring.unlock(p)), kind).toBe('ERR_WRONG_SECRET');
      const told: number[] = [];
      const info = await keyring.slots.add({ ...secret, ...WEAK, label: kind, onProgress: (x) => told.push(x) });
      expect(info).toMatchObject({ type, label: kind, rotatable: false });
      expect(info.iterations, kind).toBe(['passphrase', 'pin'].includes(type) ? FEW : undefined);
      expect([told.at(-1), told.filter((x) => x === 1).length], kind).toEqual([1, 1]);
      const { revision } = keyring;
      const other = await Keyring.unlock(p);
      await keyring.refresh();
      // What derives from a passphrase or a PIN was weak, and was raised with the secret at hand.
      expect(keyring.revision - revision, kind).toBe(info.iterations === undefined ? 0 : 1);
      expect(await other.decryptText(sealed, { context: 'c' })).toBe('kept');
      expect(other.slots.list()).toEqual(keyring.slots.list());
      const now = keyring.slots.list().find(({ id }) => id === info.id)!;
      expect(now, kind).toEqual({ ...info, ...(info.iterations === undefined ? {} : { iterations: 600_000 }) });
      other.lock();
      await keyring.slots.remove(info.id);
      expect(await codeOf(() => Keyring.unlock(p)), kind).toBe('ERR_WRONG_SECRET');
    }
    expect(keyring.slots.list().map(({ type }) => type)).toEqual(['operator']);
    (await Keyring.unlock({ engine, store, owner: OWNER, ...first })).lock();
    end();
  });
});

describe('a slot', () => {
  it('of a recovery code is drawn: several may stand beside each other', async () => {
    const { store, keyring } = await world();
    const one = await keyring.slots.addRecovery({ label: 'in the safe' });
    const other = await keyring.slots.addRecovery();
    expect(decodeRecoveryCode(one.recoveryCode)).toHaveLength(32);
    expect([one.slot.type, one.slot.label, other.slot.label]).toEqual(['recovery', 'in the safe', '']);
    for (const { recoveryCode } of [one, other])
      (await Keyring.unlock({ engine, store, owner: OWNER, recoveryCode })).lock();
    await keyring.slots.remove(one.slot.id);
    const p = { engine, store, owner: OWNER };
    expect(await codeOf(() => Keyring.unlock({ ...p, recoveryCode: one.recoveryCode }))).toBe('ERR_WRONG_SECRET');
    (await Keyring.unlock({ ...p, recoveryCode: other.recoveryCode })).lock();
  });

  it('of a passkey says to anybody which credential to ask, for which salt', async () => {
    const { store, keyring } = await world();
    const { salt } = keyring.slots.preparePrf();
    expect(salt).toHaveLength(32);
    expect(keyring.slots.preparePrf().salt).not.toEqual(salt);
    const prf = randomBytes(32);
    const info = await keyring.slots.add({ prf, credentialId, salt });
    const { slots } = await Keyring.inspect({ store, owner: OWNER });
    const found = slots.find(({ type }) => type === 'prf')!;
    expect(found).toEqual(info);
    expect([found.salt, found.credentialId]).toEqual([salt, credentialId]);
    const p = { engine, store, owner: OWNER, prf };
    (await Keyring.unlock({ ...p, credentialId: found.credentialId! })).lock();
    (await Keyring.unlock(p)).lock();
    expect(await codeOf(() => Keyring.unlock({ ...p, credentialId: randomBytes(20) }))).toBe('ERR_WRONG_SECRET');
    expect(await codeOf(() => Keyring.unlock({ ...p, prf: randomBytes(32) }))).toBe('ERR_WRONG_SECRET');
  });

  it('of an operator key is told by its id', async () => {
    const { store, keyring, secret } = await world();
    const next = operator();
    const info = await keyring.slots.add(next);
    expect(info.operatorKeyId).toBe(next.operatorKeyId);
    expect(new Set(keyring.slots.list().map(({ operatorKeyId }) => operatorKeyId))).toEqual(
      new Set([secret.operatorKeyId, next.operatorKeyId]),
    );
    const p = { engine, store, owner: OWNER };
    expect(await codeOf(() => Keyring.unlock({ ...p, ...next, operatorKey: secret.operatorKey }))).toBe(
      'ERR_WRONG_SECRET',
    );
  });

  it('of a PIN opens with neither half alone', async () => {
    const { store, keyring } = await world();
    const deviceSecret = randomBytes(32);
    await keyring.slots.add({ pin: '1234', deviceSecret, ...WEAK });
    const p = { engine, store, owner: OWNER, allowWeak: true };
    expect(await codeOf(() => Keyring.unlock({ ...p, pin: '1235', deviceSecret }))).toBe('ERR_WRONG_SECRET');
    expect(await codeOf(() => Keyring.unlock({ ...p, pin: '1234', deviceSecret: randomBytes(32) }))).toBe(
      'ERR_WRONG_SECRET',
    );
    expect(await codeOf(() => Keyring.unlock({ ...p, passphrase: '1234' }))).toBe('ERR_WRONG_SECRET');
    (await Keyring.unlock({ ...p, pin: '１２３４', deviceSecret })).lock(); // NFKC
  });

  it('is named, and named otherwise, where only its user reads it', async () => {
    const { store, keyring } = await world();
    const { id } = keyring.slots.list()[0]!;
    await keyring.slots.rename(id, 'the server');
    expect(keyring.slots.list()[0]!.label).toBe('the server');
    expect((await Keyring.inspect({ store, owner: OWNER })).slots[0]!.label).toBe('');
    expect(Buffer.from((await store.get(OWNER))!.bytes).includes('the server')).toBe(false);
    await keyring.slots.rename(id, 'ä'.repeat(127));
    await keyring.slots.rename(id, '');
    expect(keyring.slots.list()[0]!.label).toBe('');
  });

  it('that is the last one its user holds is not removed', async () => {
    const { keyring } = await world();
    const { id } = keyring.slots.list()[0]!;
    const { revision } = keyring;
    expect(await codeOf(() => keyring.slots.remove(id))).toBe('ERR_KEY_STATE');
    expect(keyring.revision).toBe(revision);
    await keyring.slots.addRecovery();
    await keyring.slots.remove(id);
    expect(keyring.slots.list().map(({ type }) => type)).toEqual(['recovery']);
  });

  it('goes together with the KEK where that is asked: one write, and an old copy leads to nothing new', async () => {
    const { store, keyring, secret } = await world();
    const [gone, kept] = [operator(), operator()];
    const { id } = await keyring.slots.add(gone);
    const other = await keyring.slots.add({ ...kept, label: 'stays' });
    await keyring.createDataKey({ space: 's' });
    const sealed = await keyring.encrypt('before', { space: 's', context: '' });
    const copy = (await store.get(OWNER))!.bytes;
    const kek = (): string => keyring.inventory()[0]!.id;
    const [first, { revision }] = [kek(), keyring];
    await expect(keyring.slots.remove(id, { rekey: true, secrets: [secret] })).rejects.toMatchObject({
      code: 'ERR_ARGUMENT',
      message: expect.stringContaining(other.id) as string,
    });
    expect([kek(), keyring.revision]).toEqual([first, revision]);
    await keyring.slots.remove(id, { rekey: true, secrets: [secret, kept] });
    expect(kek()).not.toBe(first);
    expect(
      keyring.slots
        .list()
        .map(({ label }) => label)
        .sort(),
    ).toEqual(['', 'stays']);
    const p = { engine, store, owner: OWNER, memory: memoryStore() };
    expect(await codeOf(() => Keyring.unlock({ ...p, ...gone }))).toBe('ERR_WRONG_SECRET');
    const again = await Keyring.unlock({ ...p, ...kept });
    expect(await again.decryptText(sealed, { context: '' })).toBe('before');
    again.lock();
    const old = memoryStore();
    await old.put(OWNER, copy, { ifVersion: null });
    const stolen = await Keyring.unlock({ ...p, store: old, ...gone });
    expect(stolen.inventory()[0]!.id).toBe(first);
    stolen.lock();
    const [one, two] = keyring.slots.list();
    const all = { rekey: true, secrets: [secret, kept], dropSlots: [two!.id] };
    expect(await codeOf(() => keyring.slots.remove(one!.id, all))).toBe('ERR_KEY_STATE');
    expect(await codeOf(() => keyring.slots.remove('00'.repeat(16), { rekey: true }))).toBe('ERR_NOT_FOUND');
  });

  it('is one of 32 at most', async () => {
    const { keyring } = await world();
    for (let n = 1; n < 32; n++) await keyring.slots.add(operator());
    expect(await codeOf(() => keyring.slots.add(operator()))).toBe('ERR_LIMIT');
    expect(keyring.slots.list()).toHaveLength(32);
    await keyring.slots.remove(keyring.slots.list()[5]!.id);
    await keyring.slots.add(operator());
  });

  it('is refused with bad arguments, before any work', async () => {
    const { store, keyring } = await world();
    const deviceSecret = randomBytes(32);
    const { revision } = keyring;
    const free = engine.freeSlots();
    const bad: [what: string, p: unknown, code?: string][] = [
      ['nothing', undefined],
      ['no secret', {}],
      ['two', { passphrase: PASSPHRASE, ...operator() }],
      ['short passphrase', { passphrase: 'eleven char' }],
      ['minLength', { passphrase: PASSPHRASE, minLength: 40 }],
      ['few iterations', { passphrase: PASSPHRASE, iterations: 599_999 }],
      ['a recovery code', { recoveryCode: 'x' }],
      ['a private key', { escrowKey: new Uint8Array(32), signer: new Uint8Array(32) }],
      ['PIN alone', { pin: '1234' }],
      ['short PIN', { pin: '123', deviceSecret }],
      ['empty PIN', { pin: '', deviceSecret }],
      ['long PIN', { pin: '1'.repeat(1025), deviceSecret }, 'ERR_LIMIT'],
      ['short device secret', { pin: '1234', deviceSecret: new Uint8Array(31) }],
      ['device secret', { pin: '1234', deviceSecret: 'secret' }],
      ['prf without salt', { prf: randomBytes(32), credentialId }],
      ['prf without credential', { prf: randomBytes(32), salt: randomBytes(32) }],
      ['short prf', { prf: randomBytes(31), credentialId, salt: randomBytes(32) }],
      ['short salt', { prf: randomBytes(32), credentialId, salt: randomBytes(31) }],
      ['empty credential', { prf: randomBytes(32), credentialId: new Uint8Array(0), salt: randomBytes(32) }],
      ['long credential', { prf: randomBytes(32), credentialId: new Uint8Array(1024), salt: randomBytes(32) }],
      ['operator key', { operatorKey: new Uint8Array(31), operatorKeyId: '00'.repeat(16) }],
      ['operator key id', { operatorKey: new Uint8Array(32), operatorKeyId: 'mine' }],
      ['label', { ...operator(), label: 7 }],
      ['long label', { ...operator(), label: 'ä'.repeat(128) }],
      ['surrogate', { ...operator(), label: '\ud800' }],
      ['aborted', { ...operator(), signal: AbortSignal.abort() }, 'ERR_ABORTED'],
      ['signal', { ...operator(), signal: {} }],
    ];
    for (const [what, p, code = 'ERR_ARGUMENT'] of bad)
      expect(await codeOf(() => keyring.slots.add(p as never)), what).toBe(code);
    const { id } = keyring.slots.list()[0]!;
    for (const [what, p] of bad.slice(-5))
      expect(await codeOf(() => keyring.slots.addRecovery({ ...(p as object) })), what).toBeDefined();
    expect(await codeOf(() => keyring.slots.rename(id, 'ä'.repeat(128)))).toBe('ERR_ARGUMENT');
    expect(await codeOf(() => keyring.slots.rename('first', 'x'))).toBe('ERR_ARGUMENT');
    expect(await codeOf(() => keyring.slots.rename('00'.repeat(16), 'x'))).toBe('ERR_NOT_FOUND');
    expect(await codeOf(() => keyring.slots.remove('00'.repeat(16)))).toBe('ERR_NOT_FOUND');
    expect(await codeOf(() => keyring.slots.remove(id, null as never))).toBe('ERR_ARGUMENT');
    expect(keyring.revision).toBe(revision);
    expect(engine.freeSlots()).toBe(free);
    const begun = { engine, store, owner: 'new' };
    for (const p of [{ pin: '1234', deviceSecret }, { prf: randomBytes(32) }])
      expect(await codeOf(() => Keyring.create({ ...begun, ...p } as never))).toBe('ERR_ARGUMENT');
  });

  it('is made and managed by nobody after the lock; what waits for a device ends with it', async () => {
    const { keyring, unlock } = await world();
    const { id } = keyring.slots.list()[0]!;
    const other = await unlock();
    const free = engine.freeSlots();
    let answer!: (mac: Uint8Array) => void;
    const asked = new Promise<void>((begun) => {
      const deviceSecret = (): Promise<Uint8Array> => {
        begun();
        return new Promise((resolve) => (answer = resolve));
      };
      void codeOf(() => other.slots.add({ pin: '1234', deviceSecret, ...WEAK })).then((code) => (ended = code));
    });
    let ended: string | undefined;
    await asked;
    other.lock();
    await new Promise((done) => setTimeout(done));
    expect(ended).toBe('ERR_DISPOSED');
    answer(new Uint8Array(32));
    await new Promise((done) => setTimeout(done));
    expect(engine.freeSlots()).toBe(free + 1); // the lock's KEK; no key came of the late answer
    keyring.lock();
    for (const work of [
      () => keyring.slots.add(operator()),
      () => keyring.slots.addRecovery(),
      () => keyring.slots.rename(id, 'x'),
      () => keyring.slots.remove(id),
      () => Promise.resolve(keyring.slots.list()),
      () => Promise.resolve(keyring.slots.preparePrf()),
    ])
      expect(await codeOf(work)).toBe('ERR_DISPOSED');
  });
});

describe('two devices', () => {
  it('that add slots at once both have theirs', async () => {
    const { store, keyring, unlock } = await world();
    const other = await unlock();
    const added = [operator(), operator(), operator(), operator()];
    await Promise.all(
      added.map((secret, i) => (i % 2 === 0 ? keyring : other).slots.add({ ...secret, label: `${i}` })),
    );
    await keyring.refresh();
    expect(keyring.slots.list().map(({ label }) => label)).toEqual(expect.arrayContaining(['0', '1', '2', '3']));
    for (const secret of added) (await Keyring.unlock({ engine, store, owner: OWNER, ...secret })).lock();
  });

  it('that take each other’s last ways are stopped: one slot stays', async () => {
    const { keyring, unlock } = await world();
    const second = await keyring.slots.add(operator());
    const other = await unlock();
    const [one, two] = keyring.slots.list().map(({ id }) => ({ id }));
    const codes = await Promise.all([
      codeOf(() => keyring.slots.remove(one!.id)),
      codeOf(() => other.slots.remove(two!.id)),
    ]);
    expect(codes.sort()).toEqual(['ERR_KEY_STATE', undefined]);
    await other.refresh();
    expect(other.slots.list()).toHaveLength(1);
    expect([one!.id, two!.id]).toContain(second.id);
  });

  it('that remove or rename the same slot: the second is told', async () => {
    const { keyring, unlock } = await world();
    const { id } = await keyring.slots.add(operator());
    const other = await unlock();
    await keyring.slots.remove(id);
    expect(await codeOf(() => other.slots.rename(id, 'gone'))).toBe('ERR_CONFLICT');
    const again = await keyring.slots.add(operator());
    await other.refresh();
    const codes = await Promise.all([
      codeOf(() => keyring.slots.remove(again.id)),
      codeOf(() => other.slots.remove(again.id)),
    ]);
    expect(codes.sort()).toEqual(['ERR_CONFLICT', undefined]);
  });
});

describe('crashes', () => {
  it('at every write leave the old slots or the new ones', async () => {
    const inner = memoryStore();
    const { secret } = await world(inner);
    const before = (await inner.get(OWNER))!.bytes;
    const next = operator();
    for (let dies = 1, ended = false; !ended; dies++) {
      for (const answers of [false, true]) {
        const store = memoryStore();
        await store.put(OWNER, before, { ifVersion: null });
        let writes = 0;
        const broken = {
          name: store.name,
          get: store.get.bind(store),
          delete: store.delete.bind(store),
          list: store.list.bind(store),
          put: async (id: string, bytes: Uint8Array, p: { ifVersion: string | null }) => {
            writes++;
            if (writes !== dies) return store.put(id, bytes, p);
            if (answers) await store.put(id, bytes, p); // written, and nobody heard
            throw new Error('the power went');
          },
        };
        const memory = memoryStore();
        const keyring = await Keyring.unlock({ engine, store: broken, owner: OWNER, memory, ...secret });
        const failed = await keyring.slots.add({ ...next, label: 'next' }).then(
          () => false,
          () => true,
        );
        keyring.lock();
        expect(failed).toBe(dies <= writes);
        const p = { engine, store, owner: OWNER, memory: memoryStore() };
        const there = await Keyring.unlock({ ...p, ...secret });
        const labels = there.slots.list().map(({ label }) => label);
        there.lock();
        const opens = (await codeOf(async () => (await Keyring.unlock({ ...p, ...next })).lock())) === undefined;
        expect(labels.includes('next')).toBe(opens);
        if (!failed) expect([opens, (ended = true)]).toEqual([true, true]);
      }
    }
  });
});
