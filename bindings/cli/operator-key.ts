// An operator key on a line of a file descriptor: its id and its 32 bytes, both in hex, with a colon between.
//
//   000102030405060708090a0b0c0d0e0f:<64 hex digits>
//
// Secret: the key. It never is a string; the caller wipes it.

import { isatty } from 'node:tty';
import { still, type Bytes, type Out } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import { idOf } from '../format/ids.ts';
import { checkDescriptor, readLine } from './line.ts';

const ID = 16;
const KEY = 32;
const COLON = 0x3a;

export interface OperatorKey {
  readonly operatorKeyId: string;
  readonly operatorKey: Out;
}

/** ERR_ARGUMENT where the line is no such thing; `option` names it. */
export async function takeOperatorKey(fd: number, option: string): Promise<OperatorKey> {
  if (isatty(fd)) throw wanted(option, 'a terminal would show it; send it as a line through a pipe or from a file');
  checkDescriptor(fd, option);
  const line = await readLine(fd, 'operator key');
  try {
    const colon = 2 * ID;
    if (line.length !== colon + 1 + 2 * KEY || line[colon] !== COLON)
      throw wanted(option, 'a line ID:KEY is wanted, 32 and 64 hex digits');
    const id = fromHex(line.subarray(0, colon), option);
    return { operatorKeyId: idOf(id), operatorKey: fromHex(line.subarray(colon + 1), option) };
  } finally {
    line.fill(0);
  }
}

const wanted = (option: string, what: string): KeystrataError =>
  new KeystrataError('ERR_ARGUMENT', `${option}: ${what}`);

/** Of ASCII digits, without making text of them. */
function fromHex(digits: Bytes, option: string): Out {
  const bytes = still(digits.length / 2);
  for (let i = 0; i < bytes.length; i++) {
    const [high, low] = [nibble(digits[2 * i]!), nibble(digits[2 * i + 1]!)];
    if (high < 0 || low < 0) {
      bytes.fill(0);
      throw wanted(option, 'a line ID:KEY is wanted, 32 and 64 hex digits');
    }
    bytes[i] = (high << 4) | low;
  }
  return bytes;
}

/** 0 … 15, or -1 for what is no hex digit. */
function nibble(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
