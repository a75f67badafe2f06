// HPKE: the published examples, both directions with two others' implementations, keys from slot to slot, and refusals.

import {
  CipherSuite as OtherSuite,
  DhkemP256HkdfSha256,
  DhkemX25519HkdfSha256,
  Aes256Gcm,
  HkdfSha256,
} from '@hpke/core';
import * as panva from 'hpke';
import { describe, expect, test } from 'vitest';
import { createEngine } from '../../bindings/engine/create.ts';
import type { Engine } from '../../bindings/engine/engine.ts';
import { decodeHpkeSeal } from '../../bindings/format/hpke-seal.ts';
import { publicKeyFromRaw, rawPublicKey } from '../../bindings/format/public-key.ts';
import type { AgreementKind } from '../../bindings/keys/agreement.ts';
import { hpkeOpen, hpkeSeal } from '../../bindings/keys/hpke.ts';
import { generateKeypair, importKeypair } from '../../bindings/keys/keypair.ts';
import { generateKek, generateStreamDek } from '../../bindings/keys/kek.ts';
import { openKey, sealKey } from '../../bindings/keys/seal-key.ts';
import { flipped, toHex } from '../format/strict.ts';
import { fromHex } from '../vectors/hex.ts';
import { withSet } from '../vectors/sets.ts';
import { codeOf, engines } from './engines.ts';

const KINDS: readonly AgreementKind[] = ['P-256', 'X25519', 'X-Wing'];
const KIND_OF: Readonly<Record<number, AgreementKind>> = { 0x10: 'P-256', 0x20: 'X25519', 0x647a: 'X-Wing' };
const INFO = new TextEncoder().encode('what it is for');
const AAD = new TextEncoder().encode('beside it');
const TEXT = new TextEncoder().encode('for one pair of eyes');

/** An engine whose next random bytes are given: an ephemeral key as a standard prints it. */
const drawing = (bytes: Uint8Array): Promise<Engine> => createEngine({ random: (into) => void into.set(bytes) });

interface Vector {
  mode: number;
  kem_id: number;
  kdf_id: number;
  aead_id: number;
  info: string;
  ikmE: string;
  skRm: string;
  pkRm: string;
  skEm?: string;
  enc: string;
  encryptions: { aad: string; ct: string; pt: string }[];
}

describe('published examples', () => {
  withSet<Vector>('rfc/rfc9180-hpke', 8, (cases) => {
    const ours = cases.filter(({ mode, kdf_id, aead_id }) => mode === 0 && kdf_id === 1 && aead_id === 2);
    test('two of them are of base mode with these algorithms; the others use modes that are not offered', () => {
      expect(ours.map(({ kem_id }) => kem_id).sort()).toEqual([0x10, 0x20]);
      expect(cases.filter((one) => !ours.includes(one)).every(({ mode }) => mode > 0)).toBe(true);
    });
    test.each(ours)('kem $kem_id: seals as printed, and opens', async (vector) => {
      const engine = await drawing(fromHex(vector.skEm!));
      const pair = importKeypair(engine, 'AGREE', KIND_OF[vector.kem_id]!, fromHex(vector.skRm));
      expect(toHex(rawPublicKey(pair.publicKey))).toBe(vector.pkRm);
      const { aad, ct, pt } = vector.encryptions[0]!;
      const p = { info: fromHex(vector.info), aad: fromHex(aad) };
      const sealed = await hpkeSeal(engine, pair.publicKey, p, fromHex(pt));
      expect({ kem: sealed.kem, enc: toHex(sealed.enc), ct: toHex(sealed.ct) }).toEqual({
        kem: vector.kem_id,
        enc: vector.enc,
        ct,
      });
      expect(toHex(await hpkeOpen(engine, pair.privateKey, pair.publicKey, sealed, p))).toBe(pt);
      expect(toHex(await hpkeOpen(engine, fromHex(vector.skRm), pair.publicKey, sealed, p))).toBe(pt);
      engine.dispose();
    });
  });
});

interface Other {
  name: string;
  kinds: readonly AgreementKind[];
  /** A recipient of theirs: its public key, raw, and what opens. */
  recipient(kind: AgreementKind): Promise<{
    raw: Uint8Array;
    open(enc: Uint8Array, ct: Uint8Array): Promise<Uint8Array>;
  }>;
  seal(kind: AgreementKind, raw: Uint8Array): Promise<{ enc: Uint8Array; ct: Uint8Array }>;
}

const otherSuite = (kind: AgreementKind): OtherSuite =>
  new OtherSuite({
    kem: kind === 'P-256' ? new DhkemP256HkdfSha256() : new DhkemX25519HkdfSha256(),
    kdf: new HkdfSha256(),
    aead: new Aes256Gcm(),
  });
