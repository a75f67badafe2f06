// Agreement keys against NIST, RFC and Wycheproof vectors, through encapsulation: what is asked is our checks of points and
// malformed keys as much as the curves under them. The DH values that vectors print become shared secrets by the model.

import { describe, expect, test } from 'vitest';
import { createEngine } from '../../bindings/engine/create.ts';
import { publicKeyFromJwk } from '../../bindings/format/jwk.ts';
import { publicKeyFromRaw, rawPublicKey } from '../../bindings/format/public-key.ts';
import { agreementPublicKey, checkAgreementKey, decapsulate, encapsulate } from '../../bindings/keys/agreement.ts';
import { importKeypair } from '../../bindings/keys/keypair.ts';
import { toHex } from '../format/strict.ts';
import { fromHex } from '../vectors/hex.ts';
import { withSet } from '../vectors/sets.ts';
import { sharedSecret } from '../reader/dhkem.ts';
import { codeOf } from './engines.ts';

const engine = await createEngine();
const KEM = { 'P-256': 0x10, X25519: 0x20 } as const;
type Kind = keyof typeof KEM;

/** 32 bytes of a private key, however many zeros are printed before it. */
const scalar = (hex: string): Uint8Array => fromHex(hex.padStart(64, '0').slice(-64));

/** Null where decapsulation is right of the printed DH value; else the code of what it throws, or what it gives. */
async function agrees(kind: Kind, secret: Uint8Array, theirs: Uint8Array, shared: string): Promise<string | null> {
  const own = agreementPublicKey(kind, secret);
  let got = '';
  const code = await codeOf(() => {
    got = toHex(decapsulate(engine, secret, own, theirs));
  });
  if (code !== null) return code;
  const wanted = toHex(sharedSecret(KEM[kind], fromHex(shared), theirs, rawPublicKey(own)));
  return got === wanted ? null : got;
}

/** A public key that must not be taken: neither to seal to, nor in what is opened. */
async function refused(kind: Kind, raw: Uint8Array): Promise<void> {
  const own = new Uint8Array(32).fill(7);
  expect(await codeOf(() => decapsulate(engine, own, agreementPublicKey(kind, own), raw))).toBe('ERR_AUTHENTICATION');
  expect(await codeOf(() => checkAgreementKey(publicKeyFromRaw(kind, raw)))).toBe('ERR_FORMAT');
  expect(await codeOf(() => encapsulate(engine, publicKeyFromRaw(kind, raw)))).toBe('ERR_FORMAT');
}

interface Wycheproof<Key = string> {
  tcId: number;
  comment: string;
  flags: string[];
  public: Key;
  private: Key;
  shared: string;
  result: 'valid' | 'invalid' | 'acceptable';
}
interface Jwk {
  d: string;
}
const dOf = (jwk: unknown): Uint8Array => new Uint8Array(Buffer.from((jwk as Jwk).d, 'base64url'));

describe('P-256', () => {
  withSet<Record<string, string>>('nist-cavp/p256-ecdh', 25, (cases) => {
    test('all', async () => {
      for (const { QCAVSx, QCAVSy, dIUT, QIUTx, QIUTy, ZIUT } of cases) {
        const own = fromHex(dIUT!);
        expect(toHex(rawPublicKey(agreementPublicKey('P-256', own)))).toBe(`04${QIUTx}${QIUTy}`);
        expect(await agrees('P-256', own, fromHex(`04${QCAVSx}${QCAVSy}`), ZIUT!)).toBeNull();
      }
    });
  });

  withSet<{ qx: string; qy: string; testPassed: boolean; reason: string }>('nist-acvp/p256-keyver', 3, (cases) => {
    test('all', async () => {
      for (const { qx, qy, testPassed, reason } of cases) {
        const raw = fromHex(`04${qx.padStart(64, '0')}${qy.padStart(64, '0')}`);
        if (testPassed) expect(await codeOf(() => checkAgreementKey(publicKeyFromRaw('P-256', raw)))).toBeNull();
        else if (raw.length === 65) await refused('P-256', raw);
        else expect(await codeOf(() => publicKeyFromRaw('P-256', raw)), reason).toBe('ERR_FORMAT');
      }
    });
  });

  withSet<Wycheproof>('wycheproof/ecdh_secp256r1_ecpoint', 267, (cases) => {
    test('all', async () => {
      let taken = 0;
      for (const { public: point, private: d, shared, result, comment } of cases) {
        const raw = fromHex(point);
        const got = await agrees('P-256', scalar(d), raw, shared);
        if (result === 'valid') expect(got, comment).toBeNull();
        else expect(got, comment).toBe('ERR_AUTHENTICATION'); // compressed points (acceptable) are not written here
        if (result === 'valid') taken++;
        else expect(await codeOf(() => checkAgreementKey(publicKeyFromRaw('P-256', raw))), comment).toBe('ERR_FORMAT');
      }
      expect(taken).toBe(248);
    });
  });

  // SubjectPublicKeyInfo is not read here: the point is cut out of the one encoding RFC 5480 has for it; whatever is encoded
  // otherwise (named by other curves, parameters written out, altered ASN.1) has no way in.
  withSet<Wycheproof>('wycheproof/ecdh_secp256r1', 459, (cases) => {
    const SPKI = '3059301306072a8648ce3d020106082a8648ce3d030107034200';
    test('all', async () => {
      const seen = { valid: 0, invalid: 0, acceptable: 0, otherwise: 0 };
      for (const { public: spki, private: d, shared, result, comment } of cases) {
        if (!spki.startsWith(SPKI) || spki.length !== 182) {
          expect(result, comment).not.toBe('valid');
          seen.otherwise++;
          continue;
        }
        const raw = fromHex(spki.slice(SPKI.length));
        seen[result]++;
        if (result === 'valid') expect(await agrees('P-256', scalar(d), raw, shared), comment).toBeNull();
        else await refused('P-256', raw); // the acceptable one: the last bit of y altered
      }
      expect(seen).toEqual({ valid: 248, invalid: 14, acceptable: 1, otherwise: 196 });
    });
  });

  withSet<Wycheproof<Jwk>>('wycheproof/ecdh_secp256r1_webcrypto', 265, (cases) => {
    test('all', async () => {
      let taken = 0;
      for (const { public: jwk, private: own, shared, result, comment } of cases) {
        if (result === 'valid') {
          const raw = rawPublicKey(publicKeyFromJwk(jwk, 'agree'));
          expect(await agrees('P-256', dOf(own), raw, shared), comment).toBeNull();
          taken++;
          continue;
        }
        const code = await codeOf(() => checkAgreementKey(publicKeyFromJwk(jwk, 'agree')));
        expect(['ERR_FORMAT', 'ERR_UNSUPPORTED'], comment).toContain(code);
      }
      expect(taken).toBe(248);
    });
  });
});

