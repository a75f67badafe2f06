// MEK → KEK → document key and DEKs → records: what opens, and what does not.

import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Engine } from '../../bindings/engine/engine.ts';
import type { Key } from '../../bindings/engine/key.ts';
import { coseKeyPrefix } from '../../bindings/format/cose-key.ts';
import { idBytes } from '../../bindings/format/ids.ts';
import { decodeRecord } from '../../bindings/format/record.ts';
import type { DirectSlot } from '../../bindings/format/slot.ts';
import { openPrivatePart, openRecord, sealPrivatePart, sealRecord } from '../../bindings/keys/dek.ts';
import type { DocumentMacKey } from '../../bindings/keys/roles.ts';
import { documentMac, documentMacKey, verifyDocument } from '../../bindings/keys/document-key.ts';
import { X, expandKey } from '../../bindings/keys/expand.ts';
import { exportSecretDek } from '../../bindings/keys/export.ts';
import {
  generateBodyDek,
  generateDocumentKey,
  generateKek,
  generateRecordDek,
  generateStreamDek,
  unwrapUnderKek,
  wrapUnderKek,
} from '../../bindings/keys/kek.ts';
import { openDirect, sealDirect } from '../../bindings/keys/mek.ts';
import { operatorMek } from '../../bindings/keys/operator.ts';
import type { Kek, Mek, RecordDek } from '../../bindings/keys/roles.ts';
import { bytesOf, flipped, idOfSeed, toHex } from '../format/strict.ts';
import { codeOf, engines, fixedRandom } from './engines.ts';

const keyring = idOfSeed(1);
const REFUSED = ['ERR_AUTHENTICATION', 'ERR_FORMAT', 'ERR_UNSUPPORTED'];

/** RFC 5869 §2.3, one block. */
const expandOnce = (prk: Uint8Array, info: Uint8Array): Buffer =>
  createHmac('sha256', prk).update(info).update(Uint8Array.of(1)).digest();

