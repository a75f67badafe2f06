// X-Wing and the ML-KEM-768 in it, against the drafts' examples, NIST ACVP, Wycheproof and CCTV.
//
// Our keys are X-Wing's alone, and their private form is the seed. So encapsulation and the checks of encapsulation keys are
// asked through our API, with the ML-KEM half of a key and of the randomness as printed; keys from d ‖ z, and decapsulation
// by expanded keys, which X-Wing has no way in for, are asked of the function that it calls.

import { ml_kem768 as mlkem } from '@noble/post-quantum/ml-kem.js';
import { describe, expect, test } from 'vitest';
import { createEngine } from '../../bindings/engine/create.ts';
import type { Engine } from '../../bindings/engine/engine.ts';
import { rawPublicKey } from '../../bindings/format/public-key.ts';
import type { PublicKey } from '../../bindings/format/public-key.ts';
import { checkAgreementKey, decapsulate, encapsulate } from '../../bindings/keys/agreement.ts';
import { importKeypair } from '../../bindings/keys/keypair.ts';
import { toHex } from '../format/strict.ts';
import { fromHex } from '../vectors/hex.ts';
import { withSet } from '../vectors/sets.ts';
import { combined, x25519 } from '../reader/dhkem.ts';
import { codeOf } from './engines.ts';

let next: Uint8Array = new Uint8Array(64);
const engine: Engine = await createEngine({ random: (into) => void into.set(next.subarray(0, into.length)) });

interface Example {
  seed: string;
  eseed: string;
  ss: string;
  pk: string;
  ct: string;
}

async function asPrinted({ seed, eseed, ss, pk, ct }: Example): Promise<void> {
  const { publicKey, privateKey } = importKeypair(engine, 'AGREE', 'X-Wing', fromHex(seed));
  privateKey.dispose();
  expect(toHex(rawPublicKey(publicKey)) === pk).toBe(true);
  next = fromHex(eseed);
  const { shared, enc, kem } = encapsulate(engine, publicKey);
  expect({ shared: toHex(shared), kem }).toEqual({ shared: ss, kem: 0x647a });
  expect(toHex(enc) === ct).toBe(true);
  expect(toHex(decapsulate(engine, fromHex(seed), publicKey, enc))).toBe(ss);
  expect(await codeOf(() => decapsulate(engine, fromHex(seed), publicKey, enc.subarray(1)))).toBe('ERR_AUTHENTICATION');
}

describe('X-Wing', () => {
  withSet<Example>('rfc/draft-xwing', 3, (cases) => {
    test.each(cases.map((one, i) => [i, one] as const))('%i', (_i, one) => asPrinted(one));
  });

  interface Hpke {
    kem_id: number;
    ikmE: string;
    skRm: string;
    pkRm: string;
    enc: string;
    shared_secret: string;
  }
  withSet<Hpke>('rfc/draft-hpke-pq', 5, (cases) => {
    const ours = cases.filter(({ kem_id }) => kem_id === 0x647a);
    test('two are of X-Wing; the others are of KEMs that are not offered', () => expect(ours).toHaveLength(2));
    test.each(ours)('enc and shared secret', ({ ikmE, skRm, pkRm, enc, shared_secret }) =>
      asPrinted({ seed: skRm, eseed: ikmE, pk: pkRm, ct: enc, ss: shared_secret }),
    );
  });
});

const skX = new Uint8Array(32).fill(9); // the X25519 half of a key, and of the randomness
const skE = new Uint8Array(32).fill(5);
const base = Uint8Array.of(9, ...new Uint8Array(31));
const [pkX, ctX] = [x25519(skX, base), x25519(skE, base)];

const keyOf = (ek: string): PublicKey => ({ kind: 'X-Wing', publicKey: Buffer.concat([fromHex(ek), pkX]) });

/** ek and m give c and K, in X-Wing's encapsulation. */
function encapsulates({ ek, m, c, k }: { ek: string; m: string; c: string; k: string }): void {
  next = Buffer.concat([fromHex(m), skE]);
  const { shared, enc } = encapsulate(engine, keyOf(ek));
  expect(toHex(enc) === c + toHex(ctX)).toBe(true);
  expect(toHex(shared)).toBe(toHex(combined({ ssM: fromHex(k), ssX: x25519(skE, pkX), ctX, pkX })));
}

async function refusesKey(ek: string): Promise<void> {
  const key = keyOf(ek);
  expect(await codeOf(() => checkAgreementKey(key))).toBe('ERR_FORMAT');
  expect(await codeOf(() => encapsulate(engine, key))).toBe('ERR_FORMAT');
}

/** The code, or what it throws without one. */
const throws = (work: () => unknown): boolean => {
  try {
    work();
    return false;
  } catch {
    return true;
  }
};

