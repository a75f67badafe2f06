import { describe, expect, it, vi } from 'vitest';
import type { Header } from '../../bindings/format/header.ts';
import { Crowd } from '../../bindings/keyring/crowd.ts';
import { asWorking, Progress } from '../../bindings/keyring/progress.ts';
import { decodeRemembered, encodeRemembered } from '../../bindings/keyring/remembered.ts';
import { checkSuccession } from '../../bindings/keyring/succession.ts';
import { codeOf } from './support.ts';

const hash = (n: number): Uint8Array => new Uint8Array(32).fill(n);
const keyring = '0'.repeat(32);

/** Revision `revision` of a line in which revision n has the hash n. */
const header = (revision: number, p: Partial<Header> = {}): Header => ({
  keyring,
  owner: 'alice',
  revision,
  device: keyring,
  kek: keyring,
  documentKey: { id: keyring, wrapped: new Uint8Array(120) },
  slots: [],
  profile: 'default',
  time: 0,
  previous: Array.from({ length: Math.min(16, revision - 1) }, (_, i) => hash(revision - 1 - i)),
  ...p,
});

describe('succession', () => {
  const before = { keyring, revision: 20, hash: hash(20), where: 'here' };
  const code = (h: Header, n = h.revision) => codeOf(() => checkSuccession(before, h, hash(n)));

  it('takes the same document, and any that descends from it', async () => {
    for (let revision = 20; revision <= 36; revision++)
      expect(await code(header(revision)), `${revision}`).toBeUndefined();
    expect(await code(header(37))).toBeUndefined(); // beyond what field 10 reaches
  });

  it('refuses older ones, forks, and other keyrings', async () => {
    for (let revision = 1; revision < 20; revision++)
      expect(await code(header(revision)), `${revision}`).toBe('ERR_ROLLBACK');
    expect(await code(header(20), 99)).toBe('ERR_ROLLBACK');
    expect(await code(header(21, { keyring: 'f'.repeat(32) }))).toBe('ERR_ROLLBACK');
    for (let revision = 21; revision <= 36; revision++) {
      const forked = [...header(revision).previous];
      forked[revision - 21] = hash(99);
      expect(await code(header(revision, { previous: forked })), `${revision}`).toBe('ERR_ROLLBACK');
    }
  });
});

describe('what is remembered', () => {
  const entry = { keyring, revision: 2 ** 40, hash: hash(1), kek: '1'.repeat(32), device: '2'.repeat(32) };
  const pending = { keyring: '3'.repeat(32), hash: hash(3) };

  it('is read as it was written, with what is pending and without', () => {
    for (const one of [entry, { ...entry, pending }]) expect(decodeRemembered(encodeRemembered(one))).toEqual(one);
  });

  it('is cut, extended, or of another version: refused', async () => {
    const bytes = encodeRemembered({ ...entry, pending });
    for (let n = 0; n < bytes.length; n++)
      expect(await codeOf(() => decodeRemembered(bytes.subarray(0, n))), `${n}`).toBe('ERR_FORMAT');
    const newer = bytes.slice();
    newer[1] = 2;
    expect(await codeOf(() => decodeRemembered(newer))).toBe('ERR_UNSUPPORTED');
    const short = encodeRemembered(entry);
    short[0]! -= 1;
    expect(await codeOf(() => decodeRemembered(short.subarray(0, -17)))).toBe('ERR_FORMAT');
  });

  it('as pending lets the new keyring in, and what descends from it', async () => {
    const known = { ...entry, revision: 20, hash: hash(20), pending, where: 'here' };
    const check = (h: Header, n: number) => codeOf(() => checkSuccession(known, h, hash(n)));
    const fresh = (revision: number, first: number) =>
      header(revision, { keyring: pending.keyring, previous: revision === 1 ? [] : [hash(first)] });
    expect(await check(fresh(1, 0), 3)).toBeUndefined();
    expect(await check(fresh(2, 3), 9)).toBeUndefined();
    expect(await check(fresh(1, 0), 4)).toBe('ERR_ROLLBACK');
    expect(await check(fresh(2, 4), 9)).toBe('ERR_ROLLBACK');
    expect(await check(header(20), 20)).toBeUndefined(); // it was not put
    expect(await check(header(19), 19)).toBe('ERR_ROLLBACK');
  });
});

describe('progress', () => {
  it('of parts is one fraction, rising, 1 once and last', () => {
    const told: number[] = [];
    const progress = new Progress(asWorking({ onProgress: (x) => told.push(x) }), 4);
    const [first, second] = [progress.part(3), progress.part(1)];
    for (const x of [0, 0.5, 0.5, 0.25, 1]) first.onProgress!(x);
    for (const x of [0, 0.5, 1]) second.onProgress!(x);
    progress.end();
    progress.end();
    expect(told).toEqual([0, 0.375, 0.75, 0.875, 0.999, 1]);
  });

  it('of no parts is 1', () => {
    const told: number[] = [];
    const progress = new Progress(asWorking({ onProgress: (x) => told.push(x) }), 0);
    progress.part(0).onProgress?.(1);
    progress.end();
    expect(told).toEqual([1]);
  });
});

describe('a crowd', () => {
  it('is met by losing, left by winning', () => {
    const crowd = new Crowd();
    expect(crowd.met).toBe(false);
    for (let i = 0; i < 3; i++) crowd.lost();
    for (let i = 0; i < 2; i++) crowd.won();
    expect(crowd.met).toBe(true);
    crowd.won();
    expect(crowd.met).toBe(false);
    crowd.won();
    expect(crowd.met).toBe(false);
  });

  it('pauses for a while that ends: 512 ms at most', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout'] });
    try {
      const crowd = new Crowd();
      for (let i = 0; i < 100; i++) crowd.lost();
      let over = 0;
      for (let i = 0; i < 100; i++) void crowd.pause().then(() => over++);
      await vi.advanceTimersByTimeAsync(128);
      expect(over).toBeLessThan(100); // that none of a hundred draws is over a quarter: 4^-100
      await vi.advanceTimersByTimeAsync(512 - 128);
      expect(over).toBe(100);
    } finally {
      vi.useRealTimers();
    }
  });
});
