// An operator key on a line of a file descriptor: its id and its 32 bytes, both in hex, with a colon or a space between.
//
//   000102030405060708090a0b0c0d0e0f:<64 hex digits>
//
// Never an argument, never the environment. Secret: the line and the key. They lie in memory that keeps still; digits become
// bytes without a branch on them.

import { isatty } from 'node:tty';
import { still, type Bytes, type Out } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import type { KeyId } from '../engine/key.ts';
import { idOf } from '../format/ids.ts';
import { checkDescriptor, readLine } from './line.ts';

const ID_DIGITS = 32;
const KEY_AT = ID_DIGITS + 1;
const LINE = KEY_AT + 64;
/** Colon and space. */
const BETWEEN = [0x3a, 0x20];

export interface OperatorKey {
  readonly operatorKeyId: KeyId;
  /** The caller's to wipe. */
  readonly operatorKey: Out;
}

/** ERR_ARGUMENT where the line is no such thing; `option` names it. */
export async function takeOperatorKey(fd: number, option: string): Promise<OperatorKey> {
  if (isatty(fd)) throw wanted(option, 'a terminal would show it; send it as a line through a pipe or from a file');
  checkDescriptor(fd, option);
  const line = await readLine(fd, 'operator key');
  try {
    const key = operatorKeyOf(line);
    if (key === null) throw wanted(option, 'a line ID:KEY is wanted, 32 and 64 hex digits');
    return key;
  } finally {
    line.fill(0);
  }
}

const wanted = (option: string, what: string): KeystrataError =>
  new KeystrataError('ERR_ARGUMENT', `${option}: ${what}`);

/** What a line says; null where it is no such line. */
export function operatorKeyOf(line: Bytes): OperatorKey | null {
  if (line.length !== LINE || !BETWEEN.includes(line[ID_DIGITS]!)) return null;
  const [id, operatorKey] = [still(ID_DIGITS / 2), still(32)];
  const fine = [digitsInto(id, line.subarray(0, ID_DIGITS)), digitsInto(operatorKey, line.subarray(KEY_AT))];
  if (fine.every(Boolean)) return { operatorKeyId: idOf(id), operatorKey };
  operatorKey.fill(0);
  return null;
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
