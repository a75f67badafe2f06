// keyring.keypairs: made, listed, published; what is sealed to them opens, what they sign is known, and nothing else is.

import { createECDH, createPrivateKey, createPublicKey, verify as nodeVerify } from 'node:crypto';
import { decode } from 'cborg';
import { describe, expect, it } from 'vitest';
import {
  fingerprintOf,
  Keyring,
  KeystrataError,
  memoryStore,
  publicKeyAsCose,
  publicKeyAsJwk,
  sealTo,
  verifySignature,
  type CreateKeypair,
  type Store,
} from '../../bindings/index.ts';
import { encode } from '../../bindings/format/cbor.ts';
import { decodeBody } from '../../bindings/format/body.ts';
import { decodeSign1, sign1Input } from '../../bindings/format/cose-sign1.ts';
import { decodeDocument } from '../../bindings/format/document.ts';
import { decodePublicKey } from '../../bindings/format/public-key.ts';
import { fingerprint } from '../../bindings/keys/fingerprint.ts';
import { flipped, toHex } from '../format/strict.ts';
import { codeOf, engine, events, operator, OWNER, STORES, utf8, world } from './support.ts';
import { ByHand, hex, open0 } from './by-hand.ts';

const AGREE = ['P-256', 'X25519', 'X-Wing'] as const;
const SIGN = ['ES256', 'EdDSA'] as const;
const context = 'letter/1';

describe.each(STORES)('in a store of kind %s', (_, open) => {
  it('a pair of every algorithm is made, and is there for another device', async () => {
    const { store, end } = open();
    const { keyring, unlock } = await world(store);
    const kinds: CreateKeypair[] = [
      ...AGREE.map((kem) => ({ use: 'agree' as const, kem, label: `by ${kem}` })),
      ...SIGN.map((alg) => ({ use: 'sign' as const, alg })),
    ];
    for (const p of kinds) {
      const { revision } = keyring;
      const info = await keyring.keypairs.create(p);
      expect(keyring.revision).toBeLessThanOrEqual(revision + 3); // a share of the KEK, one of the body DEK, the pair
      expect(info).toMatchObject({
        use: p.use,
        algorithm: p.use === 'agree' ? p.kem : p.alg,
        label: p.label ?? '',
        state: 'active',
      });
      const cose = keyring.keypairs.publicKey(info.id);
      expect(info.fingerprint).toBe(fingerprintOf(engine, cose));
      expect(keyring.keypairs.fingerprint(info.id)).toBe(info.fingerprint);
      expect(toHex(fingerprint(engine, decodePublicKey(cose))).startsWith(info.id)).toBe(true);
      const jwk = keyring.keypairs.publicKey(info.id, 'jwk');
      expect(jwk).toMatchObject({ kid: info.id, use: p.use === 'sign' ? 'sig' : 'enc' });
      expect(fingerprintOf(engine, jwk)).toBe(info.fingerprint);
      expect(toHex(publicKeyAsCose(jwk))).toBe(toHex(cose));
      expect(jwk).toMatchObject(publicKeyAsJwk(cose));
    }
    expect(
      keyring.keypairs
        .list()
        .map(({ algorithm }) => algorithm)
        .sort(),
    ).toEqual([...AGREE, ...SIGN].sort());
    const other = await unlock();
    expect(other.keypairs.list()).toEqual(keyring.keypairs.list());
    const pairs = other.inventory().filter(({ role }) => role === 'AGREE' || role === 'SIGN');
    expect(pairs).toHaveLength(5);
    expect(pairs.every(({ state, wrappedBy }) => state === 'active' && wrappedBy === keyring.inventory()[0]!.id)).toBe(
      true,
    );
    const seen = await Keyring.inspect({ store, owner: OWNER });
    expect(seen.keys.filter(({ role }) => role === 'SIGN')).toHaveLength(2);
    end();
  });
});

