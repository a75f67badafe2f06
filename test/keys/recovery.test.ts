// The MEK of a recovery code, against node:crypto. FORMATS §3, type 2.

import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { expandKey } from '../../bindings/keys/expand.ts';
import { recoveryMek } from '../../bindings/keys/recovery.ts';
import { bytesOf, idOfSeed } from '../format/strict.ts';
import { engines } from './engines.ts';

test.each(engines)('%s: HKDF-Extract of the code with the label, a zero and the salt', async (_, make) => {
  const engine = await make();
  const [salt, secret, info] = [bytesOf(32, 1), bytesOf(32, 2), Buffer.from('what for\0')];
  const mek = recoveryMek(engine, secret, { salt, slot: idOfSeed(3) });
  expect([mek.id, mek.purpose]).toEqual([idOfSeed(3), 'derive']);
  const derived = expandKey(engine, mek, { label: 'what for', ids: [], as: { purpose: 'mac', id: idOfSeed(4) } });
  const prk = createHmac('sha256', Buffer.concat([Buffer.from('keystrata/recovery/v1\0'), salt]))
    .update(secret)
    .digest();
  const key = createHmac('sha256', prk).update(info).update(Buffer.of(1)).digest(); // RFC 5869 §2.3, T(1)
  const data = bytesOf(50, 5);
  expect(Buffer.from(engine.mac(derived, data)).toString('hex')).toBe(
    createHmac('sha256', key).update(data).digest('hex'),
  );
  mek.dispose();
  derived.dispose();
  engine.dispose();
});
