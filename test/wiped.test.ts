// Wiped: after each call nothing of a secret is left in the core's memory but what has to stay, and at the end nothing at all.
// Shown by twins that do the same under different secrets (twins.ts); wiped-search.test.ts looks for the secrets themselves.

import { describe, expect, it } from 'vitest';
import { Status } from '../bindings/core/abi.ts';
import { BUILDS } from './constant-time/builds.ts';
import { hands } from './constant-time/hand.ts';
import { regions } from './wiped/map.ts';
import { SCENARIOS } from './constant-time/scenarios/index.ts';
import type { Stage } from './constant-time/stage.ts';
import { Twins } from './wiped/twins.ts';

for (const build of BUILDS)
  describe.runIf(build.runs)(build.title, () => {
    /** Does each step in turn; after it, something is left in these regions and in no other. */
    function follow(...steps: readonly [does: (stage: Stage) => void, left: string][]): void {
      const twins = new Twins(build, hands());
      for (const [i, [does, left]] of steps.entries()) {
        twins.do(does);
        expect(twins.secret.join(' '), `after step ${i + 1}`).toBe(left);
      }
    }

    it('has the regions of assembly/memory.ts', () => {
      const [{ io }] = new Twins(build, hands()).stages as [Stage];
      const map = regions(build.variant);
      expect(map.at(-1)).toEqual({ name: 'IO', at: io });
      expect(map[0]!.name).toBe('KEYS');
    });

    it('keeps a key while its slot has it', () =>
      follow(
        [(s) => s.key(), 'KEYS'],
        [(s) => s.ok(s.abi.keyExport(0, s.room(32))), 'KEYS'],
        [(s) => s.refused(s.abi.keyExport(0, 0), Status.RANGE), 'KEYS'],
        [(s) => s.ok(s.abi.keyFree(0)), ''],
      ));

    it.each([256, 512] as const)('keeps SHA-%d until it is finished', (which) =>
      follow(
        [(s) => s.ok(s.abi[`sha${which}Begin` as const]()), ''],
        [(s) => s.ok(s.abi[`sha${which}Update` as const](s.secret(5), 5)), `SHA${which}`],
        [(s) => s.ok(s.abi[`sha${which}Update` as const](s.secret(300), 300)), `SHA${which}`],
        [(s) => s.refused(s.abi[`sha${which}Finish` as const](0), Status.RANGE), `SHA${which}`],
        [(s) => s.ok(s.abi[`sha${which}Finish` as const](s.room(which / 8))), ''],
        [(s) => s.ok(s.abi[`sha${which}Begin` as const]()), ''],
        [(s) => s.ok(s.abi[`sha${which}Update` as const](s.secret(300), 300)), `SHA${which}`],
        [(s) => s.ok(s.abi[`sha${which}Begin` as const]()), ''],
      ),
    );

    it.each([256, 512] as const)('keeps HMAC-SHA-%d until it is finished', (which) =>
      follow(
        [(s) => s.ok(s.abi[`hmacSha${which}Begin` as const](s.secret(200), 200)), `SHA${which}`],
        [(s) => s.ok(s.abi[`sha${which}Update` as const](s.secret(200), 200)), `SHA${which}`],
        [(s) => s.ok(s.abi[`hmacSha${which}Finish` as const](s.room(which / 8))), ''],
        [(s) => s.key(), 'KEYS'],
        [(s) => s.ok(s.abi[`hmacSha${which}BeginSlot` as const](0)), `KEYS SHA${which}`],
        [(s) => s.ok(s.abi.keyFree(0)), `SHA${which}`],
        [(s) => s.ok(s.abi[`sha${which}Begin` as const]()), ''],
      ),
    );

    it('keeps what HKDF-Extract derives, in its slot', () =>
      follow(
        [(s) => s.ok(s.abi.hmacSha256Begin(s.known(32), 32)), ''],
        [(s) => s.ok(s.abi.sha256Update(s.secret(32), 32)), 'SHA256'],
        [(s) => s.refused(s.abi.hmacSha256FinishSlot(0), Status.SLOT), 'SHA256'],
        [(s) => s.ok(s.abi.hmacSha256FinishSlot(s.slot())), 'KEYS'],
        [(s) => s.ok(s.abi.keyFree(0)), ''],
      ));

    it.each([256, 512] as const)('keeps HKDF-Expand with SHA-%d until its end', (which) =>
      follow(
        [(s) => s.key(), 'KEYS'],
        [(s) => s.ok(s.abi.hkdfBegin(which, 0)), 'KEYS HKDF'],
        [(s) => s.ok(s.abi.hkdfNext()), which === 256 ? 'KEYS SHA256 HKDF' : 'KEYS SHA512 HKDF'],
        [(s) => s.ok(s.abi.hkdfDone()), 'KEYS HKDF'],
        [(s) => s.ok(s.abi.keyFree(0)), 'HKDF'],
        [(s) => s.ok(s.abi.hkdfKey(0, s.slot())), 'KEYS HKDF'],
        [(s) => s.refused(s.abi.hkdfKey(0, 0), Status.SLOT), 'KEYS HKDF'],
        [(s) => s.ok(s.abi.hkdfNext()), which === 256 ? 'KEYS SHA256 HKDF' : 'KEYS SHA512 HKDF'],
        [(s) => s.ok(s.abi.hkdfEnd()), 'KEYS'],
        [(s) => s.ok(s.abi.keyFree(0)), ''],
      ),
    );

    it('keeps PBKDF2 until its end', () =>
      follow(
        [(s) => s.ok(s.abi.pbkdf2Begin(s.secret(70), 70)), 'JOB'],
        [(s) => s.ok(s.abi.pbkdf2Salt(0)), 'SHA256 JOB'],
        [(s) => s.ok(s.abi.sha256Update(s.known(20), 20)), 'SHA256 JOB'],
        [(s) => s.ok(s.abi.pbkdf2Block(0, 0)), 'JOB'],
        [(s) => s.ok(s.abi.pbkdf2Step(0, 1, 3)), 'JOB'],
        [(s) => s.refused(s.abi.pbkdf2Step(0, 2, 3), Status.STATE), 'JOB'],
        [(s) => s.ok(s.abi.pbkdf2Bytes(0, 0, 32, s.room(32))), 'JOB'],
        [(s) => s.ok(s.abi.pbkdf2Key(0, 0, s.slot())), 'KEYS JOB'],
        [(s) => s.ok(s.abi.pbkdf2Salt(0)), 'KEYS SHA256 JOB'],
        [(s) => s.ok(s.abi.pbkdf2End(0)), 'KEYS'],
        [(s) => s.ok(s.abi.keyFree(0)), ''],
      ));

    it('keeps a prepared key while its slot has the key', () =>
      follow(
        [(s) => s.key(), 'KEYS'],
        [(s) => s.ok(s.abi.aesEncryptBlocks(0, s.secret(160), 10)), 'KEYS CONTEXT'],
        [(s) => s.refused(s.abi.aesEncryptBlocks(0, 0, 1), Status.RANGE), 'KEYS CONTEXT'],
        [(s) => s.ok(s.abi.keyFree(0)), ''],
      ));

    it('keeps no context that another key has taken', () => {
      const contexts = build.variant === 'scalar' ? 2 : 8;
      follow(
        [(s) => s.key(), 'KEYS'],
        [(s) => s.ok(s.abi.aesEncryptBlocks(0, s.secret(16), 1)), 'KEYS CONTEXT'],
        [
          // keys that are no secret drive the secret one out
          (s) => {
            for (let i = 0; i < contexts; i++) {
              const slot = s.slot();
              s.ok(s.abi.keyLoad(slot));
              s.ok(s.abi.aesEncryptBlocks(slot, s.room(16), 1));
            }
          },
          'KEYS',
        ],
        [(s) => s.ok(s.abi.keyFree(0)), ''],
      );
    });

    it.each(['gcmTag', 'gcmVerify', 'gcmEnd'] as const)('keeps a GCM message until %s', (end) =>
      follow(
        [(s) => s.key(), 'KEYS'],
        [(s) => s.ok(s.abi.gcmBegin(0)), 'KEYS CONTEXT'],
        [(s) => s.ok(s.abi.gcmIv(s.known(20), 20)), 'KEYS CONTEXT GCM'],
        [(s) => s.ok(s.abi.gcmAad(s.secret(20), 20)), 'KEYS CONTEXT GCM'],
        [(s) => s.ok(s.abi[end === 'gcmVerify' ? 'gcmDecrypt' : 'gcmEncrypt'](s.secret(300), 300)), 'KEYS CONTEXT GCM'],
        [(s) => s.ok(s.abi[end === 'gcmVerify' ? 'gcmDecrypt' : 'gcmEncrypt'](s.secret(7), 7)), 'KEYS CONTEXT GCM'],
        [
          (s) => {
            if (end === 'gcmEnd') s.ok(s.abi.gcmEnd());
            else if (end === 'gcmTag') s.ok(s.abi.gcmTag(s.room(16), 16));
            else s.refused(s.abi.gcmVerify(s.secret(16), 16), Status.BAD_TAG);
          },
          'KEYS CONTEXT',
        ],
        [(s) => s.ok(s.abi.keyFree(0)), ''],
      ),
    );

    it('ends a GCM message whose key is freed', () =>
      follow(
        [(s) => s.key(), 'KEYS'],
        [(s) => s.ok(s.abi.gcmBegin(0)), 'KEYS CONTEXT'],
        [(s) => s.ok(s.abi.gcmIv(s.known(20), 20)), 'KEYS CONTEXT GCM'],
        [(s) => s.ok(s.abi.keyFree(0)), ''],
      ));

    it('keeps nothing of a message sealed or opened whole, nor of one refused', () => {
      const [iv, aad, text] = [16, 20, 300];
      const run = (s: Stage, call: 'gcmSeal' | 'gcmOpen', at: number): number =>
        s.abi[call](0, s.known(iv), iv, s.secret(aad), aad, at, text, 16);
      follow(
        [(s) => s.key(), 'KEYS'],
        [(s) => s.ok(run(s, 'gcmSeal', s.secret(text + 16))), 'KEYS CONTEXT'],
        [(s) => s.refused(run(s, 'gcmOpen', s.secret(text + 16)), Status.BAD_TAG), 'KEYS CONTEXT'],
        [(s) => s.ok(s.abi.keyFree(0)), ''],
      );
    });

    it('keeps of keys wrapped and unwrapped what stands in the slots', () => {
      const [iv, aad, prefix, wrapped] = [0, 16, 48, 80];
      follow(
        [(s) => void [s.key(), s.key(), s.slot(), s.known(12), s.known(20), s.known(30), s.room(78)], 'KEYS'],
        [
          (s) => s.ok(s.abi.wrapKey(0, 1, s.io + iv, s.io + aad, 20, s.io + prefix, 30, s.io + wrapped)),
          'KEYS CONTEXT',
        ],
        [(s) => s.ok(s.abi.keyFree(1)), 'KEYS CONTEXT'],
        [
          (s) => {
            s.memory[s.io + prefix + 3]! ^= 1;
            s.refused(
              s.abi.unwrapKey(0, 2, s.io + iv, s.io + aad, 20, s.io + prefix, 30, s.io + wrapped),
              Status.MISMATCH,
            );
            s.memory[s.io + prefix + 3]! ^= 1;
            s.alter(s.io + wrapped);
            s.refused(
              s.abi.unwrapKey(0, 2, s.io + iv, s.io + aad, 20, s.io + prefix, 30, s.io + wrapped),
              Status.BAD_TAG,
            );
          },
          'KEYS CONTEXT',
        ],
        [(s) => s.ok(s.abi.keyFree(0)), ''], // so the refused key did not come into slot 2
      );
    });

    it('keeps nothing after wipe', () =>
      follow(
        [(s) => void [s.key(), s.ok(s.abi.gcmBegin(0)), s.ok(s.abi.gcmIv(s.known(20), 20))], 'KEYS CONTEXT GCM'],
        [(s) => s.ok(s.abi.pbkdf2Begin(s.secret(9), 9)), 'KEYS CONTEXT JOB GCM'],
        [(s) => s.abi.wipe(), ''],
      ));

    it.each(SCENARIOS)('leaves nothing: $name', ({ play }) => follow([play, '']));
  });
