// The guard at the door: every (at, length) that comes in lies in the I/O region, or nothing is done.

import { IO, IO_LENGTH } from './memory';

/** Whether [at, at + length) lies in the I/O region. Both are public; u64 sums do not wrap. */
// @ts-ignore: decorator
@inline
export function inIo(at: usize, length: usize): bool {
  return at >= IO && <u64>at + <u64>length <= <u64>(IO + IO_LENGTH);
}