describe.each(engines)('%s', (_name, make) => {
  let engine: Engine;
  beforeEach(async () => {
    engine = await make();
  });
  afterEach(() => engine.dispose());
  const secret = (key: Key): string => toHex(engine.exportSecretBytes(key));

  describe('X', () => {
    test('is HKDF-Expand-SHA256 over label ‖ 00 ‖ ids', () => {
      const prk = engine.importKey(bytesOf(32, 5), { purpose: 'derive', id: idOfSeed(9) });
      const ids = [bytesOf(16, 6), bytesOf(16, 7)];
      const info = Buffer.concat([Buffer.from('keystrata/test/v1\0'), ...ids]);
      const t1 = expandOnce(bytesOf(32, 5), info);
      const key = expandKey(engine, prk, { label: 'keystrata/test/v1', ids, as: { purpose: 'mac', id: idOfSeed(2) } });
      expect(secret(key)).toBe(t1.toString('hex'));
      const two = X(engine, prk, {
        label: 'keystrata/test/v1',
        ids,
        length: 64,
        as: { purpose: 'wrap', id: idOfSeed(3) },
      });
      const t2 = createHmac('sha256', bytesOf(32, 5)).update(t1).update(info).update(Uint8Array.of(2)).digest();
      expect([secret(two.key), toHex(two.rest)]).toEqual([t1.toString('hex'), t2.toString('hex')]);
    });
  });

  describe('a direct slot', () => {
    let mek: Mek;
    let kek: Kek;
    let slot: DirectSlot;
    beforeEach(() => {
      mek = operatorMek(engine, bytesOf(32, 11), idOfSeed(4));
      kek = generateKek(engine);
      const wrap = sealDirect(engine, mek, kek, { keyring, slot: idOfSeed(5), type: 'operator' });
      slot = { id: idOfSeed(5), created: 1, type: 'operator', operatorKey: idOfSeed(4), ...wrap };
    });
    const open = (s: DirectSlot, at: { keyring: string; kek: string }, by = mek): Kek => openDirect(engine, by, s, at);

    test('gives the KEK back, and the KEK alone', () => {
      const free = engine.freeSlots();
      const again = open(slot, { keyring, kek: kek.id });
      expect(engine.freeSlots()).toBe(free - 1);
      expect([again.id, again.purpose, secret(again)]).toEqual([kek.id, 'wrap', secret(kek)]);
      expect([slot.mode, slot.commitment.length, slot.wrappedKek.length]).toEqual(['direct', 32, 123]);
    });

    test('wrap key and commitment are X(MEK, "keystrata/slot/v1", keyring, slot, type ‖ mode, 64)', () => {
      const info = Buffer.concat([
        Buffer.from('keystrata/slot/v1\0'),
        idBytes(keyring),
        idBytes(slot.id),
        Uint8Array.of(5, 0),
      ]);
      const t1 = expandOnce(bytesOf(32, 11), info);
      const t2 = createHmac('sha256', bytesOf(32, 11)).update(t1).update(info).update(Uint8Array.of(2)).digest();
      expect(toHex(slot.commitment)).toBe(t2.toString('hex'));
    });

    test('another secret, keyring, slot or type is a wrong secret; nothing stays behind', async () => {
      const other = operatorMek(engine, bytesOf(32, 12), idOfSeed(4));
      const free = engine.freeSlots();
      const at = { keyring, kek: kek.id };
      for (const work of [
        () => open(slot, at, other),
        () => open(slot, { ...at, keyring: idOfSeed(2) }),
        () => open({ ...slot, id: idOfSeed(6) }, at),
        () => open({ ...slot, type: 'recovery', salt: bytesOf(32, 1) }, at),
        ...Array.from(
          { length: 256 },
          (_, bit) => () => open({ ...slot, commitment: flipped(slot.commitment, bit) }, at),
        ),
      ])
        expect(await codeOf(work)).toBe('ERR_WRONG_SECRET');
      expect(engine.freeSlots()).toBe(free);
    });

    test('another kid or an altered wrap is not opened; nothing stays behind', async () => {
      const free = engine.freeSlots();
      expect(await codeOf(() => open(slot, { keyring, kek: idOfSeed(3) }))).toBe('ERR_AUTHENTICATION');
      for (let bit = 0; bit < 8 * slot.wrappedKek.length; bit++) {
        const altered = { ...slot, wrappedKek: flipped(slot.wrappedKek, bit) };
        expect(REFUSED, `bit ${bit}`).toContain(await codeOf(() => open(altered, { keyring, kek: kek.id })));
      }
      for (let n = 0; n < slot.wrappedKek.length; n++)
        expect(REFUSED).toContain(
          await codeOf(() => open({ ...slot, wrappedKek: slot.wrappedKek.subarray(0, n) }, { keyring, kek: kek.id })),
        );
      expect(engine.freeSlots()).toBe(free);
    });
  });

  describe('under the KEK', () => {
    const roles = [
      ['DOCUMENT', generateDocumentKey, 120],
      ['RECORD', generateRecordDek, 123],
      ['BODY', generateBodyDek, 123],
      ['STREAM', generateStreamDek, 120],
    ] as const;

    test('every role comes back as what it was, and as nothing else', async () => {
      const kek = generateKek(engine);
      for (const [role, generate, size] of roles) {
        const key = generate(engine) as never as RecordDek;
        const wrapped = wrapUnderKek(engine, kek, role as 'RECORD', key, keyring);
        expect(wrapped).toHaveLength(size);
        const again = unwrapUnderKek(engine, kek, role, wrapped, { keyring, kid: key.id });
        expect([again.id, again.purpose, secret(again)]).toEqual([key.id, key.purpose, secret(key)]);
        const free = engine.freeSlots();
        for (const [other] of roles)
          if (other !== role)
            expect(REFUSED).toContain(
              await codeOf(() => unwrapUnderKek(engine, kek, other, wrapped, { keyring, kid: key.id })),
            );
        for (const at of [
          { keyring: idOfSeed(2), kid: key.id },
          { keyring, kid: idOfSeed(3) },
        ])
          // prettier-ignore
          expect(await codeOf(() => unwrapUnderKek(engine, kek, role, wrapped, at))).toBe('ERR_AUTHENTICATION');
        expect(engine.freeSlots()).toBe(free);
      }
    });

    test('another KEK, an altered bit: refused', async () => {
      const kek = generateKek(engine);
      const other = generateKek(engine);
      const dek = generateRecordDek(engine);
      const wrapped = wrapUnderKek(engine, kek, 'RECORD', dek, keyring);
      const at = { keyring, kid: dek.id };
      expect(await codeOf(() => unwrapUnderKek(engine, other, 'RECORD', wrapped, at))).toBe('ERR_AUTHENTICATION');
      for (let bit = 0; bit < 8 * wrapped.length; bit++)
        expect(REFUSED).toContain(await codeOf(() => unwrapUnderKek(engine, kek, 'RECORD', flipped(wrapped, bit), at)));
    });

    test('two wraps of one key have different IVs; two keys different kids', () => {
      const kek = generateKek(engine);
      const dek = generateRecordDek(engine);
      const [a, b] = [1, 2].map(() => wrapUnderKek(engine, kek, 'RECORD', dek, keyring));
      expect(toHex(a!.subarray(31, 43))).not.toBe(toHex(b!.subarray(31, 43)));
      expect(new Set(Array.from({ length: 20 }, () => generateRecordDek(engine).id)).size).toBe(20);
    });

    test('a key with another COSE_Key prefix inside is refused', async () => {
      const kek = generateKek(engine);
      const dek = generateRecordDek(engine);
      const wrapped = wrapUnderKek(engine, kek, 'RECORD', dek, keyring);
      // The same AAD, another prefix: what a KEK holder with a bug could write.
      const aadOf = await import('../../bindings/format/cose-encrypt0.ts');
      const header = wrapped.subarray(aadOf.WRAP.protectedAt, aadOf.WRAP.protectedEnd);
      const iv = bytesOf(12, 8);
      const aad = aadOf.encrypt0Aad(header, 'record-key', idBytes(keyring), idBytes(dek.id));
      const forged = Uint8Array.from(wrapped);
      forged.set(iv, aadOf.WRAP.ivAt);
      forged.set(engine.wrap(kek, dek, { iv, aad, prefix: coseKeyPrefix(dek.id, 'wrap') }), wrapped.length - 78);
      expect(await codeOf(() => unwrapUnderKek(engine, kek, 'RECORD', forged, { keyring, kid: dek.id }))).toBe(
        'ERR_FORMAT',
      );
    });
  });

  describe('the document', () => {
    const parts = { header: bytesOf(40, 1), body: bytesOf(50, 2) };
    const macOf = (key: DocumentMacKey): Uint8Array =>
      documentMac(engine, key, { header: parts.header, bodyHash: engine.sha256(parts.body) });

    test('its MAC is true of header and body as they are', async () => {
      const key = documentMacKey(engine, generateDocumentKey(engine), keyring);
      const mac = macOf(key);
      expect(verifyDocument(engine, key, { ...parts, mac })).toEqual(engine.sha256(parts.body));
      for (const part of ['header', 'body', 'mac'] as const) {
        const document = { ...parts, mac };
        for (let bit = 0; bit < 8 * document[part].length; bit++)
          expect(
            await codeOf(() => verifyDocument(engine, key, { ...document, [part]: flipped(document[part], bit) })),
          ).toBe('ERR_AUTHENTICATION');
      }
      expect(await codeOf(() => verifyDocument(engine, key, { ...parts, mac: mac.subarray(0, 31) }))).toBe(
        'ERR_AUTHENTICATION',
      );
    });

    test('under another keyring id it is another MAC', () => {
      const key = generateDocumentKey(engine);
      const [a, b] = [keyring, idOfSeed(2)].map((id) => macOf(documentMacKey(engine, key, id)));
      expect(toHex(a!)).not.toBe(toHex(b!));
    });
  });

  describe('records', () => {
    const context = bytesOf(8, 3);
    let dek: RecordDek;
    beforeEach(() => {
      dek = generateRecordDek(engine);
    });

    test('every length 0 … 300, and past 65,535', async () => {
      for (const n of [...Array(301).keys(), 65_519, 65_520, 100_000]) {
        const plaintext = bytesOf(n, n);
        const sealed = await sealRecord(engine, dek, plaintext, { keyring, context });
        expect(sealed.length - n).toBe(n < 8 ? 56 : n < 240 ? 57 : n < 65_520 ? 58 : 60);
        expect([sealed.byteOffset, sealed.buffer.byteLength]).toEqual([0, sealed.length]);
        const record = decodeRecord(sealed);
        expect(record.kid).toBe(dek.id);
        expect(Buffer.compare(await openRecord(engine, dek, record, { keyring, context }), plaintext)).toBe(0);
      }
    });

    test('every bit, and every context, keyring and key that is another', async () => {
      const sealed = await sealRecord(engine, dek, bytesOf(20, 1), { keyring, context });
      const open = (bytes: Uint8Array, at = { keyring, context }, key = dek): Promise<string | null> =>
        codeOf(() => openRecord(engine, key, decodeRecord(bytes), at));
      expect(await open(sealed)).toBe(null);
      for (let bit = 0; bit < 8 * sealed.length; bit++)
        expect(REFUSED, `bit ${bit}`).toContain(await open(flipped(sealed, bit)));
      for (let n = 0; n < sealed.length; n++) expect(REFUSED).toContain(await open(sealed.subarray(0, n)));
      expect(await open(sealed, { keyring, context: bytesOf(9, 3) })).toBe('ERR_AUTHENTICATION');
      expect(await open(sealed, { keyring, context: new Uint8Array() })).toBe('ERR_AUTHENTICATION');
      expect(await open(sealed, { keyring: idOfSeed(2), context })).toBe('ERR_AUTHENTICATION');
      expect(await open(sealed, { keyring, context }, generateRecordDek(engine))).toBe('ERR_AUTHENTICATION');
    });

    test('over 64 MiB: ERR_LIMIT, and says that a stream is for that', async () => {
      const most = 64 * 1024 * 1024;
      expect(await codeOf(() => sealRecord(engine, dek, new Uint8Array(most + 1), { keyring, context }))).toBe(
        'ERR_LIMIT',
      );
    });

    test('a disposed key seals and opens nothing', async () => {
      const sealed = await sealRecord(engine, dek, bytesOf(20, 1), { keyring, context });
      dek.dispose();
      expect(await codeOf(() => sealRecord(engine, dek, bytesOf(20, 1), { keyring, context }))).toBe('ERR_DISPOSED');
      expect(await codeOf(() => openRecord(engine, dek, decodeRecord(sealed), { keyring, context }))).toBe(
        'ERR_DISPOSED',
      );
    });

    test('the private part has a label of its own', async () => {
      const body = generateBodyDek(engine);
      const sealed = await sealPrivatePart(engine, body, bytesOf(33, 1), keyring);
      expect(toHex(await openPrivatePart(engine, body, sealed, keyring))).toBe(toHex(bytesOf(33, 1)));
      expect(await codeOf(() => openPrivatePart(engine, body, sealed, idOfSeed(2)))).toBe('ERR_AUTHENTICATION');
      const asRecord = { keyring, context: idBytes(body.id) };
      expect(await codeOf(() => openRecord(engine, body as never, decodeRecord(sealed), asRecord))).toBe(
        'ERR_AUTHENTICATION',
      );
      for (let bit = 0; bit < 8 * sealed.length; bit++)
        expect(REFUSED).toContain(await codeOf(() => openPrivatePart(engine, body, flipped(sealed, bit), keyring)));
    });
  });

  test('an operator key has 32 bytes; a DEK is exported when asked', async () => {
    for (const n of [0, 16, 31, 33])
      expect(await codeOf(() => operatorMek(engine, new Uint8Array(n), idOfSeed(1)))).toBe('ERR_ARGUMENT');
    expect(await codeOf(() => operatorMek(engine, '0'.repeat(32) as never, idOfSeed(1)))).toBe('ERR_ARGUMENT');
    const dek = generateRecordDek(engine);
    expect(toHex(exportSecretDek(engine, dek))).toBe(secret(dek));
  });
});

test('from the same random bytes the core and node:crypto make the same wraps and records', async () => {
  const made = await Promise.all(
    engines.map(async ([, make]) => {
      const engine = await make({ random: fixedRandom() });
      const mek = operatorMek(engine, bytesOf(32, 11), idOfSeed(4));
      const kek = generateKek(engine);
      const slot = sealDirect(engine, mek, kek, { keyring, slot: idOfSeed(5), type: 'operator' });
      const documentKey = generateDocumentKey(engine);
      const dek = generateRecordDek(engine);
      const parts = { header: bytesOf(40, 1), bodyHash: engine.sha256(bytesOf(50, 2)) };
      const out = [
        slot.commitment,
        slot.wrappedKek,
        wrapUnderKek(engine, kek, 'DOCUMENT', documentKey, keyring),
        wrapUnderKek(engine, kek, 'RECORD', dek, keyring),
        documentMac(engine, documentMacKey(engine, documentKey, keyring), parts),
        await sealRecord(engine, dek, bytesOf(1000, 5), { keyring, context: bytesOf(3, 1) }),
      ].map(toHex);
      engine.dispose();
      return out;
    }),
  );
  expect(made[1]).toEqual(made[0]);
  expect(made[2]).toEqual(made[0]);
});
