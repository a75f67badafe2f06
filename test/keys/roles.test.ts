// Who may wrap whom is decided by the compiler: `tsc` fails where a line below that must not compile compiles.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Engine } from '../../bindings/engine/engine.ts';
import type { Key } from '../../bindings/engine/key.ts';
import { unwrapCarried } from '../../bindings/keys/carried.ts';
import { sealRecord } from '../../bindings/keys/dek.ts';
import { documentMacKey } from '../../bindings/keys/document-key.ts';
import { exportSecretDek } from '../../bindings/keys/export.ts';
import { unwrapUnderKek, wrapUnderKek } from '../../bindings/keys/kek.ts';
import { sealDirect } from '../../bindings/keys/mek.ts';
import { wrapOldKek } from '../../bindings/keys/old-kek.ts';
import { WRAPPED } from '../../bindings/keys/roles.ts';
import type {
  BodyDek,
  DocumentKey,
  DocumentMacKey,
  Kek,
  Mek,
  RecordDek,
  RoleKey,
  SlotKey,
  StreamDek,
  EnvelopeDek,
  IndexKey,
  OldKek,
} from '../../bindings/keys/roles.ts';
import { unwrapKey, wrapKey } from '../../bindings/keys/wrap.ts';

interface Keys {
  engine: Engine;
  mek: Mek;
  slot: SlotKey;
  kek: Kek;
  document: DocumentKey;
  mac: DocumentMacKey;
  record: RecordDek;
  body: BodyDek;
  stream: StreamDek;
  envelope: EnvelopeDek;
  index: IndexKey;
  old: OldKek;
  bare: Key<'wrap'>;
}

/** Never called: it is there to be compiled. */
export function compiled(keys: Keys): unknown[] {
  const { engine, mek, slot, kek, document, mac, record, body, stream, envelope, index, old, bare } = keys;
  const at = { keyring: '', kid: '' };
  const slotAt = { keyring: '', slot: '', type: 'passphrase' } as const;
  const dataAt = { keyring: '', context: new Uint8Array() };
  const right: [RoleKey<'RECORD'>, RoleKey<'STREAM'>] = [
    unwrapUnderKek(engine, kek, 'RECORD', new Uint8Array(), at),
    unwrapUnderKek(engine, kek, 'STREAM', new Uint8Array(), at),
  ];
  return [
    ...right,
    sealDirect(engine, mek, kek, slotAt),
    wrapKey(engine, slot, 'KEK', kek, ''),
    wrapUnderKek(engine, kek, 'DOCUMENT', document, ''),
    wrapUnderKek(engine, kek, 'RECORD', record, ''),
    wrapUnderKek(engine, kek, 'BODY', body, ''),
    wrapUnderKek(engine, kek, 'STREAM', stream, ''),

    wrapUnderKek(engine, kek, 'ENVELOPE', envelope, ''),
    wrapUnderKek(engine, kek, 'INDEX', index, ''),
    wrapUnderKek(engine, kek, 'OLD_KEK', old, ''),
    wrapOldKek(engine, kek, kek, ''),
    unwrapCarried(engine, old, 'STREAM', new Uint8Array(), at),
    unwrapCarried(engine, kek, 'ENVELOPE', new Uint8Array(), at),

    // @ts-expect-error an old KEK wraps nothing any more
    wrapUnderKek(engine, old, 'STREAM', stream, ''),
    // @ts-expect-error … and no KEK follows under it
    wrapOldKek(engine, old, kek, ''),
    // @ts-expect-error … and unwraps no key of the document
    unwrapKey(engine, old, 'RECORD', new Uint8Array(), at),
    // @ts-expect-error a record DEK is carried by nothing
    unwrapCarried(engine, old, 'RECORD', new Uint8Array(), at),
    // @ts-expect-error an index key seals no records
    sealRecord(engine, index, new Uint8Array(), dataAt),
    // @ts-expect-error an envelope DEK seals no records
    sealRecord(engine, envelope, new Uint8Array(), dataAt),
    // @ts-expect-error a MEK wraps nothing itself
    wrapKey(engine, mek, 'KEK', kek, ''),
    // @ts-expect-error a slot's wrap key wraps no DEK
    wrapKey(engine, slot, 'RECORD', record, ''),
    // @ts-expect-error a KEK wraps no KEK
    wrapUnderKek(engine, kek, 'KEK', kek, ''),
    // @ts-expect-error a KEK wraps no MAC key
    wrapUnderKek(engine, kek, 'DOCUMENT_MAC', mac, ''),
    // @ts-expect-error a record DEK is no body DEK
    wrapUnderKek(engine, kek, 'BODY', record, ''),
    // @ts-expect-error a document key is no stream DEK, though both derive
    wrapUnderKek(engine, kek, 'STREAM', document, ''),
    // @ts-expect-error a DEK wraps nothing
    wrapUnderKek(engine, record, 'RECORD', record, ''),
    // @ts-expect-error a slot's wrap key is no KEK, though both wrap
    wrapUnderKek(engine, slot, 'RECORD', record, ''),
    // @ts-expect-error a handle without a role is none
    wrapUnderKek(engine, bare, 'RECORD', record, ''),
    // @ts-expect-error a KEK is no MEK
    sealDirect(engine, kek, kek, slotAt),
    // @ts-expect-error a KEK seals no data
    sealRecord(engine, kek, new Uint8Array(), dataAt),
    // @ts-expect-error a body DEK seals no records
    sealRecord(engine, body, new Uint8Array(), dataAt),
    // @ts-expect-error a MEK gives no document MAC
    documentMacKey(engine, mek, ''),
    // @ts-expect-error a KEK does not leave the core
    exportSecretDek(engine, kek),
  ];
}

test('each wrapped role has a label of its own', () => {
  const labels = Object.values(WRAPPED).map(({ label }) => label);
  expect(new Set(labels).size).toBe(labels.length);
  const known = [
    'slot-kek',
    'document-key',
    'record-key',
    'body-key',
    'stream-key',
    'envelope-key',
    'index-key',
    'old-kek',
  ];
  expect(labels).toEqual(expect.arrayContaining(known));
});

test('key bytes leave the core by keys/export.ts alone', () => {
  const bindings = join(import.meta.dirname, '../../bindings');
  const files = readdirSync(bindings, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
  const callers = files.filter((file) => /\.exportSecretBytes\b/.test(readFileSync(join(bindings, file), 'utf8')));
  expect(callers).toEqual([join('keys', 'export.ts')]);
});
