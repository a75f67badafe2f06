// A stream: data of any length under a DEK made for it, which the prefix carries wrapped by the KEK. FORMATS §6.
//
//   prefix 143 (kid, wrapped stream DEK) ‖ Cobblestone-256 with key = stream DEK, context = kid ‖ the caller's context
//
// Memory is constant whatever the size. Secret: the stream DEK, which lives until the chunk key is derived; the chunk key,
// until the stream ends in whatever way. Both in the core.

import { asBytes, concat, still } from '../core/bytes.ts';
import type { Bytes, Out } from '../core/bytes.ts';
import { dispose } from '../core/dispose.ts';
import type { Engine } from '../engine/engine.ts';
import { checkAborted } from '../engine/pause.ts';
import { idBytes } from '../format/ids.ts';
import type { Id } from '../format/ids.ts';
import {
  CHUNK,
  COBBLESTONE_HEADER,
  STREAM_PREFIX_LENGTH,
  cobblestonePlaintext,
  cobblestoneSize,
  decodePrefix,
  streamPrefix,
} from '../format/stream.ts';
import { CobblestoneOpener, CobblestoneSealer } from './cobblestone.ts';
import { unwrapCarried } from './carried.ts';
import type { LendKek } from './carried.ts';
import type { Emit, Room } from './flight.ts';
import { generateStreamDek, wrapUnderKek } from './kek.ts';
import type { Kek } from './roles.ts';
import { Tray } from './tray.ts';
import { Run } from './work.ts';
import type { RunOptions } from './work.ts';

/** `size` is that of the input; `onEnd` is told once that the stream's key is wiped. */
export interface StreamOptions extends RunOptions {
  keyring: Id;
  context: Bytes; // contextBytes
}

const PIECE = 64 * CHUNK; // of one push, so that long ones let others have their turn

/** Goes through data once, from push to push, each awaited; ends with finish, an error, an abort or dispose. */
abstract class Through implements Disposable {
  protected readonly run: Run;

  constructor(p: StreamOptions, wipe: () => void) {
    this.run = new Run(p, wipe);
  }

  protected abstract take(piece: Bytes, emit: Emit, room?: Room): Promise<void>;
  protected abstract end(emit: Emit, room?: Room): Promise<void>;

  /** Emits what is complete, now or soon: workers may be at it when this resolves. Whatever is emitted is the receiver's own. */
  async push(bytes: Bytes, emit: Emit, room?: Room): Promise<void> {
    await this.run.part(() => Promise.resolve(asBytes(bytes, 'what is written to a stream')));
    for (let at = 0; at < bytes.length; at += PIECE) {
      const piece = bytes.subarray(at, at + PIECE);
      await this.run.part(() => this.take(piece, emit, room));
      this.run.advance(piece.length);
    }
  }

  /** Emits the rest. */
  async finish(emit: Emit, room?: Room): Promise<void> {
    await this.run.part(() => this.end(emit, room));
    this.run.finish();
  }

  /** Told why, when the stream breaks off: an error, an abort, dispose. */
  onBreak(listener: (error: Error) => void): void {
    this.run.onBreak(listener);
  }

  dispose(): void {
    this.run.dispose();
  }

  [dispose](): void {
    this.dispose();
  }
}

/** Makes a stream DEK, writes it wrapped into the prefix, derives from it, forgets it. */
function begin(engine: Engine, kek: Kek, p: StreamOptions): { cobblestone: CobblestoneSealer; head: Out } {
  const dek = generateStreamDek(engine);
  try {
    const prefix = streamPrefix(dek.id, wrapUnderKek(engine, kek, 'STREAM', dek, p.keyring));
    const cobblestone = new CobblestoneSealer(engine, dek, concat(idBytes(dek.id), p.context));
    return { cobblestone, head: concat(prefix, cobblestone.header) };
  } finally {
    dek.dispose();
  }
}

export class StreamSealer extends Through {
  readonly #cobblestone: CobblestoneSealer;
  #head: Out | null;

  constructor(engine: Engine, kek: Kek, p: StreamOptions) {
    checkAborted(p.signal);
    const { cobblestone, head } = begin(engine, kek, p);
    super(p, () => cobblestone.dispose());
    this.#cobblestone = cobblestone;
    this.#head = head;
    cobblestone.onBroken((error) => this.run.fail(error));
  }

  #emitHead(emit: Emit): void {
    if (this.#head !== null) emit(this.#head);
    this.#head = null;
  }

  protected override take(piece: Bytes, emit: Emit, room?: Room): Promise<void> {
    this.#emitHead(emit);
    return this.#cobblestone.push(piece, emit, room);
  }

