// Data sealed under older keys, sealed anew: a job over whatever an application keeps its records in. It may break off at any
// record and be started again: what was done is seen by the kid that a record carries, and passed over unopened.
//
//   source ──► record ──kid is the active one?──► passed over
//                          └── no ──► decrypt ──► encrypt ──► write(id, sealed, before) ──► every so often: checkpoint(id)

import { asBytes, type Bytes, type Out } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import type { Work } from '../engine/engine.ts';
import { checkAborted } from '../engine/pause.ts';
import { contextBytes, type Context } from '../format/context.ts';
import { decodeEnvelope, isEnvelope } from '../format/envelope.ts';
import { decodeRecord } from '../format/record.ts';
import { asOptions } from './arguments.ts';
import { dataKeyRecord } from './data-keys.ts';
import { sealEnvelope } from './envelopes.ts';
import { asWorking } from './progress.ts';
import { decrypt, encryptIn } from './records.ts';
import type { Session } from './session.ts';
import { spaceOf } from './snapshot.ts';

export interface SourceRecord {
  /** The application's own, by which it finds the record again. */
  readonly id: string;
  readonly sealed: Bytes;
  readonly context: Context;
}
/** In an order that stays, where checkpoints are to be of use. */
export type Source = AsyncIterable<SourceRecord> | Iterable<SourceRecord>;

export interface ReencryptOptions extends Work {
  /** Puts `sealed` in place of `before`, durably. Resolves to false where another record is there meanwhile: it stays. */
  write(id: string, sealed: Out, before: Bytes): Promise<boolean | void>;
  /** After every `every` records (1,000 by default): all up to `id` are done, and a later run may begin behind it. */
  checkpoint?(id: string): Promise<void> | void;
  every?: number;
  /** How many records there are: for progress. */
  total?: number;
}

export interface Reencrypted {
  readonly seen: number;
  readonly rewritten: number;
  /** Changed by others between reading and writing: another run sees them again. */
  readonly changed: number;
}

/**
 * What `source` and `write` throw; AuthenticationError where a record was altered or its context is another; ERR_KEY_NOT_FOUND
 * where its key is not here, or its space has no active one.
 */
export async function reencrypt(session: Session, source: Source, p: ReencryptOptions): Promise<Reencrypted> {
  const { signal, onProgress } = asWorking(asOptions(p, 'p'));
  const { every = 1000, total } = p;
  if (typeof p.write !== 'function') throw new KeystrataError('ERR_ARGUMENT', 'write: a function is wanted');
  if (!Number.isSafeInteger(every) || every < 1)
    throw new KeystrataError('ERR_ARGUMENT', 'every: an integer from 1 is wanted');
  const count = { seen: 0, rewritten: 0, changed: 0 };
  let told = 0;
  for await (const record of source) {
    checkAborted(signal);
    session.use();
    const { id, sealed, context } = asOptions(record, 'record');
    const anew = await sealedAnew(session, asBytes(sealed, 'sealed'), context);
    if (anew !== null) {
      if ((await p.write(id, anew, sealed)) === false) count.changed++;
      else count.rewritten++;
    }
    if (++count.seen % every === 0) await p.checkpoint?.(id);
    const fraction = total === undefined ? 0 : Math.min(count.seen / total, 0.999);
    if (fraction > told) onProgress?.((told = fraction));
  }
  onProgress?.(1);
  return count;
}

/** Null where it is under the present key. */
async function sealedAnew(session: Session, sealed: Bytes, context: Context): Promise<Out | null> {
  const bound = contextBytes(context);
  if (isEnvelope(sealed)) {
    if (decodeEnvelope(sealed).kek === session.kek.id) return null;
    return opened(session, sealed, bound, (plaintext) => sealEnvelope(session, plaintext, bound));
  }
  const { kid } = decodeRecord(sealed);
  const { active, private: own } = session.snapshot;
  const key = dataKeyRecord(session.snapshot, kid);
  if (key !== undefined && active.get(spaceOf(own.labels, key)) === kid) return null;
  return opened(session, sealed, bound, (plaintext) => {
    const { snapshot } = session; // decrypting may have read a newer document
    const space = spaceOf(snapshot.private.labels, dataKeyRecord(snapshot, kid)!);
    return encryptIn(session, plaintext, space, bound);
  });
}

async function opened(
  session: Session,
  sealed: Bytes,
  context: Bytes,
  seal: (plaintext: Bytes) => Out | Promise<Out>,
): Promise<Out> {
  const plaintext = await decrypt(session, sealed, context);
  try {
    return await seal(plaintext);
  } finally {
    plaintext.fill(0);
  }
}