describe('X25519', () => {
  withSet<{ COUNT: number; INPUT_SCALAR: string; INPUT_U: string; OUTPUT_U: string }>(
    'rfc/rfc7748-x25519',
    3,
    (cases) => {
      test('all', async () => {
        for (const { INPUT_SCALAR, INPUT_U, OUTPUT_U } of cases)
          expect(await agrees('X25519', fromHex(INPUT_SCALAR), fromHex(INPUT_U), OUTPUT_U)).toBeNull();
      });
    },
  );

  withSet<{ privateKey: string; publicKey: string }>('nist-acvp/x25519-keygen', 10, (cases) => {
    test('all', () => {
      for (const { privateKey, publicKey } of cases) {
        const pair = importKeypair(engine, 'AGREE', 'X25519', fromHex(privateKey));
        expect(toHex(rawPublicKey(pair.publicKey))).toBe(publicKey);
        pair.privateKey.dispose();
      }
    });
  });

  withSet<{ publicKey: string; testPassed: boolean; reason: string }>('nist-acvp/x25519-keyver', 16, (cases) => {
    test('all', async () => {
      for (const { publicKey, testPassed, reason } of cases) {
        const check = codeOf(() => checkAgreementKey(publicKeyFromRaw('X25519', fromHex(publicKey))));
        expect(await check, reason).toBe(testPassed ? null : 'ERR_FORMAT');
      }
    });
  });

  withSet<Record<string, string>>('nist-acvp/x25519-ssc', 25, (cases) => {
    test('all', async () => {
      for (const { publicServer, privateIut, publicIut, z } of cases) {
        expect(await agrees('X25519', fromHex(privateIut!), fromHex(publicServer!), z!)).toBeNull();
        expect(toHex(rawPublicKey(agreementPublicKey('X25519', fromHex(privateIut!))))).toBe(publicIut);
      }
    });
  });

  /** Points of low order are refused; twists and numbers from p on are taken, as RFC 7748 §5 wants it. */
  async function ask(
    { flags, shared, comment }: Wycheproof<unknown>,
    secret: Uint8Array,
    raw: Uint8Array,
  ): Promise<boolean> {
    const low = flags.includes('ZeroSharedSecret');
    if (low) await refused('X25519', raw);
    else expect(await agrees('X25519', secret, raw, shared), comment).toBeNull();
    return low;
  }

  withSet<Wycheproof>('wycheproof/x25519', 389, (cases) => {
    test('all', async () => {
      let low = 0;
      for (const one of cases) if (await ask(one, fromHex(one.private), fromHex(one.public))) low++;
      expect(low).toBe(24);
    });
  });

  withSet<Wycheproof<Jwk>>('wycheproof/x25519_jwk', 399, (cases) => {
    test('all', async () => {
      const seen = { low: 0, invalid: 0 };
      for (const one of cases) {
        if (one.result === 'invalid') {
          const code = await codeOf(() => rawPublicKey(publicKeyFromJwk(one.public, 'agree')).subarray(0, 32));
          const key = code === null ? publicKeyFromJwk(one.public, 'agree') : null; // a good key, of another kind
          expect(key === null || key.kind !== 'X25519', one.comment).toBe(true);
          seen.invalid++;
        } else if (await ask(one, dOf(one.private), rawPublicKey(publicKeyFromJwk(one.public, 'agree')))) seen.low++;
      }
      expect(seen).toEqual({ low: 24, invalid: 10 });
    });
  });
});
