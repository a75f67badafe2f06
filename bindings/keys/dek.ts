// DEK → ciphertext. FORMATS §6: records; §4: the document's private part, which has the same shape under another label.
//
//   COSE_Encrypt0 { kid, random IV }, AAD = ["Encrypt0", protected, [label, keyring id, context]]
//
// Secret: the DEK, in the core; the plaintext, which is the caller's. One allocation for the record, one for its AAD.

import { still } from '../core/bytes.ts';
import type { Bytes, Out } from '../core/bytes.ts';
import { authenticationError } from '../core/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { IV_LENGTH, RECORD, TAG_LENGTH, encrypt0Aad, encrypt0Size, writeEncrypt0 } from '../format/cose-encrypt0.ts';
import type { Purpose as Label } from '../format/cose-encrypt0.ts';
import { idBytes } from '../format/ids.ts';
import type { Id } from '../format/ids.ts';
import { checkRecordPlaintext, decodeRecord } from '../format/record.ts';
import type { RecordParts } from '../format/record.ts';
import type { BodyDek, EnvelopeDek, RecordDek } from './roles.ts';

type DataKey = RecordDek | BodyDek | EnvelopeDek;

/** A document's own key stays in this thread's core: no worker gets it. */
const here = (label: Label): boolean => label === 'document-private';

/** Into `room`, which has exactly the size, or into bytes of its own. */
function seal(
  engine: Engine,
  dek: DataKey,
  plaintext: Bytes,
  label: Label,
  scope: Bytes,
  bound: Bytes,
  room?: Out,
): Out | Promise<Out> {
  checkRecordPlaintext(plaintext.length);
  const length = plaintext.length + TAG_LENGTH;
  const out = writeEncrypt0(room ?? still(encrypt0Size(RECORD, length)), RECORD, idBytes(dek.id), length);
  const iv = out.subarray(RECORD.ivAt, RECORD.ivAt + IV_LENGTH);
  engine.random(iv);
  const aad = encrypt0Aad(out.subarray(RECORD.protectedAt, RECORD.protectedEnd), label, scope, bound);
  const done = engine.seal(dek, plaintext, { iv, aad, out: out.subarray(out.length - length), here: here(label) });
  return done ? done.then(() => out) : out;
}

function open(
  engine: Engine,
  dek: DataKey,
  record: RecordParts,
  label: Label,
  scope: Bytes,
  bound: Bytes,
): Out | Promise<Out> {
  if (record.kid !== dek.id) throw authenticationError(`key ${record.kid} sealed this, not ${dek.id}`);
  const aad = encrypt0Aad(record.protected, label, scope, bound);
  return engine.open(dek, record.ciphertext, { iv: record.iv, aad, here: here(label) });
}

/** A record of at most 64 MiB (ERR_LIMIT), bound to the keyring and the context (bytes: contextBytes). */
export const sealRecord = (
  engine: Engine,
  dek: RecordDek,
  plaintext: Bytes,
  at: { keyring: Id; context: Bytes },
): Out | Promise<Out> => seal(engine, dek, plaintext, 'record', idBytes(at.keyring), at.context);

/** The plaintext of `record` (decodeRecord), whose kid found the DEK. AuthenticationError. */
export const openRecord = (
  engine: Engine,
  dek: RecordDek,
  record: RecordParts,
  at: { keyring: Id; context: Bytes },
): Out | Promise<Out> => open(engine, dek, record, 'record', idBytes(at.keyring), at.context);

/** The record of an envelope, into its room there (format/envelope.ts). */
export const sealEnvelopeRecord = (
  engine: Engine,
  dek: EnvelopeDek,
  plaintext: Bytes,
  at: { keyring: Id; context: Bytes; room: Out },
): Out | Promise<Out> => seal(engine, dek, plaintext, 'envelope', idBytes(at.keyring), at.context, at.room);

/** … and back. AuthenticationError. */
export const openEnvelopeRecord = (
  engine: Engine,
  dek: EnvelopeDek,
  record: RecordParts,
  at: { keyring: Id; context: Bytes },
): Out | Promise<Out> => open(engine, dek, record, 'envelope', idBytes(at.keyring), at.context);

/** Body field 8: the private part (format/private-part.ts), bound to the body DEK's kid. The caller wipes the plaintext. */
export const sealPrivatePart = (engine: Engine, dek: BodyDek, plaintext: Bytes, keyring: Id): Out | Promise<Out> =>
  seal(engine, dek, plaintext, 'document-private', idBytes(keyring), idBytes(dek.id));

/** … and back. ERR_FORMAT, AuthenticationError. */
export const openPrivatePart = (engine: Engine, dek: BodyDek, sealed: Bytes, keyring: Id): Out | Promise<Out> =>
  open(engine, dek, decodeRecord(sealed), 'document-private', idBytes(keyring), idBytes(dek.id));
