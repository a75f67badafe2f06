// The life of a key: every pair of states, and what each permits. SP 800-57 Part 1 Rev. 5 §7.

import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { memoryStore, type KeyState } from '../../bindings/index.ts';
import { apply, type Change } from '../../bindings/keyring/change.ts';
import { create } from '../../bindings/keyring/create.ts';
import { createDataKeys } from '../../bindings/keyring/create-data-keys.ts';
import { keyInfos } from '../../bindings/keyring/info.ts';
import { decrypt, encryptIn } from '../../bindings/keyring/records.ts';
import type { Session } from '../../bindings/keyring/session.ts';
import { setState } from '../../bindings/keyring/set-state.ts';
import { checkState, type Use } from '../../bindings/keyring/states.ts';
import { hex, raw } from './by-hand.ts';
import { codeOf, engine, events, operator, OWNER, world, wrapUnder } from './support.ts';

const STATES: readonly KeyState[] = [
  'pre-activation',
  'active',
  'suspended',
  'deactivated',
  'compromised',
  'destroyed',
];

/** From a row to a column: yes or no. Written out, not taken from the code. */
const MAY: Record<KeyState, string> = {
  //                 pre act sus dea com des
  'pre-activation': ' -   x   -   -   x   x',
  active: '          -   -   x   x   x   x',
  suspended: '       -   x   -   x   x   x',
  deactivated: '     -   -   -   -   x   x',
  compromised: '     -   -   -   -   -   x',
  destroyed: '       -   -   -   -   -   -',
};
const may = (from: KeyState, to: KeyState): boolean => MAY[from].trim().split(/\s+/)[STATES.indexOf(to)] === 'x';

const PAIR = 'aa'.repeat(16);

async function session(): Promise<{ own: Session; kid: string; store: ReturnType<typeof memoryStore> }> {
  const store = memoryStore();
  const { session: own } = await create({ engine, store, owner: OWNER, recovery: false, ...operator() });
  const [key] = await createDataKeys(own, [{ space: 's' }]);
  return { own, kid: key!.id, store };
}

/** As it lies in a document that was written so: key and pair in this state. */
const inState =
  (kid: string, state: KeyState): Change =>
  ({ header, body }) => ({
    body: {
      keys: new Map(body.keys).set(kid, { ...body.keys.get(kid)!, state }),
      keypairs: new Map([
        [
          PAIR,
          {
            use: 'agree',
            algorithm: 0x0020,
            publicKey: { kind: 'X25519', x: randomBytes(32) },
            wrapped: wrapUnder(header.kek, 119),
            state,
            created: 3,
            transitions: [],
          },
        ],
      ]),
    },
  });

const stateOf = ({ snapshot: { body } }: Session, kid: string) => (body.keys.get(kid) ?? body.keypairs.get(kid))!;

