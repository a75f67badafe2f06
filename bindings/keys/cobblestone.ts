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
import { Flight, type Emit, type Room } from './flight.ts';
import { Tray } from './tray.ts';

const NO_AAD = new Uint8Array(0);

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
 * Cuts what is pushed into full chunks; what is over waits in the tray. Chunks are under way together, those of one push, and
 * where the engine has workers those of several; they are emitted in order, those before one that fails too.
 */
async function inChunks(
  tray: Tray,
  pushed: Bytes,
  length: number,
  flight: Flight,
  work: (chunk: Bytes, several: boolean) => Promise<Out>,
  emit: Emit,
): Promise<void> {
  let at = tray.empty ? 0 : tray.fill(pushed);
  const several = flight.most > 0 || pushed.length - at >= (tray.full ? length : 2 * length);
  if (tray.full) flight.add(work(tray.content, several), length, emit);
  for (; pushed.length - at >= length; at += length)
    flight.add(work(pushed.subarray(at, at + length), several), length, emit);
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

  async #seal(plaintext: Bytes, room: Room, several: boolean): Promise<Out> {
    const { key, baseNonce } = this.#chunks;
    const out = room(plaintext.length + TAG_LENGTH);
    await this.#engine.seal(key, plaintext, { iv: chunkNonce(baseNonce, this.#i++), aad: NO_AAD, out, several });
    return out;
  }

  /** Told of the first chunk that fails. */
  onBroken(listener: (error: Error) => void): void {
    this.#flight.onBroken(listener);
  }

  /** Emits the chunks that are full now. */
  push(plaintext: Bytes, emit: Emit, room: Room = still): Promise<void> {
    const seal = (chunk: Bytes, several: boolean): Promise<Out> => this.#seal(chunk, room, several);
    return inChunks(this.#tray, plaintext, CHUNK, this.#flight, seal, emit);
  }

  /** Emits the last chunk, which may be of an empty plaintext. */
  async finish(emit: Emit, room: Room = still): Promise<void> {
    await this.#flight.drain();
    emit(await this.#seal(this.#tray.content, room, false));
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

  async #open(chunk: Bytes, several: boolean): Promise<Out> {
    const { key, baseNonce } = this.#chunks;
    return await this.#engine.open(key, chunk, { iv: chunkNonce(baseNonce, this.#i++), aad: NO_AAD, several });
  }

  /** Told of the first chunk that fails. */
  onBroken(listener: (error: Error) => void): void {
    this.#flight.onBroken(listener);
  }

  /** Emits the plaintext of the chunks that are complete now, each verified. */
  push(sealed: Bytes, emit: Emit): Promise<void> {
    return inChunks(
      this.#tray,
      sealed,
      SEALED_CHUNK,
      this.#flight,
      (chunk, several) => this.#open(chunk, several),
      emit,
    );
  }

  /** … and of the last chunk. AuthenticationError where it is not there: only after this is the whole known to be whole. */
  async finish(emit: Emit): Promise<void> {
    await this.#flight.drain();
    const last = this.#tray.content;
    if (last.length < TAG_LENGTH) throw authenticationError('stream: its end is missing');
    emit(await this.#open(last, false));
  }

  dispose(): void {
    this.#flight.stop();
    this.#chunks.key.dispose();
    this.#tray.clear();
  }
}
