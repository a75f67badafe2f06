// What is written here opens in a COSE library that knows nothing of keystrata, and what that writes opens here: records and
// wrapped keys. RFC 9052 §5.3 (COSE_Encrypt0), RFC 9053 §4.1 (A256GCM); external_aad as docs/formats.md §5 has it.

import { randomBytes } from 'node:crypto';
import { COSEKey, COSEKeyParam, Encrypt0, EncryptionAlgorithms, Headers } from '@auth0/cose';
import { encode, rfc8949EncodeOptions } from 'cborg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createEngine, Keyring, memoryStore, type Engine, type Store } from '../../bindings/index.ts';
import { idOf } from '../../bindings/format/ids.ts';
import { generateRecordDek, unwrapUnderKek, wrapUnderKek } from '../../bindings/keys/kek.ts';
import { inRole, type Kek } from '../../bindings/keys/roles.ts';
import { ByHand } from '../keyring/by-hand.ts';
import { codeOf } from '../keys/engines.ts';
import { fromHex, toHex } from '../vectors/hex.ts';

const COSE_KEY = 101; // content format application/cose-key
const cbor = (value: unknown): Uint8Array => encode(value, rfc8949EncodeOptions);
const only = { algorithms: [EncryptionAlgorithms.A256GCM] };

/** Boundaries of the heads of a byte string, and of CBOR's lengths. */
const LENGTHS = [0, 1, 7, 8, 100, 239, 240, 65_519, 65_520, 100_000];

describe('a record', () => {
  const owner = 'alice';
  const context = 'note/17';
  let engine: Engine;
  let store: Store;
  let keyring: Keyring;
  let kid: Uint8Array;
  let dek: Uint8Array;
  let externalAAD: Uint8Array;

  beforeAll(async () => {
    engine = await createEngine();
    store = memoryStore();
    const secret = { operatorKey: randomBytes(32), operatorKeyId: randomBytes(16).toString('hex') };
    ({ keyring } = await Keyring.create({ engine, store, owner, ...secret }));
    const { id } = await keyring.createDataKey({ space: 'notes' });
    const hand = new ByHand((await store.get(owner))!.bytes, secret.operatorKey);
    kid = fromHex(id);
    dek = hand.dek(id);
    externalAAD = cbor(['record', fromHex(keyring.id), new TextEncoder().encode(context)]);
  });
  afterAll(() => {
    keyring.lock();
    engine.dispose();
  });

  test.each(LENGTHS)('of ours, %d bytes, opens there', async (length) => {
    const plaintext = randomBytes(length);
    const record = Encrypt0.decode(await keyring.encrypt(plaintext, { space: 'notes', context }));
    expect([...record.protectedHeaders.keys()]).toEqual([Headers.Algorithm, Headers.KeyID]);
    expect(record.alg).toBe(EncryptionAlgorithms.A256GCM);
    expect(toHex(record.protectedHeaders.get(Headers.KeyID) as Uint8Array)).toBe(toHex(kid));
    expect(toHex(await record.decrypt(dek, { externalAAD, ...only }))).toBe(toHex(plaintext));
  });

  test.each(LENGTHS)('of theirs, %d bytes, opens here', async (length) => {
    const plaintext = randomBytes(length);
    const record = await Encrypt0.encrypt(
      [
        [Headers.Algorithm, EncryptionAlgorithms.A256GCM],
        [Headers.KeyID, kid],
      ],
      undefined,
      plaintext,
      dek,
      externalAAD,
    );
    expect(toHex(await keyring.decrypt(record.encode(), { context }))).toBe(toHex(plaintext));
  });

  test('of either, in another context, opens in neither', async () => {
    const ours = await keyring.encrypt('hello', { space: 'notes', context: 'note/18' });
    await expect(Encrypt0.decode(ours).decrypt(dek, { externalAAD, ...only })).rejects.toThrow();
    const theirs = await Encrypt0.encrypt(
      [
        [Headers.Algorithm, EncryptionAlgorithms.A256GCM],
        [Headers.KeyID, kid],
      ],
      undefined,
      randomBytes(5),
      dek,
      externalAAD,
    );
    expect(await codeOf(() => keyring.decrypt(theirs.encode(), { context: 'note/18' }))).toBe('ERR_AUTHENTICATION');
  });

  test('of theirs, with headers that a record has not, is no record', async () => {
    const make = (extra: [Headers.ContentType, number]): Promise<Encrypt0> =>
      Encrypt0.encrypt(
        [[Headers.Algorithm, EncryptionAlgorithms.A256GCM], extra, [Headers.KeyID, kid]],
        undefined,
        randomBytes(5),
        dek,
        externalAAD,
      );
    const sealed = await make([Headers.ContentType, 0]);
    expect(await codeOf(() => keyring.decrypt(sealed.encode(), { context }))).toMatch(/^ERR_(FORMAT|UNSUPPORTED)$/);
  });
});

describe('a wrapped key', () => {
  const keyring = idOf(randomBytes(16));
  const secret = randomBytes(32);
  let engine: Engine;
  let kek: Kek;
  beforeAll(async () => {
    engine = await createEngine();
    kek = inRole('KEK', engine.importKey(secret, { purpose: 'wrap', id: idOf(randomBytes(16)) }));
  });
  afterAll(() => engine.dispose());
  const aad = (kid: string): Uint8Array => cbor(['record-key', fromHex(keyring), fromHex(kid)]);

  test('of ours opens there, and is a COSE_Key', async () => {
    const dek = generateRecordDek(engine);
    const wrap = Encrypt0.decode(wrapUnderKek(engine, kek, 'RECORD', dek, keyring));
    expect(wrap.protectedHeaders.get(Headers.ContentType)).toBe(COSE_KEY);
    const inside = await wrap.decrypt(secret, { externalAAD: aad(dek.id), ...only });
    const key = COSEKey.import(inside);
    expect(toHex(key.get(COSEKeyParam.KeyID) as Uint8Array)).toBe(dek.id);
    expect(key.get(COSEKeyParam.Algorithm)).toBe(EncryptionAlgorithms.A256GCM);
    const jwk = key.toJWK();
    expect(jwk).toMatchObject({ kty: 'oct', key_ops: ['encrypt', 'decrypt'] });
    expect(toHex(Buffer.from(jwk.k!, 'base64url'))).toBe(toHex(engine.exportSecretBytes(dek)));
  });

  test('of theirs opens here, and the key inside is the one they took', async () => {
    const [kid, k] = [randomBytes(16), randomBytes(32)];
    const key = cbor(
      new Map<number, unknown>([
        [1, 4],
        [2, kid],
        [3, 3],
        [4, [3, 4]],
        [-1, k],
      ]),
    );
    const wrap = await Encrypt0.encrypt(
      [
        [Headers.Algorithm, EncryptionAlgorithms.A256GCM],
        [Headers.ContentType, COSE_KEY],
        [Headers.KeyID, fromHex(kek.id)],
      ],
      undefined,
      key,
      secret,
      aad(idOf(kid)),
    );
    const dek = unwrapUnderKek(engine, kek, 'RECORD', wrap.encode(), { keyring, kid: idOf(kid) });
    expect(toHex(engine.exportSecretBytes(dek))).toBe(toHex(k));
  });
});