const panvaSuite = (kind: AgreementKind): panva.CipherSuite =>
  new panva.CipherSuite(
    kind === 'P-256' ? panva.KEM_DHKEM_P256_HKDF_SHA256 : panva.KEM_DHKEM_X25519_HKDF_SHA256,
    panva.KDF_HKDF_SHA256,
    panva.AEAD_AES_256_GCM,
  );

const OTHERS: readonly Other[] = [
  {
    name: '@hpke/core',
    kinds: ['P-256', 'X25519'],
    async recipient(kind) {
      const suite = otherSuite(kind);
      const pair = await suite.kem.generateKeyPair();
      return {
        raw: new Uint8Array(await suite.kem.serializePublicKey(pair.publicKey)),
        async open(enc, ct) {
          const context = await suite.createRecipientContext({
            recipientKey: pair,
            enc: enc.slice().buffer,
            info: INFO.slice().buffer,
          });
          return new Uint8Array(await context.open(ct.slice().buffer, AAD.slice().buffer));
        },
      };
    },
    async seal(kind, raw) {
      const suite = otherSuite(kind);
      const recipientPublicKey = await suite.kem.deserializePublicKey(raw.slice().buffer);
      const context = await suite.createSenderContext({ recipientPublicKey, info: INFO.slice().buffer });
      const ct = new Uint8Array(await context.seal(TEXT.slice().buffer, AAD.slice().buffer));
      return { enc: new Uint8Array(context.enc), ct };
    },
  },
  {
    name: 'hpke',
    kinds: ['P-256', 'X25519'],
    async recipient(kind) {
      const suite = panvaSuite(kind);
      const pair = await suite.GenerateKeyPair();
      return {
        raw: await suite.SerializePublicKey(pair.publicKey),
        open: (enc, ct) => suite.Open(pair, enc, ct, { info: INFO, aad: AAD }),
      };
    },
    async seal(kind, raw) {
      const suite = panvaSuite(kind);
      const { encapsulatedSecret, ciphertext } = await suite.Seal(await suite.DeserializePublicKey(raw), TEXT, {
        info: INFO,
        aad: AAD,
      });
      return { enc: encapsulatedSecret, ct: ciphertext };
    },
  },
];

describe.each(OTHERS)('with $name', (other) => {
  test.each(other.kinds)('%s, both ways', async (kind) => {
    const engine = await createEngine();
    const theirs = await other.recipient(kind);
    const sent = await hpkeSeal(engine, publicKeyFromRaw(kind, theirs.raw), { info: INFO, aad: AAD }, TEXT);
    expect(toHex(await theirs.open(sent.enc, sent.ct))).toBe(toHex(TEXT));

    const ours = generateKeypair(engine, 'AGREE', kind);
    const { enc, ct } = await other.seal(kind, rawPublicKey(ours.publicKey));
    const kem = sent.kem;
    const opened = await hpkeOpen(engine, ours.privateKey, ours.publicKey, { kem, enc, ct }, { info: INFO, aad: AAD });
    expect(toHex(opened)).toBe(toHex(TEXT));
    engine.dispose();
  });
});

