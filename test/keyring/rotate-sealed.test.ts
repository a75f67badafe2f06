// The KEK rotates while the secrets of rotatable slots, and the institution's key, are away: they lead to the next one.

import { createHmac, randomBytes } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { ConflictError, Keyring, KeystrataError, memoryStore, type Secret, type Store } from '../../bindings/index.ts';
import { fingerprintBytes } from '../../bindings/format/fingerprint.ts';
import { encodePublicKey } from '../../bindings/format/public-key.ts';
import { agreementPublicKey, drawAgreementSecret } from '../../bindings/keys/agreement.ts';
import { fingerprint } from '../../bindings/keys/fingerprint.ts';
import { operatorMek } from '../../bindings/keys/operator.ts';
import { openRotatable, resealRotatable } from '../../bindings/keys/rotatable.ts';
import { rotateKek } from '../../bindings/keyring/rotate-kek.ts';
import type { Session } from '../../bindings/keyring/session.ts';
import { unlock } from '../../bindings/keyring/unlock.ts';
import type { RotatableSlot } from '../../bindings/format/slot.ts';
import type { SlotSealing } from '../../bindings/format/private-part.ts';
import { codeOf, engine, events, FEW, operator, OWNER, PASSPHRASE, world } from './support.ts';

async function prepared() {
  const { store, keyring, secret } = await world();
  const [p256, xwing] = [operator(), operator()];
  await keyring.slots.add({ ...p256, rotatable: true, label: 'P-256' });
  await keyring.slots.add({ ...xwing, rotatable: true, kem: 'X-Wing', label: 'X-Wing' });
  const { id } = await keyring.keypairs.create({ use: 'sign' });
  const signer = fingerprintBytes(keyring.keypairs.fingerprint(id));
  const escrowKey = drawAgreementSecret(engine, 'P-256');
  const key = agreementPublicKey('P-256', escrowKey);
  const text = Buffer.from(fingerprint(engine, key)).toString('hex');
  await keyring.slots.addEscrow({ publicKey: encodePublicKey(key), fingerprint: text, label: 'the bank' });
  await keyring.createDataKey({ space: 's' });
  const sealed = await keyring.encrypt('kept', { space: 's', context: '' });
  return { store, keyring, secret, p256, xwing, signer, escrowKey, sealed };
}

/** What the secret opens: the KEK's id, and the text. */
async function opened(store: Store, secret: Secret, sealed: Uint8Array): Promise<[string, string]> {
  const keyring = await Keyring.unlock({ engine, store, owner: OWNER, memory: memoryStore(), ...secret });
  const found: [string, string] = [keyring.inventory()[0]!.id, await keyring.decryptText(sealed, { context: '' })];
  keyring.lock();
  return found;
}

describe('a rotation of the KEK', () => {
  it('reaches rotatable slots and escrows without their secrets, twice', async () => {
    const { store, keyring, secret, p256, xwing, signer, escrowKey, sealed } = await prepared();
    const before = keyring.slots.list();
    for (let i = 0; i < 2; i++) {
      const kek = keyring.inventory()[0]!.id;
      await keyring.rotateKek({ secrets: [secret] });
      const next = keyring.inventory()[0]!.id;
      expect(next).not.toBe(kek);
      for (const one of [secret, p256, xwing, { escrowKey, signer }])
        expect(await opened(store, one, sealed)).toEqual([next, 'kept']);
      await keyring.refresh();
    }
    expect(keyring.slots.list()).toEqual(before); // the same slots, none to be enrolled again
  });

  it('after a compromise flags what others may know, until it is made anew', async () => {
    const { store, keyring, secret, p256, xwing, signer, escrowKey, sealed } = await prepared();
    await keyring.rotateKek({ reason: 'compromised', secrets: [secret] });
    const kek = keyring.inventory()[0]!.id;
    for (const one of [secret, p256, xwing]) expect(await opened(store, one, sealed)).toEqual([kek, 'kept']);
    const flags = keyring.slots.list().map(({ label, enrolAgain }) => [label, enrolAgain]);
    expect(new Map(flags as [string, boolean | undefined][])).toEqual(
      new Map([
        ['', undefined],
        ['P-256', true],
        ['X-Wing', true],
        ['the bank', undefined],
      ]),
    );
    // The signing key was under the KEK, too: the institution is told the next one's fingerprint.
    expect(await codeOf(() => opened(store, { escrowKey, signer }, sealed))).toBe('ERR_UNTRUSTED_KEY');
    const next = keyring.keypairs.list().find(({ use, state }) => use === 'sign' && state === 'active')!;
    const recorded = fingerprintBytes(next.fingerprint);
    expect(await opened(store, { escrowKey, signer: recorded }, sealed)).toEqual([kek, 'kept']);
    await keyring.refresh();
    const old = keyring.slots.list().find(({ label }) => label === 'P-256')!;
    await keyring.slots.remove(old.id);
    const again = await keyring.slots.add({ ...p256, rotatable: true, label: 'P-256' });
    expect(again.enrolAgain).toBeUndefined();
    expect(keyring.slots.list().filter(({ enrolAgain }) => enrolAgain)).toHaveLength(1);
    expect(await opened(store, p256, sealed)).toEqual([kek, 'kept']);
  });
});

