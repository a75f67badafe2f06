// KEK → document key, DEKs, index keys. FORMATS §§2, 5. The KEK wraps and unwraps, nothing else. Secret: all keys, all in the core.

import type { Bytes, Out } from '../core/bytes.ts';
import type { Engine } from '../engine/engine.ts';
import type { Id } from '../format/ids.ts';
import { generate } from './roles.ts';
import type {
  BodyDek,
  DocumentKey,
  EnvelopeDek,
  IndexKey,
  Kek,
  RecordDek,
  RoleKey,
  StreamDek,
  Wraps,
} from './roles.ts';
import { unwrapKey, wrapKey } from './wrap.ts';

export const generateKek = (engine: Engine): Kek => generate(engine, 'KEK');
export const generateDocumentKey = (engine: Engine): DocumentKey => generate(engine, 'DOCUMENT');
export const generateRecordDek = (engine: Engine): RecordDek => generate(engine, 'RECORD');
export const generateBodyDek = (engine: Engine): BodyDek => generate(engine, 'BODY');
export const generateStreamDek = (engine: Engine): StreamDek => generate(engine, 'STREAM');
export const generateEnvelopeDek = (engine: Engine): EnvelopeDek => generate(engine, 'ENVELOPE');
export const generateIndexKey = (engine: Engine): IndexKey => generate(engine, 'INDEX');

/** COSE_Encrypt0 of a key under the KEK: 123 bytes, or 120 (document key, stream DEK). */
export const wrapUnderKek = <R extends Wraps['KEK']>(
  engine: Engine,
  kek: Kek,
  role: R,
  key: NoInfer<RoleKey<R>>,
  keyring: Id,
): Out => wrapKey(engine, kek, role, key, keyring);

/** ERR_FORMAT or ERR_UNSUPPORTED where it is no such wrap; AuthenticationError where key, kid, binding or bytes are not right. */
export const unwrapUnderKek = <R extends Wraps['KEK']>(
  engine: Engine,
  kek: Kek,
  role: R,
  wrapped: Bytes,
  at: { keyring: Id; kid: Id },
): RoleKey<R> => unwrapKey(engine, kek, role, wrapped, at);

/** From one KEK to the next, from slot to slot. Errors as of unwrapUnderKek. What comes out was seen to unwrap. */
export function rewrapUnderKek<R extends Wraps['KEK']>(
  engine: Engine,
  { from, to }: { from: Kek; to: Kek },
  role: R,
  wrapped: Bytes,
  at: { keyring: Id; kid: Id },
): Out {
  const key: RoleKey<R> = unwrapUnderKek(engine, from, role, wrapped, at);
  try {
    const anew = wrapUnderKek(engine, to, role, key, at.keyring);
    unwrapUnderKek(engine, to, role, anew, at).dispose();
    return anew;
  } finally {
    key.dispose();
  }
}
