// X-Wing HPKE against panva's `hpke`, both ways. Node 20 has no ML-KEM for its own X-Wing, so it is given one by the book: the
// draft's §5, over node:crypto's X25519, SHA-3 and SHAKE. The key schedule and the AEAD are all theirs.

import { createHash, randomBytes } from 'node:crypto';
import { ml_kem768 as mlkem } from '@noble/post-quantum/ml-kem.js';
import { AEAD_AES_256_GCM, CipherSuite, KDF_HKDF_SHA256, type Key, type KEM } from 'hpke';
import { expect, test } from 'vitest';
import { createEngine } from '../../bindings/engine/create.ts';
import { publicKeyFromRaw, rawPublicKey } from '../../bindings/format/public-key.ts';
import { hpkeOpen, hpkeSeal } from '../../bindings/keys/hpke.ts';
import { generateKeypair } from '../../bindings/keys/keypair.ts';
import { combined, x25519 } from '../reader/dhkem.ts';
import { toHex } from '../format/strict.ts';
import { codeOf } from './engines.ts';

const BASE = Uint8Array.of(9, ...new Uint8Array(31));
const name = 'X-Wing';

interface XWingKey extends Key {
  readonly bytes: Uint8Array; // the public key, or the seed
}
const key = (type: 'public' | 'private', bytes: Uint8Array): XWingKey => ({
  algorithm: { name },
  extractable: true,
  type,
  bytes,
});

/** expandDecapsulationKey, §5.2. */
function expanded(seed: Uint8Array): { dkM: Uint8Array; skX: Uint8Array; pk: Uint8Array; pkX: Uint8Array } {
  const all = createHash('shake256', { outputLength: 96 }).update(seed).digest();
  const { publicKey, secretKey } = mlkem.keygen(all.subarray(0, 64));
  const skX = all.subarray(64);
  const pkX = x25519(skX, BASE);
  return { dkM: secretKey, skX, pk: Buffer.concat([publicKey, pkX]), pkX };
}

const pairOf = (seed: Uint8Array): { publicKey: XWingKey; privateKey: XWingKey } => ({
  publicKey: key('public', expanded(seed).pk),
  privateKey: key('private', seed),
});

const byTheBook: KEM<XWingKey> = {
  id: 0x647a,
  type: 'KEM',
  name,
  Nsecret: 32,
  Nenc: 1120,
  Npk: 1216,
  Nsk: 32,
  DeriveKeyPair: (ikm) => Promise.resolve(pairOf(createHash('shake256', { outputLength: 32 }).update(ikm).digest())),
  GenerateKeyPair: () => Promise.resolve(pairOf(randomBytes(32))),
  SerializePublicKey: ({ bytes }) => Promise.resolve(bytes),
  DeserializePublicKey: (bytes) => Promise.resolve(key('public', bytes)),
  SerializePrivateKey: ({ bytes }) => Promise.resolve(bytes),
  DeserializePrivateKey: (bytes) => Promise.resolve(key('private', bytes)),
  Encap({ bytes }) {
    const skE = randomBytes(32);
    const [ctX, pkX] = [x25519(skE, BASE), bytes.subarray(1184)];
    const { cipherText, sharedSecret } = mlkem.encapsulate(bytes.subarray(0, 1184));
    const shared_secret = combined({ ssM: sharedSecret, ssX: x25519(skE, pkX), ctX, pkX });
    return Promise.resolve({ shared_secret, enc: Buffer.concat([cipherText, ctX]) });
  },
  Decap(enc, { bytes }) {
    const { dkM, skX, pkX } = expanded(bytes);
    const ctX = enc.subarray(1088);
    const ssM = mlkem.decapsulate(enc.subarray(0, 1088), dkM);
    return Promise.resolve(combined({ ssM, ssX: x25519(skX, ctX), ctX, pkX }));
  },
};
const suite = new CipherSuite(() => byTheBook, KDF_HKDF_SHA256, AEAD_AES_256_GCM);

test('both ways', async () => {
  const engine = await createEngine();
  const text = randomBytes(40);
  const p = { info: randomBytes(20), aad: randomBytes(10) };

  const theirs = await suite.GenerateKeyPair(true);
  const publicKey = publicKeyFromRaw('X-Wing', await suite.SerializePublicKey(theirs.publicKey));
  const sent = await hpkeSeal(engine, publicKey, p, text);
  expect(toHex(await suite.Open(theirs, sent.enc, sent.ct, p))).toBe(toHex(text));

  const ours = generateKeypair(engine, 'AGREE', 'X-Wing');
  const to = await suite.DeserializePublicKey(rawPublicKey(ours.publicKey));
  const { encapsulatedSecret: enc, ciphertext: ct } = await suite.Seal(to, text, p);
  const open = (info: Uint8Array) =>
    hpkeOpen(engine, ours.privateKey, ours.publicKey, { kem: 0x647a, enc, ct }, { ...p, info });
  expect(toHex(await open(p.info))).toBe(toHex(text));
  expect(await codeOf(() => open(p.aad))).toBe('ERR_AUTHENTICATION');
  engine.dispose();
});