// ---- after a compromise, with the secret: made anew

const WEAK = { iterations: FEW, allowWeak: true };

const sessionOf = (store: Store, secret: Secret): Promise<Session> =>
  unlock({ engine, store, owner: OWNER, memory: memoryStore(), allowWeak: true, ...secret });

/** What seals to the slot of the label, as a reader has it. */
async function sealingOf(store: Store, secret: Secret, label: string): Promise<SlotSealing & { id: string }> {
  const session = await sessionOf(store, secret);
  const { labels, slots } = session.snapshot.private;
  const [id] = [...labels].find(([, text]) => text === label)!;
  const sealing = slots.get(id)!;
  const copy = { ...sealing, sealKey: Uint8Array.from(sealing.sealKey), id };
  session.lock();
  return copy;
}

const labelled = (keyring: Keyring, label: string) => keyring.slots.list().find((slot) => slot.label === label)!;

describe.each(['P-256', 'X-Wing'] as const)(
  'after a compromise, a rotatable slot of %s whose secret is given',
  (kem) => {
    const kinds: [string, () => Secret][] = [
      ['passphrase', () => ({ passphrase: PASSPHRASE })],
      ['pin', () => ({ pin: '1234', deviceSecret: randomBytes(32) })],
      ['prf', () => ({ prf: randomBytes(32), credentialId: randomBytes(16), salt: randomBytes(32) })],
      ['operator', operator],
      ['recovery', () => ({ recoveryCode: '' })],
    ];

    it.each(kinds)(
      'is made anew of the same secret: another pair, another seal key, no flag (%s)',
      async (type, make) => {
        const { store, keyring, secret: first } = await world();
        await keyring.createDataKey({ space: 's' });
        const sealed = await keyring.encrypt('kept', { space: 's', context: '' });
        const p = { ...WEAK, rotatable: true, kem, label: 'mine' };
        let secret = make();
        if ('recoveryCode' in secret) secret = { recoveryCode: (await keyring.slots.addRecovery(p)).recoveryCode };
        else await keyring.slots.add({ ...secret, ...p });
        await keyring.slots.add({ ...operator(), rotatable: true, label: 'theirs' });
        await keyring.rotateKek({ reason: 'compromised', secrets: [first] }); // away: flagged
        const before = await sealingOf(store, first, 'mine');
        expect([before.flags, labelled(keyring, 'mine').enrolAgain]).toEqual([1, true]);
        const { created, iterations } = labelled(keyring, 'mine');

        const told: number[] = [];
        await keyring.rotateKek({ reason: 'compromised', secrets: [secret, first], onProgress: (x) => told.push(x) });
        expect(told).toEqual([...told].sort((a, b) => a - b));
        expect(told.at(-1)).toBe(1);
        const after = await sealingOf(store, first, 'mine');
        expect(after.kem).toBe(before.kem);
        expect(after.publicKey).not.toEqual(before.publicKey);
        expect(after.sealKey).not.toEqual(before.sealKey);
        expect(after.sealKey.some((byte) => byte !== 0)).toBe(true);
        expect(after.flags).toBe(0);
        // From a salt of its own, or from another id: the seal key is not the one that others may know.
        expect(after.id === before.id).toBe(type !== 'prf' && type !== 'operator');
        const info = labelled(keyring, 'mine');
        expect(info).toMatchObject({ id: after.id, type, rotatable: true, kem, created, label: 'mine' });
        expect(info.enrolAgain).toBeUndefined();
        expect(info.iterations).toBe(iterations === undefined ? undefined : 600_000);
        expect(labelled(keyring, 'theirs').enrolAgain).toBe(true);

        const kek = keyring.inventory()[0]!.id;
        for (const one of [secret, first]) expect(await opened(store, one, sealed)).toEqual([kek, 'kept']);
        await keyring.refresh();
        await keyring.rotateKek({ secrets: [first] }); // and the next KEK is sealed to it
        const next = keyring.inventory()[0]!.id;
        expect(await opened(store, secret, sealed)).toEqual([next, 'kept']);
      },
    );
  },
);

