// Operator keys from a file descriptor, a line each. Secret: the lines, which are wiped.

import { still, type Out } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import type { KeyId } from '../engine/key.ts';
import type { OperatorRing } from '../keyring/operator-ring.ts';
import { checkDescriptor, readLine } from './line.ts';
import { operatorKeyOf } from './operator-key.ts';

const OPTION = '--operator-keys-fd';
const WHAT = 'operator keys';

/** Into the ring. The ids in the order of the lines; an empty line or the end of the stream ends them. ERR_ARGUMENT. */
export async function takeOperatorKeys(ring: OperatorRing, fd: number): Promise<KeyId[]> {
  checkDescriptor(fd, OPTION);
  const ids: KeyId[] = [];
  for (let line = await readLine(fd, WHAT); line.length > 0; line = await nextLine(fd)) {
    const key = operatorKeyOf(line);
    line.fill(0);
    if (key === null)
      throw new KeystrataError('ERR_ARGUMENT', `${WHAT}: line ${ids.length + 1} is not ID:KEY, 32 and 64 hex digits`);
    try {
      ids.push(ring.add(key.operatorKey, key.operatorKeyId));
    } finally {
      key.operatorKey.fill(0);
    }
  }
  return ids;
}

/** Empty at the end of the stream. */
async function nextLine(fd: number): Promise<Out> {
  try {
    return await readLine(fd, WHAT);
  } catch (error) {
    if (!KeystrataError.is(error, 'ERR_ARGUMENT')) throw error;
    return still(0);
  }
}