it.each(AGREE)('what is sealed to %s opens under its context, on every device, and nowhere else', async (kem) => {
  const { keyring, unlock } = await world();
  const { id } = await keyring.keypairs.create({ use: 'agree', kem });
  await keyring.keypairs.create({ use: 'agree', kem });
  const sealed = await sealTo(engine, keyring.keypairs.publicKey(id), 'for your eyes', { context });
  const overhead = sealed.length - 'for your eyes'.length;
  expect(overhead).toBe({ 'P-256': 107, X25519: 75, 'X-Wing': 1165 }[kem]);
  const asJwk = await sealTo(engine, keyring.keypairs.publicKey(id, 'jwk'), utf8('again'), { context: utf8(context) });
  const other = await unlock();
  expect(new TextDecoder().decode(await other.keypairs.open(sealed, { context }))).toBe('for your eyes');
  expect(new TextDecoder().decode(await keyring.keypairs.open(asJwk, { context }))).toBe('again');
  expect(await codeOf(() => keyring.keypairs.open(sealed, { context: 'letter/2' }))).toBe('ERR_AUTHENTICATION');
  for (let i = 0; i < sealed.length; i += Math.ceil(sealed.length / 60)) {
    const code = await codeOf(() => keyring.keypairs.open(flipped(sealed, 8 * i + (i % 8)), { context }));
    expect(['ERR_AUTHENTICATION', 'ERR_FORMAT', 'ERR_UNSUPPORTED', 'ERR_KEY_NOT_FOUND'], `byte ${i}`).toContain(code);
  }
  const { keyring: stranger } = await world();
  expect(await codeOf(() => stranger.keypairs.open(sealed, { context }))).toBe('ERR_KEY_NOT_FOUND');
  expect(await codeOf(() => keyring.keypairs.open(sealed, {} as never))).toBe('ERR_ARGUMENT');
});

it.each(SIGN)('what %s signs is verified with its context, and by others’ implementations', async (alg) => {
  const { keyring, unlock } = await world();
  const { id } = await keyring.keypairs.create({ use: 'sign', alg });
  const publicKey = keyring.keypairs.publicKey(id);
  const payload = utf8('I owe you a lunch');
  const attached = await keyring.keypairs.sign(id, payload, { context });
  const detached = await (await unlock()).keypairs.sign(id, payload, { context, detached: true });
  expect(detached.length).toBe(92);
  expect(toHex(verifySignature(engine, attached, { publicKey, context }))).toBe(toHex(payload));
  const jwk = keyring.keypairs.publicKey(id, 'jwk');
  expect(toHex(verifySignature(engine, detached, { publicKey: jwk, context, payload }))).toBe(toHex(payload));
  const verifies = (signed: Uint8Array, p: object) =>
    codeOf(() => verifySignature(engine, signed, { publicKey, context, ...p }));
  expect(await verifies(attached, { context: '' })).toBe('ERR_AUTHENTICATION');
  expect(await verifies(detached, { payload: utf8('I owe you a house') })).toBe('ERR_AUTHENTICATION');
  expect(await verifies(detached, {})).toBe('ERR_FORMAT');
  const another = await keyring.keypairs.create({ use: 'sign', alg });
  expect(await verifies(attached, { publicKey: keyring.keypairs.publicKey(another.id) })).toBe('ERR_AUTHENTICATION');

  // by node:crypto, with Sig_structure written out
  const parts = decodeSign1(attached);
  const externalAad = encode(['keystrata/message/v1', fingerprint(engine, decodePublicKey(publicKey)), utf8(context)]);
  const input = sign1Input(parts.protected, externalAad, payload);
  const key = createPublicKey({ key: { ...jwk }, format: 'jwk' });
  const how = alg === 'ES256' ? { key, dsaEncoding: 'ieee-p1363' as const } : key;
  expect(nodeVerify(alg === 'ES256' ? 'sha256' : null, input, how, parts.signature)).toBe(true);
});