describe('after a compromise', () => {
  it('who has the old seal key seals nothing to a slot that was made anew', async () => {
    const { store, keyring, secret } = await world();
    const own = operator();
    await keyring.slots.add({ ...own, rotatable: true, label: 'mine' });
    const stolen = await sealingOf(store, secret, 'mine');
    /** What the slot says of a seal by whoever has `stolen`. */
    const forged = async (): Promise<string | undefined> => {
      const session = await sessionOf(store, secret);
      const slot = session.snapshot.header.slots.find((one): one is RotatableSlot => one.mode === 'rotatable')!;
      const at = { keyring: session.keyring, owner: OWNER, slot: slot.id, type: slot.type };
      const seal = resealRotatable(engine, session.kek, stolen, at);
      const mek = operatorMek(engine, own.operatorKey, own.operatorKeyId);
      const code = await codeOf(() =>
        openRotatable(engine, mek, { ...slot, ...seal }, { ...at, kek: session.kek.id }).dispose(),
      );
      mek.dispose();
      session.lock();
      return code;
    };
    expect(await forged()).toBeUndefined();
    await keyring.rotateKek({ reason: 'compromised', secrets: [secret] });
    expect(await forged()).toBeUndefined(); // hence the flag
    await keyring.rotateKek({ reason: 'compromised', secrets: [secret, own] });
    expect(await forged()).toBe('ERR_AUTHENTICATION');
  });

  it('a secret that opens none of the rotatable slots leaves them flagged, if it opens another one', async () => {
    const { store, keyring, secret } = await world();
    const codes: Secret[] = [];
    for (const p of [{}, { rotatable: true, label: 'mine' }, { rotatable: true, label: 'away' }])
      codes.push({ recoveryCode: (await keyring.slots.addRecovery(p)).recoveryCode });
    const [direct, mine, away] = codes as [Secret, Secret, Secret];
    const flags = (): (boolean | undefined)[] => ['mine', 'away'].map((label) => labelled(keyring, label).enrolAgain);
    await keyring.rotateKek({ reason: 'compromised', secrets: [secret, direct] });
    expect(flags()).toEqual([true, true]);
    await keyring.rotateKek({ reason: 'compromised', secrets: [secret, mine, direct, mine] });
    expect(flags()).toEqual([undefined, true]);
    for (const one of [secret, ...codes]) (await sessionOf(store, one)).lock();
    // The same where the slot that it opens is dropped, as where nothing else of its holder's is left.
    const { id } = keyring.slots.list().find(({ type, rotatable }) => type === 'recovery' && !rotatable)!;
    await keyring.refresh();
    await keyring.rotateKek({ reason: 'compromised', secrets: [secret, direct], dropSlots: [id] });
    expect(flags()).toEqual([true, true]);
    await keyring.rotateKek({ reason: 'compromised', secrets: [away, secret, mine] });
    expect(flags()).toEqual([undefined, undefined]);
  });

  it('a secret that opens nothing stops it, and nothing was changed: it may be a slot’s, mistyped', async () => {
    const { store, keyring, secret } = await world();
    const other = await world();
    const wrong = { recoveryCode: (await other.keyring.slots.addRecovery()).recoveryCode };
    await keyring.slots.addRecovery({ label: 'direct' });
    const { recoveryCode } = await keyring.slots.addRecovery({ rotatable: true, label: 'mine' });
    const dropSlots = [labelled(keyring, 'direct').id];
    const before = (await store.get(OWNER))!.bytes;
    const free = engine.freeSlots();
    const p = { reason: 'compromised', dropSlots } as const;
    const wrongly = keyring.rotateKek({ ...p, secrets: [wrong, secret] });
    await expect(wrongly).rejects.toThrow(/recovery code that was given opens no slot of this keyring/);
    expect(await codeOf(() => keyring.rotateKek({ ...p, secrets: [secret, wrong] }))).toBe('ERR_WRONG_SECRET');
    expect((await store.get(OWNER))!.bytes).toEqual(before);
    expect(engine.freeSlots()).toBe(free);
    // No harm where the slot that it may be for is opened by another one, as among direct slots.
    await keyring.rotateKek({ ...p, secrets: [wrong, secret, { recoveryCode }] });
    expect(labelled(keyring, 'mine').enrolAgain).toBeUndefined();
  });

  it('tells in the log of a slot with another id, and of no other', async () => {
    const { store, keyring, secret } = await world();
    const own = operator();
    const { id } = await keyring.slots.add({ ...own, rotatable: true, label: 'mine' });
    const { recoveryCode } = await keyring.slots.addRecovery({ rotatable: true });
    await keyring.rotateKek({ reason: 'compromised', secrets: [secret, own, { recoveryCode }] });
    const session = await sessionOf(store, own);
    const next = labelled(keyring, 'mine').id;
    expect(next).not.toBe(id);
    expect(events(session.snapshot.body).slice(-2)).toEqual([
      ['slot add', next],
      ['slot remove', id],
    ]);
    const rotatable = session.snapshot.header.slots.filter(({ mode }) => mode === 'rotatable');
    expect([...session.snapshot.private.slots.keys()]).toEqual(rotatable.map((slot) => slot.id));
    expect([...session.snapshot.private.labels.keys()]).toEqual([next]);
    session.lock();
  });
});

