// Where the passphrase comes from: a hidden prompt, a line of a file descriptor, or a line of standard input. Never an
// argument, which every process can read, and never the environment, which children inherit.
//
// A line of ASCII stays bytes, which are wiped: NFKC changes nothing in it. Other text becomes a string, so that it is
// normalised as an answer to the prompt is, and opens the same keyring; strings cannot be wiped. So are answers.

import { isatty } from 'node:tty';
import type { Out } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import { checkLength } from '../keyring/arguments.ts';
import type { Passphrase } from '../keys/passphrase.ts';
import type { Call } from './io.ts';
import { checkDescriptor, readLine } from './line.ts';
import { ask, insist, terminalOf } from './prompt.ts';

const HOW = `no terminal to ask for the passphrase; give it as one line with --passphrase-fd N (say, --passphrase-fd 3 3<FILE) or --passphrase-stdin`;

export interface Secrets {
  /** A person is asked: what was wrong can be said before the next question. */
  readonly asks: boolean;
  take(question: string): Promise<Passphrase>;
  /** The same, for one that is being chosen: at the prompt it is asked for twice, and again where it is too short. */
  takeNew(question: string): Promise<Passphrase>;
  /** Wipes what can be wiped. */
  end(): void;
}

/** Where the options say; ERR_ARGUMENT where nothing says and nobody can be asked. */
export function secretsOf(call: Call): Secrets {
  const { io, options } = call;
  if (options.passphraseStdin && options.passphraseFd !== undefined)
    throw new KeystrataError('ERR_ARGUMENT', '--passphrase-stdin and --passphrase-fd: give one of them');
  const fd = options.passphraseStdin ? io.stdin.fd : options.passphraseFd;
  if (fd !== undefined) {
    const option = options.passphraseStdin ? '--passphrase-stdin' : '--passphrase-fd';
    if (isatty(fd))
      throw new KeystrataError(
        'ERR_ARGUMENT',
        `${option}: a terminal would show what is typed; leave it out to be asked, or send a line through a pipe`,
      );
    checkDescriptor(fd, option);
    return fromLines(fd);
  }
  const terminal = terminalOf(io);
  if (terminal === null) throw new KeystrataError('ERR_ARGUMENT', HOW);
  return fromPerson(call, terminal());
}

function fromLines(fd: number): Secrets {
  const lines: Out[] = [];
  const take = async (): Promise<Passphrase> => {
    const line = await readLine(fd, 'passphrase');
    lines.push(line);
    return asTyped(line);
  };
  return { asks: false, take, takeNew: take, end: () => lines.forEach((line) => line.fill(0)) };
}

/** The line itself where it is ASCII; else text, as an answer to the prompt is. */
export const asTyped = (line: Out): Passphrase => (line.every((byte) => byte < 0x80) ? line : decoded(line));

/** Text where it is UTF-8. What is none goes on as it is, to be refused where passphrases are. */
function decoded(line: Out): Passphrase {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(line);
  } catch {
    return line;
  }
}

function fromPerson({ io }: Call, input: NodeJS.ReadableStream): Secrets {
  const take = (message: string): Promise<string> => ask(input, io, { message });
  return {
    asks: true,
    take,
    takeNew: (message) =>
      insist(io, async () => {
        const first = await take(message);
        checkLength(first);
        if ((await take('The same again:')) !== first)
          throw new KeystrataError('ERR_ARGUMENT', 'the two passphrases differ');
        return first;
      }),
    end: () => input.pause(),
  };
}