it('each pair has one purpose', async () => {
  const { keyring } = await world();
  const agree = await keyring.keypairs.create({ use: 'agree' });
  const sign = await keyring.keypairs.create({ use: 'sign' });
  expect([agree.algorithm, sign.algorithm]).toEqual(['P-256', 'ES256']);
  expect(await codeOf(() => keyring.keypairs.sign(agree.id, utf8('x'), { context }))).toBe('ERR_ARGUMENT');
  // both are P-256: others can seal to the signing key all the same, and it opens nothing
  const sealed = await sealTo(engine, keyring.keypairs.publicKey(sign.id), 'x', { context });
  expect(await codeOf(() => keyring.keypairs.open(sealed, { context }))).toBe('ERR_ARGUMENT');
  expect(await codeOf(() => sealTo(engine, keyring.keypairs.publicKey(sign.id, 'jwk'), 'x', { context }))).toBe(
    'ERR_FORMAT',
  );
});

it('the regulated profile knows P-256 and ES256 alone', async () => {
  const { keyring } = await Keyring.create({
    engine,
    store: memoryStore(),
    owner: OWNER,
    recovery: false,
    profile: 'regulated',
    ...operator(),
  });
  const create = (p: CreateKeypair) => codeOf(() => keyring.keypairs.create(p));
  const { revision } = keyring;
  for (const kem of ['X25519', 'X-Wing'] as const) expect(await create({ use: 'agree', kem })).toBe('ERR_UNSUPPORTED');
  expect(await create({ use: 'sign', alg: 'EdDSA' })).toBe('ERR_UNSUPPORTED');
  expect(keyring.revision).toBe(revision);
  expect(await create({ use: 'agree' })).toBeUndefined();
  expect(await create({ use: 'sign' })).toBeUndefined();
});

it('arguments are refused before any work', async () => {
  const { keyring } = await world();
  const { revision } = keyring;
  const wrong: unknown[] = [
    undefined,
    {},
    { use: 'both' },
    { use: 'agree', kem: 'P-384' },
    { use: 'agree', alg: 'ES256' },
    { use: 'sign', alg: 'toString' },
    { use: 'sign', kem: 'P-256' },
    { use: 'sign', label: 'x'.repeat(256) },
    { use: 'sign', label: 5 },
  ];
  for (const p of wrong)
    expect(await codeOf(() => keyring.keypairs.create(p as never)), JSON.stringify(p)).toBe('ERR_ARGUMENT');
  const { id } = await keyring.keypairs.create({ use: 'sign' });
  expect(await codeOf(() => keyring.keypairs.sign(id, 'text' as never, { context }))).toBe('ERR_ARGUMENT');
  expect(await codeOf(() => keyring.keypairs.sign(id, utf8('x'), { context, detached: 1 as never }))).toBe(
    'ERR_ARGUMENT',
  );
  expect(await codeOf(() => keyring.keypairs.sign(id, utf8('x'), {} as never))).toBe('ERR_ARGUMENT');
  expect(await codeOf(() => keyring.keypairs.publicKey(id, 'pem' as never))).toBe('ERR_ARGUMENT');
  const nobody = '0'.repeat(32);
  expect(await codeOf(() => keyring.keypairs.publicKey(nobody))).toBe('ERR_KEY_NOT_FOUND');
  expect(await codeOf(() => keyring.keypairs.fingerprint(nobody))).toBe('ERR_KEY_NOT_FOUND');
  expect(await codeOf(() => keyring.keypairs.sign(nobody, utf8('x'), { context }))).toBe('ERR_KEY_NOT_FOUND');
  expect(keyring.revision).toBeGreaterThan(revision);
  expect(await codeOf(() => sealTo(engine, 'key' as never, 'x', { context }))).toBe('ERR_ARGUMENT');
  expect(await codeOf(() => sealTo(engine, keyring.keypairs.publicKey(id), 'x', {} as never))).toBe('ERR_ARGUMENT');
});