describe('a scheduled rotation', () => {
  it('asks no rotatable slot’s secret for anything', async () => {
    const { store, keyring, secret } = await world();
    const key = randomBytes(32);
    let asked = 0;
    const deviceSecret = (message: Uint8Array): Promise<Uint8Array> => {
      asked++;
      return Promise.resolve(createHmac('sha256', key).update(message).digest());
    };
    const pin = { pin: '1234', deviceSecret };
    await keyring.slots.add({ ...pin, ...WEAK, rotatable: true, label: 'mine' });
    const before = await sealingOf(store, secret, 'mine');
    asked = 0;
    await keyring.rotateKek({ secrets: [secret, pin, { pin: '4321', deviceSecret }] });
    expect(asked).toBe(0);
    expect(await sealingOf(store, secret, 'mine')).toEqual(before);
    await keyring.rotateKek({ reason: 'compromised', secrets: [secret, pin] });
    expect(asked).toBe(2); // opened, made anew
  });
});

describe('a seal key that was made in a rotation', () => {
  /** The bytes of the seal keys of recovery slots as the engine was given them, while `work` runs: each once. */
  async function sealKeys({ session }: { session: Session }, work: () => Promise<unknown>): Promise<Uint8Array[]> {
    const ids = new Set(session.snapshot.private.slots.keys());
    const spy = vi.spyOn(engine, 'importKey');
    try {
      await work();
      const given = spy.mock.calls
        .filter(([, { purpose, id }]) => purpose === 'mac' && ids.has(id))
        .map(([bytes]) => bytes);
      return [...new Set(given)];
    } finally {
      spy.mockRestore();
    }
  }
  const wiped = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0);

  async function prepared() {
    const { store: inner, keyring: first, secret } = await world();
    const codes: Secret[] = [];
    for (let i = 0; i < 2; i++)
      codes.push({ recoveryCode: (await first.slots.addRecovery({ rotatable: true, label: `${i}` })).recoveryCode });
    first.lock();
    let put = inner.put.bind(inner);
    const store: Store = {
      name: inner.name,
      get: (id) => inner.get(id),
      put: (id, bytes, p) => put(id, bytes, p),
      delete: (id, p) => inner.delete(id, p),
      list: () => inner.list(),
    };
    const session = await sessionOf(store, secret);
    const rotate = (p: { signal?: AbortSignal; onProgress?: (x: number) => void } = {}): Promise<void> =>
      rotateKek(session, { reason: 'compromised', secrets: [secret, ...codes], ...p });
    return { inner, secret, codes, session, rotate, onPut: (next: typeof put) => void (put = next) };
  }

  it('lives in the document that has it, until the end', async () => {
    const p = await prepared();
    const { session } = p;
    const before = [...session.snapshot.private.slots.values()].map(({ sealKey }) => sealKey);
    const made = await sealKeys(p, () => p.rotate());
    const now = [...session.snapshot.private.slots.values()].map(({ sealKey }) => sealKey);
    expect(now).toHaveLength(2);
    for (const key of now) expect([made.includes(key), wiped(key)]).toEqual([true, false]);
    for (const key of before) expect(wiped(key)).toBe(true);
    session.lock();
    for (const key of [...made, ...now]) expect(wiped(key)).toBe(true);
  });

  const ends: [string, string, (p: Awaited<ReturnType<typeof prepared>>) => Promise<unknown>][] = [
    [
      'the store fails',
      'ERR_STORE',
      (p) => {
        p.onPut(() => Promise.reject(new KeystrataError('ERR_STORE', 'the disk is full')));
        return p.rotate();
      },
    ],
    [
      'another rotation was first',
      'ERR_CONFLICT',
      async (p) => {
        const other = await sessionOf(p.inner, p.secret);
        p.onPut(async (id, bytes, at) => {
          p.onPut(p.inner.put.bind(p.inner));
          await rotateKek(other, { secrets: [p.secret] });
          other.lock();
          return p.inner.put(id, bytes, at);
        });
        return p.rotate();
      },
    ],
    [
      'its slot was changed',
      'ERR_CONFLICT',
      async (p) => {
        const other = await Keyring.unlock({
          engine,
          store: p.inner,
          owner: OWNER,
          memory: memoryStore(),
          ...p.secret,
        });
        p.onPut(async (id, bytes, at) => {
          p.onPut(p.inner.put.bind(p.inner));
          await other.replaceRecoveryCode();
          other.lock();
          return p.inner.put(id, bytes, at);
        });
        return p.rotate();
      },
    ],
    [
      'it is aborted',
      'ERR_ABORTED',
      (p) => {
        const stop = new AbortController();
        return p.rotate({ signal: stop.signal, onProgress: (x) => x > 0 && stop.abort() });
      },
    ],
    ['the keyring is locked', 'ERR_DISPOSED', (p) => p.rotate({ onProgress: (x) => x > 0 && p.session.lock() })],
  ];
  it.each(ends)('is wiped where it is not entered: %s', async (_, code, work) => {
    const p = await prepared();
    const entered = [...p.session.snapshot.private.slots.values()].map(({ sealKey }) => sealKey);
    const made = await sealKeys(p, async () => expect(await codeOf(() => work(p))).toBe(code));
    const fresh = made.filter((bytes) => !entered.includes(bytes));
    expect(fresh.length).toBeGreaterThanOrEqual(2);
    for (const key of fresh) expect(wiped(key)).toBe(true);
    p.session.lock();
    for (const key of made) expect(wiped(key)).toBe(true);
    for (const secret of [p.secret, ...(code === 'ERR_CONFLICT' ? [] : p.codes)])
      (await sessionOf(p.inner, secret)).lock();
  });

  it('is not entered for a slot that another device removed meanwhile; what it added is flagged', async () => {
    const p = await prepared();
    const other = await Keyring.unlock({ engine, store: p.inner, owner: OWNER, memory: memoryStore(), ...p.secret });
    const added = operator();
    p.onPut(async (id, bytes, at) => {
      p.onPut(p.inner.put.bind(p.inner));
      await other.slots.remove(labelled(other, '0').id);
      await other.slots.add({ ...added, rotatable: true, label: 'added' });
      other.lock();
      return p.inner.put(id, bytes, at);
    });
    const made = await sealKeys(p, () => p.rotate());
    const { labels, slots } = p.session.snapshot.private;
    expect([...slots].map(([id, { flags }]) => [labels.get(id), flags]).sort()).toEqual([
      ['1', 0],
      ['added', 1],
    ]);
    const now = [...slots.values()].map(({ sealKey }) => sealKey);
    for (const key of made) expect(wiped(key)).toBe(!now.includes(key));
    for (const key of now) expect(wiped(key)).toBe(false);
    p.session.lock();
    for (const secret of [p.secret, p.codes[1]!, added]) (await sessionOf(p.inner, secret)).lock();
    expect(await codeOf(() => sessionOf(p.inner, p.codes[0]!))).toBe('ERR_WRONG_SECRET');
  });

  it('is that of the document where the answer to the write was lost', async () => {
    const p = await prepared();
    p.onPut(async (id, bytes, at) => {
      p.onPut(p.inner.put.bind(p.inner));
      await p.inner.put(id, bytes, at);
      throw new ConflictError('ERR_CONFLICT', 'it was written, but nobody knows');
    });
    const made = await sealKeys(p, () => p.rotate());
    const read = [...p.session.snapshot.private.slots.values()];
    expect(read.map(({ flags, sealKey }) => [flags, wiped(sealKey)])).toEqual([
      [0, false],
      [0, false],
    ]);
    for (const key of made) expect(wiped(key)).toBe(true); // what was read is another copy
    p.session.lock();
    for (const secret of [p.secret, ...p.codes]) (await sessionOf(p.inner, secret)).lock();
  });
});
