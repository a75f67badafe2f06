// Prepared contexts: what a key of the table expands to, for the few keys in use.
//
//   context   [ 15 bitsliced round keys ][ GHASH tables ] and, from its key's first long message on, [ wide keys ][ wide tables ]
//   table     [ slot + 1, age, whether wide ] a context (16 bytes each); age: uses of others since its own
//
// The least recently used goes first, written over whole, but never the one that a running message holds.
// Secret: the contexts. Public: which slots have one, and when it was used.

import { BATCH, ROUND_KEYS_LENGTH, SCHEDULE_LENGTH, encryptBatch, prepareAes, roundKeys } from './aes';
import { WIDE_KEYS_LENGTH, prepareWide } from './aes-wide-keys';
import { clear } from './bytes';
import { TABLES_LENGTH, prepareGhash } from './ghash';
import { WIDE_HASH_LENGTH, prepareWideHash } from './ghash-wide-tables';
import { CONTEXT, CONTEXT_LENGTH, CONTEXT_TABLE, CONTEXTS, GCM, KEYS, SCRATCH } from './memory';

const NONE: usize = <usize>-1;

const NARROW_LENGTH: usize = ROUND_KEYS_LENGTH + TABLES_LENGTH;
const WIDE_LENGTH: usize = <usize>ASC_FEATURE_SIMD * (WIDE_KEYS_LENGTH + WIDE_HASH_LENGTH);
export const CONTEXT_USED: usize = NARROW_LENGTH + WIDE_LENGTH; // at most CONTEXT_LENGTH: a spec says so

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

// @ts-ignore: decorator
@inline
export function wideKeysOf(context: usize): usize {
  return context + NARROW_LENGTH;
}

// @ts-ignore: decorator
@inline
export function wideTablesOf(context: usize): usize {
  return context + NARROW_LENGTH + WIDE_KEYS_LENGTH;
}

/** The slot whose context a running GCM message holds, plus one; 0 where none runs. The first word of its state. */
export const HOLDER: usize = GCM;

// @ts-ignore: decorator
@inline
function rowOf(index: usize): usize {
  return CONTEXT_TABLE + 16 * index;
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

/** Wipes the wide half of a row's context, if it has one. */
function narrow(row: usize): void {
  if (!ASC_FEATURE_SIMD || load<u32>(rowOf(row) + 8) === 0) return;
  clear(wideKeysOf(CONTEXT + CONTEXT_LENGTH * row), WIDE_LENGTH);
  store<u32>(rowOf(row) + 8, 0);
}

/** Wipes a row and its context. */
function wipe(row: usize): void {
  narrow(row);
  clear(CONTEXT + CONTEXT_LENGTH * row, NARROW_LENGTH);
  store<u64>(rowOf(row), 0);
}

/** Makes the wide half of the context that the running message holds, if it is not there. By way of SCRATCH. */
export function widen(context: usize): void {
  const row = find(load<u32>(HOLDER));
  if (load<u32>(rowOf(row) + 8) !== 0) return;
  store<u32>(rowOf(row) + 8, 1);
  prepareWide(wideKeysOf(context), roundKeys(KEYS + 32 * <usize>(load<u32>(HOLDER) - 1)));
  prepareWideHash(wideTablesOf(context), tablesOf(context));
  clear(SCRATCH, SCHEDULE_LENGTH);
}

/** Where the context of a loaded slot lies; made if need be. */
export function contextOf(slot: i32): usize {
  const holder = <u32>slot + 1;
  let row = find(holder);
  const found = row !== NONE;
  if (!found) row = victim();
  const context = CONTEXT + CONTEXT_LENGTH * row;
  if (!found) {
    narrow(row);
    store<u32>(rowOf(row), holder);
    prepare(context, slot); // over every byte that is left of the one that goes
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
  const row = find(holder);
  if (row !== NONE) wipe(row);
}
