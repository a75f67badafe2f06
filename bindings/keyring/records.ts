// Data as records: sealed under the active DEK of a space, opened by the kid they carry. FORMATS §6.
//
// The hot path: three look-ups and one call into the core, no promise but the caller's own.

import { asBytes, concat, text, type Bytes, type Out } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import type { KeyRecord } from '../format/body.ts';
import { contextBytes, type Context } from '../format/context.ts';
import { describe } from '../format/describe.ts';
import { isEnvelope } from '../format/envelope.ts';
import type { Id } from '../format/ids.ts';
import { checkRecordPlaintext, decodeRecord, type RecordParts } from '../format/record.ts';
import { openRecord, sealRecord } from '../keys/dek.ts';
import { dataKeyHandle, dataKeyRecord, noKey, noSpace } from './data-keys.ts';
import { openEnvelope } from './envelopes.ts';
import { withPlaintext } from './plaintext.ts';
import { unitsOf } from './reservations.ts';
import type { Session } from './session.ts';
import { checkState } from './states.ts';

/** A DEK that encrypts now, by its name or by its kid; undefined where the newest known document has none. */
type Find = () => { readonly kid: Id; readonly record: KeyRecord } | undefined;

/** Under the active DEK of the space. A space not known here may be in a newer document: the store is read once. */
export function encryptIn(
  session: Session,
  plaintext: Bytes | string,
  space: string,
  context: Context,
): Out | Promise<Out> {
  const find: Find = () => {
    const { active, body } = session.snapshot;
    const kid = active.get(space);
    return kid === undefined ? undefined : { kid, record: body.keys.get(kid)! };
  };
  return encrypt(session, plaintext, context, find, () => noSpace(space));
}

/** Under the DEK of that kid, while it is active. */
export function encryptUnder(
  session: Session,
  plaintext: Bytes | string,
  kid: Id,
  context: Context,
): Out | Promise<Out> {
  const find: Find = () => {
    const record = dataKeyRecord(session.snapshot, kid);
    if (record !== undefined) checkState(kid, record.state, 'encrypt');
    return record && { kid, record };
  };
  return encrypt(session, plaintext, context, find, () => noKey(kid));
}

function encrypt(
  session: Session,
  plaintext: Bytes | string,
  context: Context,
  find: Find,
  missing: () => KeystrataError,
): Out | Promise<Out> {
  session.use();
  const at = { keyring: session.keyring, context: contextBytes(context) };
  return withPlaintext(plaintext, (bytes) => {
    checkRecordPlaintext(bytes.length);
    const units = unitsOf(bytes.length);
    const found = find();
    const ready = found !== undefined && session.shares.spend(found.kid, units);
    const sealed = ready
      ? sealRecord(session.engine, dataKeyHandle(session, found.kid, found.record), bytes, at)
      : whenReady(session, concat(bytes), concat(at.context), units, find, missing);
    return sealed instanceof Promise ? session.run(() => sealed) : sealed;
  });
}

/** Reads the store once where the key is not known, and reserves what is missing. Takes over the bytes, and wipes them. */
async function whenReady(
  session: Session,
  bytes: Bytes,
  context: Bytes,
  units: number,
  find: Find,
  missing: () => KeystrataError,
): Promise<Out> {
  try {
    if (find() === undefined) await session.refresh();
    for (;;) {
      const found = find();
      if (found === undefined) throw missing();
      const { kid, record } = found;
      if (session.shares.spend(kid, units)) {
        const at = { keyring: session.keyring, context };
        return await sealRecord(session.engine, dataKeyHandle(session, kid, record), bytes, at);
      }
      await session.shares.reserve(kid, units);
      session.use();
    }
  } finally {
    bytes.fill(0);
  }
}

/**
 * A record, whose DEK is found by its kid, or an envelope. A key that is not known here may be in a newer document: the store
 * is read once.
 */
export function decrypt(session: Session, sealed: Bytes, context: Context): Out | Promise<Out> {
  if (isEnvelope(asBytes(sealed, 'sealed'))) return openEnvelope(session, sealed, context);
  session.use();
  const bytes = contextBytes(context);
  const parts = recordOf(sealed);
  const record = dataKeyRecord(session.snapshot, parts.kid);
  if (record !== undefined) return open(session, record, parts, bytes);
  return session.run(async () => {
    await session.refresh();
    const found = dataKeyRecord(session.snapshot, parts.kid);
    if (found === undefined) throw noKey(parts.kid);
    return open(session, found, parts, bytes);
  });
}

export async function decryptText(session: Session, sealed: Bytes, context: Context): Promise<string> {
  const plaintext = await decrypt(session, sealed, context);
  try {
    return text(plaintext, 'plaintext');
  } finally {
    plaintext.fill(0);
  }
}

function open(session: Session, record: KeyRecord, parts: RecordParts, context: Bytes): Out | Promise<Out> {
  checkState(parts.kid, record.state, 'decrypt');
  const handle = dataKeyHandle(session, parts.kid, record);
  const plaintext = openRecord(session.engine, handle, parts, { keyring: session.keyring, context });
  return plaintext instanceof Promise ? session.run(() => plaintext) : plaintext;
}

/** What is sealed otherwise is told how to open it. */
function recordOf(sealed: Bytes): RecordParts {
  try {
    return decodeRecord(asBytes(sealed, 'sealed'));
  } catch (error) {
    if (!KeystrataError.is(error, 'ERR_FORMAT') && !KeystrataError.is(error, 'ERR_UNSUPPORTED')) throw error;
    const kind = kindOf(sealed);
    if (kind === 'stream') throw new KeystrataError('ERR_UNSUPPORTED', 'this is a stream: use open or openStream');
    if (kind === 'grant' || kind === 'post' || kind === 'document')
      throw new KeystrataError('ERR_UNSUPPORTED', `this is a ${kind}, which decrypt does not open`);
    throw error;
  }
}

function kindOf(sealed: Bytes): string | null {
  try {
    return describe(sealed).kind;
  } catch {
    return null;
  }
}
