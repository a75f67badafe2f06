// An envelope: a record under a DEK made for it and used once, which it carries wrapped by the KEK. FORMATS §6.
//
//   83 01 ‖ wrap 123 (envelope-key) ‖ record (envelope, bound to the context)
//
// The DEK lives from its making (or unwrapping) until the record is sealed (or opened): its owner disposes it then. Secret:
// the DEK, in the core; the plaintext, which is the caller's.

import type { Bytes, Out } from '../core/bytes.ts';
import type { Engine } from '../engine/engine.ts';
import { envelope } from '../format/envelope.ts';
import type { EnvelopeParts } from '../format/envelope.ts';
import type { Id } from '../format/ids.ts';
import { checkRecordPlaintext } from '../format/record.ts';
import { unwrapCarried } from './carried.ts';
import { openEnvelopeRecord, sealEnvelopeRecord } from './dek.ts';
import { wrapUnderKek } from './kek.ts';
import type { EnvelopeDek, Kek, OldKek } from './roles.ts';

interface At {
  keyring: Id;
  context: Bytes; // contextBytes
}

/** At most 64 MiB (ERR_LIMIT). `dek` is fresh, and seals nothing else. */
export function sealInEnvelope(
  engine: Engine,
  kek: Kek,
  dek: EnvelopeDek,
  plaintext: Bytes,
  { keyring, context }: At,
): Out | Promise<Out> {
  checkRecordPlaintext(plaintext.length);
  const { whole, record } = envelope(wrapUnderKek(engine, kek, 'ENVELOPE', dek, keyring), plaintext.length);
  const sealed = sealEnvelopeRecord(engine, dek, plaintext, { keyring, context, room: record });
  return sealed instanceof Promise ? sealed.then(() => whole) : whole;
}

/** The envelope's DEK, which the caller disposes; `kek` is the one that its wrap names. Errors as of unwrapKey. */
export const envelopeDek = (
  engine: Engine,
  kek: Kek | OldKek,
  { wrap, record }: EnvelopeParts,
  keyring: Id,
): EnvelopeDek => unwrapCarried(engine, kek, 'ENVELOPE', wrap, { keyring, kid: record.kid });

/** The plaintext. AuthenticationError. */
export const openOfEnvelope = (
  engine: Engine,
  dek: EnvelopeDek,
  { record }: EnvelopeParts,
  at: At,
): Out | Promise<Out> => openEnvelopeRecord(engine, dek, record, at);
