// What the specs of the cipher side share: octets that look random, and keys of them.

import { addressOf, keyAllocate, keyLoad } from '../../assembly/keys';
import { arbitrary } from './support';

/** Octets that look random. */
export function fill(at: usize, length: usize): void {
  for (let i: usize = 0; i < length; i++) store<u8>(at + i, <u8>(arbitrary() >> 32));
}

/** Whether the octets are the same. */
export function areSame(a: usize, b: usize, length: usize): bool {
  return memory.compare(a, b, length) === 0;
}

/** A slot that is loaded with such octets. */
export function key(): i32 {
  const slot = keyAllocate();
  fill(addressOf(slot), 32);
  keyLoad(slot);
  return slot;
}

/** A slot that is loaded with the 32 octets at `at`. */
export function keyFrom(at: usize): i32 {
  const slot = keyAllocate();
  memory.copy(addressOf(slot), at, 32);
  keyLoad(slot);
  return slot;
}
