// Pairs: made, wrapped under the KEK and back; what is refused. COSE_Sign1 over them.

import { describe, expect, test } from 'vitest';
import type { Engine } from '../../bindings/engine/engine.ts';
import { decodeSign1 } from '../../bindings/format/cose-sign1.ts';
import { kidOf } from '../../bindings/format/fingerprint.ts';
import { decodePublicKey, encodePublicKey } from '../../bindings/format/public-key.ts';
import type { PublicKey } from '../../bindings/format/public-key.ts';
import { fingerprint } from '../../bindings/keys/fingerprint.ts';
import { generateKek } from '../../bindings/keys/kek.ts';
import { generateKeypair, importKeypair, unwrapPrivateKey, wrapPrivateKey } from '../../bindings/keys/keypair.ts';
import type { KindOf, Keypair } from '../../bindings/keys/keypair.ts';
import { PRIVATE, WRAPPED } from '../../bindings/keys/roles.ts';
import type { PairRole } from '../../bindings/keys/roles.ts';
import { sign, verify } from '../../bindings/keys/signing.ts';
import { sign1, verifySign1 } from '../../bindings/keys/sign1.ts';
import { bytesOf, flipped, idOfSeed, toHex } from '../format/strict.ts';
import { codeOf, engines } from './engines.ts';

const PAIRS: readonly (readonly ['AGREE' | 'SIGN', PublicKey['kind']])[] = [
  ['AGREE', 'P-256'],
  ['AGREE', 'X25519'],
  ['AGREE', 'X-Wing'],
  ['SIGN', 'P-256'],
  ['SIGN', 'Ed25519'],
];
const REFUSED = ['ERR_AUTHENTICATION', 'ERR_FORMAT', 'ERR_UNSUPPORTED'];
const keyring = idOfSeed(1);
const generate = <R extends PairRole>(engine: Engine, role: R, kind: PublicKey['kind']): Keypair<R> =>
  generateKeypair(engine, role, kind as KindOf<R>);

test('each wrapped private key has a label that no other wrap has', () => {
  const labels = [...Object.values(PRIVATE), ...Object.values(WRAPPED)].map(({ label }) => label);
  expect(new Set(labels).size).toBe(labels.length);
  expect(Object.values(PRIVATE).map(({ label }) => label)).toEqual(['agree-key', 'sign-key', 'slot-private-key']);
});

describe.each(engines)('%s', (_name, make) => {
  describe.each(PAIRS)('%s %s', (role, kind) => {
    test('is named by its public key, wrapped and unwrapped', async () => {
      const engine = await make();
      const kek = generateKek(engine);
      const pair = generate(engine, role, kind);
      expect(pair.publicKey.kind).toBe(kind);
      expect(pair.privateKey.id).toBe(kidOf(fingerprint(engine, pair.publicKey)));
      expect(decodePublicKey(encodePublicKey(pair.publicKey))).toEqual(pair.publicKey);
      const wrapped = wrapPrivateKey(engine, kek, role, pair, keyring);
      expect(wrapped.length).toBe(kind === 'X-Wing' ? 123 : 119);
      const back = unwrapPrivateKey(engine, kek, role, wrapped, pair.publicKey, keyring);
      expect(toHex(engine.exportSecretBytes(back))).toBe(toHex(engine.exportSecretBytes(pair.privateKey)));
      expect([back.id, back.purpose]).toEqual([pair.privateKey.id, pair.privateKey.purpose]);
      const again = importKeypair(engine, role, kind as never, engine.exportSecretBytes(back));
      expect(again.publicKey).toEqual(pair.publicKey);
      engine.dispose();
    });

    test('is refused: altered, under another KEK, of another keyring, role or public key', async () => {
      const engine = await make();
      const [kek, other] = [generateKek(engine), generateKek(engine)];
      const [pair, second] = [generate(engine, role, kind), generate(engine, role, kind)];
      const wrapped = wrapPrivateKey(engine, kek, role, pair, keyring);
      const free = engine.freeSlots();
      const open = (bytes: Uint8Array, under = kek, key = pair.publicKey, of = keyring) =>
        codeOf(() => unwrapPrivateKey(engine, under, role, bytes, key, of));
      for (let bit = 0; bit < 8 * wrapped.length; bit++)
        expect(REFUSED, `bit ${bit}`).toContain(await open(flipped(wrapped, bit)));
      for (let n = 0; n < wrapped.length; n++)
        expect(REFUSED, `cut at ${n}`).toContain(await open(wrapped.subarray(0, n)));
      expect(await open(wrapped, other)).toBe('ERR_AUTHENTICATION');
      expect(await open(wrapped, kek, second.publicKey)).toBe('ERR_AUTHENTICATION');
      expect(await open(wrapped, kek, pair.publicKey, idOfSeed(2))).toBe('ERR_AUTHENTICATION');
      if (kind === 'P-256') {
        const swapped = role === 'SIGN' ? 'AGREE' : 'SIGN'; // one kind of key, two purposes
        expect(await codeOf(() => unwrapPrivateKey(engine, kek, swapped, wrapped, pair.publicKey, keyring))).toBe(
          'ERR_AUTHENTICATION',
        );
      }
      expect(engine.freeSlots()).toBe(free);
      engine.dispose();
    });

    test('whoever has the KEK cannot put another private key under the recorded public one', async () => {
      const engine = await make();
      const kek = generateKek(engine);
      const [pair, second] = [generate(engine, role, kind), generate(engine, role, kind)];
      const purpose = PRIVATE[role].purpose;
      const id = pair.privateKey.id; // the other's bytes under this kid
      const posing = engine.importKey(engine.exportSecretBytes(second.privateKey), { purpose, id }) as never;
      const wrapped = wrapPrivateKey(engine, kek, role, { privateKey: posing, publicKey: pair.publicKey }, keyring);
      const free = engine.freeSlots();
      const open = codeOf(() => unwrapPrivateKey(engine, kek, role, wrapped, pair.publicKey, keyring));
      expect(await open).toBe('ERR_AUTHENTICATION');
      expect(engine.freeSlots()).toBe(free);
      engine.dispose();
    });
  });

  test('what is no private key', async () => {
    const engine = await make();
    expect(await codeOf(() => importKeypair(engine, 'AGREE', 'P-256', new Uint8Array(32)))).toBe('ERR_ARGUMENT');
    expect(await codeOf(() => importKeypair(engine, 'SIGN', 'P-256', bytesOf(32, 255).fill(255)))).toBe('ERR_ARGUMENT');
    expect(await codeOf(() => importKeypair(engine, 'AGREE', 'X25519', new Uint8Array(31)))).toBe('ERR_ARGUMENT');
    expect(engine.freeSlots()).toBe(64);
    engine.dispose();
  });
});

