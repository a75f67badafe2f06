// docs/formats.md by its own word: its examples are what the independent writer makes, the independent reader opens them,
// and so does the package. KEYSTRATA_WRITE_EXAMPLES=1 writes them into the page instead.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { Keyring, createEngine, memoryStore } from '../../bindings/index.ts';
import type { Store } from '../../bindings/index.ts';
import { decode } from '../../bindings/format/cursor.ts';
import { slotFromCbor, type EscrowSlot, type RotatableSlot } from '../../bindings/format/slot.ts';
import { openEscrow as openEscrowByUs, verifyEscrow } from '../../bindings/keys/escrow.ts';
import { importKeypair } from '../../bindings/keys/keypair.ts';
import { operatorMek } from '../../bindings/keys/operator.ts';
import { openRotatable as openRotatableByUs } from '../../bindings/keys/rotatable.ts';
import { block, bytesIn, withBlock } from './annotate.ts';
import * as example from './example.ts';
import { pages } from './pages.ts';
import { hex, uncbor } from './primitives.ts';
import type { Fields } from './primitives.ts';
import { indexUnder, openDocument, openEnvelope, openEscrow, openRecord, openRotatable, openStream } from './reader.ts';
import { signingKey } from './seals.ts';

const PAGE = join(import.meta.dirname, '../../docs/formats.md');
const { OWNER: owner, PASSPHRASE: passphrase } = example;

