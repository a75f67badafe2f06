// Signatures against NIST, RFC and Wycheproof vectors. ES256 is deterministic and has s ≤ n/2: where a vector's s is the other
// one, what we make is n - s, and the vector's is refused for that alone.

import { describe, expect, test } from 'vitest';
import { createEngine } from '../../bindings/engine/create.ts';
import { publicKeyFromJwk } from '../../bindings/format/jwk.ts';
import { publicKeyFromRaw, rawPublicKey } from '../../bindings/format/public-key.ts';
import { importKeypair } from '../../bindings/keys/keypair.ts';
import { checkSigningKey, sign, verify } from '../../bindings/keys/signing.ts';
import { toHex } from '../format/strict.ts';
import { ascii, fromHex } from '../vectors/hex.ts';
import { withSet } from '../vectors/sets.ts';
import { codeOf } from './engines.ts';

const engine = await createEngine();
const N = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n; // SP 800-186 §3.2.1.3
const hex32 = (n: bigint): string => n.toString(16).padStart(64, '0');
const isHigh = (s: string): boolean => BigInt(`0x${s || '0'}`) > N / 2n;
const low = (s: string): string => hex32(isHigh(s) ? N - BigInt(`0x${s}`) : BigInt(`0x${s}`));

/** Whether our verification takes r ‖ s; where s is high, whether it takes n - s and not s. */
function takes(raw: string, message: Uint8Array, signature: string): boolean {
  const key = publicKeyFromRaw('P-256', fromHex(raw));
  const s = signature.slice(64);
  if (signature.length !== 128 || !isHigh(s) || BigInt(`0x${s}`) >= N)
    return verify(engine, key, message, fromHex(signature));
  expect(verify(engine, key, message, fromHex(signature))).toBe(false);
  return verify(engine, key, message, fromHex(signature.slice(0, 64) + low(s)));
}

interface Ecdsa {
  d: string;
  qx: string;
  qy: string;
  message: string;
  r: string;
  s: string;
  testPassed: boolean;
  reason: string;
}

function signsAs({ d, message, r, s }: { d: string; message: Uint8Array; r: string; s: string }, q: string): void {
  const { publicKey, privateKey } = importKeypair(engine, 'SIGN', 'P-256', fromHex(d));
  expect(toHex(rawPublicKey(publicKey))).toBe(q);
  expect(toHex(sign(engine, privateKey, publicKey, message))).toBe(r + low(s));
  expect(takes(q, message, r + s)).toBe(true);
  privateKey.dispose();
}

describe('ES256', () => {
  withSet<Record<string, string>>('rfc/rfc6979-p256-sha256', 2, (cases) => {
    test('all', () => {
      for (const { private: d, Ux, Uy, message, r, s } of cases)
        signsAs({ d: d!, message: ascii(message!), r: r!, s: s! }, `04${Ux}${Uy}`);
    });
  });

  withSet<Ecdsa>('nist-acvp/p256-ecdsa-detsiggen', 11, (cases) => {
    test('all', () => {
      for (const { qx, qy, ...one } of cases) signsAs({ ...one, message: fromHex(one.message) }, `04${qx}${qy}`);
    });
  });

  withSet<Ecdsa>('nist-acvp/p256-ecdsa-siggen', 10, (cases) => {
    test('all verify; their k is random, which ours is not', () => {
      for (const { qx, qy, message, r, s } of cases) expect(takes(`04${qx}${qy}`, fromHex(message), r + s)).toBe(true);
    });
  });

  withSet<Ecdsa>('nist-acvp/p256-ecdsa-sigver', 7, (cases) => {
    test('all', () => {
      for (const { qx, qy, message, r, s, testPassed, reason } of cases)
        expect(takes(`04${qx}${qy}`, fromHex(message), r + s), reason).toBe(testPassed);
    });
  });

  interface Wycheproof {
    publicKey: { uncompressed: string };
    publicKeyJwk?: object;
    msg: string;
    sig: string;
    result: 'valid' | 'invalid';
    comment: string;
  }
  withSet<Wycheproof>('wycheproof/ecdsa_secp256r1_sha256_p1363', 197, (cases) => {
    test('all', () => {
      let valid = 0;
      for (const { publicKey, publicKeyJwk, msg, sig, result, comment } of cases) {
        if (publicKeyJwk !== undefined)
          expect(toHex(rawPublicKey(publicKeyFromJwk(publicKeyJwk, 'sign')))).toBe(publicKey.uncompressed);
        expect(takes(publicKey.uncompressed, fromHex(msg), sig), comment).toBe(result === 'valid');
        if (result === 'valid') valid++;
      }
      expect(valid).toBe(128);
    });
  });

  /** r ‖ s of a DER signature; null where it is not the one encoding of two integers of at most 32 bytes (X.690 §8.3). */
  function fromDer(sig: string): string | null {
    const bytes = fromHex(sig);
    const out: string[] = [];
    let at = 2;
    for (let i = 0; i < 2; i++) {
      const length = bytes[at + 1] ?? 0;
      const digits = toHex(bytes.subarray(at + 2, at + 2 + length)).replace(/^(00)+/, '');
      if (bytes[at] !== 2 || digits.length > 64) return null;
      out.push(digits);
      at += 2 + length;
    }
    const integer = (digits: string): string => {
      const signed = digits === '' || parseInt(digits.slice(0, 2), 16) > 127 ? `00${digits}` : digits;
      return `02${(signed.length / 2).toString(16).padStart(2, '0')}${signed}`;
    };
    const body = out.map(integer).join('');
    return sig === `30${(body.length / 2).toString(16).padStart(2, '0')}${body}`
      ? out.map((digits) => digits.padStart(64, '0')).join('')
      : null;
  }
  withSet<Wycheproof>('wycheproof/ecdsa_secp256r1_sha256', 363, (cases) => {
    test('all; DER is not read here: its integers become r ‖ s', () => {
      const seen = { valid: 0, invalid: 0, otherwise: 0 };
      for (const { publicKey, msg, sig, result, comment } of cases) {
        const raw = fromDer(sig);
        if (raw === null) expect(result, comment).toBe('invalid');
        else expect(takes(publicKey.uncompressed, fromHex(msg), raw), comment).toBe(result === 'valid');
        seen[raw === null ? 'otherwise' : result]++;
      }
      expect(seen).toEqual({ valid: 133, invalid: 52, otherwise: 178 });
    });
  });
});