it('two devices make pairs at once: both land', async () => {
  const { keyring, unlock } = await world();
  const other = await unlock();
  const made = await Promise.all(
    [keyring, other, keyring, other].map((one) => one.keypairs.create({ use: 'sign', alg: 'EdDSA' })),
  );
  await Promise.all([keyring.refresh(), other.refresh()]);
  const ids = made.map(({ id }) => id).sort();
  expect(
    keyring.keypairs
      .list()
      .map(({ id }) => id)
      .sort(),
  ).toEqual(ids);
  expect(other.keypairs.list()).toEqual(keyring.keypairs.list());
});

it('a pair that another device made is found', async () => {
  const { keyring, unlock } = await world();
  const other = await unlock();
  const { id } = await other.keypairs.create({ use: 'agree', kem: 'X25519' });
  const sealed = await sealTo(engine, other.keypairs.publicKey(id), 'x', { context });
  expect(await codeOf(() => keyring.keypairs.open(sealed, { context }))).toBeUndefined();
});

it('a locked keyring does nothing, and nothing stays in the core', async () => {
  const { keyring } = await world();
  const { id } = await keyring.keypairs.create({ use: 'sign' });
  const free = engine.freeSlots();
  await keyring.keypairs.sign(id, utf8('x'), { context });
  expect(engine.freeSlots()).toBe(free);
  const { keypairs } = keyring;
  keyring.lock();
  for (const call of [
    () => keypairs.create({ use: 'sign' }),
    () => keypairs.list(),
    () => keypairs.publicKey(id),
    () => keypairs.sign(id, utf8('x'), { context }),
    () => keypairs.open(utf8('x'), { context }),
  ])
    expect(await codeOf(call)).toBe('ERR_DISPOSED');
  expect(engine.freeSlots()).toBe(64);
});

it('stands in the document as docs/formats.md says, and in the log', async () => {
  const { keyring, store, secret } = await world();
  const made = {
    'P-256': await keyring.keypairs.create({ use: 'agree' }),
    Ed25519: await keyring.keypairs.create({ use: 'sign', alg: 'EdDSA' }),
    'X-Wing': await keyring.keypairs.create({ use: 'agree', kem: 'X-Wing' }),
  };
  const { bytes } = (await store.get(OWNER))!;
  const ids = Object.values(made).map(({ id }) => id);
  const log = events(decodeBody(decodeDocument(bytes).body));
  expect(log.filter(([event]) => event === 'key create').map(([, subject]) => subject)).toEqual(ids);

  const document = new ByHand(bytes, secret.operatorKey);
  const records = new Map(
    [...(document.body.get(2) as Map<Uint8Array, Map<number, unknown>>)].map(([kid, record]) => [hex(kid), record]),
  );
  expect([...records.keys()]).toEqual([...ids].sort());
  const privateKey = (id: string, purpose: string): Map<number, unknown> => {
    const kid = Buffer.from(id, 'hex');
    const kek = document.header.get(5) as Uint8Array;
    const wrapped = records.get(id)!.get(4) as Uint8Array;
    const key = open0(wrapped, document.kek, kek, [purpose, document.keyring, kid]);
    return decode(key, { useMaps: true }) as Map<number, unknown>;
  };
  const fields = (key: Map<number, unknown>): unknown[] =>
    [...key].map(([label, value]) => [label, value instanceof Uint8Array ? value.length : value]);

  const p256 = privateKey(made['P-256'].id, 'agree-key');
  expect(fields(p256)).toEqual([[1, 2], [2, 16], [-1, 1], [-4, 32]]); // prettier-ignore
  expect(hex(p256.get(2) as Uint8Array)).toBe(made['P-256'].id);
  const ecdh = createECDH('prime256v1');
  ecdh.setPrivateKey(p256.get(-4) as Uint8Array);
  const recorded = records.get(made['P-256'].id)!.get(3) as Map<number, Uint8Array>;
  expect(ecdh.getPublicKey('hex')).toBe(`04${hex(recorded.get(-2)!)}${hex(recorded.get(-3)!)}`);

  const ed25519 = privateKey(made.Ed25519.id, 'sign-key');
  expect(fields(ed25519)).toEqual([[1, 1], [2, 16], [-1, 6], [-4, 32]]); // prettier-ignore
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), ed25519.get(-4) as Uint8Array]);
  const { x } = createPublicKey(createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' })).export({
    format: 'jwk',
  });
  expect(x).toBe(keyring.keypairs.publicKey(made.Ed25519.id, 'jwk').x);

  const xwing = privateKey(made['X-Wing'].id, 'agree-key');
  expect(fields(xwing)).toEqual([[1, 7], [2, 16], [3, -65537], [-2, 32]]); // prettier-ignore
});