describe('transitions', () => {
  const pairs = STATES.flatMap((from) => STATES.map((to) => [from, to, may(from, to)] as const));
  expect(pairs.filter(([, , allowed]) => allowed)).toHaveLength(14);

  it.each(pairs)('from %s to %s: %s', async (from, to, allowed) => {
    const { own, kid } = await session();
    await apply(own, inState(kid, from));
    for (const one of [kid, PAIR]) {
      const { wrapped } = stateOf(own, one);
      const { revision } = own.snapshot.header;
      expect(await codeOf(() => setState(own, one, to, 'because'))).toBe(allowed ? undefined : 'ERR_KEY_STATE');
      const { state, transitions, wrapped: now } = stateOf(own, one);
      expect([state, own.snapshot.header.revision]).toEqual(allowed ? [to, revision + 1] : [from, revision]);
      expect(transitions.map((one) => [one.from, one.to])).toEqual(allowed ? [[from, to]] : []);
      expect(now).toEqual(to === 'destroyed' && allowed ? null : wrapped);
      expect(own.snapshot.body.tombstones.has(one)).toBe(to === 'destroyed' && allowed);
    }
    const told = events(own.snapshot.body).slice(2);
    const event = to === 'destroyed' ? 'destroy' : 'state';
    expect(told).toEqual(allowed ? [kid, PAIR].map((subject) => [event, subject]) : []);
  });

  it('are recorded with time and reason, the reason for those who hold the KEK alone', async () => {
    const { own, kid, store } = await session();
    await setState(own, kid, 'suspended', 'a laptop was left on the train');
    await setState(own, kid, 'active', 'it was found');
    await setState(own, kid, 'deactivated', '');
    const { history } = keyInfos(own.snapshot.header, own.snapshot.body, own.snapshot.private).find(
      (key) => key.id === kid,
    )!;
    expect(history.map(({ state, reason }) => [state, reason])).toEqual([
      ['active', 'created'],
      ['suspended', 'a laptop was left on the train'],
      ['active', 'it was found'],
      ['deactivated', 'cessation of operation'],
    ]);
    const told = keyInfos(own.snapshot.header, own.snapshot.body).find((key) => key.id === kid)!.history;
    expect(told.map(({ reason }) => reason)).toEqual(['created', 'on hold', 'hold lifted', 'cessation of operation']);
    expect(Buffer.from((await store.get(OWNER))!.bytes).includes('laptop')).toBe(false);
  });

  it('are at most 64 a key, of which suspending and resuming leave the last to the way out', async () => {
    const { own, kid } = await session();
    for (let i = 0; i < 61; i++) await setState(own, kid, i % 2 === 0 ? 'suspended' : 'active', '');
    expect(await codeOf(() => setState(own, kid, 'active', ''))).toBe('ERR_LIMIT');
    for (const last of ['deactivated', 'compromised', 'destroyed'] as const) await setState(own, kid, last, '');
    expect(stateOf(own, kid).transitions).toHaveLength(64);
  });

  it.each([
    ['another state', (own: Session, kid: string) => setState(own, kid, 'lost' as KeyState, ''), 'ERR_ARGUMENT'],
    ['no reason', (own: Session, kid: string) => setState(own, kid, 'suspended', undefined as never), 'ERR_ARGUMENT'],
    [
      'too long a reason',
      (own: Session, kid: string) => setState(own, kid, 'suspended', 'ü'.repeat(128)),
      'ERR_ARGUMENT',
    ],
    ['no id', (own: Session) => setState(own, 'x', 'suspended', ''), 'ERR_ARGUMENT'],
    ['a key that is not there', (own: Session) => setState(own, PAIR, 'suspended', ''), 'ERR_KEY_NOT_FOUND'],
    ['the KEK', (own: Session) => setState(own, own.kek.id, 'suspended', ''), 'ERR_KEY_STATE'],
    ['the body DEK', (own: Session) => setState(own, own.snapshot.body.bodyKey, 'destroyed', ''), 'ERR_KEY_STATE'],
  ])('of %s are refused, and nothing is written', async (_what, work, code) => {
    const { own, kid } = await session();
    const { revision } = own.snapshot.header;
    expect(await codeOf(() => work(own, kid))).toBe(code);
    expect(own.snapshot.header.revision).toBe(revision);
  });

  it('of one key by two devices: the second is told where its ground is gone, else both land', async () => {
    const { keyring, unlock } = await world();
    const [a, b] = await keyring.createDataKeys([{ space: 'a' }, { space: 'b' }]);
    const other = await unlock();
    await other.encrypt('a share of each', { space: 'a', context: '' });
    const codes = await Promise.all([
      codeOf(() => keyring.setState(a!.id, 'deactivated', 'here')),
      codeOf(() => other.setState(a!.id, 'suspended', 'there')),
      codeOf(() => keyring.setState(b!.id, 'suspended', 'here')),
    ]);
    expect(codes[2]).toBeUndefined();
    expect(codes.filter((code) => code === undefined)).toHaveLength(2);
    expect(['ERR_CONFLICT', 'ERR_KEY_STATE']).toContain(codes.find((code) => code !== undefined));
    await keyring.refresh();
    const states = keyring.inventory().filter(({ space }) => space !== undefined);
    expect(states.find(({ id }) => id === b!.id)!.state).toBe('suspended');
    expect(states.find(({ id }) => id === a!.id)!.history).toHaveLength(2);
  });
});

