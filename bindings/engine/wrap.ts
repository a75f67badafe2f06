// Wrapping from slot to slot: the core seals prefix ‖ key, and on unwrapping compares the prefix inside before the slot is
// filled. SP 800-38D §7.
//
//   I/O   [ IV 12 …16 ][ prefix ≤ 128 ][ sealed: prefix + 48 ][ AAD …… ]
//
// Secret: the keys, which stay in the core. Public: IV, AAD, prefix, what is sealed.

import { asBytes, type Bytes, type Out } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import type { Instance } from '../core/instance.ts';
import { good } from '../core/status.ts';

export interface Wrapping {
  iv: Bytes;
  aad: Bytes;
  prefix: Bytes;
}

const PREFIX_MOST = 128;
const KEY_AND_TAG = 48;
const PREFIX = 16;
const SEALED = PREFIX + PREFIX_MOST;
const AAD = SEALED + PREFIX_MOST + KEY_AND_TAG;

/** Checks and stages what both directions have in common: the arguments of the core's call between the slots and `at`. Within `use`. */
function stage({ door }: Instance, { iv, aad, prefix }: Wrapping): readonly [number, number, number, number, number] {
  return [door.put(0, iv), door.put(AAD, aad), aad.length, door.put(PREFIX, prefix), prefix.length];
}

/** Refuses what cannot be staged. */
export function checkWrapping(core: Instance, { aad, prefix }: Wrapping): void {
  if (asBytes(prefix, 'prefix').length > PREFIX_MOST)
    throw new KeystrataError(
      'ERR_ARGUMENT',
      `prefix: at most ${PREFIX_MOST} bytes are wanted, these are ${prefix.length}`,
    );
  if (asBytes(aad, 'aad').length > core.door.length - AAD)
    throw new KeystrataError('ERR_LIMIT', `aad: at most ${core.door.length - AAD} bytes can bind a wrapped key`);
}

/** prefix.length + 48 bytes: ciphertext ‖ tag. */
export function wrapKey(core: Instance, outer: number, inner: number, p: Wrapping): Out {
  return core.door.use((door) => {
    const length = p.prefix.length + KEY_AND_TAG;
    const at = door.room(SEALED, length);
    good(core.abi.wrapKey(outer, inner, ...stage(core, p), at));
    return door.out(at, length);
  });
}

/** Into an allocated slot. AuthenticationError; ERR_FORMAT where another prefix is inside. */
export function unwrapKey(core: Instance, outer: number, target: number, sealed: Bytes, p: Wrapping): void {
  if (sealed.length !== p.prefix.length + KEY_AND_TAG)
    throw new KeystrataError(
      'ERR_FORMAT',
      `a wrapped key of ${p.prefix.length + KEY_AND_TAG} bytes is wanted, these are ${sealed.length}`,
    );
  core.door.use((door) => {
    const at = door.put(SEALED, sealed);
    good(core.abi.unwrapKey(outer, target, ...stage(core, p), at));
  });
}
