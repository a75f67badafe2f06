// Re-wrapping: the DEK that an envelope or a sealed file carries, under the present KEK; the ciphertext stays as it is.
// FORMATS §6. The DEK goes from slot to slot of the core. One unit of the KEK's share (§10), where there is something to do.

import { asBytes, concat, type Bytes, type Out } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import { decodeEnvelope, isEnvelope, withWrap } from '../format/envelope.ts';
import type { Id } from '../format/ids.ts';
import { STREAM_PREFIX_LENGTH, decodePrefix, isStream, streamPrefix } from '../format/stream.ts';
import { rewrapCarried, unwrapCarried } from '../keys/carried.ts';
import type { Carried } from '../keys/roles.ts';
import { makeRoom } from './key-shelf.ts';
import { hasKek, lendKek, noKek } from './lend-kek.ts';
import type { Session } from './session.ts';

/** What carries a wrapped DEK: whose it is, and the thing with another wrap in its place. */
interface Carrier {
  readonly role: Carried;
  readonly kek: Id;
  readonly kid: Id;
  readonly wrapped: Bytes;
  readonly with: (wrapped: Bytes) => Out;
}

function carrierOf(sealed: Bytes): Carrier {
  if (isEnvelope(sealed)) {
    const { kek, wrap, record } = decodeEnvelope(sealed);
    return { role: 'ENVELOPE', kek, kid: record.kid, wrapped: wrap, with: (other) => withWrap(sealed, other) };
  }
  if (isStream(sealed)) {
    const { kid, kek, wrap } = decodePrefix(sealed);
    const rest = sealed.subarray(STREAM_PREFIX_LENGTH);
    return { role: 'STREAM', kek, kid, wrapped: wrap, with: (other) => concat(streamPrefix(kid, other), rest) };
  }
  throw new KeystrataError(
    'ERR_UNSUPPORTED',
    'this carries no wrapped key: an envelope or a sealed file is wanted; what records are sealed under lies in the keyring',
  );
}

/**
 * The same envelope, or the same beginning of a sealed file (143 bytes, or more of it), under the present KEK: a copy where it
 * is already. Either way its key was seen to unwrap. AuthenticationError where the wrap was altered or belongs to something else.
 */
export async function rewrap(session: Session, sealed: Bytes): Promise<Out> {
  session.use();
  const given = asBytes(sealed, 'sealed');
  const carrier = carrierOf(given);
  return isReady(session, carrier) ? anew(session, carrier, given) : whenReady(session, concat(given));
}

/** Nothing is spent on what is under the present KEK. */
const isReady = (session: Session, { kek }: Carrier): boolean =>
  kek === session.kek.id || (hasKek(session, kek) && session.shares.spend(session.kek.id, 1));

/** A KEK that is not known here may be in a newer document: the store is read once. Reserves what is missing. */
const whenReady = (session: Session, sealed: Bytes): Promise<Out> =>
  session.run(async () => {
    const carrier = carrierOf(sealed);
    if (!hasKek(session, carrier.kek)) await session.refresh();
    if (!hasKek(session, carrier.kek)) throw noKek(carrier.kek);
    while (!isReady(session, carrier)) await session.shares.reserve(session.kek.id, 1);
    session.use();
    return anew(session, carrier, sealed);
  });

function anew(session: Session, { role, kek, kid, wrapped, with: withWrapped }: Carrier, sealed: Bytes): Out {
  const { engine, kek: to, keyring } = session;
  makeRoom(engine);
  if (kek !== to.id)
    return withWrapped(
      lendKek(session)(kek, (from) => rewrapCarried(engine, { from, to, role, wrapped, keyring, kid })),
    );
  unwrapCarried(engine, to, role, wrapped, { keyring, kid }).dispose();
  return concat(sealed);
}