  protected override end(emit: Emit, room?: Room): Promise<void> {
    this.#emitHead(emit);
    return this.#cobblestone.finish(emit, room);
  }
}

/** Nothing leaves that is not verified. `lend` has the KEK whose kid the prefix names. */
export class StreamOpener extends Through {
  readonly #engine: Engine;
  readonly #lend: LendKek;
  readonly #p: StreamOptions;
  readonly #head = new Tray(STREAM_PREFIX_LENGTH + COBBLESTONE_HEADER);
  #cobblestone: CobblestoneOpener | null = null;

  constructor(engine: Engine, lend: LendKek, p: StreamOptions) {
    super(p, () => this.#cobblestone?.dispose());
    this.#engine = engine;
    this.#lend = lend;
    this.#p = p;
  }

  #open(): CobblestoneOpener {
    const head = this.#head.content;
    const { kid, kek, wrap } = decodePrefix(head);
    const { keyring, context } = this.#p;
    const dek = this.#lend(kek, (key) => unwrapCarried(this.#engine, key, 'STREAM', wrap, { keyring, kid }));
    try {
      const header = head.subarray(STREAM_PREFIX_LENGTH);
      const opener = new CobblestoneOpener(this.#engine, dek, concat(idBytes(kid), context), header);
      opener.onBroken((error) => this.run.fail(error));
      return (this.#cobblestone = opener);
    } finally {
      dek.dispose();
    }
  }

  protected override async take(piece: Bytes, emit: Emit, room?: Room): Promise<void> {
    const taken = this.#head.fill(piece);
    if (this.#head.full) await (this.#cobblestone ?? this.#open()).push(piece.subarray(taken), emit, room);
  }

  protected override async end(emit: Emit): Promise<void> {
    await (this.#cobblestone ?? this.#open()).finish(emit); // a head that is not full is refused in opening
  }
}

/**
 * As a TransformStream, which starts when its sealer or opener is there. Its abort or cancel ends that, and its breaking off
 * errors the stream. (A runtime that knows no `cancel` leaves the chunk key in the core until the keyring is locked.)
 */
export function transform<T extends StreamSealer | StreamOpener>(made: T | Promise<T>): TransformStream<Bytes, Out> {
  let given = false; // up by the reader or the writer: then there is nobody to tell
  let through: T; //    from start on
  const begin = (one: T, controller: TransformStreamDefaultController<Out>): void => {
    through = one;
    through.onBreak((error) => {
      if (!given) controller.error(error);
    });
  };
  const transformer: Transformer<Bytes, Out> & { cancel(): void } = {
    start: (controller) =>
      made instanceof Promise ? made.then((one) => begin(one, controller)) : begin(made, controller),
    transform: (bytes, controller) => through.push(bytes, (out) => controller.enqueue(out)),
    flush: (controller) => through.finish((out) => controller.enqueue(out)),
    cancel() {
      given = true;
      if (made instanceof Promise)
        void made.then(
          (one) => one.dispose(),
          () => undefined,
        );
      else made.dispose();
    },
  };
  return new TransformStream(transformer);
}

/** Runs all of `bytes` through, into one result of `size` bytes, where what leaves together is made and not copied. */
async function whole(through: StreamSealer | StreamOpener, bytes: Bytes, size: number): Promise<Out> {
  const out = still(size);
  let at = 0; //   of what was emitted
  let next = 0; // of the room for what is to come: nothing else was emitted since the head
  const emit: Emit = (part) => {
    if (part.buffer !== out.buffer) out.set(part, at);
    at += part.length;
  };
  const room: Room = (length) => {
    next = Math.max(next, at) + length;
    return out.subarray(next - length, next);
  };
  try {
    await through.push(bytes, emit, room);
    await through.finish(emit, room);
    return out;
  } catch (error) {
    out.fill(0);
    throw error;
  } finally {
    through.dispose();
  }
}

/** One-shot. */
export const sealWhole = (engine: Engine, kek: Kek, plaintext: Bytes, p: StreamOptions): Promise<Out> =>
  whole(
    new StreamSealer(engine, kek, { size: plaintext.length, ...p }),
    plaintext,
    STREAM_PREFIX_LENGTH + cobblestoneSize(plaintext.length),
  );

/** One-shot: all of it is verified, or nothing leaves. */
export function openWhole(engine: Engine, lend: LendKek, sealed: Bytes, p: StreamOptions): Promise<Out> {
  const opener = new StreamOpener(engine, lend, { size: sealed.length, ...p });
  const size = cobblestonePlaintext(sealed.length - STREAM_PREFIX_LENGTH);
  return whole(opener, sealed, size ?? sealed.length); // a size that no stream has is refused at the latest at the end
}
