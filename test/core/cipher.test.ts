// Ciphers: into the caller's bytes however they overlap, views of every kind, the end of a cipher, no slot left.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { instanceOf } from '../../bindings/core/internal.ts';
import { loadCore } from '../../bindings/core/load.ts';
import type { Cipher, Core } from '../../bindings/core/types.ts';
import { codeOf, node, random, same, VARIANTS } from './implementation.ts';

describe.each(VARIANTS)('%s', (variant) => {
  const key = random(32);
  const iv = random(12);
  const aad = random(20);
  let core: Core;
  let cipher: Cipher;
  let io: number;
  beforeAll(async () => {
    core = await loadCore({ variant });
    cipher = core.aes256gcm(key);
    io = instanceOf(core).door.length;
  });
  afterAll(() => core[Symbol.dispose]());

  const lengths = (): number[] => [0, 1, 16, 100, 5000, io - 100, io, 2 * io + 100];
  const shifts = [-5000, -17, -16, -1, 0, 1, 15, 16, 17, 5000];

  test('results are fresh: offset 0, a buffer of their own size', () => {
    for (const n of lengths()) {
      const sealed = cipher.encrypt(iv, random(n), aad);
      const opened = cipher.decrypt(iv, sealed, aad);
      for (const out of [sealed, opened]) {
        expect(out.byteOffset).toBe(0);
        expect(out.buffer.byteLength).toBe(out.length);
        expect(out.constructor).toBe(Uint8Array);
      }
    }
  });

  test('encryptInto: input and output overlap, shifted either way', () => {
    for (const n of lengths())
      for (const shift of shifts) {
        const text = random(n);
        const wanted = node.seal(key, iv, text, aad, 16);
        const room = new Uint8Array(n + 16 + 2 * 5000);
        const input = room.subarray(5000, 5000 + n);
        input.set(text);
        const out = room.subarray(5000 + shift);
        expect(cipher.encryptInto(out, iv, input, aad)).toBe(n + 16);
        expect(same(out.subarray(0, n + 16), wanted), `${n} bytes, shifted by ${shift}`).toBe(true);
      }
  });

  test('decryptInto: input and output overlap, shifted either way', () => {
    for (const n of lengths())
      for (const shift of shifts) {
        const text = random(n);
        const room = new Uint8Array(n + 16 + 2 * 5000);
        const input = room.subarray(5000, 5000 + n + 16);
        input.set(node.seal(key, iv, text, aad, 16));
        const out = room.subarray(5000 + shift);
        expect(cipher.decryptInto(out, iv, input, aad)).toBe(n);
        expect(same(out.subarray(0, n), text), `${n} bytes, shifted by ${shift}`).toBe(true);
      }
  });

  test('nothing beyond what was written is touched', () => {
    for (const n of lengths()) {
      const out = new Uint8Array(n + 16 + 8).fill(0xaa);
      cipher.encryptInto(out, iv, random(n), aad);
      expect(out.subarray(n + 16).every((byte) => byte === 0xaa)).toBe(true);
    }
  });

  test('IV and AAD may lie where the output goes', () => {
    for (const n of lengths()) {
      const room = new Uint8Array(n + 64);
      room.set(iv, 3);
      room.set(aad, 20);
      const text = random(n);
      cipher.encryptInto(room, room.subarray(3, 15), text, room.subarray(20, 40));
      expect(same(room.subarray(0, n + 16), node.seal(key, iv, text, aad, 16)), `${n} bytes`).toBe(true);
    }
  });

  test('a wrong tag: `out` is zeroed where the plaintext would be, also in place', () => {
    for (const n of lengths()) {
      const sealed = cipher.encrypt(iv, random(n), aad);
      sealed[n + 3]! ^= 1;
      const out = new Uint8Array(n + 40).fill(0xaa);
      expect(codeOf(() => cipher.decryptInto(out, iv, sealed, aad))).toBe('ERR_AUTHENTICATION');
      expect(out.subarray(0, n).every((byte) => byte === 0)).toBe(true);
      expect(out.subarray(n).every((byte) => byte === 0xaa)).toBe(true);
      expect(codeOf(() => cipher.decryptInto(sealed, iv, sealed, aad))).toBe('ERR_AUTHENTICATION');
      expect(sealed.subarray(0, n).every((byte) => byte === 0)).toBe(true);
    }
  });

  test('the input is never changed where the output lies elsewhere', () => {
    for (const n of lengths()) {
      const [text, given] = [random(n), random(0)];
      const copy = Uint8Array.from(text);
      const sealed = cipher.encrypt(iv, text, given);
      expect(same(text, copy)).toBe(true);
      const sealedCopy = Uint8Array.from(sealed);
      cipher.decrypt(iv, sealed, given);
      expect(same(sealed, sealedCopy)).toBe(true);
    }
  });

  test('Buffers, shared memory and views with an offset, as input and as output', () => {
    for (const n of lengths()) {
      const text = random(n);
      const wanted = node.seal(key, iv, text, aad, 16);
      const shared = new Uint8Array(new SharedArrayBuffer(n + 40), 5, n + 16);
      shared.set(text);
      expect(same(cipher.encrypt(Buffer.from(iv), Buffer.from(text), Buffer.from(aad)), wanted)).toBe(true);
      expect(same(cipher.encrypt(iv, shared.subarray(0, n), aad), wanted)).toBe(true);
      cipher.encryptInto(shared, iv, shared.subarray(0, n), aad);
      expect(same(shared, wanted), `${n} shared bytes`).toBe(true);
      expect(cipher.decryptInto(shared.subarray(0, n), iv, shared, aad)).toBe(n);
      expect(same(shared.subarray(0, n), text), `${n} shared bytes`).toBe(true);
      shared.fill(1);
      expect(codeOf(() => cipher.decryptInto(shared, iv, wanted.subarray(1), aad))).toBe(
        n > 0 ? 'ERR_AUTHENTICATION' : 'ERR_AUTHENTICATION',
      );
    }
  });

  test('after its end', () => {
    const ended = core.aes256gcm(key);
    ended[Symbol.dispose]();
    ended[Symbol.dispose]();
    for (const work of [
      () => ended.encrypt(iv, aad),
      () => ended.decrypt(iv, aad),
      () => ended.encryptInto(new Uint8Array(99), iv, aad),
      () => ended.decryptInto(new Uint8Array(99), iv, aad),
    ])
      expect(codeOf(work)).toBe('ERR_DISPOSED');
  });

  test('an ended cipher does not free the slot that another has now', () => {
    const first = core.aes256gcm(key);
    first[Symbol.dispose]();
    const second = core.aes256gcm(random(32));
    const sealed = second.encrypt(iv, aad);
    first[Symbol.dispose]();
    expect(same(second.decrypt(iv, sealed), aad)).toBe(true);
    second[Symbol.dispose]();
  });

  test('nor does the collector, when it takes the ended one', async () => {
    const fresh = await loadCore({ variant });
    (() => fresh.aes256gcm(key)[Symbol.dispose]())();
    const second = fresh.aes256gcm(key);
    const sealed = second.encrypt(iv, aad);
    for (let i = 0; i < 5; i++) {
      gc!();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(same(second.decrypt(iv, sealed), aad)).toBe(true);
    fresh[Symbol.dispose]();
  });

  test('64 slots: the next cipher is ERR_LIMIT, until one is disposed; each has its own key', async () => {
    const fresh = await loadCore({ variant });
    const keys = Array.from({ length: 64 }, () => random(32));
    const ciphers = keys.map((one) => fresh.aes256gcm(one));
    expect(codeOf(() => fresh.aes256gcm(key))).toBe('ERR_LIMIT');
    ciphers.forEach((one, i) =>
      expect(same(one.encrypt(iv, aad), node.seal(keys[i]!, iv, aad, new Uint8Array(0), 16))).toBe(true),
    );
    ciphers[17]![Symbol.dispose]();
    const another = fresh.aes256gcm(key);
    expect(same(another.encrypt(iv, aad), node.seal(key, iv, aad, new Uint8Array(0), 16))).toBe(true);
    expect(same(ciphers[16]!.encrypt(iv, aad), node.seal(keys[16]!, iv, aad, new Uint8Array(0), 16))).toBe(true);
    fresh[Symbol.dispose]();
    expect(codeOf(() => another.encrypt(iv, aad))).toBe('ERR_DISPOSED');
    another[Symbol.dispose]();
  });

  test('a forgotten cipher gives its slot back some time after the collector took it', async () => {
    expect(typeof gc).toBe('function'); // vitest.config.ts asks for it
    const fresh = await loadCore({ variant });
    (() => {
      for (let i = 0; i < 64; i++) fresh.aes256gcm(key);
    })();
    expect(codeOf(() => fresh.aes256gcm(key))).toBe('ERR_LIMIT');
    for (let i = 0; i < 50 && codeOf(() => fresh.aes256gcm(key)) !== null; i++) {
      gc!();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(codeOf(() => fresh.aes256gcm(key))).toBeNull();
    fresh[Symbol.dispose]();
  });
});
