// The slots of the core that one engine has filled. Another engine, or the host, may use the same core: what is not ours is
// never freed.
//
//   free ──take──► allocated ──filled──► loaded, held by a Key ──free──► free, wiped

import { Status } from '../core/abi.ts';
import type { Instance } from '../core/instance.ts';
import { good, goodSlot } from '../core/status.ts';
import type { As } from './engine.ts';
import { Key, type Owner, type Purpose } from './key.ts';

export class Slots implements Owner {
  readonly #core: Instance;
  readonly #ours = new Set<number>();
  readonly #onFree: ((slot: number) => void)[] = [];

  constructor(core: Instance) {
    this.#core = core;
  }

  owns(slot: number): boolean {
    return this.#ours.has(slot) && !this.#core.disposed;
  }

  free(slot: number): void {
    if (this.owns(slot)) this.#core.abi.keyFree(slot);
    this.#ours.delete(slot);
    for (const drop of this.#onFree) drop(slot);
  }

  /** `drop` is told of every slot that is freed: what else was made of its key goes with it. */
  onFree(drop: (slot: number) => void): void {
    this.#onFree.push(drop);
  }

  /** An allocated slot. ERR_LIMIT where none is free. */
  take(): number {
    const slot = goodSlot(this.#core.abi.keyAllocate());
    this.#ours.add(slot);
    return slot;
  }

  /** A key in a new slot that `fill` loads. Where `fill` throws, the slot is free again. */
  make<P extends Purpose>(as: As<P>, fill: (slot: number) => void): Key<P> {
    const slot = this.take();
    try {
      fill(slot);
      return new Key(this, slot, as.purpose, as.id);
    } catch (error) {
      this.free(slot);
      throw error;
    }
  }

  /** As `make`, the host writing the 32 bytes where they will stay. */
  makeFrom<P extends Purpose>(as: As<P>, write: (bytes: Uint8Array) => void): Key<P> {
    return this.make(as, (slot) => this.load(slot, write));
  }

  /** allocated → loaded. */
  load(slot: number, write: (bytes: Uint8Array) => void): void {
    write(this.bytesOf(slot));
    good(this.#core.abi.keyLoad(slot));
  }

  /** The 32 bytes of a slot, where they lie: a view of the core's memory, not to be kept. */
  bytesOf(slot: number): Uint8Array {
    const at = good(this.#core.abi.keyAddress(slot));
    return this.#core.memory.subarray(at, at + 32);
  }

  /** How many slots of the core are free, whoever has the others. */
  countFree(): number {
    const { abi } = this.#core;
    let free = 0;
    for (let slot = 0; slot < (abi.SLOTS.value as number); slot++) if (abi.keyAddress(slot) === Status.SLOT) free++;
    return free;
  }

  /** Wipes all that is ours. */
  dispose(): void {
    for (const slot of [...this.#ours]) this.free(slot);
  }
}
