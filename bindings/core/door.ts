// The one door in and out: bytes go into the I/O region, the core works on them there, results come out, and what was
// staged is wiped.
//
//   memory   … [ I/O region: io ……………………………………………………… io + length )
//              [ staged so far ……… mark )                                  wiped by `use`, whatever happens; or left, where it is public
//
// Secret: all that lies in the region. Public: places and lengths.

import { still, type Bytes, type Out } from './bytes.ts';

/** Pieces of a stream are whole batches of the cipher and whole blocks of the hashes. */
const PIECE = 2048;
/** Views of results at the front of the region are kept up to this length: making one takes as long as copying 64 bytes twice. */
const KEPT = 1024;

export class Door {
  /** First byte of the region, and how many there are. */
  readonly io: number;
  readonly length: number;
  readonly #memory: Uint8Array;
  readonly #front: (Uint8Array | undefined)[] = [];
  #mark = 0;

  constructor(memory: Uint8Array, io: number, length: number) {
    this.#memory = memory;
    this.io = io;
    this.length = length;
  }

  /** Does `work` and wipes what it staged. */
  use<T>(work: (door: Door) => T): T {
    try {
      return work(this);
    } finally {
      this.wipe();
    }
  }

  /** Wipes what was staged: for those who cannot spare the closure of `use`, in their own `finally`. */
  wipe(): void {
    if (this.#mark > 0) this.#memory.fill(0, this.io, this.io + this.#mark);
    this.#mark = 0;
  }

  /** What is staged may stay until something else takes its place: for whoever knows that no secret is among it. */
  leave(): void {
    this.#mark = 0;
  }

  /** The address `offset` bytes into the region, where `length` bytes will be written. */
  room(offset: number, length: number): number {
    if (offset + length > this.length) throw new RangeError('keystrata: beyond the I/O region');
    if (offset + length > this.#mark) this.#mark = offset + length;
    return this.io + offset;
  }

  /** Copies `data` in, `offset` bytes into the region: its address. */
  put(offset: number, data: Bytes): number {
    const at = this.room(offset, data.length);
    if (data.length > 0) this.#memory.set(data, at);
    return at;
  }

  /** Copies `length` bytes at the address `at` into `out` at `place`. */
  copyOut(at: number, length: number, out: Bytes, place = 0): void {
    out.set(at === this.io && length <= KEPT ? this.#frontView(length) : this.#memory.subarray(at, at + length), place);
  }

  #frontView(length: number): Uint8Array {
    return (this.#front[length] ??= this.#memory.subarray(this.io, this.io + length));
  }

  /** `length` bytes at the address `at`, copied once. */
  out(at: number, length: number): Out {
    const bytes = still(length);
    this.copyOut(at, length, bytes);
    return bytes;
  }

  /**
   * Streams `data`, whatever its length, through the region from `offset` on. `take` has each piece at an address, and is
   * told how far into `data` it began. Empty data makes no piece.
   */
  feed(offset: number, data: Bytes, take: (at: number, length: number, from: number) => void): void {
    const most = Math.floor((this.length - offset) / PIECE) * PIECE;
    if (data.length <= most) {
      if (data.length > 0) take(this.put(offset, data), data.length, 0);
      return;
    }
    for (let from = 0; from < data.length; from += most) {
      const piece = data.subarray(from, from + most);
      take(this.put(offset, piece), piece.length, from);
    }
  }
}