it('a pair does what its state permits: only an active one signs, and whatever is not destroyed opens', async () => {
  const { keyring, unlock } = await world();
  for (const state of ['suspended', 'deactivated', 'compromised', 'destroyed'] as const) {
    const sign = await keyring.keypairs.create({ use: 'sign', alg: 'EdDSA' });
    const agree = await keyring.keypairs.create({ use: 'agree', kem: 'X25519' });
    const sealed = await sealTo(engine, keyring.keypairs.publicKey(agree.id), 'x', { context });
    for (const { id } of [sign, agree]) await keyring.setState(id, state, 'as a test');
    for (const one of [keyring, await unlock()]) {
      expect(one.keypairs.list().find(({ id }) => id === sign.id)!.state).toBe(state);
      expect(await codeOf(() => one.keypairs.sign(sign.id, utf8('x'), { context })), state).toBe('ERR_KEY_STATE');
      const opens = await codeOf(() => one.keypairs.open(sealed, { context }));
      expect(opens, state).toBe(state === 'destroyed' ? 'ERR_KEY_STATE' : undefined);
    }
  }
});

it.each([
  ['before it', false],
  ['behind it', true],
])('a crash at any write, %s, leaves the keyring without the pair or with all of it', async (_, reaches) => {
  const outcomes = new Set<number>();
  for (let crash = 0, writes = Infinity; crash < writes; crash++) {
    const { store, secret } = await world();
    let count = 0;
    const failing: Store = {
      name: store.name,
      get: (id) => store.get(id),
      list: () => store.list(),
      delete: (id, p) => store.delete(id, p),
      async put(id, bytes, p) {
        const falls = count++ === crash;
        if (falls && !reaches) throw new KeystrataError('ERR_STORE', 'the power failed');
        const written = await store.put(id, bytes, p);
        if (falls) throw new KeystrataError('ERR_STORE', 'the power failed');
        return written;
      },
    };
    const keyring = await Keyring.unlock({ engine, store: failing, owner: OWNER, memory: memoryStore(), ...secret });
    const code = await codeOf(() => keyring.keypairs.create({ use: 'sign', alg: 'EdDSA', label: 'mine' }));
    keyring.lock();
    expect(code).toBe(crash < count ? 'ERR_STORE' : undefined);
    if (code === undefined) writes = count;

    const after = await Keyring.unlock({ engine, store, owner: OWNER, memory: memoryStore(), ...secret });
    const pairs = after.keypairs.list();
    outcomes.add(pairs.length);
    for (const { id, label } of pairs) {
      expect(label).toBe('mine');
      const signed = await after.keypairs.sign(id, utf8('x'), { context });
      verifySignature(engine, signed, { publicKey: after.keypairs.publicKey(id), context });
    }
    expect((await after.keypairs.create({ use: 'sign' })).state).toBe('active');
    after.lock();
  }
  expect([...outcomes].sort()).toEqual([0, 1]);
});
