// Key wrapping, slot to slot: AES-256-GCM over prefix ‖ key, so that no key byte is ever in the I/O region.
//
//   BOX   [ prefix … 128 ][ key 32 ][ tag 16 ]      k stands last in a COSE_Key (RFC 9052 §7): the prefix is all before it
//
// Secret: both keys, and SCRATCH. Public: prefix, IV, AAD, lengths, the verdict.

import { clear, copy } from './bytes';
import { areEqual, okOr } from './ct';
import { open, seal } from './gcm';
import { KEY_LENGTH, addressOf, isAllocated, isLoaded, markLoaded } from './keys';
import { BOX } from './memory';
import { inIo } from './range';
import { MISMATCH, OK, RANGE, SLOT } from './status';

const IV_LENGTH: usize = 12;
const TAG_LENGTH: usize = 16;
const MOST_PREFIX: usize = 128;

function inRange(ivAt: usize, aadAt: usize, aadLength: usize, prefixAt: usize, prefixLength: usize, at: usize): bool {
  return (
    prefixLength <= MOST_PREFIX &&
    inIo(ivAt, IV_LENGTH) &&
    inIo(aadAt, aadLength) &&
    inIo(prefixAt, prefixLength) &&
    inIo(at, prefixLength + KEY_LENGTH + TAG_LENGTH)
  );
}

/** Seals prefix ‖ key of `inner` under `outer`: prefixLength + 48 bytes at `at`. A message that runs is wiped, here and below. */
export function wrapKey(
  outer: i32,
  inner: i32,
  ivAt: usize,
  aadAt: usize,
  aadLength: usize,
  prefixAt: usize,
  prefixLength: usize,
  at: usize,
): i32 {
  if (!isLoaded(outer) || !isLoaded(inner)) return SLOT;
  if (!inRange(ivAt, aadAt, aadLength, prefixAt, prefixLength, at)) return RANGE;
  const length = prefixLength + KEY_LENGTH;
  copy(BOX, prefixAt, prefixLength);
  copy(BOX + prefixLength, addressOf(inner), KEY_LENGTH);
  seal(outer, ivAt, IV_LENGTH, aadAt, aadLength, BOX, length, TAG_LENGTH);
  copy(at, BOX, length + TAG_LENGTH);
  clear(BOX, length + TAG_LENGTH);
  return OK;
}

/** Fills `target` with the key that `at` holds under `outer`; BAD_TAG, or MISMATCH where another prefix is inside, leave it allocated. */
export function unwrapKey(
  outer: i32,
  target: i32,
  ivAt: usize,
  aadAt: usize,
  aadLength: usize,
  prefixAt: usize,
  prefixLength: usize,
  at: usize,
): i32 {
  if (!isLoaded(outer) || !isAllocated(target)) return SLOT;
  if (!inRange(ivAt, aadAt, aadLength, prefixAt, prefixLength, at)) return RANGE;
  const length = prefixLength + KEY_LENGTH;
  copy(BOX, at, length + TAG_LENGTH);
  let status = open(outer, ivAt, IV_LENGTH, aadAt, aadLength, BOX, length, TAG_LENGTH);
  if (status === OK) status = okOr(areEqual(BOX, prefixAt, prefixLength), MISMATCH);
  if (status === OK) {
    copy(addressOf(target), BOX + prefixLength, KEY_LENGTH);
    markLoaded(target);
  }
  clear(BOX, length + TAG_LENGTH);
  return status;
}
