// The key table: 64 numbered slots of 32 secret bytes, and a state each.
//
//   free ──keyAllocate──► allocated ──keyLoad, or a derivation──► loaded ──keyFree──► free (wiped)
//
// A slot is filled only while it is allocated, so no prepared context can be older than its key.
// Secret: the 32 bytes. Public: slot numbers and states.

import { clear, copy } from './bytes';
import { drop } from './context';
import { KEY_STATES, KEYS, SLOTS } from './memory';
import { inIo } from './range';
import { FULL, OK, RANGE, SLOT } from './status';

export const KEY_LENGTH: usize = 32;

const FREE: u8 = 0;
const ALLOCATED: u8 = 1;
const LOADED: u8 = 2;

// @ts-ignore: decorator
@inline
function isSlot(slot: i32): bool {
  return <u32>slot < <u32>SLOTS;
}

// @ts-ignore: decorator
@inline
function stateOf(slot: i32): u8 {
  return load<u8>(KEY_STATES + <usize>slot);
}

// @ts-ignore: decorator
@inline
function setState(slot: i32, state: u8): void {
  store<u8>(KEY_STATES + <usize>slot, state);
}

/** Whether `slot` exists and holds a key. */
export function isLoaded(slot: i32): bool {
  return isSlot(slot) && stateOf(slot) === LOADED;
}

/** Whether `slot` exists and waits to be filled. */
export function isAllocated(slot: i32): bool {
  return isSlot(slot) && stateOf(slot) === ALLOCATED;
}

/** Where the 32 bytes of `slot` lie. Unchecked. */
// @ts-ignore: decorator
@inline
export function addressOf(slot: i32): usize {
  return KEYS + KEY_LENGTH * <usize>slot;
}

/** Allocated → loaded. Unchecked: for those who have just filled it. */
// @ts-ignore: decorator
@inline
export function markLoaded(slot: i32): void {
  setState(slot, LOADED);
}

/** The lowest free slot, now allocated; or FULL. */
export function keyAllocate(): i32 {
  for (let slot = 0; slot < SLOTS; slot++) {
    if (stateOf(slot) === FREE) {
      setState(slot, ALLOCATED);
      return slot;
    }
  }
  return FULL;
}

/** Where the 32 bytes of a slot lie that is not free, for the host to fill or view; or SLOT. */
export function keyAddress(slot: i32): i32 {
  if (!isSlot(slot) || stateOf(slot) === FREE) return SLOT;
  return <i32>addressOf(slot);
}

/** The host has filled an allocated slot: it is loaded. */
export function keyLoad(slot: i32): i32 {
  if (!isAllocated(slot)) return SLOT;
  markLoaded(slot);
  return OK;
}

/** The 32 bytes of a loaded slot to the I/O region. The host wipes them there. */
export function keyExport(slot: i32, at: usize): i32 {
  if (!isLoaded(slot)) return SLOT;
  if (!inIo(at, KEY_LENGTH)) return RANGE;
  copy(at, addressOf(slot), KEY_LENGTH);
  return OK;
}

/** Wipes the key, what was prepared from it, and a message that runs under it. A free slot may be freed again. */
export function keyFree(slot: i32): i32 {
  if (!isSlot(slot)) return SLOT;
  drop(slot);
  clear(addressOf(slot), KEY_LENGTH);
  setState(slot, FREE);
  return OK;
}