describe('ML-KEM-768', () => {
  interface Acvp {
    function: string;
    keyFormat?: string;
    testPassed?: boolean;
    ek: string;
    dk: string;
    c: string;
    k: string;
    m: string;
    d: string;
    z: string;
  }
  const tests = (cases: readonly Acvp[]): void => {
    test('all', async () => {
      for (const one of cases) {
        if (one.function === 'encapsulation') encapsulates(one);
        else if (one.function === 'encapsulationKeyCheck') {
          if (one.testPassed) expect(await codeOf(() => checkAgreementKey(keyOf(one.ek)))).toBeNull();
          else await refusesKey(one.ek);
        } else if (one.function === 'decapsulation') {
          const seeded = one.keyFormat === 'seed';
          const dk = seeded ? mlkem.keygen(fromHex(one.d + one.z)).secretKey : fromHex(one.dk);
          expect(toHex(mlkem.decapsulate(fromHex(one.c), dk))).toBe(one.k);
        } else {
          const ct = mlkem.encapsulate(mlkem.keygen(new Uint8Array(64)).publicKey).cipherText;
          expect(throws(() => mlkem.decapsulate(ct, fromHex(one.dk)))).toBe(!one.testPassed);
        }
      }
    });
  };
  withSet<Acvp>('nist-acvp/mlkem768-encapdecap', 42, tests);
  withSet<Acvp>('nist-acvp/mlkem768-encapdecap-tr1', 49, tests);

  withSet<{ d: string; z: string; ek: string; dk: string }>('nist-acvp/mlkem768-keygen', 25, (cases) => {
    test('all', () => {
      for (const { d, z, ek, dk } of cases) {
        const { publicKey, secretKey } = mlkem.keygen(fromHex(d + z));
        expect([toHex(publicKey) === ek, toHex(secretKey) === dk]).toEqual([true, true]);
      }
    });
  });

  interface Wycheproof {
    seed: string;
    ek: string;
    dk: string;
    c: string;
    K: string;
    m: string;
    comment?: string;
    result: 'valid' | 'invalid';
  }
  withSet<Wycheproof>('wycheproof/mlkem_768', 145, (cases) => {
    test('all', () => {
      let valid = 0;
      for (const { seed, ek, c, K, result } of cases) {
        const decapsulated = (): string => {
          const { publicKey, secretKey } = mlkem.keygen(fromHex(seed));
          expect(toHex(publicKey) === ek || result === 'invalid').toBe(true);
          return toHex(mlkem.decapsulate(fromHex(c), secretKey));
        };
        if (result === 'invalid') expect(throws(decapsulated)).toBe(true);
        else expect(decapsulated()).toBe(K);
        if (result === 'valid') valid++;
      }
      expect(valid).toBe(115);
    });
  });

  withSet<Wycheproof>('wycheproof/mlkem_768_encaps', 199, (cases) => {
    test('all', async () => {
      const seen = { valid: 0, invalid: 0 };
      for (const { ek, m, c, K, result } of cases) {
        if (result === 'valid') encapsulates({ ek, m, c, k: K });
        else await refusesKey(ek);
        seen[result]++;
      }
      expect(seen).toEqual({ valid: 100, invalid: 99 });
    });
  });

  withSet<Wycheproof>('wycheproof/mlkem_768_keygen_seed', 75, (cases) => {
    test('all', () => {
      for (const { seed, ek, dk } of cases) {
        const { publicKey, secretKey } = mlkem.keygen(fromHex(seed));
        expect([toHex(publicKey) === ek, toHex(secretKey) === dk]).toEqual([true, true]);
      }
    });
  });

  withSet<Wycheproof>('wycheproof/mlkem_768_semi_expanded_decaps', 9, (cases) => {
    test('all', () => {
      for (const { dk, c, K, result, comment } of cases) {
        const decapsulated = (): string => toHex(mlkem.decapsulate(fromHex(c), fromHex(dk)));
        if (result === 'valid') expect(decapsulated(), comment).toBe(K);
        else expect(throws(decapsulated), comment).toBe(true);
      }
    });
  });

  interface Cctv {
    test: string;
    dk: string;
    c: string;
    K: string;
    m: string;
    ek: string;
  }
  withSet<Cctv>('cctv/mlkem768', 2, (cases) => {
    test('all', () => {
      const [strcmp, unlucky] = cases;
      expect([strcmp!.test, unlucky!.test]).toEqual(['strcmp', 'unluckysample']);
      expect(toHex(mlkem.decapsulate(fromHex(strcmp!.c), fromHex(strcmp!.dk)))).toBe(strcmp!.K);
      encapsulates({ ...unlucky!, k: unlucky!.K });
    });
  });
});
