// JWK, public keys alone: both ways, strictly; fingerprints that people can compare.

import { createHash, generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createEngine } from '../../bindings/engine/create.ts';
import { base64url, publicKeyFromJwk, publicKeyToJwk } from '../../bindings/format/jwk.ts';
import { fingerprintBytes, fingerprintText, kidOf } from '../../bindings/format/fingerprint.ts';
import { encodePublicKey } from '../../bindings/format/public-key.ts';
import type { PublicKey } from '../../bindings/format/public-key.ts';
import { fingerprint } from '../../bindings/keys/fingerprint.ts';
import { checkSigningKey, verify } from '../../bindings/keys/signing.ts';
import { codeOf } from '../keys/engines.ts';
import { fromHex } from '../vectors/hex.ts';
import { withSet } from '../vectors/sets.ts';
import { bytesOf, toHex } from './strict.ts';

const KEYS: readonly PublicKey[] = [
  { kind: 'P-256', x: bytesOf(32, 1), y: bytesOf(32, 2) },
  { kind: 'X25519', x: bytesOf(32, 3) },
  { kind: 'Ed25519', x: bytesOf(32, 4) },
  { kind: 'X-Wing', publicKey: bytesOf(1216, 5) },
];

describe('JWK', () => {
  test.each(KEYS)('$kind: what is written is read, by node:crypto too', (key) => {
    const jwk = publicKeyToJwk(key, { use: 'agree', kid: '00'.repeat(16) });
    expect(publicKeyFromJwk(jwk)).toEqual(key);
    expect(publicKeyFromJwk(JSON.parse(JSON.stringify(jwk)), 'agree')).toEqual(key);
    expect(jwk).toMatchObject({ use: 'enc', kid: '00'.repeat(16) });
    expect(publicKeyToJwk(key)).not.toHaveProperty('use');
  });

  test('node:crypto’s are read and written alike', () => {
    const pairs = [
      generateKeyPairSync('ec', { namedCurve: 'P-256' }),
      generateKeyPairSync('x25519'),
      generateKeyPairSync('ed25519'),
    ];
    for (const { publicKey, privateKey } of pairs) {
      const jwk = publicKey.export({ format: 'jwk' });
      expect(publicKeyToJwk(publicKeyFromJwk(jwk))).toEqual(jwk);
      expect(() => publicKeyFromJwk(privateKey.export({ format: 'jwk' }))).toThrow(/private key/);
    }
  });

  test('base64url of every length', () => {
    for (let n = 0; n < 70; n++)
      expect(base64url(bytesOf(n, n))).toBe(Buffer.from(bytesOf(n, n)).toString('base64url'));
  });

  test('is read strictly', async () => {
    const jwk = publicKeyToJwk(KEYS[1]!) as unknown as Record<string, unknown>;
    const x = jwk.x as string;
    const read = (changed: unknown, use?: 'agree' | 'sign') => codeOf(() => publicKeyFromJwk(changed, use));
    for (const none of [null, undefined, 'jwk', 5, [jwk], {}]) expect(await read(none)).toBe('ERR_FORMAT');
    for (const wrong of [`${x}=`, x.slice(1), `${x}A`, ` ${x.slice(1)}`, x.replace(/.$/, '_'), x.replace(/^./, '+'), 7])
      expect(await read({ ...jwk, x: wrong }), String(wrong)).toBe('ERR_FORMAT');
    expect(await read({ ...jwk, crv: undefined })).toBe('ERR_FORMAT');
    for (const changed of [{ kty: 'RSA' }, { crv: 'X448' }, { kty: 'EC' }, { kty: 'AKP', alg: 'ML-DSA-44' }])
      expect(await read({ ...jwk, ...changed })).toBe('ERR_UNSUPPORTED');
    for (const secret of ['d', 'k', 'p', 'priv']) expect(await read({ ...jwk, [secret]: x })).toBe('ERR_ARGUMENT');
    expect(await read({ ...jwk, use: 'sig' }, 'agree')).toBe('ERR_FORMAT');
    expect(await read({ ...jwk, use: 'enc' }, 'agree')).toBeNull();
    expect(await read({ ...jwk, alg: 'ES256' }, 'agree')).toBe('ERR_FORMAT');
    expect(
      await read({ ...jwk, alg: 'ECDH-ES+A256KW', key_ops: [], ext: true, made: 'elsewhere' }, 'agree'),
    ).toBeNull();
    const signing = publicKeyToJwk(KEYS[0]!);
    expect(await read({ ...signing, alg: 'ES384' }, 'sign')).toBe('ERR_FORMAT');
    expect(await read({ ...signing, alg: 'ES256' }, 'sign')).toBeNull();
    expect(await read(Object.create(jwk))).toBe('ERR_FORMAT'); // what is inherited is not said
  });

  interface Case {
    tcId: number;
    private: { keys: Record<string, unknown>[] };
    public?: { keys: Record<string, unknown>[] };
    jws: string;
    result: string;
  }
  withSet<Case>('wycheproof/json_web_key', 26, (cases) => {
    test('no symmetric or RSA key is taken, and no key that is for something else', async () => {
      const engine = await createEngine();
      const seen = { others: 0, ours: 0 };
      for (const { tcId, private: own, public: theirs, jws, result } of cases) {
        for (const key of (theirs ?? own).keys) {
          if (key.kty === 'oct' || key.kty === 'RSA') {
            expect(['ERR_ARGUMENT', 'ERR_UNSUPPORTED']).toContain(await codeOf(() => publicKeyFromJwk(key, 'sign')));
            seen.others++;
            continue;
          }
          const [header, payload, signature] = jws.split('.');
          const accepted = (): boolean => {
            const read = publicKeyFromJwk(key, 'sign');
            checkSigningKey(read);
            const signed = new TextEncoder().encode(`${header}.${payload}`);
            return verify(engine, read, signed, new Uint8Array(Buffer.from(signature!, 'base64url')));
          };
          let taken = false;
          const code = await codeOf(() => void (taken = accepted()));
          expect({ tcId, taken, result }).toEqual({ tcId, taken: false, result: 'invalid' });
          expect([null, 'ERR_FORMAT', 'ERR_UNSUPPORTED', 'ERR_ARGUMENT']).toContain(code);
          seen.ours++;
        }
      }
      expect(seen).toEqual({ others: 24, ours: 6 });
      engine.dispose();
    });
  });
});

