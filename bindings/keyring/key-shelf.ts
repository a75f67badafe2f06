// The shelf: handles of DEKs and index keys that are in the core because they were used lately. Slots are few (64) and DEKs many: when
// slots get low the least recently used handle is wiped, whichever keyring of the engine it belongs to; but none that is at
// work, which the engine has with a few keys at a time.
//
//   least recently used  [ a ][ b ][ c ] … [ z ]  most recently used

import type { Engine } from '../engine/engine.ts';
import type { Id } from '../format/ids.ts';
import type { IndexKey, RecordDek } from '../keys/roles.ts';

/** Slots left free: for streams, for unlocking another keyring, for the work at hand. */
const RESERVE = 12;

type Shelved = RecordDek | IndexKey;

interface Held {
  readonly key: Shelved;
  readonly shelf: Map<Id, Held>;
}

/** Over all keyrings of an engine, in the order of their last use. */
const USES = new WeakMap<Engine, Set<Held>>();

/** Makes room for a few slots, as far as the shelves of this engine's keyrings can give it. */
export function makeRoom(engine: Engine): void {
  const uses = USES.get(engine) ?? new Set();
  for (const held of uses) {
    if (engine.freeSlots() >= RESERVE) return;
    if (!held.key.busy) drop(uses, held);
  }
}

function drop(uses: Set<Held>, held: Held): void {
  uses.delete(held);
  held.shelf.delete(held.key.id);
  held.key.dispose();
}

/** One keyring's. */
export class KeyShelf {
  readonly #engine: Engine;
  readonly #uses: Set<Held>;
  readonly #shelf = new Map<Id, Held>();
  #latest: Held | undefined;

  constructor(engine: Engine) {
    this.#engine = engine;
    let uses = USES.get(engine);
    if (uses === undefined) USES.set(engine, (uses = new Set()));
    this.#uses = uses;
  }

  /** The handle of `kid`, which stays the shelf's; `load` brings it where it is not here. A kid has one role for good. */
  take<K extends Shelved>(kid: Id, load: () => K): K {
    const held = this.#shelf.get(kid);
    if (held === undefined) return this.#put(load);
    if (held !== this.#latest) {
      this.#uses.delete(held);
      this.#uses.add(held);
      this.#latest = held;
    }
    return held.key as K;
  }

  #put<K extends Shelved>(load: () => K): K {
    makeRoom(this.#engine);
    const key = load();
    const held = { key, shelf: this.#shelf };
    this.#shelf.set(held.key.id, held);
    this.#uses.add(held);
    this.#latest = held;
    return key;
  }

  /** Wipes those that are not wanted any more. */
  keep(wanted: (kid: Id) => boolean): void {
    for (const held of [...this.#shelf.values()]) if (!wanted(held.key.id)) this.#drop(held);
  }

  #drop(held: Held): void {
    drop(this.#uses, held);
    if (held === this.#latest) this.#latest = undefined;
  }

  /** Wipes this keyring's handles. */
  clear(): void {
    for (const held of [...this.#shelf.values()]) drop(this.#uses, held);
    this.#latest = undefined;
  }
}
