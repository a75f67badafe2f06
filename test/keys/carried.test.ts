// DEKs that travel with their data, and the old KEKs that still open them. FORMATS §§4 (body 5), 5, 6.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Engine } from '../../bindings/engine/engine.ts';
import { decodeEnvelope } from '../../bindings/format/envelope.ts';
import { rewrapCarried, unwrapCarried } from '../../bindings/keys/carried.ts';
import { envelopeDek, openOfEnvelope, sealInEnvelope } from '../../bindings/keys/envelope.ts';
import {
  generateEnvelopeDek,
  generateKek,
  generateStreamDek,
  unwrapUnderKek,
  wrapUnderKek,
} from '../../bindings/keys/kek.ts';
import { unwrapOldKek, wrapOldKek } from '../../bindings/keys/old-kek.ts';
import type { Kek } from '../../bindings/keys/roles.ts';
import { bytesOf, flipped, idOfSeed, toHex } from '../format/strict.ts';
import { codeOf, engines } from './engines.ts';

const keyring = idOfSeed(1);
const context = bytesOf(8, 3);
const REFUSED = ['ERR_AUTHENTICATION', 'ERR_FORMAT', 'ERR_UNSUPPORTED'];

describe.each(engines)('%s', (_name, make) => {
  let engine: Engine;
  let [kek, next]: Kek[] = [];
  beforeEach(async () => {
    engine = await make();
    [kek, next] = [generateKek(engine), generateKek(engine)];
  });
  afterEach(() => engine.dispose());

  describe('an old KEK', () => {
    test('comes back with its kid and bytes; it opens what it wrapped, through as many successors as there were', async () => {
      const third = generateKek(engine);
      const dek = generateStreamDek(engine);
      const carried = wrapUnderKek(engine, kek!, 'STREAM', dek, keyring);
      const old = unwrapOldKek(engine, next!, wrapOldKek(engine, next!, kek!, keyring), { keyring, kid: kek!.id });
      const older = unwrapOldKek(engine, third, wrapOldKek(engine, third, old, keyring), { keyring, kid: kek!.id });
      expect(toHex(engine.exportSecretBytes(older))).toBe(toHex(engine.exportSecretBytes(kek!)));
      const again = unwrapCarried(engine, older, 'STREAM', carried, { keyring, kid: dek.id });
      expect(toHex(engine.exportSecretBytes(again))).toBe(toHex(engine.exportSecretBytes(dek)));
      expect(await codeOf(() => unwrapCarried(engine, next!, 'STREAM', carried, { keyring, kid: dek.id }))).toBe(
        'ERR_AUTHENTICATION',
      );
    });

    test('altered, of another kid, keyring or purpose: refused; nothing stays behind', async () => {
      const wrapped = wrapOldKek(engine, next!, kek!, keyring);
      const at = { keyring, kid: kek!.id };
      const free = engine.freeSlots();
      expect(wrapped).toHaveLength(123);
      for (let bit = 0; bit < 8 * wrapped.length; bit++)
        expect(REFUSED).toContain(await codeOf(() => unwrapOldKek(engine, next!, flipped(wrapped, bit), at)));
      for (const other of [
        { keyring: idOfSeed(2), kid: kek!.id },
        { keyring, kid: idOfSeed(3) },
      ])
        // prettier-ignore
        expect(await codeOf(() => unwrapOldKek(engine, next!, wrapped, other))).toBe('ERR_AUTHENTICATION');
      expect(REFUSED).toContain(await codeOf(() => unwrapUnderKek(engine, next!, 'RECORD', wrapped, at)));
      expect(engine.freeSlots()).toBe(free);
    });
  });

  test('an envelope: the DEK seals one record, bound to keyring and context, and is wrapped for envelopes alone', async () => {
    const dek = generateEnvelopeDek(engine);
    const sealed = await sealInEnvelope(engine, kek!, dek, bytesOf(20, 5), { keyring, context });
    const parts = decodeEnvelope(sealed);
    expect([parts.kek, parts.record.kid]).toEqual([kek!.id, dek.id]);
    const again = envelopeDek(engine, kek!, parts, keyring);
    expect(await openOfEnvelope(engine, again, parts, { keyring, context })).toEqual(bytesOf(20, 5));
    expect(await codeOf(() => openOfEnvelope(engine, again, parts, { keyring, context: bytesOf(8, 4) }))).toBe(
      'ERR_AUTHENTICATION',
    );
    expect(await codeOf(() => openOfEnvelope(engine, again, parts, { keyring: idOfSeed(2), context }))).toBe(
      'ERR_AUTHENTICATION',
    );
    expect(await codeOf(() => envelopeDek(engine, kek!, parts, idOfSeed(2)))).toBe('ERR_AUTHENTICATION');
    expect(await codeOf(() => envelopeDek(engine, next!, parts, keyring))).toBe('ERR_AUTHENTICATION');
    const at = { keyring, kid: dek.id };
    expect(REFUSED).toContain(await codeOf(() => unwrapUnderKek(engine, kek!, 'RECORD', parts.wrap, at)));
    expect(REFUSED).toContain(await codeOf(() => unwrapUnderKek(engine, kek!, 'BODY', parts.wrap, at)));
  });

  test('re-wrapped: the same DEK under another KEK, and under no other', async () => {
    const dek = generateEnvelopeDek(engine);
    const wrapped = wrapUnderKek(engine, kek!, 'ENVELOPE', dek, keyring);
    const free = engine.freeSlots();
    const p = { from: kek!, to: next!, role: 'ENVELOPE', wrapped, keyring, kid: dek.id } as const;
    const other = rewrapCarried(engine, p);
    expect(engine.freeSlots()).toBe(free);
    const again = unwrapCarried(engine, next!, 'ENVELOPE', other, { keyring, kid: dek.id });
    expect(toHex(engine.exportSecretBytes(again))).toBe(toHex(engine.exportSecretBytes(dek)));
    expect(await codeOf(() => unwrapCarried(engine, kek!, 'ENVELOPE', other, { keyring, kid: dek.id }))).toBe(
      'ERR_AUTHENTICATION',
    );
    expect(REFUSED).toContain(await codeOf(() => rewrapCarried(engine, { ...p, role: 'STREAM' })));
    expect(await codeOf(() => rewrapCarried(engine, { ...p, kid: idOfSeed(5) }))).toBe('ERR_AUTHENTICATION');
    expect(await codeOf(() => rewrapCarried(engine, { ...p, keyring: idOfSeed(5) }))).toBe('ERR_AUTHENTICATION');
  });
});
