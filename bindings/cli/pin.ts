// Where a PIN comes from: a hidden prompt, or a line of a file descriptor.

import { isatty } from 'node:tty';
import { KeystrataError } from '../core/errors.ts';
import { checkPin } from '../keyring/arguments.ts';
import type { Passphrase } from '../keys/passphrase.ts';
import { mustHaveDeviceSecret } from './device-secret.ts';
import type { Call } from './io.ts';
import { checkDescriptor, readLine } from './line.ts';
import { asTyped } from './passphrase.ts';
import { ask, insist, terminalOf } from './prompt.ts';
import { quoted } from './words.ts';

export interface Pin {
  /** The caller's to wipe, where it is bytes. */
  readonly pin: Passphrase;
}

/** The one that opens. ERR_NOT_FOUND before anybody is asked, where this device has no secret for one. */
export async function takePin(call: Call): Promise<Pin> {
  const { pinFd, owner } = call.options;
  await mustHaveDeviceSecret(call);
  if (pinFd !== undefined) return lineOf(pinFd, '--pin-fd');
  return person(call, '--pin-fd', (question) => question(`PIN of ${quoted(owner)}:`))();
}

/** One that is being chosen: a line, which is read now; or asked for, twice, when it is wanted. */
export async function newPinOf(call: Call, fd: number | undefined): Promise<() => Promise<Pin>> {
  if (fd !== undefined) {
    const given = await lineOf(fd, '--new-pin-fd');
    checkPin(given.pin);
    return () => Promise.resolve(given);
  }
  return person(call, '--new-pin-fd', (question) =>
    insist(call.io, async () => {
      const first = await question('New PIN:');
      checkPin(first);
      if ((await question('The same again:')) !== first)
        throw new KeystrataError('ERR_ARGUMENT', 'the two PINs differ');
      return first;
    }),
  );
}

type Option = '--pin-fd' | '--new-pin-fd';

async function lineOf(fd: number, option: Option): Promise<Pin> {
  if (isatty(fd))
    throw new KeystrataError('ERR_ARGUMENT', `${option}: a terminal would show it; send it as a line through a pipe`);
  checkDescriptor(fd, option);
  return { pin: asTyped(await readLine(fd, 'PIN')) };
}

/** ERR_ARGUMENT where nobody can be asked. */
function person(
  { io }: Call,
  option: Option,
  work: (question: (message: string) => Promise<string>) => Promise<string>,
): () => Promise<Pin> {
  const terminal = terminalOf(io);
  if (terminal === null)
    throw new KeystrataError('ERR_ARGUMENT', `no terminal to ask for the PIN; give it as one line with ${option} N`);
  return async () => {
    const input = terminal();
    try {
      return { pin: await work((message) => ask(input, io, { message })) };
    } finally {
      input.pause();
    }
  };
}
