// Files and other long data: a stream under a DEK of its own, which its first bytes carry wrapped by the KEK. FORMATS §6.

import { asBytes, asInteger, type Bytes, type Out } from '../core/bytes.ts';
import type { Work } from '../engine/engine.ts';
import { contextBytes, type Context } from '../format/context.ts';
import type { Kek } from '../keys/roles.ts';
import { openWhole, sealWhole, StreamOpener, StreamSealer, transform, type StreamOptions } from '../keys/stream.ts';
import { asOptions } from './arguments.ts';
import { makeRoom } from './key-shelf.ts';
import { lendKek } from './lend-kek.ts';
import { asWorking } from './progress.ts';
import type { Session } from './session.ts';

export type StreamWork = Work & { context: Context; size?: number };

function options(session: Session, p: StreamWork): StreamOptions {
  session.use();
  const work = asWorking(asOptions(p, 'p'));
  const { context, size } = p;
  if (size !== undefined) asInteger(size, 'size', 0, Number.MAX_SAFE_INTEGER);
  makeRoom(session.engine);
  return { keyring: session.keyring, context: contextBytes(context), size, ...work };
}

/** Ends with the session: after `lock` the stream errors. Every piece that goes in is a use of the session. */
function held<T extends StreamSealer | StreamOpener>(session: Session, make: (onEnd: () => void) => T): T {
  const own: { stream?: T } = {}; // empty while it is made: one that fails then was never held
  const stream = session.hold(make(() => own.stream && session.release(own.stream)));
  own.stream = stream;
  const push = stream.push.bind(stream);
  stream.push = (bytes, emit) => {
    session.use();
    return push(bytes, emit);
  };
  return stream;
}

/** The KEK wraps one key a stream: a unit of its share, for which the stream may have to wait. */
export function sealStream(session: Session, p: StreamWork): TransformStream<Bytes, Out> {
  const o = options(session, p);
  const { engine, kek, shares } = session;
  const sealer = (by: Kek): StreamSealer => held(session, (onEnd) => new StreamSealer(engine, by, { ...o, onEnd }));
  if (shares.spend(kek.id, 1)) return transform(sealer(kek));
  return transform(
    session.run(() =>
      shares.withKek((by) => {
        makeRoom(engine);
        return sealer(by);
      }),
    ),
  );
}

export function openStream(session: Session, p: StreamWork): TransformStream<Bytes, Out> {
  const o = options(session, p);
  return transform(held(session, (onEnd) => new StreamOpener(session.engine, lendKek(session), { ...o, onEnd })));
}

/** One-shot work, whose keys are wiped when the session ends. */
function whole(session: Session, p: StreamWork, work: (o: StreamOptions) => Promise<Out>): Promise<Out> {
  return session.run(async () => {
    const stop = new AbortController();
    const ending = session.hold({ dispose: () => stop.abort() });
    try {
      return await work({ ...options(session, p), signal: stop.signal });
    } finally {
      session.release(ending);
    }
  });
}

export const sealAll = (session: Session, plaintext: Bytes, p: { context: Context }): Promise<Out> =>
  whole(session, p, async (o) => {
    const bytes = asBytes(plaintext, 'plaintext');
    return session.shares.withKek((kek) => sealWhole(session.engine, kek, bytes, o));
  });

export const openAll = (session: Session, sealed: Bytes, p: { context: Context }): Promise<Out> =>
  whole(session, p, (o) => openWhole(session.engine, lendKek(session), asBytes(sealed, 'sealed'), o));
