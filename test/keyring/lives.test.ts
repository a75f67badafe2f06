// Documents that hold more than this version writes: keys in every state, keypairs, old KEKs, other slots. They are read and
// shown right, kept whole by every change, and used only as their state permits.

import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Keyring, memoryStore, type KeyState, type Store } from '../../bindings/index.ts';
import { apply, type Change } from '../../bindings/keyring/change.ts';
import { create } from '../../bindings/keyring/create.ts';
import { createDataKeys } from '../../bindings/keyring/create-data-keys.ts';
import { encryptIn } from '../../bindings/keyring/records.ts';
import type { Session } from '../../bindings/keyring/session.ts';
import { ByHand, hex, raw } from './by-hand.ts';
import { codeOf, engine, operator, OWNER, PASSPHRASE, wrapUnder } from './support.ts';

const id = (): string => randomBytes(16).toString('hex');

interface Prepared {
  store: Store;
  session: Session;
  kid: string;
  record: Uint8Array;
  secret: ReturnType<typeof operator>;
  unlock: () => Promise<Keyring>;
}

async function prepared(): Promise<Prepared> {
  const store = memoryStore();
  const secret = operator();
  const { session } = await create({ engine, store, owner: OWNER, ...secret });
  const [key] = await createDataKeys(session, [{ space: 's' }]);
  const record = await encryptIn(session, 'text', 's', '');
  const unlock = () => Keyring.unlock({ engine, store, owner: OWNER, ...secret });
  return { store, session, kid: key!.id, record, secret, unlock };
}

const inState =
  (kid: string, state: KeyState, reason = 0): Change =>
  ({ body }) => {
    const key = body.keys.get(kid)!;
    const transitions = [...key.transitions, { from: key.state, to: state, time: 1_700_000_000, reason }];
    const wrapped = state === 'destroyed' ? null : key.wrapped;
    return { body: { keys: new Map(body.keys).set(kid, { ...key, state, transitions, wrapped }) } };
  };

describe('a data key', () => {
  const permits: [KeyState, encrypt: boolean, decrypt: boolean][] = [
    ['pre-activation', false, false],
    ['active', true, true],
    ['suspended', false, true],
    ['deactivated', false, true],
    ['compromised', false, true],
    ['destroyed', false, false],
  ];
  it.each(permits)('that is %s: encrypts %s, decrypts %s', async (state, encrypts, decrypts) => {
    const { session, kid, record, unlock } = await prepared();
    await apply(session, inState(kid, state, 1));
    const keyring = await unlock();
    const byName = () => keyring.dataKey({ id: kid }).encrypt('x', { context: '' });
    expect(await codeOf(byName)).toBe(encrypts ? undefined : 'ERR_KEY_STATE');
    const bySpace = () => keyring.encrypt('x', { space: 's', context: '' });
    expect(await codeOf(bySpace)).toBe(encrypts ? undefined : 'ERR_KEY_NOT_FOUND');
    expect(await codeOf(() => keyring.decrypt(record, { context: '' }))).toBe(decrypts ? undefined : 'ERR_KEY_STATE');
    const { history } = keyring.inventory().find((key) => key.id === kid)!;
    expect(history).toEqual([
      { state: 'active', at: expect.any(Date) as Date, reason: 'created' },
      { state, at: new Date(1_700_000_000_000), reason: 'key compromise' },
    ]);
  });

  it('changes its state at most 64 times', async () => {
    const { session, kid } = await prepared();
    for (let i = 0; i < 64; i++) await apply(session, inState(kid, i % 2 === 0 ? 'suspended' : 'active', 77));
    expect(await codeOf(() => createDataKeys(session, [{ space: 's' }]))).toBe('ERR_LIMIT');
    const { history } = (await Keyring.inspect(session)).keys.find((key) => key.id === kid)!;
    expect([history.length, history.at(-1)!.reason]).toEqual([65, 'code 77']);
  });
});

