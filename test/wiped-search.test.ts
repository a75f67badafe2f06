// Wiped: the secrets are looked for in the core's whole memory, first found, then not. (wiped.test.ts finds also what does not
// look like the secret any more; this one needs to know nothing of regions.)

import { describe, expect, it } from 'vitest';
import { Status } from '../bindings/core/abi.ts';
import type { Abi } from '../bindings/core/abi.ts';
import { BUILDS, instantiate } from './constant-time/builds.ts';
import { hands } from './constant-time/hand.ts';
import { Stage } from './constant-time/stage.ts';
import { forms, sightings } from './wiped/search.ts';

for (const build of BUILDS)
  describe.runIf(build.runs)(build.title, () => {
    const fresh = (): Stage => new Stage(instantiate<Abi>(build), hands()[2]!);
    const seen = (stage: Stage, secret: Uint8Array): boolean => sightings(stage.memory, secret) > 0;
    /** What the host does when it has taken what it came for. */
    const clearIo = ({ memory, io, ioEnd }: Stage): unknown => memory.fill(0, io, ioEnd);

    it('shows every form of a secret, at any place', () => {
      const { memory, hand } = fresh();
      const secret = hand.bytes(64);
      expect(sightings(memory, secret)).toBe(0);
      for (const form of forms(secret))
        for (const at of [0, 4097, memory.length - 8]) {
          memory.set(form.subarray(16, 24), at);
          expect(sightings(memory, secret)).toBe(1);
          memory.fill(0, at, at + 8);
        }
    });

    it('has a key while its slot has it', () => {
      const stage = fresh();
      const { abi, memory } = stage;
      const slot = stage.key();
      const key = memory.slice(abi.keyAddress(slot), abi.keyAddress(slot) + 32);
      stage.ok(abi.hmacSha256BeginSlot(slot));
      stage.ok(abi.hmacSha512BeginSlot(slot));
      stage.ok(abi.hkdfBegin(256, slot));
      stage.ok(abi.aesEncryptBlocks(slot, stage.room(16), 1));
      stage.ok(abi.gcmBegin(slot));
      expect(sightings(memory, key)).toBe(4); // once, and no copy: 32 octets are four runs
      stage.free(slot);
      expect(seen(stage, key)).toBe(false);
    });

    it.each([256, 512] as const)(
      'has of a message what does not yet fill a block, until SHA-%d is finished',
      (which) => {
        const stage = fresh();
        const message = stage.hand.bytes(3 * 128 + 40);
        stage.ok(stage.abi[`sha${which}Begin` as const]());
        stage.ok(stage.abi[`sha${which}Update` as const](stage.put(message), message.length));
        clearIo(stage);
        expect(sightings(stage.memory, message)).toBe(5);
        stage.ok(stage.abi[`sha${which}Finish` as const](stage.io));
        expect(seen(stage, message)).toBe(false);
      },
    );

    it.each([8, 64, 65, 128, 200])('never has an HMAC key or a password of %d octets', (length) => {
      const stage = fresh();
      const key = stage.hand.bytes(length);
      const at = stage.put(key);
      stage.ok(stage.abi.hmacSha256Begin(at, length));
      stage.ok(stage.abi.hmacSha512Begin(at, length));
      stage.ok(stage.abi.pbkdf2Begin(at, length));
      expect(seen(stage, key)).toBe(true); // where the host put it
      clearIo(stage);
      expect(seen(stage, key)).toBe(false);
    });

    it('has what HKDF derives until its end', () => {
      const stage = fresh();
      const { abi, memory } = stage;
      const slot = stage.key();
      stage.ok(abi.hkdfBegin(512, slot));
      stage.ok(abi.hkdfNext());
      stage.ok(abi.hkdfDone());
      stage.ok(abi.hkdfBytes(0, 64, stage.io));
      const okm = memory.slice(stage.io, stage.io + 64);
      clearIo(stage);
      expect(seen(stage, okm)).toBe(true);
      stage.ok(abi.hkdfEnd());
      expect(seen(stage, okm)).toBe(false);
    });

    it('has what PBKDF2 derives until its end', () => {
      const stage = fresh();
      const { abi, memory } = stage;
      const job = stage.ok(abi.pbkdf2Begin(stage.secret(20), 20));
      stage.ok(abi.pbkdf2Salt(job));
      stage.ok(abi.pbkdf2Block(job, 0));
      stage.ok(abi.pbkdf2Step(job, 1, 5));
      stage.ok(abi.pbkdf2Bytes(job, 0, 32, stage.io));
      const derived = memory.slice(stage.io, stage.io + 32);
      clearIo(stage);
      expect(seen(stage, derived)).toBe(true);
      stage.ok(abi.pbkdf2End(job));
      expect(seen(stage, derived)).toBe(false);
    });

    it('has a plaintext where the host put it, until it is sealed', () => {
      const stage = fresh();
      const { abi } = stage;
      const text = stage.hand.bytes(333);
      const [slot, iv, at] = [stage.key(), stage.known(12), stage.put(Buffer.concat([text, Buffer.alloc(16)]))];
      expect(seen(stage, text)).toBe(true);
      stage.ok(abi.gcmSeal(slot, iv, 12, iv, 12, at, text.length, 16));
      expect(seen(stage, text)).toBe(false);
      stage.alter(at + text.length);
      stage.refused(abi.gcmOpen(slot, iv, 12, iv, 12, at, text.length, 16), Status.BAD_TAG);
      expect(seen(stage, text)).toBe(false);
      stage.ok(abi.gcmBegin(slot));
      stage.ok(abi.gcmIv(iv, 12));
      stage.ok(abi.gcmAad(iv, 12));
      stage.ok(abi.gcmDecrypt(at, text.length));
      expect(seen(stage, text)).toBe(true);
      clearIo(stage);
      stage.ok(abi.gcmEnd());
      expect(seen(stage, text)).toBe(false);
    });

    it('has a key that is wrapped in its slot alone', () => {
      const stage = fresh();
      const { abi, memory } = stage;
      const [outer, inner, target] = [stage.key(), stage.key(), stage.slot()];
      const key = memory.slice(abi.keyAddress(inner), abi.keyAddress(inner) + 32);
      const [iv, prefix, wrapped] = [stage.known(12), stage.known(30), stage.room(78)];
      stage.ok(abi.wrapKey(outer, inner, iv, iv, 12, prefix, 30, wrapped));
      expect(sightings(memory, key)).toBe(4);
      stage.free(inner);
      expect(seen(stage, key)).toBe(false);
      stage.alter(prefix + 29);
      stage.refused(abi.unwrapKey(outer, target, iv, iv, 12, prefix, 30, wrapped), Status.MISMATCH);
      expect(seen(stage, key)).toBe(false);
      stage.alter(wrapped + 77);
      stage.refused(abi.unwrapKey(outer, target, iv, iv, 12, prefix, 30, wrapped), Status.BAD_TAG);
      expect(seen(stage, key)).toBe(false);
    });
  });
