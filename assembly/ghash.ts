// GHASH (SP 800-38D §6.4): which form runs is settled when the module is built.

import { HOLES_LENGTH, hashHoles, prepareHoles } from './ghash-holes';
import { SWIZZLE_LENGTH, hashSwizzle, prepareSwizzle } from './ghash-swizzle';

/** Bytes of the tables of one H. */
export const TABLES_LENGTH: usize = HOLES_LENGTH + <usize>ASC_FEATURE_SIMD * (SWIZZLE_LENGTH - HOLES_LENGTH);

/** Makes the tables of the 16 bytes at `h`. */
// @ts-ignore: decorator
@inline
export function prepareGhash(tables: usize, h: usize): void {
  if (ASC_FEATURE_SIMD) prepareSwizzle(tables, h);
  else prepareHoles(tables, h);
}

/** Y = (Y + X_i) · H for each of the blocks at `at`. */
// @ts-ignore: decorator
@inline
export function hashBlocks(tables: usize, y: usize, at: usize, blocks: usize): void {
  if (ASC_FEATURE_SIMD) hashSwizzle(tables, y, at, blocks);
  else hashHoles(tables, y, at, blocks);
}
