// Envelopes: one DEK a record, carried with it. FORMATS §6. The document does not grow with the data: for operators with
// millions of records. The KEK wraps one key an envelope, a unit of its share (§10).
//
//   plaintext ─DEK, made for it─► record      DEK ─KEK─► wrap      [1, wrap, record]

import { asBytes, concat, type Bytes, type Out } from '../core/bytes.ts';
import { contextBytes, type Context } from '../format/context.ts';
import { decodeEnvelope, type EnvelopeParts } from '../format/envelope.ts';
import { checkRecordPlaintext } from '../format/record.ts';
import { envelopeDek, openOfEnvelope, sealInEnvelope } from '../keys/envelope.ts';
import { generateEnvelopeDek } from '../keys/kek.ts';
import type { EnvelopeDek } from '../keys/roles.ts';
import { makeRoom } from './key-shelf.ts';
import { hasKek, lendKek } from './lend-kek.ts';
import { withPlaintext } from './plaintext.ts';
import type { Session } from './session.ts';
import { turnstileOf } from './turnstile.ts';

/** The DEK ends with the work, or with the session, whichever is first. `inside`: its place in the turnstile is taken. */
function whileHeld(
  session: Session,
  dek: EnvelopeDek,
  inside: boolean,
  work: () => Out | Promise<Out>,
): Out | Promise<Out> {
  let later = false;
  try {
    const done = work();
    if (!(done instanceof Promise)) return done;
    later = true;
    const turnstile = turnstileOf(session.engine);
    if (!inside) turnstile.count();
    session.hold(dek);
    const over = (): void => {
      dek.dispose();
      session.release(dek);
      if (!inside) turnstile.leave();
    };
    void done.then(over, over);
    return inside ? done : session.run(() => done);
  } finally {
    if (!later) dek.dispose();
  }
}

/** Waits for a place in the turnstile, and leaves it when the work is done. */
async function inTurn(session: Session, work: () => Promise<Out>): Promise<Out> {
  const turnstile = turnstileOf(session.engine);
  await turnstile.enter();
  try {
    session.use();
    return await work();
  } finally {
    turnstile.leave();
  }
}

export function sealEnvelope(session: Session, plaintext: Bytes | string, context: Context): Out | Promise<Out> {
  session.use();
  const bound = contextBytes(context);
  return withPlaintext(plaintext, (bytes) => {
    checkRecordPlaintext(bytes.length);
    const { engine, kek, shares } = session;
    const ready = !turnstileOf(engine).full && shares.spend(kek.id, 1);
    return ready ? seal(session, bytes, bound) : whenReady(session, concat(bytes), concat(bound));
  });
}

/** A unit of the KEK is spent. */
function seal(session: Session, plaintext: Bytes, context: Bytes, inside = false): Out | Promise<Out> {
  const { engine, kek, keyring } = session;
  makeRoom(engine);
  const dek = generateEnvelopeDek(engine);
  return whileHeld(session, dek, inside, () => sealInEnvelope(engine, kek, dek, plaintext, { keyring, context }));
}

/** Waits its turn, and reserves what is missing. Takes over the bytes, and wipes the plaintext. */
async function whenReady(session: Session, plaintext: Bytes, context: Bytes): Promise<Out> {
  try {
    return await session.run(async () => {
      return inTurn(session, async () => {
        // What is spent is of the KEK that wraps: another one may come while this waits.
        while (!session.shares.spend(session.kek.id, 1)) {
          await session.shares.reserve(session.kek.id, 1);
          session.use();
        }
        return seal(session, plaintext, context, true);
      });
    });
  } finally {
    plaintext.fill(0);
  }
}

/** A KEK that is not known here may be in a newer document: the store is read once. */
export function openEnvelope(session: Session, sealed: Bytes, context: Context): Out | Promise<Out> {
  session.use();
  const bound = contextBytes(context);
  const bytes = asBytes(sealed, 'sealed');
  const parts = decodeEnvelope(bytes);
  if (hasKek(session, parts.kek) && !turnstileOf(session.engine).full) return open(session, parts, bound);
  const [copy, at] = [decodeEnvelope(concat(bytes)), concat(bound)];
  return session.run(async () => {
    if (!hasKek(session, copy.kek)) await session.refresh();
    return inTurn(session, async () => open(session, copy, at, true));
  });
}

function open(session: Session, parts: EnvelopeParts, context: Bytes, inside = false): Out | Promise<Out> {
  const { engine, keyring } = session;
  makeRoom(engine);
  const dek = lendKek(session)(parts.kek, (kek) => envelopeDek(engine, kek, parts, keyring));
  return whileHeld(session, dek, inside, () => openOfEnvelope(engine, dek, parts, { keyring, context }));
}
