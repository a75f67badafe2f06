// One instance of the core, the I/O region laid out from its start on, and a hand that deals the secrets.

import type { Abi } from '../../bindings/core/abi.ts';
import type { Hand } from './hand.ts';

/** The same public inputs, whatever the hand. */
export interface Scenario {
  readonly name: string;
  readonly play: (stage: Stage) => void;
}

export class Stage {
  readonly abi: Abi;
  readonly hand: Hand;
  readonly memory: Uint8Array;
  readonly io: number;
  readonly ioEnd: number;
  /** What was asked for of the I/O region. */
  readonly places: { readonly at: number; readonly length: number }[] = [];
  #free: number;

  constructor(abi: Abi, hand: Hand) {
    this.abi = abi;
    this.hand = hand;
    this.memory = new Uint8Array(abi.memory.buffer);
    this.io = abi.IO.value as number;
    this.ioEnd = this.io + (abi.IO_LENGTH.value as number);
    this.#free = this.io;
  }

  /** Room for so many octets, from a multiple of 16 on. */
  room(length: number): number {
    const at = this.#free;
    this.#free = Math.ceil((at + length) / 16) * 16;
    if (this.#free > this.ioEnd) throw new RangeError('the I/O region is full');
    this.places.push({ at, length });
    return at;
  }

  put(bytes: Uint8Array): number {
    const at = this.room(bytes.length);
    this.memory.set(bytes, at);
    return at;
  }

  /** Public octets: always the same. */
  known(length: number): number {
    return this.put(Uint8Array.from({ length }, (_, i) => 7 * i + 1));
  }

  secret(length: number): number {
    return this.put(this.hand.bytes(length));
  }

  /** Alters an octet, so that it is another for certain. */
  alter(at: number): void {
    this.memory[at]! ^= 1 + this.hand.below(255);
  }

  /** An allocated slot. */
  slot(): number {
    return this.ok(this.abi.keyAllocate());
  }

  /** A slot with a secret key. */
  key(): number {
    const slot = this.slot();
    this.memory.set(this.hand.bytes(32), this.ok(this.abi.keyAddress(slot)));
    this.ok(this.abi.keyLoad(slot));
    return slot;
  }

  free(...slots: number[]): void {
    for (const slot of slots) this.ok(this.abi.keyFree(slot));
  }

  /** The call worked: its answer. */
  ok(answer: number): number {
    if (answer < 0) throw new Error(`the core answers ${answer}`);
    return answer;
  }

  /** The call was refused, and so. */
  refused(answer: number, status: number): void {
    if (answer !== status) throw new Error(`the core answers ${answer} and not ${status}`);
  }
}