describe('fingerprints', () => {
  test('are RFC 9679’s: its own example', async () => {
    // RFC 9679 §6: an EC2 key and its thumbprint
    const engine = await createEngine();
    const key: PublicKey = {
      kind: 'P-256',
      x: fromHex('65eda5a12577c2bae829437fe338701a10aaa375e1bb5b5de108de439c08551d'),
      y: fromHex('1e52ed75701163f7f9e40ddf9f341b3dc9ba860af7e0ca7ca7e9eecd0084d19c'),
    };
    expect(toHex(fingerprint(engine, key))).toBe('496bd8afadf307e5b08c64b0421bf9dc01528a344a43bda88fadd1669da253ec');
    expect(kidOf(fingerprint(engine, key))).toBe('496bd8afadf307e5b08c64b0421bf9dc');
    for (const one of KEYS)
      expect(toHex(fingerprint(engine, one))).toBe(createHash('sha256').update(encodePublicKey(one)).digest('hex'));
    engine.dispose();
  });

  test('as people write them', async () => {
    const fp = bytesOf(32, 8);
    const written = fingerprintText(fp);
    expect(written).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){12}[0-9A-HJKMNP-TV-Z]{4}$/);
    for (const given of [
      written,
      written.toLowerCase(),
      written.replaceAll('-', ' '),
      toHex(fp),
      toHex(fp).toUpperCase(),
      fp,
    ])
      expect(toHex(fingerprintBytes(given))).toBe(toHex(fp));
    expect(fingerprintText(new Uint8Array(32))).toBe(Array(13).fill('0000').join('-'));
    expect(fingerprintText(new Uint8Array(32).fill(255))).toBe(`${'ZZZZ-'.repeat(12)}ZZZG`);
    const ones = fingerprintText(Uint8Array.of(0x08, 0x42, 0x10, ...new Uint8Array(29))); // 0000100001000010000100…
    expect(toHex(fingerprintBytes(ones.replaceAll('1', 'l').replaceAll('0', 'o')))).toBe(toHex(fingerprintBytes(ones)));
    for (const wrong of [
      '',
      written.slice(1),
      `${written}0`,
      written.replace(/.$/, '1'),
      written.replace(/^./, 'U'),
      '0'.repeat(64) + '0',
    ])
      expect(await codeOf(() => fingerprintBytes(wrong)), wrong).toBe('ERR_ARGUMENT');
    for (const n of [0, 16, 31, 33])
      expect(await codeOf(() => fingerprintBytes(new Uint8Array(n)))).toBe('ERR_ARGUMENT');
  });
});
