// HMAC-SHA256 and HKDF-SHA256. RFC 2104, FIPS 198-1; RFC 5869.
// Secret: keys, PRK, T. Public: lengths. PRK and T lie in the I/O region only, and are wiped with it.

import { still, type Bytes, type Out } from './bytes.ts';
import { BLOCK, DIGEST, update } from './hash.ts';
import type { Instance } from './instance.ts';
import { good } from './status.ts';

/** Puts a key of any length at the front of the I/O region; one longer than a block becomes its hash (RFC 2104 §2), inside. Within `use`. */
export function putKey(core: Instance, key: Bytes): { at: number; length: number } {
  if (key.length <= BLOCK) return { at: core.door.put(0, key), length: key.length };
  good(core.abi.sha256Begin());
  update(core, key);
  const at = core.door.room(0, DIGEST);
  good(core.abi.sha256Finish(at));
  return { at, length: DIGEST };
}

/** Begins HMAC-SHA256: `update` feeds it. Within `use`. */
export function beginMac(core: Instance, key: Bytes): void {
  const { at, length } = putKey(core, key);
  good(core.abi.hmacSha256Begin(at, length));
}

/** Ends it: 32 bytes. Within `use`. */
export function finishMac(core: Instance): Out {
  const at = core.door.room(0, DIGEST);
  good(core.abi.hmacSha256Finish(at));
  return core.door.out(at, DIGEST);
}

export function hmacSha256(core: Instance, key: Bytes, message: Bytes): Out {
  return core.door.use(() => {
    beginMac(core, key);
    update(core, message);
    return finishMac(core);
  });
}

/** `length` 1 … 255 * 32. An absent salt and an empty one are the same: HMAC pads both with zeros. */
export function hkdfSha256(core: Instance, ikm: Bytes, salt: Bytes, info: Bytes, length: number): Out {
  //   I/O   [ PRK 32 ][ T(i) 32 ][ the octet i ][ …… ][ pieces of info
  const T = DIGEST;
  const I = T + DIGEST;
  const INFO = I + DIGEST;
  const okm = still(length);
  core.door.use((door) => {
    beginMac(core, salt);
    update(core, ikm);
    const prk = door.room(0, DIGEST);
    good(core.abi.hmacSha256Finish(prk)); // §2.2, HKDF-Extract
    const t = door.room(T, DIGEST);
    for (let i = 1; i <= Math.ceil(length / DIGEST); i++) {
      good(core.abi.hmacSha256Begin(prk, DIGEST)); // §2.3, T(i) = HMAC(PRK, T(i-1) ‖ info ‖ i)
      if (i > 1) good(core.abi.sha256Update(t, DIGEST));
      update(core, info, INFO);
      good(core.abi.sha256Update(door.put(I, Uint8Array.of(i)), 1));
      good(core.abi.hmacSha256Finish(t));
      const from = DIGEST * (i - 1);
      door.copyOut(t, Math.min(DIGEST, length - from), okm, from);
    }
  });
  return okm;
}