describe.each(engines.slice(0, 1))('COSE_Sign1, %s', (_name, make) => {
  describe.each(['P-256', 'Ed25519'] as const)('%s', (kind) => {
    test('attached and detached; every bit, every cut, another key, payload or external_aad', async () => {
      const engine = await make();
      const { publicKey, privateKey } = generate(engine, 'SIGN', kind);
      const payload = bytesOf(70, 3);
      const externalAad = bytesOf(20, 4);
      const attached = sign1(engine, privateKey, publicKey, { payload, externalAad, detached: false });
      const detached = sign1(engine, privateKey, publicKey, { payload, externalAad, detached: true });
      expect([attached.length, detached.length]).toEqual([163, 92]);
      expect(toHex(verifySign1(engine, attached, publicKey, { externalAad }))).toBe(toHex(payload));
      expect(toHex(verifySign1(engine, detached, publicKey, { externalAad, payload }))).toBe(toHex(payload));
      expect(decodeSign1(detached)).toMatchObject({
        algorithm: kind === 'P-256' ? -7 : -8,
        signer: privateKey.id,
        payload: null,
      });
      const of = (signed: Uint8Array, p: { externalAad: Uint8Array; payload?: Uint8Array }, key = publicKey) =>
        codeOf(() => verifySign1(engine, signed, key, p));
      for (let bit = 0; bit < 8 * detached.length; bit++)
        expect(REFUSED, `bit ${bit}`).toContain(await of(flipped(detached, bit), { externalAad, payload }));
      for (let n = 0; n < detached.length; n++)
        expect(await of(detached.subarray(0, n), { externalAad, payload }), `cut at ${n}`).toBe('ERR_FORMAT');
      for (let i = 0; i < attached.length; i++)
        expect(REFUSED, `byte ${i}`).toContain(await of(flipped(attached, 8 * i + (i % 8)), { externalAad }));
      expect(await of(detached, { externalAad, payload: flipped(payload, 5) })).toBe('ERR_AUTHENTICATION');
      expect(await of(detached, { externalAad: flipped(externalAad, 5), payload })).toBe('ERR_AUTHENTICATION');
      expect(await of(detached, { externalAad })).toBe('ERR_FORMAT');
      expect(await of(attached, { externalAad, payload })).toBe('ERR_FORMAT');
      const other = generate(engine, 'SIGN', kind).publicKey;
      expect(await of(detached, { externalAad, payload }, other)).toBe('ERR_AUTHENTICATION');
      const another = generate(engine, 'SIGN', kind === 'P-256' ? 'Ed25519' : 'P-256').publicKey;
      expect(await of(detached, { externalAad, payload }, another)).toBe('ERR_AUTHENTICATION');
      engine.dispose();
    });

    test('signatures are the same each time, and agreement keys make none', async () => {
      const engine = await make();
      const { publicKey, privateKey } = generate(engine, 'SIGN', kind);
      const message = bytesOf(100, 9);
      const signature = sign(engine, privateKey, publicKey, message);
      expect(toHex(sign(engine, privateKey, publicKey, message))).toBe(toHex(signature));
      expect(verify(engine, publicKey, message, signature)).toBe(true);
      expect(verify(engine, publicKey, flipped(message, 1), signature)).toBe(false);
      for (const n of [0, 63, 65]) expect(verify(engine, publicKey, message, bytesOf(n, 1)), `${n}`).toBe(false);
      const x25519 = generate(engine, 'AGREE', 'X25519');
      expect(await codeOf(() => verify(engine, x25519.publicKey, message, signature))).toBe('ERR_FORMAT');
      expect(await codeOf(() => sign(engine, x25519.privateKey as never, x25519.publicKey, message))).toBe(
        'ERR_FORMAT',
      );
      engine.dispose();
    });
  });
});
