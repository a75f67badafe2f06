// After each call of the engine the whole memory of its core is searched for what should not be there; first it finds.

import { createHmac, pbkdf2Sync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { instanceOf } from '../../bindings/core/internal.ts';
import type { Core } from '../../bindings/core/types.ts';
import type { Engine } from '../../bindings/engine/engine.ts';
import { codeOf, random } from '../core/implementation.ts';
import { ALL, as, codeOfAny, engineOn, ID } from './engines.ts';

describe.each(ALL)('$name', (asked) => {
  let engine: Engine;
  let core: Core;
  let memory: Uint8Array;
  let fresh: Buffer;
  beforeEach(async () => {
    ({ engine, core } = await engineOn(asked));
    memory = instanceOf(core).memory;
    fresh = Buffer.from(memory);
  });
  afterEach(() => engine.dispose());

  /** How often any 8 bytes in a row of the secret stand in memory, as they are or turned around by words. */
  function sightings(secret: Uint8Array): number {
    let found = 0;
    const all = Buffer.from(memory.buffer);
    for (let at = 0; at + 8 <= secret.length; at += 4) {
      const part = Buffer.from(secret.subarray(at, at + 8));
      for (const form of [part, Buffer.from(part).swap32(), Buffer.from(part).swap64()])
        if (all.includes(form)) found++;
    }
    return found;
  }
  const differences = (): number => fresh.reduce((count, byte, i) => count + (byte === memory[i] ? 0 : 1), 0);

  test('a derived key is in its slot alone, and gone with it; nothing of it stays in the job', async () => {
    const [bytes, salt] = [random(24), random(32)];
    const secret = pbkdf2Sync(bytes, salt, 5000, 32, 'sha256');
    const password = engine.password(bytes);
    const key = await password.derive({ salt, iterations: 5000, id: ID });
    expect(sightings(secret)).toBeGreaterThan(0); // the search works
    expect(sightings(bytes)).toBe(0); // midstates, not the password
    key.dispose();
    expect(sightings(secret)).toBe(0);
    password.dispose();
    expect(differences()).toBe(0);
  });

  test('after an abort nothing of the derivation stays', async () => {
    const [bytes, salt] = [random(24), random(32)];
    const controller = new AbortController();
    const password = engine.password(bytes);
    (await password.derive({ salt, iterations: 1, id: ID })).dispose(); // now it is taken in, by whomever
    const before = Buffer.from(memory);
    const U1 = createHmac('sha256', bytes)
      .update(salt)
      .update(Buffer.of(0, 0, 0, 1))
      .digest();
    const stop = { signal: controller.signal, onProgress: () => controller.abort() };
    await expect(password.derive({ salt, iterations: 3_000_000, id: ID, ...stop })).rejects.toMatchObject({
      code: 'ERR_ABORTED',
    });
    expect(sightings(U1)).toBe(0);
    expect(before.filter((byte, i) => byte !== memory[i]).length).toBeLessThan(80); // a lane, overwritten
    password.dispose();
    expect(differences()).toBe(0);
  });

  test('passwords that wait leave nothing either', async () => {
    const passwords = Array.from({ length: 6 }, () => engine.password(random(100)));
    passwords.reverse().forEach((password) => password.dispose());
    expect(differences()).toBe(0);
    await Promise.resolve();
  });

  test('extract, expand, mac, hash, export: what is not in a slot is nowhere', () => {
    const [salt, ikm, info] = [random(40), random(100), random(500)];
    const prk = createHmac('sha256', salt).update(ikm).digest();
    const okm = createHmac('sha512', prk).update(info).update(Buffer.of(1)).digest();
    const key = engine.extract({ salt, ikm }, as('derive'));
    expect(sightings(prk)).toBeGreaterThan(0);
    expect(sightings(ikm)).toBe(0);
    const { keys } = engine.expand(key, { hash: 'SHA-512', info, length: 64, keys: [{ ...as('mac'), at: 16 }] });
    expect(sightings(okm.subarray(16, 48))).toBeGreaterThan(0);
    expect(sightings(okm.subarray(0, 16)) + sightings(okm.subarray(48))).toBe(0);
    const mac = engine.mac(keys[0]!, ikm);
    expect(sightings(mac)).toBe(0);
    engine.exportSecretBytes(keys[0]!).fill(0);
    keys[0]!.dispose();
    key.dispose();
    expect(sightings(okm)).toBe(0);
    expect(differences()).toBe(0);
  });

  test('wrap, unwrap, seal, open, also where they fail', async () => {
    const secret = random(32);
    const [outer, inner] = [engine.generateKey(as('wrap')), engine.importKey(secret, as('seal'))];
    const p = { iv: random(12), aad: random(40), prefix: random(30) };
    const sealed = engine.wrap(outer, inner, p);
    const text = random(3000);
    const out = new Uint8Array(3016);
    await engine.seal(inner, text, { ...p, out });
    await engine.open(inner, out, p);
    out[3000]! ^= 1;
    expect(await codeOfAny(() => engine.open(inner, out, p))).toBe('ERR_AUTHENTICATION');
    expect(sightings(text)).toBe(0);
    inner.dispose();
    expect(sightings(secret)).toBe(0);
    const back = engine.unwrap(outer, { ...p, sealed }, as('seal'));
    expect(sightings(secret)).toBeGreaterThan(0);
    back.dispose();
    expect(sightings(secret)).toBe(0);
    expect(codeOf(() => engine.unwrap(outer, { ...p, prefix: random(30), sealed }, as('seal')))).toBe('ERR_FORMAT');
    expect(sightings(secret)).toBe(0);
  });

  test('dispose of the engine: its keys and passwords are gone from a core that goes on', () => {
    const secrets = Array.from({ length: 10 }, () => random(32));
    for (const secret of secrets) engine.importKey(secret, as('seal'));
    for (let i = 0; i < 6; i++) engine.password(random(20));
    for (const secret of secrets) expect(sightings(secret)).toBeGreaterThan(0);
    engine.dispose();
    for (const secret of secrets) expect(sightings(secret)).toBe(0);
    expect(differences()).toBe(0);
  });
});
