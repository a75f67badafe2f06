// Operator keys from a file descriptor, a line each: "ID KEY", 32 and 64 hex digits. Never an argument, never the environment.
// Secret: the lines. They lie in memory that keeps still and are wiped; digits become bytes without a branch on them.

import { still, type Bytes, type Out } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import type { KeyId } from '../engine/key.ts';
import type { OperatorRing } from '../keyring/operator-ring.ts';
import { checkDescriptor, readLine } from './line.ts';

const OPTION = '--operator-keys-fd';
const WHAT = 'operator keys';
const ID_DIGITS = 32;
const KEY_AT = ID_DIGITS + 1; // behind a space
const LINE = KEY_AT + 64;
const SPACE = 0x20;

/** Into the ring. The ids in the order of the lines; an empty line or the end of the stream ends them. ERR_ARGUMENT. */
export async function takeOperatorKeys(ring: OperatorRing, fd: number): Promise<KeyId[]> {
  checkDescriptor(fd, OPTION);
  const ids: KeyId[] = [];
  for (let line = await readLine(fd, WHAT); line.length > 0; line = await nextLine(fd)) {
    const key = still(32);
    try {
      if (line.length !== LINE || line[ID_DIGITS] !== SPACE || !digitsInto(key, line.subarray(KEY_AT)))
        throw new KeystrataError(
          'ERR_ARGUMENT',
          `${WHAT}: line ${ids.length + 1} is not "ID KEY", 32 and 64 hex digits with a space between them`,
        );
      ids.push(ring.add(key, Buffer.from(line.subarray(0, ID_DIGITS)).toString('latin1')));
    } finally {
      key.fill(0);
      line.fill(0);
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

/** Hex digits of either case to bytes; false where one is none. Masks are all ones where true. */
function digitsInto(out: Out, digits: Bytes): boolean {
  let wrong = 0;
  const nibble = (code: number): number => {
    const digit = code - 0x30;
    const letter = (code | 0x20) - 0x57;
    const isDigit = ~((digit | (9 - digit)) >> 31);
    const isLetter = ~(((letter - 10) | (15 - letter)) >> 31);
    wrong |= ~(isDigit | isLetter);
    return (digit & isDigit) | (letter & isLetter);
  };
  for (let i = 0; i < out.length; i++) out[i] = (nibble(digits[2 * i]!) << 4) | nibble(digits[2 * i + 1]!);
  return wrong === 0;
}