describe.each(engines)('%s', (_name, make) => {
  test.each(KINDS)('%s: opens with the same info and aad alone, and every changed byte is seen', async (kind) => {
    const engine = await make();
    const { publicKey, privateKey } = generateKeypair(engine, 'AGREE', kind);
    const free = engine.freeSlots();
    const sealed = await hpkeSeal(engine, publicKey, { info: INFO }, TEXT);
    expect(toHex(await hpkeOpen(engine, privateKey, publicKey, sealed, { info: INFO }))).toBe(toHex(TEXT));
    const wrong = async (changed: Partial<typeof sealed>, p: { info: Uint8Array; aad?: Uint8Array } = { info: INFO }) =>
      codeOf(() => hpkeOpen(engine, privateKey, publicKey, { ...sealed, ...changed }, p));
    expect(await wrong({}, { info: AAD })).toBe('ERR_AUTHENTICATION');
    expect(await wrong({}, { info: INFO, aad: AAD })).toBe('ERR_AUTHENTICATION');
    for (let i = 0; i < sealed.ct.length; i++)
      expect(await wrong({ ct: flipped(sealed.ct, 8 * i + (i % 8)) })).toBe('ERR_AUTHENTICATION');
    const step = Math.ceil(sealed.enc.length / 40); // of X-Wing's 1,120 bytes every 28th
    for (let i = 0; i < sealed.enc.length; i += step)
      expect(await wrong({ enc: flipped(sealed.enc, 8 * i + (i % 8)) }), `enc ${i}`).toBe('ERR_AUTHENTICATION');
    expect(await wrong({ enc: sealed.enc.subarray(1) })).toBe('ERR_AUTHENTICATION');
    const other = generateKeypair(engine, 'AGREE', kind);
    expect(await codeOf(() => hpkeOpen(engine, other.privateKey, other.publicKey, sealed, { info: INFO }))).toBe(
      'ERR_AUTHENTICATION',
    );
    other.privateKey.dispose();
    expect(engine.freeSlots()).toBe(free);
    engine.dispose();
  });

  test.each(KINDS)('%s: a KEK and a stream DEK from slot to slot', async (kind) => {
    const engine = await make();
    const pair = generateKeypair(engine, 'AGREE', kind);
    const kek = generateKek(engine);
    const dek = generateStreamDek(engine);
    const sealedKek = sealKey(engine, 'KEK', kek, pair.publicKey, INFO);
    const sealedDek = sealKey(engine, 'STREAM', dek, pair.publicKey, INFO);
    const sizes = { 'P-256': [169, 166], X25519: [137, 134], 'X-Wing': [1227, 1224] };
    expect([sealedKek.length, sealedDek.length]).toEqual(sizes[kind]);
    const { privateKey, publicKey } = pair;
    const open = (sealed: Uint8Array, p: { kid: string; info: Uint8Array }, key = pair) =>
      openKey(engine, 'KEK', sealed, key.privateKey, key.publicKey, p);
    const back = open(sealedKek, { kid: kek.id, info: INFO });
    expect([back.id, back.purpose]).toEqual([kek.id, 'wrap']);
    expect(toHex(engine.exportSecretBytes(back))).toBe(toHex(engine.exportSecretBytes(kek)));
    const stream = openKey(engine, 'STREAM', sealedDek, privateKey, publicKey, { kid: dek.id, info: INFO });
    expect(toHex(engine.exportSecretBytes(stream))).toBe(toHex(engine.exportSecretBytes(dek)));
    const free = engine.freeSlots();

    // another info, another kid, another role, another key
    expect(await codeOf(() => open(sealedKek, { kid: kek.id, info: AAD }))).toBe('ERR_AUTHENTICATION');
    expect(await codeOf(() => open(sealedKek, { kid: dek.id, info: INFO }))).toBe('ERR_FORMAT');
    expect(await codeOf(() => open(sealedDek, { kid: dek.id, info: INFO }))).toBe('ERR_FORMAT');
    const other = generateKeypair(engine, 'AGREE', kind);
    expect(await codeOf(() => open(sealedKek, { kid: kek.id, info: INFO }, other))).toBe('ERR_AUTHENTICATION');
    other.privateKey.dispose();
    const step = Math.ceil(sealedKek.length / 170);
    for (let i = 0; i < sealedKek.length; i += step) {
      const code = await codeOf(() => open(flipped(sealedKek, 8 * i + (i % 8)), { kid: kek.id, info: INFO }));
      expect(['ERR_AUTHENTICATION', 'ERR_FORMAT', 'ERR_UNSUPPORTED'], `byte ${i}`).toContain(code);
    }
    for (const cut of [0, 1, 100, sealedKek.length - 1])
      expect(await codeOf(() => open(sealedKek.subarray(0, cut), { kid: kek.id, info: INFO }))).toBe('ERR_FORMAT');
    expect(engine.freeSlots()).toBe(free);
    engine.dispose();
  });

  test('arguments', async () => {
    const engine = await make();
    const p256 = generateKeypair(engine, 'AGREE', 'P-256');
    const x25519 = generateKeypair(engine, 'AGREE', 'X25519');
    const sealed = await hpkeSeal(engine, p256.publicKey, { info: INFO }, TEXT);
    const to = (key: typeof p256) =>
      codeOf(() => hpkeOpen(engine, key.privateKey, key.publicKey, sealed, { info: INFO }));
    expect(await to(x25519)).toBe('ERR_ARGUMENT');
    const short = codeOf(() => hpkeOpen(engine, new Uint8Array(31), p256.publicKey, sealed, { info: INFO }));
    expect(await short).toBe('ERR_ARGUMENT');
    const signing = generateKeypair(engine, 'SIGN', 'Ed25519');
    expect(await codeOf(() => hpkeSeal(engine, signing.publicKey, { info: INFO }, TEXT))).toBe('ERR_FORMAT');
    expect(await codeOf(() => hpkeSeal(engine, { kind: 'X25519', x: new Uint8Array(32) }, { info: INFO }, TEXT))).toBe(
      'ERR_FORMAT',
    );
    const infinity = { kind: 'P-256', x: new Uint8Array(32), y: new Uint8Array(32) } as const;
    expect(await codeOf(() => hpkeSeal(engine, infinity, { info: INFO }, TEXT))).toBe('ERR_FORMAT');
    expect(decodeHpkeSeal(sealKey(engine, 'KEK', generateKek(engine), p256.publicKey, INFO)).kem).toBe(0x10);
    engine.dispose();
  });
});
