// A secret, taken into the core at once, gives the MEK of a slot. FORMATS §3, the table of types; each has a file beside.

import { still, type Out } from '../core/bytes.ts';
import type { Engine } from '../engine/engine.ts';
import type { Id } from '../format/ids.ts';
import { SALT_LENGTH, type Slot, type SlotSource } from '../format/slot.ts';
import type { Mek } from '../keys/roles.ts';
import type { Working } from './progress.ts';

/** Holds a secret until `dispose`. The MEK it gives is its own too, and lives until the next one or `dispose`. */
export interface SlotSecret {
  readonly type: SlotSource['type'];
  /** "passphrase", "operator key 00…": for messages. */
  readonly name: string;
  opens(slot: Slot): boolean;
  /** The part of a new slot that says how its MEK is made; a salt is drawn, iterations are taken where there are such. */
  source(iterations: number): SlotSource;
  mek(slot: { readonly id: Id; readonly keyring: Id } & SlotSource, work: Working): Promise<Mek>;
  dispose(): void;
}

/** What `mek` is asked with, of slots of these types. */
export type Of<T extends SlotSource['type']> = { readonly id: Id; readonly keyring: Id } & SourceOf<T>;
export type SourceOf<T extends SlotSource['type']> = Extract<SlotSource, { readonly type: T }>;

/** 32 bytes, which are public. */
export function freshSalt(engine: Engine): Out {
  const salt = still(SALT_LENGTH);
  engine.random(salt);
  return salt;
}
