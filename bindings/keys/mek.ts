import type { Engine } from '../engine/engine.ts';
import type { Id } from '../format/ids.ts';
import type { DirectSlot, DirectWrap, SlotType } from '../format/slot.ts';
import type { Kek, Mek } from './roles.ts';

/** Wraps the KEK for a direct slot: mode, commitment, wrappedKek, to be spread into the slot record. */
export declare const sealDirect: (engine: Engine, mek: Mek, kek: Kek, at: { keyring: Id; slot: Id; type: SlotType }) => DirectWrap;
/** Commitment compared in constant time (WrongSecretError), then the KEK unwrapped (AuthenticationError) under the id `kek` (header field 5). */
export declare const openDirect: (engine: Engine, mek: Mek, slot: DirectSlot, at: { keyring: Id; kek: Id }) => Kek;
