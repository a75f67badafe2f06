// The whole memory of the core is searched for secrets: after each call, after the end of a cipher, after the end of all. The
// search is shown to find first.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { instanceOf } from '../../bindings/core/internal.ts';
import type { Instance } from '../../bindings/core/instance.ts';
import { loadCore } from '../../bindings/core/load.ts';
import type { Core } from '../../bindings/core/types.ts';
import { codeOf, node, random, VARIANTS } from './implementation.ts';

describe.each(VARIANTS)('%s', (variant) => {
  let core: Core;
  let instance: Instance;
  let fresh: Buffer;
  beforeEach(async () => {
    core = await loadCore({ variant });
    instance = instanceOf(core);
    fresh = Buffer.from(instance.memory);
  });
  afterEach(() => core[Symbol.dispose]());

  /** How often any 8 bytes in a row of the secret stand in memory, in order or with the bytes of each word turned around. */
  function sightings(...secrets: readonly Uint8Array[]): number {
    const memory = Buffer.from(instance.memory.buffer);
    let found = 0;
    for (const secret of secrets)
      for (let at = 0; at + 8 <= secret.length; at += 4) {
        const part = Buffer.from(secret.subarray(at, at + 8));
        for (const form of [part, Buffer.from(part).swap32()]) if (memory.includes(form)) found++;
      }
    return found;
  }

  /** Where memory differs from that of a core that has done nothing. */
  const dirt = (): number[] => {
    const at: number[] = [];
    for (let i = 0; i < fresh.length; i++) if (fresh[i] !== instance.memory[i]) at.push(i);
    return at;
  };

  test('hashes, MACs, derivations: nothing stays, not one byte', () => {
    const [a, b] = [random(3000), random(40_000)];
    core.sha256(b);
    expect(dirt()).toEqual([]);
    core.hmacSha256(a, b);
    core.hmacSha256(a.subarray(0, 20), b);
    expect(dirt()).toEqual([]);
    core.hkdfSha256(b, { salt: a, info: a, length: 1000 });
    expect(dirt()).toEqual([]);
    core.pbkdf2Sha256(a, { salt: b, iterations: 10, length: 300 });
    core.pbkdf2Sha256(a.subarray(0, 20), { salt: b, iterations: 10, length: 3 });
    expect(dirt()).toEqual([]);
  });

  test('a cipher: the key is there while it lives, the text never after a call', () => {
    const [key, iv, aad] = [random(32), random(12), random(50)];
    const cipher = core.aes256gcm(key);
    expect(sightings(key)).toBeGreaterThan(0); // the search works
    for (const n of [20, 1000, 5000, 300_000]) {
      const text = random(n);
      const sealed = cipher.encrypt(iv, text, aad);
      expect(sightings(text.subarray(0, 200), text.subarray(-200))).toBe(0);
      cipher.decrypt(iv, sealed, aad);
      expect(sightings(text.subarray(0, 200), text.subarray(-200))).toBe(0);
      sealed[0]! ^= 1;
      expect(codeOf(() => cipher.decrypt(iv, sealed, aad))).toBe('ERR_AUTHENTICATION');
      expect(sightings(text.subarray(0, 200), text.subarray(-200))).toBe(0);
      const stream = Buffer.from(sealed).map((byte, i) => byte ^ (text[i] ?? 0));
      expect(sightings(stream.subarray(16, Math.min(n, 200)))).toBe(0); // key stream
    }
    const hashKey = node.aes(key, new Uint8Array(16)); // H of GHASH
    cipher[Symbol.dispose]();
    expect(sightings(key, hashKey)).toBe(0);
    expect(dirt()).toEqual([]);
  });

  test('a cipher among others: its end takes its key and what was prepared from it, and no more', () => {
    const keys = Array.from({ length: 12 }, () => random(32)); // more than there are prepared contexts
    const ciphers = keys.map((key) => core.aes256gcm(key));
    for (const cipher of ciphers) cipher.encrypt(random(12), random(100));
    keys.forEach((key) => expect(sightings(key)).toBeGreaterThan(0));
    ciphers.forEach((cipher, i) => {
      cipher[Symbol.dispose]();
      expect(sightings(keys[i]!)).toBe(0);
      for (const key of keys.slice(i + 1)) expect(sightings(key)).toBeGreaterThan(0);
    });
    const kept = dirt().filter((at) => at < instance.door.io); // behind it ciphertext lies
    expect(kept.length).toBeLessThan(64); // the clock of the contexts may stand further on; it is public
  });

  test('what was sealed stays where it was staged: ciphertext, tag, IV and AAD, not a byte more', () => {
    const cipher = core.aes256gcm(random(32));
    const [iv, aad] = [random(12), random(20)];
    cipher.decrypt(iv, cipher.encrypt(iv, random(5000), aad), aad); // leaves nothing
    const { io } = instance.door;
    expect(dirt().filter((at) => at >= io)).toEqual([]);
    const sealed = cipher.encrypt(iv, random(100), aad);
    const staged = Buffer.concat([sealed, Buffer.alloc(12), iv, Buffer.alloc(4), aad]);
    expect(Buffer.from(instance.memory.subarray(io, io + staged.length)).equals(staged)).toBe(true);
    expect(dirt().filter((at) => at >= io + staged.length)).toEqual([]);
    cipher.decrypt(iv, sealed, aad); // and its plaintext does not
    expect(dirt().filter((at) => at >= io + staged.length)).toEqual([]);
    expect(sightings(Buffer.from(cipher.decrypt(iv, sealed, aad)))).toBe(0);
    cipher[Symbol.dispose]();
  });

  test('dispose of the core wipes all that lives', () => {
    const keys = Array.from({ length: 20 }, () => random(32));
    for (const key of keys) core.aes256gcm(key).encrypt(random(12), random(100));
    expect(sightings(...keys)).toBeGreaterThan(0);
    core[Symbol.dispose]();
    expect(sightings(...keys)).toBe(0);
    expect(dirt()).toEqual([]);
  });
});