describe('what a state permits', () => {
  const USES: readonly Use[] = ['encrypt', 'decrypt', 'sign', 'verify'];
  const PERMITTED: Record<KeyState, string> = {
    //                 enc dec sig ver
    'pre-activation': ' -   -   -   -',
    active: '          x   x   x   x',
    suspended: '       -   x   -   x',
    deactivated: '     -   x   -   x',
    compromised: '     -   x   -   -',
    destroyed: '       -   -   -   x',
  };
  it.each(STATES.flatMap((state) => USES.map((use) => [state, use] as const)))('%s: %s', async (state, use) => {
    const permitted = PERMITTED[state].trim().split(/\s+/)[USES.indexOf(use)] === 'x';
    expect(await codeOf(() => checkState(PAIR, state, use))).toBe(permitted ? undefined : 'ERR_KEY_STATE');
  });
});

describe('a space', () => {
  it('whose key is suspended has none to encrypt with; a new one is the next version of the same', async () => {
    const { own, kid } = await session();
    const record = await encryptIn(own, 'text', 's', '');
    await setState(own, kid, 'suspended', '');
    expect(await codeOf(() => encryptIn(own, 'text', 's', ''))).toBe('ERR_KEY_NOT_FOUND');
    expect(await decrypt(own, record, '')).toHaveLength(4);
    const [next] = await createDataKeys(own, [{ space: 's' }]);
    const infos = keyInfos(own.snapshot.header, own.snapshot.body, own.snapshot.private);
    const versions = infos.filter(({ space }) => space === 's').map(({ id, version, state }) => [id, version, state]);
    expect(new Set(versions.map(String))).toEqual(
      new Set([[kid, 1, 'suspended'].map(String).join(), [next!.id, 2, 'active'].map(String).join()]),
    );
    expect(own.snapshot.private.labels.size).toBe(1);
    // One active version at a time.
    expect(await codeOf(() => setState(own, kid, 'active', ''))).toBe('ERR_KEY_STATE');
    await setState(own, next!.id, 'suspended', '');
    await setState(own, kid, 'active', '');
    const again = await encryptIn(own, 'text', 's', '');
    expect(Buffer.from(again).includes(Buffer.from(kid, 'hex'))).toBe(true);
    const [third] = await createDataKeys(own, [{ space: 's' }]);
    expect(stateOf(own, kid).state).toBe('deactivated');
    expect(own.snapshot.body.keys.get(third!.id)!.version).toBe(3);
  });
});

describe('a destroyed key', () => {
  it('is gone from document and core, on every device; what it sealed says why it does not open', async () => {
    const { keyring, unlock, store } = await world();
    const key = await keyring.createDataKey({ space: 's' });
    const record = await key.encrypt('text', { context: '' });
    const other = await unlock();
    expect(await other.decryptText(record, { context: '' })).toBe('text');
    const { body } = raw((await store.get(OWNER))!.bytes);
    const [, before] = [...(body.get(1) as Map<Uint8Array, Map<number, unknown>>)].find(([id]) => hex(id) === key.id)!;
    const wrapped = Buffer.from(before.get(8) as Uint8Array);
    const free = engine.freeSlots();
    await keyring.setState(key.id, 'destroyed', 'the patient asked for it');
    expect(engine.freeSlots()).toBe(free + 1);
    expect(Buffer.from((await store.get(OWNER))!.bytes).includes(wrapped)).toBe(false);
    await other.refresh();
    expect(engine.freeSlots()).toBe(free + 2);
    for (const device of [keyring, other]) {
      await expect(device.decrypt(record, { context: '' })).rejects.toThrow(/was destroyed: what it encrypted cannot/);
      expect(await codeOf(() => device.decrypt(record, { context: '' }))).toBe('ERR_KEY_STATE');
      expect(await codeOf(() => device.dataKey({ id: key.id }).encrypt('x', { context: '' }))).toBe('ERR_KEY_STATE');
    }
    expect(keyring.inventory().find(({ id }) => id === key.id)).toMatchObject({
      state: 'destroyed',
      history: [{ state: 'active' }, { state: 'destroyed', reason: 'the patient asked for it' }],
    });
    const next = await keyring.createDataKey({ space: 's' });
    expect(keyring.inventory().find(({ id }) => id === next.id)!.version).toBe(2);
  });
});
