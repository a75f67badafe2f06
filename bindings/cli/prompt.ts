// Asking a person: hidden input, on the terminal, the question on standard error.

import { openSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { KeystrataError } from '../core/errors.ts';
import { toStderr, type Io } from './io.ts';

/** Somebody sees the question, and can answer: at standard input, or behind it where data comes in through that. */
export function terminalOf(io: Io): (() => NodeJS.ReadableStream) | null {
  if (!io.stderr.isTTY) return null;
  if (io.stdin.isTTY) return () => io.stdin.stream();
  try {
    const fd = openSync('/dev/tty', 'r+');
    return () => new ReadStream(fd);
  } catch {
    return null;
  }
}

export interface Question {
  message: string;
  /** Stands for each character; without it nothing shows. */
  mask?: string;
}

let asking = false;

/** The answer. Ctrl-C, Ctrl-D and a terminal that closes are ERR_ABORTED. */
export async function ask(input: NodeJS.ReadableStream, io: Io, question: Question): Promise<string> {
  const { default: password } = await import('@inquirer/password'); // when somebody is there: it takes a while to load
  const ended = new AbortController();
  const end = (): void => ended.abort();
  const onKey = (_: unknown, key?: { ctrl?: boolean; name?: string }): void => {
    if (key?.ctrl && key.name === 'd') end();
  };
  input.on('keypress', onKey).on('end', end).on('error', end);
  asking = true;
  try {
    return await password({ ...question }, { input, output: io.stderr, signal: ended.signal });
  } catch (cause) {
    if (cause instanceof Error && /^(Exit|Abort|Cancel)PromptError$/.test(cause.name))
      throw new KeystrataError('ERR_ABORTED', 'interrupted', { cause });
    throw cause;
  } finally {
    asking = false;
    input.removeListener('keypress', onKey).removeListener('end', end).removeListener('error', end);
  }
}

const CURSOR = '\u001b[?25h';

/** At once, for a process that is about to end: a prompt hides the cursor. */
export function showCursor(io: Io): void {
  if (asking && io.stderr.isTTY) io.stderr.write(CURSOR);
}

const TRIES = 3;

/** Asks again, saying why, where the answer is refused. What the last one is refused for is thrown. */
export async function insist<T>(io: Io, question: () => Promise<T>): Promise<T> {
  for (let left = TRIES; ; left--) {
    try {
      return await question();
    } catch (error) {
      if (left === 1 || !(error instanceof KeystrataError) || error.code === 'ERR_ABORTED') throw error;
      await toStderr(io, `${error.message}\n`);
    }
  }
}
