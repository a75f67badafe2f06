// Prepared contexts: what a key of the table expands to, for the few keys in use.
//
//   context   [ 15 bitsliced round keys ][ GHASH tables ]
//   table     [ slot + 1, age ] a context (8 bytes each); age: uses of others since its own
//
// The least recently used goes first, written over whole, but never the one that a running message holds.
// Secret: the contexts. Public: which slots have one, and when it was used.

import { ROUND_KEYS_LENGTH, encryptBatch, prepareAes, BATCH } from './aes';
import { clear } from './bytes';
import { TABLES_LENGTH, prepareGhash } from './ghash';
import { CONTEXT, CONTEXT_LENGTH, CONTEXT_TABLE, CONTEXTS, GCM, KEYS, SCRATCH } from './memory';

const NONE: usize = <usize>-1;

export const CONTEXT_USED: usize = ROUND_KEYS_LENGTH + TABLES_LENGTH; // at most CONTEXT_LENGTH: a spec says so

// @ts-ignore: decorator
@inline
export function roundKeysOf(context: usize): usize {
  return context;
}

// @ts-ignore: decorator
@inline
export function tablesOf(context: usize): usize {
  return context + ROUND_KEYS_LENGTH;
}

/** The slot whose context a running GCM message holds, plus one; 0 where none runs. The first word of its state. */
export const HOLDER: usize = GCM;

// @ts-ignore: decorator
@inline
function rowOf(index: usize): usize {
  return CONTEXT_TABLE + 8 * index;
}

/** H = E(0^128), SP 800-38D §7.1 step 1, by way of SCRATCH. */
function prepare(context: usize, slot: i32): void {
  prepareAes(roundKeysOf(context), KEYS + 32 * <usize>slot);
  encryptBatch(roundKeysOf(context), SCRATCH); // zeros: prepareAes has wiped the words that lay there
  prepareGhash(tablesOf(context), SCRATCH);
  clear(SCRATCH, BATCH);
}

/** The row of a holder, or NONE. */
function find(holder: u32): usize {
  for (let i: usize = 0; i < <usize>CONTEXTS; i++) if (load<u32>(rowOf(i)) === holder) return i;
  return NONE;
}

/** An empty row, or else the oldest that no running message holds. There are at least two rows, so one is found. */
function victim(): usize {
  const empty = find(0);
  if (empty !== NONE) return empty;
  let oldest: usize = NONE;
  for (let i: usize = 0; i < <usize>CONTEXTS; i++) {
    if (load<u32>(rowOf(i)) === load<u32>(HOLDER)) continue;
    if (oldest === NONE || load<u32>(rowOf(i) + 4) > load<u32>(rowOf(oldest) + 4)) oldest = i;
  }
  return oldest;
}

/** Where the context of a loaded slot lies; made if need be. */
export function contextOf(slot: i32): usize {
  const holder = <u32>slot + 1;
  let row = find(holder);
  const found = row !== NONE;
  if (!found) row = victim();
  const context = CONTEXT + CONTEXT_LENGTH * row;
  if (!found) {
    store<u32>(rowOf(row), holder);
    prepare(context, slot); // over every byte of the one that goes
  } else if (load<u32>(rowOf(row) + 4) === 0) return context; // the last one used, again
  for (let i: usize = 0; i < <usize>CONTEXTS; i++) {
    if (load<u32>(rowOf(i)) !== 0) store<u32>(rowOf(i) + 4, load<u32>(rowOf(i) + 4) + 1);
  }
  store<u32>(rowOf(row) + 4, 0);
  return context;
}

/** Wipes what was prepared from a slot, and the message that runs under it. */
export function drop(slot: i32): void {
  const holder = <u32>slot + 1;
  if (load<u32>(HOLDER) === holder) clear(GCM, SCRATCH - GCM);
  for (let i: usize = 0; i < <usize>CONTEXTS; i++) {
    if (load<u32>(rowOf(i)) !== holder) continue;
    clear(CONTEXT + CONTEXT_LENGTH * i, CONTEXT_USED);
    store<u64>(rowOf(i), 0);
  }
}