describe('EdDSA', () => {
  interface Ed25519 {
    d: string;
    q: string;
    message: string;
    signature: string;
    testPassed: boolean;
    reason: string;
  }
  const signsAs25519 = (secret: string, q: string, message: string, signature: string): void => {
    const { publicKey, privateKey } = importKeypair(engine, 'SIGN', 'Ed25519', fromHex(secret));
    expect(toHex(rawPublicKey(publicKey))).toBe(q);
    expect(toHex(sign(engine, privateKey, publicKey, fromHex(message)))).toBe(signature);
    expect(verify(engine, publicKey, fromHex(message), fromHex(signature))).toBe(true);
    privateKey.dispose();
  };
  withSet<Record<string, string>>('rfc/rfc8032-ed25519', 5, (cases) => {
    test('all', () => {
      for (const { secretKey, publicKey, message, signature } of cases)
        signsAs25519(secretKey!, publicKey!, message!, signature!);
    });
  });
  withSet<Ed25519>('nist-acvp/ed25519-siggen', 32, (cases) => {
    test('all', () => {
      for (const { d, q, message, signature } of cases) signsAs25519(d, q, message, signature);
    });
  });
  withSet<Ed25519>('nist-acvp/ed25519-keygen', 3, (cases) => {
    test('all', () => {
      for (const { d, q } of cases) {
        const { publicKey, privateKey } = importKeypair(engine, 'SIGN', 'Ed25519', fromHex(d));
        expect(toHex(rawPublicKey(publicKey))).toBe(q);
        privateKey.dispose();
      }
    });
  });
  withSet<Ed25519>('nist-acvp/ed25519-keyver', 4, (cases) => {
    test('all', async () => {
      for (const { q, testPassed, reason } of cases) {
        const check = codeOf(() => checkSigningKey(publicKeyFromRaw('Ed25519', fromHex(q))));
        expect(await check, reason).toBe(testPassed ? null : 'ERR_FORMAT');
      }
    });
  });
  withSet<Ed25519>('nist-acvp/ed25519-sigver', 5, (cases) => {
    test('all', () => {
      for (const { q, message, signature, testPassed, reason } of cases) {
        const key = publicKeyFromRaw('Ed25519', fromHex(q));
        expect(verify(engine, key, fromHex(message), fromHex(signature)), reason).toBe(testPassed);
      }
    });
  });
  interface Wycheproof {
    publicKey: { pk: string };
    publicKeyJwk: object;
    msg: string;
    sig: string;
    result: 'valid' | 'invalid';
    comment: string;
  }
  withSet<Wycheproof>('wycheproof/ed25519', 114, (cases) => {
    test('all', () => {
      let valid = 0;
      for (const { publicKey, publicKeyJwk, msg, sig, result, comment } of cases) {
        const key = publicKeyFromJwk(publicKeyJwk, 'sign');
        expect(toHex(rawPublicKey(key))).toBe(publicKey.pk);
        expect(verify(engine, key, fromHex(msg), fromHex(sig)), comment).toBe(result === 'valid');
        if (result === 'valid') valid++;
      }
      expect(valid).toBe(66);
    });
  });

  test('keys of low order, and others than the standard writes, verify nothing', async () => {
    const zeros = '00'.repeat(31);
    const identity = `01${zeros}`;
    const pMinusOne = `ec${'ff'.repeat(30)}7f`; // order 2
    const identityAgain = `ee${'ff'.repeat(30)}7f`; // y = p + 1: not canonical
    for (const q of [identity, pMinusOne, identityAgain, `00${zeros}`]) {
      const key = publicKeyFromRaw('Ed25519', fromHex(q));
      expect(await codeOf(() => verify(engine, key, ascii('any'), fromHex(identity + '00'.repeat(32)))), q).toBe(
        'ERR_FORMAT',
      );
    }
  });
});