describe('what this version does not write', () => {
  /** Everything a document may hold, with wraps that nobody opens. */
  const full =
    (own: { oldKek: string; older: string; agree: string; space: string; device: string }): Change =>
    ({ header, body, private: { labels } }) => ({
      header: {
        slots: [
          ...header.slots,
          {
            id: 'f0'.repeat(16),
            created: 1,
            type: 'passphrase',
            salt: randomBytes(32),
            iterations: 600_000,
            mode: 'rotatable',
            commitment: randomBytes(32),
            wrappedPrivateKey: randomBytes(150),
            kem: 0x0010,
            seal: randomBytes(169),
            sealMac: randomBytes(32),
          },
        ],
      },
      body: {
        keys: new Map(body.keys).set(own.space, {
          ...body.keys.get(body.bodyKey)!,
          type: 'space',
          family: id(),
          space: own.space,
        }),
        keypairs: new Map([
          [
            own.agree,
            {
              use: 'agree',
              algorithm: 0x0020,
              publicKey: { kind: 'X25519', x: randomBytes(32) },
              wrapped: wrapUnder(header.kek, 150),
              state: 'active',
              created: 3,
              transitions: [],
            },
          ],
        ]),
        reservations: new Map([
          [own.device, new Map([[header.kek, 1024]])],
          [id(), new Map([[header.kek, 2048]])],
        ]),
        oldKeks: new Map([
          [own.oldKek, { wrapped: wrapUnder(header.kek, 123), state: 'compromised', time: 20 }],
          [own.older, { wrapped: wrapUnder(header.kek, 123), state: 'deactivated', time: 10 }],
        ]),
        tombstones: new Map([[id(), { kind: 1, time: 4 }]]),
        audit: { dropped: 1, anchor: randomBytes(32), entries: [] },
      },
      private: {
        labels: new Map(labels).set('f0'.repeat(16), 'from home'),
        slots: new Map([
          [
            'f0'.repeat(16),
            {
              kem: 0x0020,
              publicKey: { kind: 'X25519', x: randomBytes(32) },
              sealKey: new Uint8Array(32).fill(0x5e),
              flags: 0,
            },
          ],
        ]),
        reasons: new Map([[7, 'a reason']]),
      },
    });
  const own = () => ({ oldKek: id(), older: id(), agree: id(), space: id(), device: id() });

  it('is listed', async () => {
    const { session, unlock } = await prepared();
    const ids = own();
    await apply(session, full(ids));
    const keyring = await unlock();
    const inventory = new Map(keyring.inventory().map((key) => [key.id, key]));
    const kek = session.kek.id;
    expect(inventory.get(kek)).toMatchObject({ role: 'KEK', version: 3, usage: { reserved: 3072, limit: 2 ** 32 } });
    expect(inventory.get(ids.older)).toMatchObject({ role: 'KEK', version: 1, state: 'deactivated', wrappedBy: kek });
    expect(inventory.get(ids.oldKek)).toMatchObject({ role: 'KEK', version: 2, state: 'compromised' });
    expect(inventory.get(ids.agree)).toMatchObject({ role: 'AGREE', state: 'active' });
    expect(inventory.get(ids.space)).toMatchObject({ role: 'SPACE', space: ids.space });
    const { slots } = await Keyring.inspect(session);
    expect(slots.map(({ type, rotatable }) => [type, rotatable])).toContainEqual(['passphrase', true]);
    const p = { engine, store: session.store, owner: OWNER, passphrase: PASSPHRASE };
    expect(await codeOf(() => Keyring.unlock(p))).toBe('ERR_WRONG_SECRET');
  });

  it('is kept by every change, the seal keys too', async () => {
    const { session, unlock, store, secret } = await prepared();
    await apply(session, full(own()));
    const before = raw((await store.get(OWNER))!.bytes);
    const keyring = await unlock();
    await session.refresh();
    await keyring.createDataKey({ space: 'new' }); // a label more: the private part is sealed again
    await session.refresh();
    await createDataKeys(session, [{ space: 'newer' }]); // by a session that saw two private parts
    const document = new ByHand((await store.get(OWNER))!.bytes, secret.operatorKey);
    expect(document.macHolds).toBe(true);
    for (const field of [2, 3, 5, 6, 9, 10])
      expect(document.body.get(field), `field ${field}`).toEqual(before.body.get(field));
    const units = (of: Map<number, unknown>): [string, unknown][] =>
      [...(of.get(4) as Map<Uint8Array, unknown>)].map(([device, shares]) => [hex(device), shares]);
    const now = new Map(units(document.body));
    for (const [device, shares] of units(before.body)) expect(now.get(device), device).toEqual(shares);
    expect(document.header.get(7)).toEqual(before.header.get(7));
    const { privatePart } = document;
    const sealing = [...(privatePart.get(2) as Map<Uint8Array, unknown[]>)].map(([slot, s]) => [
      hex(slot),
      hex(s[2] as Uint8Array),
    ]);
    expect(sealing).toEqual([['f0'.repeat(16), '5e'.repeat(32)]]);
    expect((privatePart.get(1) as Map<Uint8Array, string>).size).toBe(1 + 1 + 2);
    expect(privatePart.get(4)).toEqual(new Map([[7, 'a reason']]));
  });

  it('is wiped where it is secret, when the session ends', async () => {
    const { session, unlock } = await prepared();
    await apply(session, full(own()));
    const keyring = await unlock();
    const { sealKey } = session.snapshot.private.slots.get('f0'.repeat(16))!;
    expect(sealKey.some((byte) => byte !== 0)).toBe(true);
    await apply(session, ({ private: { slots } }) => ({ private: { slots: new Map(slots) } })); // another map of the same
    expect(sealKey.some((byte) => byte !== 0)).toBe(true);
    await keyring.createDataKey({ space: 'another' });
    await session.refresh(); // another private part
    expect(sealKey.every((byte) => byte === 0)).toBe(true);
    const again = session.snapshot.private.slots.get('f0'.repeat(16))!.sealKey;
    expect(again.some((byte) => byte !== 0)).toBe(true);
    session.lock();
    expect(again.every((byte) => byte === 0)).toBe(true);
    expect(keyring.locked).toBe(false);
  });
});
