// What of a keypair passes outside the core is wiped where we have it: drawn secrets, lent private keys, DH values, shared
// secrets, after success and after failure. In the core nothing is left when the handles are gone. Each time the bytes are
// first seen, so that the search is known to work.

import { describe, expect, test } from 'vitest';
import { loadCore } from '../../bindings/core/index.ts';
import { instanceOf } from '../../bindings/core/internal.ts';
import { createEngine } from '../../bindings/engine/create.ts';
import type { Engine } from '../../bindings/engine/engine.ts';
import { hpkeOpen, hpkeSeal } from '../../bindings/keys/hpke.ts';
import { generateKek } from '../../bindings/keys/kek.ts';
import { generateKeypair, unwrapPrivateKey, wrapPrivateKey } from '../../bindings/keys/keypair.ts';
import { openKey, sealKey } from '../../bindings/keys/seal-key.ts';
import { sign } from '../../bindings/keys/signing.ts';
import { bytesOf, flipped, idOfSeed } from '../format/strict.ts';
import { sightings } from '../wiped/search.ts';
import { codeOf } from './engines.ts';

const INFO = bytesOf(10, 1);
const OTHER_INFO = bytesOf(11, 1);
const KEYRING = idOfSeed(1);

interface Watched {
  engine: Engine;
  memory: Uint8Array;
  /** Buffers that held a secret outside the core, and how many of them held something when they were seen. */
  seen: Uint8Array[];
  filled: () => number;
}

/** An engine whose calls are watched: what secret bytes it was given, and what it gave. */
async function watched(): Promise<Watched> {
  const core = await loadCore();
  const own = await createEngine({ core });
  const seen: Uint8Array[] = [];
  let filled = 0;
  const see = (bytes: Uint8Array): void => {
    seen.push(bytes);
    if (bytes.some((byte) => byte !== 0)) filled++;
  };
  const engine = new Proxy(own, {
    get(target, name: keyof Engine) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        if (name === 'extract') {
          const { ikm, salt } = args[0] as { ikm: Uint8Array; salt: Uint8Array };
          see(ikm);
          if (salt.length > 0) see(salt); // the shared secret
        }
        const result = (value as (...p: unknown[]) => unknown).apply(target, args);
        if (name === 'exportSecretBytes') see(result as Uint8Array);
        if (name === 'importKey') see(args[0] as Uint8Array);
        if (name === 'random' && (args[0] as Uint8Array).length >= 32) see(args[0] as Uint8Array);
        if (name === 'expand' && (result as { rest: Uint8Array }).rest.length === 32)
          see((result as { rest: Uint8Array }).rest);
        return result;
      };
    },
  });
  return { engine, memory: instanceOf(core).memory, seen, filled: () => filled };
}

const left = (seen: readonly Uint8Array[]): number => seen.filter((bytes) => bytes.some((byte) => byte !== 0)).length;

describe.each([
  ['AGREE', 'P-256'],
  ['AGREE', 'X25519'],
  ['AGREE', 'X-Wing'],
  ['SIGN', 'P-256'],
  ['SIGN', 'Ed25519'],
] as const)('%s %s', (role, kind) => {
  test('leaves nothing', async () => {
    const { engine, memory, seen, filled } = await watched();
    const kek = generateKek(engine);
    const pair = generateKeypair(engine, role, kind as never);
    const { publicKey } = pair;
    const secret = engine.exportSecretBytes(pair.privateKey);
    seen.pop(); // ours
    expect(sightings(memory, secret)).toBeGreaterThan(0);
    const wrapped = wrapPrivateKey(engine, kek, role, pair, KEYRING);
    pair.privateKey.dispose();
    expect(sightings(memory, secret)).toBe(0);

    const key = unwrapPrivateKey(engine, kek, role, wrapped, publicKey, KEYRING);
    const other = generateKeypair(engine, role, kind as never);
    await codeOf(() => unwrapPrivateKey(engine, kek, role, wrapped, other.publicKey, KEYRING));
    if (role === 'SIGN') sign(engine, key as never, publicKey, bytesOf(100, 2));
    else {
      const sealed = await hpkeSeal(engine, publicKey, { info: INFO }, bytesOf(100, 3));
      await hpkeOpen(engine, key as never, publicKey, sealed, { info: INFO });
      expect(await codeOf(() => hpkeOpen(engine, key as never, publicKey, sealed, { info: OTHER_INFO }))).toBe(
        'ERR_AUTHENTICATION',
      );
      const cut = { ...sealed, enc: flipped(sealed.enc, 1) };
      expect(await codeOf(() => hpkeOpen(engine, key as never, publicKey, cut, { info: INFO }))).toBe(
        'ERR_AUTHENTICATION',
      );
      const grant = sealKey(engine, 'KEK', kek, publicKey, INFO);
      openKey(engine, 'KEK', grant, key as never, publicKey, { kid: kek.id, info: INFO }).dispose();
    }
    expect(filled()).toBeGreaterThan(role === 'SIGN' ? 3 : 10); // the zeros that stand for an empty salt are no secret
    expect(left(seen)).toBe(0);

    for (const handle of [key, kek, other.privateKey]) handle.dispose();
    expect(sightings(memory, secret)).toBe(0);
    expect(engine.freeSlots()).toBe(64);
    engine.dispose();
  });
});