describe('the worked examples of docs/formats.md', () => {
  let made: example.Examples;
  let shown: example.Examples;
  beforeAll(() => {
    made = example.examples();
    if (process.env.KEYSTRATA_WRITE_EXAMPLES !== undefined) {
      const written = Object.entries(pages(made)).reduce(
        (page, [name, text]) => withBlock(page, name, text),
        readFileSync(PAGE, 'utf8'),
      );
      writeFileSync(PAGE, written);
    }
    const page = readFileSync(PAGE, 'utf8');
    shown = Object.fromEntries(
      Object.keys(made).map((name) => [name, bytesIn(block(page, name))]),
    ) as unknown as example.Examples;
  });
  const stream = (): Buffer => Buffer.concat([shown.prefix, shown.chunks]);

  test('are what the independent writer makes, remarks and all', () => {
    const page = readFileSync(PAGE, 'utf8');
    for (const [name, text] of Object.entries(pages(made))) {
      expect(block(page, name), name).toBe(text);
      expect(shown[name as keyof example.Examples].equals(made[name as keyof example.Examples]), name).toBe(true);
    }
    expect(Object.keys(made)).toHaveLength(11);
  });

  test('have the sizes that the page says', () => {
    expect([shown.wrap.length, shown.prefix.length]).toEqual([123, 143]);
    expect(shown.record.length).toBe(57 + example.RECORD_TEXT.length);
    expect([shown.indexKey.length, shown.index.length]).toEqual([123, 32]);
    expect(shown.envelope.length).toBe(125 + 57 + example.ENVELOPE_TEXT.length);
    expect(stream().length).toBe(199 + example.STREAM_TEXT.length + 16);
  });

  test('slot and wrapped key stand in the document', () => {
    expect(shown.document.includes(shown.slot)).toBe(true);
    expect(shown.document.includes(shown.wrap)).toBe(true);
    expect(slotFromCbor(decode(shown.slot, 'slot'))).toMatchObject({
      type: 'passphrase',
      mode: 'direct',
      iterations: 600_000,
    });
  });

  test('of slots that are sealed open by the independent reader, and by the package', async () => {
    const at = { keyring: example.keyringId, owner, kek: example.kekKid };
    const { OPERATOR_KEY: mek, INSTITUTION: institution, SIGNER: seed } = example;
    const signer = signingKey(seed);
    const [rotatable, escrow] = [uncbor(shown.rotatable) as Fields, uncbor(shown.escrow) as Fields];
    const kek = openRotatable(rotatable, mek, at)!;
    expect(openEscrow(escrow, institution, signer.x, at).equals(kek)).toBe(true);
    expect(openRotatable(rotatable, institution, at)).toBeNull();
    expect(() => openRotatable(rotatable, mek, { ...at, owner: 'bob' })).toThrow();
    expect(() => openEscrow(escrow, institution, signingKey(institution).x, at)).toThrow('not signed');
    const engine = await createEngine({ prefer: 'wasm' });
    const names = { keyring: hex(at.keyring), owner, kek: hex(at.kek) };
    const ours = slotFromCbor(decode(shown.rotatable, 'slot')) as RotatableSlot;
    const theirs = slotFromCbor(decode(shown.escrow, 'slot')) as EscrowSlot;
    const by = operatorMek(engine, mek, hex(example.operatorId));
    const pair = importKeypair(engine, 'AGREE', 'P-256', institution);
    const opened = [
      openRotatableByUs(engine, by, ours, names),
      openEscrowByUs(engine, theirs, pair, names),
      engine.importKey(kek, { purpose: 'wrap', id: names.kek }),
    ];
    const none = new Uint8Array(12);
    const told = opened.map((key) => hex(engine.wrap(key, by, { iv: none, aad: none, prefix: none })));
    expect(new Set(told).size).toBe(1);
    const place = { keyring: names.keyring, owner, slot: theirs.id };
    verifyEscrow(engine, theirs, { kind: 'Ed25519', x: signer.x }, place, names.kek);
    expect([ours.seal.length, ours.wrappedPrivateKey.length, theirs.signature.length]).toEqual([169, 119, 92]);
    engine.dispose();
  });

  test('are opened by the independent reader', () => {
    const document = openDocument(shown.document, { passphrase }, owner);
    expect(openRecord(document, shown.record, example.RECORD_CONTEXT).toString()).toBe(example.RECORD_TEXT);
    expect(openStream(document, stream(), example.STREAM_CONTEXT).toString()).toBe(example.STREAM_TEXT);
    expect(openEnvelope(document, shown.envelope, example.ENVELOPE_CONTEXT).toString()).toBe(example.ENVELOPE_TEXT);
    expect(() => openEnvelope(document, shown.envelope, 'row/5')).toThrow();
    const { indexKid: kid, indexFamily: family, INDEX_FIELD: field, INDEX_VALUE: value } = example;
    const key = { wrapped: shown.indexKey, kid, family };
    expect(indexUnder(document, key, field, value).equals(shown.index)).toBe(true);
    expect(indexUnder(document, key, 'name', value).equals(shown.index)).toBe(false);
    expect(() => openDocument(shown.document, { passphrase: 'wrong' }, owner)).toThrow('wrong secret');
    expect(() => openDocument(shown.document, { passphrase }, 'bob')).toThrow('owner');
    expect(() => openRecord(document, shown.record, 'note/18')).toThrow();
    expect(() => openStream(document, stream(), 'other.raw')).toThrow('context');
  });

  test('are opened by the package', async () => {
    const engine = await createEngine();
    const store: Store = memoryStore();
    await store.put(owner, shown.document, { ifVersion: null });
    const keyring = await Keyring.unlock({ engine, store, owner, passphrase });
    expect([keyring.id, keyring.revision]).toEqual(['101112131415161718191a1b1c1d1e1f', 1]);
    expect(await keyring.decryptText(shown.record, { context: example.RECORD_CONTEXT })).toBe(example.RECORD_TEXT);
    expect(Buffer.from(await keyring.open(stream(), { context: example.STREAM_CONTEXT })).toString()).toBe(
      example.STREAM_TEXT,
    );
    const { ENVELOPE_CONTEXT: context } = example;
    expect(await keyring.decryptText(shown.envelope, { context })).toBe(example.ENVELOPE_TEXT);
    expect((await keyring.rewrap(shown.envelope)).length).toBe(shown.envelope.length);
    const more = await keyring.encrypt('more', { space: example.SPACE, context: '' });
    // What the package writes over the example, the independent reader opens in turn.
    await keyring.createDataKey({ space: 'photos' });
    const next = openDocument((await store.get(owner))!.bytes, { passphrase }, owner);
    expect(openRecord(next, more, '').toString()).toBe('more');
    expect(next.header.get(3)).toBe(4); // a share of the DEK, one of the KEK, the new key
    keyring.lock();
    engine.dispose();
  });
});
