// Cobblestone-256: chunked encryption under one stream key. c2sp.org/chunked-encryption, with AES-256-GCM. FORMATS §6.
//
//   key 32 ‖ base_nonce 12 ‖ commitment 32 = HKDF-Expand-SHA512(stream key, label ‖ 00 ‖ salt ‖ context, 76)
//   sealed = salt 24 ‖ commitment 32 ‖ chunks; chunk i under nonce base_nonce XOR i, AAD empty
//
// The commitment is compared before any chunk is decrypted; a chunk is verified before it leaves; a full chunk is never the
// last, so that it needs no look ahead. Secret: both keys, in the core; base_nonce is not, but nobody needs it.

import { concat, equal, still } from '../core/bytes.ts';
import type { Bytes, Out } from '../core/bytes.ts';
import { authenticationError } from '../core/errors.ts';
import type { Engine } from '../engine/engine.ts';
import type { Key } from '../engine/key.ts';
import { NO_AAD, TOGETHER } from '../engine/series.ts';
import { IV_LENGTH, TAG_LENGTH } from '../format/cose-encrypt0.ts';
import { bad } from '../format/fields.ts';
import {
  CHUNK,
  COBBLESTONE_HEADER,
  COBBLESTONE_OKM,
  SALT,
  SEALED_CHUNK,
  chunkNonce,
  cobblestoneInfo,
} from '../format/stream.ts';
import { Flight, type Emit, type Part, type Room } from './flight.ts';
import { Tray } from './tray.ts';

/** What a stream key gives for a salt and a context. */
interface Chunks {
  readonly key: Key<'seal'>;
  readonly baseNonce: Bytes; // 12
  readonly commitment: Bytes; // 32
}

function chunksOf(engine: Engine, streamKey: Key<'derive'>, salt: Bytes, context: Bytes): Chunks {
  const { keys, rest } = engine.expand(streamKey, {
    hash: 'SHA-512',
    info: cobblestoneInfo(salt, context),
    length: COBBLESTONE_OKM,
    keys: [{ at: 0, purpose: 'seal', id: streamKey.id }],
  });
  return { key: keys[0]!, baseNonce: rest.subarray(0, IV_LENGTH), commitment: rest.subarray(IV_LENGTH) };
}

/**
 * Cuts what is pushed into full chunks, handed on sixteen by sixteen; what is over waits in the tray. Chunks are under way
 * together, those of one push, and where the engine has workers those of several; they are emitted in order, those before one
 * that fails too.
 */
async function inChunks(
  tray: Tray,
  pushed: Bytes,
  length: number,
  flight: Flight,
  work: (chunks: readonly Bytes[]) => Promise<Part>,
  emit: Emit,
): Promise<void> {
  const chunks: Bytes[] = [];
  let at = tray.empty ? 0 : tray.fill(pushed);
  if (tray.full) chunks.push(tray.content);
  for (; pushed.length - at >= length; at += length) chunks.push(pushed.subarray(at, at + length));
  for (let i = 0; i < chunks.length; i += TOGETHER) {
    const some = chunks.slice(i, i + TOGETHER);
    flight.add(work(some), some.length * length, emit);
  }
  await flight.room(); // until then what is given is in use, unless the engine has copied it
  if (tray.full) tray.clear();
  tray.fill(pushed.subarray(at));
}

/** Seals. Calls follow one another: a push is awaited before the next, and may emit later. Disposed by its owner. */
export class CobblestoneSealer {
  /** salt ‖ commitment: stands before the chunks. */
  readonly header: Out;
  readonly #engine: Engine;
  readonly #chunks: Chunks;
  readonly #tray = new Tray(CHUNK);
  readonly #flight: Flight;
  #i = 0;

