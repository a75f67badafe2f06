// Where the recovery code comes from: a line of a file descriptor, or a person, where a terminal is behind that. A slip of
// the pen is found by the code's own checks, and named, before anything is derived.

import { isatty } from 'node:tty';
import { KeystrataError } from '../core/errors.ts';
import { decodeRecoveryCode } from '../format/recovery-code.ts';
import type { Call } from './io.ts';
import { checkDescriptor, readLine } from './line.ts';
import { ask, insist, terminalOf } from './prompt.ts';

const OPTION = '--recovery-code-fd';

/** ERR_ARGUMENT says which group is mistyped. */
export async function takeRecoveryCode({ io }: Call, fd: number): Promise<string> {
  if (!isatty(fd)) return checked(await lineOf(fd));
  const terminal = terminalOf(io);
  if (terminal === null)
    throw new KeystrataError(
      'ERR_ARGUMENT',
      `${OPTION}: no terminal to ask on; send the code as a line through a pipe`,
    );
  const input = terminal();
  try {
    return await insist(io, async () => checked(await ask(input, io, { message: 'Recovery code:', mask: '*' })));
  } finally {
    input.pause();
  }
}

async function lineOf(fd: number): Promise<string> {
  checkDescriptor(fd, OPTION);
  const line = await readLine(fd, 'recovery code');
  try {
    return Buffer.from(line.buffer).toString('latin1'); // what is no ASCII is in no code
  } finally {
    line.fill(0);
  }
}

function checked(code: string): string {
  decodeRecoveryCode(code).fill(0);
  return code;
}
