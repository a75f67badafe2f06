// SHA-256 of any length through the door. FIPS 180-4.
// Secret: perhaps the message. Public: its length.

import type { Bytes, Out } from './bytes.ts';
import type { Instance } from './instance.ts';
import { good } from './status.ts';

/** Octets of a block and of a digest. */
export const BLOCK = 64;
export const DIGEST = 32;

/** Feeds the SHA-256 stream that runs, an HMAC's too. `offset`: where in the I/O region the pieces may lie. */
export function update(core: Instance, data: Bytes, offset = 0): void {
  core.door.feed(offset, data, (at, length) => good(core.abi.sha256Update(at, length)));
}

/** SHA-256 of the parts joined. */
export function sha256(core: Instance, parts: readonly Bytes[]): Out {
  return core.door.use((door) => {
    good(core.abi.sha256Begin());
    for (const part of parts) update(core, part);
    const at = door.room(0, DIGEST);
    good(core.abi.sha256Finish(at));
    return door.out(at, DIGEST);
  });
}