  constructor(engine: Engine, streamKey: Key<'derive'>, context: Bytes) {
    const salt = still(SALT);
    engine.random(salt);
    this.#engine = engine;
    this.#flight = new Flight(engine.ahead);
    this.#chunks = chunksOf(engine, streamKey, salt, context);
    this.header = concat(salt, this.#chunks.commitment);
  }

  async #seal(chunks: readonly Bytes[], room: Room | undefined): Promise<Part> {
    const { key, baseNonce } = this.#chunks;
    const ivs = chunks.map(() => chunkNonce(baseNonce, this.#i++));
    return { out: await this.#engine.sealSeries(key, chunks, { ivs, out: room?.(chunks.length * SEALED_CHUNK) }) };
  }

  /** Told of the first that fails. */
  onBroken(listener: (error: Error) => void): void {
    this.#flight.onBroken(listener);
  }

  /** Emits the chunks that are full now. */
  push(plaintext: Bytes, emit: Emit, room?: Room): Promise<void> {
    return inChunks(this.#tray, plaintext, CHUNK, this.#flight, (chunks) => this.#seal(chunks, room), emit);
  }

  /** Emits the last chunk, which may be of an empty plaintext. */
  async finish(emit: Emit, room: Room = still): Promise<void> {
    await this.#flight.drain();
    const { key, baseNonce } = this.#chunks;
    const last = this.#tray.content;
    const out = room(last.length + TAG_LENGTH);
    await this.#engine.seal(key, last, { iv: chunkNonce(baseNonce, this.#i++), aad: NO_AAD, out });
    emit(out);
  }

  dispose(): void {
    this.#flight.stop();
    this.#chunks.key.dispose();
    this.#tray.clear();
  }
}

/** Opens. As the sealer. */
export class CobblestoneOpener {
  readonly #engine: Engine;
  readonly #chunks: Chunks;
  readonly #tray = new Tray(SEALED_CHUNK);
  readonly #flight: Flight;
  #i = 0;

  /** `header` is salt ‖ commitment. ERR_FORMAT where it is short, AuthenticationError where the commitment is another. */
  constructor(engine: Engine, streamKey: Key<'derive'>, context: Bytes, header: Bytes) {
    if (header.length !== COBBLESTONE_HEADER) throw bad('stream', 'cut off before its first chunk');
    this.#engine = engine;
    this.#flight = new Flight(engine.ahead);
    this.#chunks = chunksOf(engine, streamKey, header.subarray(0, SALT), context);
    if (equal(this.#chunks.commitment, header.subarray(SALT))) return;
    this.#chunks.key.dispose();
    throw authenticationError('stream: wrong key, wrong context, or altered bytes');
  }

  /** Those before the first whose tag is wrong leave all the same. */
  async #open(chunks: readonly Bytes[], room: Room | undefined): Promise<Part> {
    const { key, baseNonce } = this.#chunks;
    const length = chunks.length * CHUNK;
    const ivs = chunks.map(() => chunkNonce(baseNonce, this.#i++));
    const out = await this.#engine.openSeries(key, chunks, { ivs, out: room?.(length) });
    return { out, broken: out.length < length ? authenticationError() : undefined };
  }

  /** Told of the first that fails. */
  onBroken(listener: (error: Error) => void): void {
    this.#flight.onBroken(listener);
  }

  /** Emits the plaintext of the chunks that are complete now, each verified. */
  push(sealed: Bytes, emit: Emit, room?: Room): Promise<void> {
    return inChunks(this.#tray, sealed, SEALED_CHUNK, this.#flight, (chunks) => this.#open(chunks, room), emit);
  }

  /** … and of the last chunk. AuthenticationError where it is not there: only after this is the whole known to be whole. */
  async finish(emit: Emit): Promise<void> {
    await this.#flight.drain();
    const last = this.#tray.content;
    if (last.length < TAG_LENGTH) throw authenticationError('stream: its end is missing');
    const { key, baseNonce } = this.#chunks;
    const out = await this.#engine.open(key, last, { iv: chunkNonce(baseNonce, this.#i++), aad: NO_AAD });
    if (out.length > 0) emit(out);
  }

  dispose(): void {
    this.#flight.stop();
    this.#chunks.key.dispose();
    this.#tray.clear();
  }
}
