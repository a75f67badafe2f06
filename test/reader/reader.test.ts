// What the package writes, the independent reader opens, from secret and bytes alone.

import { randomBytes } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Keyring, createEngine, memoryStore } from '../../bindings/index.ts';
import type { Engine, Store } from '../../bindings/index.ts';
import { hash, hex } from './primitives.ts';
import { indexIn, openDocument, openEnvelope, openRecord, openStream } from './reader.ts';
import type { OpenDocument, Secret } from './reader.ts';

const owner = 'älice';
const operatorKey = randomBytes(32);
const operatorKeyId = randomBytes(16);
const passphrase = 'ﬁve correct hor\u0301ses'; // NFKC changes it

const ways: readonly [string, Secret, object][] = [
  ['passphrase', { passphrase }, { passphrase }],
  ['operator key', { operatorKey, operatorKeyId }, { operatorKey, operatorKeyId: operatorKeyId.toString('hex') }],
];

test('a keyring by its rotatable slot', async () => {
  const engine = await createEngine();
  const store: Store = memoryStore();
  const { keyring } = await Keyring.create({ engine, store, owner, passphrase, iterations: 1000, allowWeak: true });
  await keyring.slots.add({ operatorKey, operatorKeyId: operatorKeyId.toString('hex'), rotatable: true });
  await keyring.createDataKey({ space: 'notes' });
  const record = await keyring.encrypt('sealed', { space: 'notes', context: '' });
  const document = openDocument((await store.get(owner))!.bytes, { operatorKey, operatorKeyId }, owner);
  expect(openRecord(document, record, '').toString()).toBe('sealed');
  const sealings = document.private.get(2) as Map<Uint8Array, unknown[]>;
  expect([...sealings.values()].map(([kem, , sealKey, flags]) => [kem, (sealKey as Uint8Array).length, flags])).toEqual(
    [[0x0010, 32, 0]],
  );
  engine.dispose();
});

describe.each(ways)('under a %s', (_name, secret, ours) => {
  let engine: Engine;
  let store: Store;
  let keyring: Keyring;
  const read = async (): Promise<OpenDocument> => openDocument((await store.get(owner))!.bytes, secret, owner);
  beforeAll(async () => {
    engine = await createEngine();
    store = memoryStore();
    ({ keyring } = await Keyring.create({ engine, store, owner, ...(ours as { passphrase: string }) }));
    await keyring.createDataKeys([{ space: 'notes' }, { space: 'photos' }]);
  });
  afterAll(() => engine.dispose());

  test('the document', async () => {
    const document = await read();
    expect(hex(document.keyring)).toBe(keyring.id);
    expect(document.header.get(3)).toBe(keyring.revision);
    expect(hex(document.header.get(5) as Uint8Array)).toMatch(/^[0-9a-f]{32}$/);
    for (const field of [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) {
      expect(document.header.has(field), `header ${field}`).toBe(true);
      expect(document.body.has(field), `body ${field}`).toBe(true);
    }
    expect(hex(document.active('notes'))).toBe(keyring.dataKey({ space: 'notes' }).id);
    expect(hex(document.active('photos'))).toBe(keyring.dataKey({ space: 'photos' }).id);
  });

  test('the hashes of the documents before', async () => {
    const before = (await store.get(owner))!.bytes;
    await keyring.createDataKey({ space: 'letters' });
    const [newest] = (await read()).header.get(10) as Uint8Array[];
    expect(hex(newest!)).toBe(hex(hash(before)));
  });

  test('records of every length around the CBOR heads', async () => {
    const document = await read();
    for (const n of [0, 1, 7, 8, 239, 240, 1000, 65_519, 65_520]) {
      const plaintext = randomBytes(n);
      const record = await keyring.encrypt(plaintext, { space: 'notes', context: `note/${n}` });
      expect(openRecord(document, record, `note/${n}`).equals(plaintext), `${n}`).toBe(true);
      expect(() => openRecord(document, record, 'another')).toThrow();
    }
  });

  test('envelopes of every length around the CBOR heads, and the indexes of values', async () => {
    for (const n of [0, 1, 7, 8, 239, 240, 65_519, 65_520]) {
      const plaintext = randomBytes(n);
      const sealed = await keyring.sealEnvelope(plaintext, { context: `row/${n}` });
      const document = await read();
      expect(openEnvelope(document, sealed, `row/${n}`).equals(plaintext), `${n}`).toBe(true);
      expect(() => openEnvelope(document, sealed, 'another')).toThrow();
    }
    await keyring.createIndexKey({ space: 'people' });
    const [space, field] = ['people', 'e-mail'];
    for (const value of ['', 'älice@example.org', 'x'.repeat(300)])
      expect(hex(await keyring.index(value, { space, field }))).toBe(hex(indexIn(await read(), space, field, value)));
  });

  test('streams of every number of chunks, one-shot and in pieces', async () => {
    const document = await read();
    for (const n of [0, 1, 16_383, 16_384, 16_385, 3 * 16_384 + 5]) {
      const plaintext = randomBytes(n);
      const whole = await keyring.seal(plaintext, { context: 'a file' });
      expect(openStream(document, whole, 'a file').equals(plaintext), `${n}`).toBe(true);
      const parts: Uint8Array[] = [];
      const source = new Blob([plaintext]).stream() as ReadableStream<Uint8Array>;
      for await (const part of source.pipeThrough(keyring.sealStream({ context: 'a file' }))) parts.push(part);
      expect(openStream(document, Buffer.concat(parts), 'a file').equals(plaintext), `${n} in pieces`).toBe(true);
      expect(() => openStream(document, whole.subarray(0, whole.length - 1), 'a file')).toThrow();
    }
  });

  test('not with another secret, and not when a byte is another', async () => {
    const bytes = (await store.get(owner))!.bytes;
    const wrong: Secret =
      'passphrase' in secret ? { passphrase: 'another' } : { operatorKey: randomBytes(32), operatorKeyId };
    expect(() => openDocument(bytes, wrong, owner)).toThrow('wrong secret');
    expect(() => openDocument(bytes, secret, 'bob')).toThrow('of another owner');
    bytes[bytes.length - 1]! ^= 1;
    expect(() => openDocument(bytes, secret, owner)).toThrow('altered');
  });
});

test('the reader and the writer of the examples import node:crypto, cborg and one another, nothing else', () => {
  const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
  expect(files).toContain('reader.ts');
  for (const file of files) {
    const text = readFileSync(join(import.meta.dirname, file), 'utf8');
    for (const [, from] of text.matchAll(/(?:from|import\()\s*'([^']+)'/g))
      expect(from, file).toMatch(/^(node:crypto|cborg|\.\/\w+\.ts)$/);
  }
});
