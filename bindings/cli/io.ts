// The outside of the command: its streams and its environment, so that a test can stand in for a terminal.

import type { Readable, Writable } from 'node:stream';
import { isatty } from 'node:tty';
import { storeError } from '../store/failure.ts';

export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `stream` makes Node read ahead: only after a passphrase was taken from the descriptor. */
  readonly stdin: { readonly fd: number; readonly isTTY: boolean; stream(): Readable };
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable & { readonly isTTY?: boolean };
}

export const processIo: Io = {
  env: process.env,
  stdin: { fd: 0, isTTY: isatty(0), stream: () => process.stdin },
  stdout: process.stdout,
  stderr: process.stderr,
};

/** Options that every command takes. */
export interface Options {
  keyring?: string;
  owner: string;
  context: string;
  json?: boolean;
  force?: boolean;
  quiet?: boolean;
  passphraseFd?: number;
  passphraseStdin?: boolean;
  recoveryCodeFd?: number;
  operatorKeyFd?: number;
  pin?: boolean;
  pinFd?: number;
  /** A folder. */
  deviceSecret?: string;
}

/** One run of one command. */
export interface Call {
  readonly io: Io;
  readonly options: Options;
}

/** What a command has to tell. */
export interface Result {
  /** For --json: one object. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** For standard output: what was asked for. */
  readonly shown?: string;
  /** For standard error: what was done. Not with --quiet. */
  readonly said?: string;
  /** For standard error, also with --quiet: it is shown once and never again. */
  readonly once?: string;
  /** Where what is shown once was not taken: takes back what was done, or says how. */
  readonly unseen?: () => Promise<string>;
  /** Of several things the first that failed. It was said already; the exit code is its. */
  readonly failure?: unknown;
}

/** Waits until the stream has taken it. ERR_STORE where it does not. */
export const written = (stream: Writable, data: string | Uint8Array, name: string): Promise<void> =>
  new Promise((resolve, reject) =>
    stream.write(data, (error) => (error ? reject(storeError(error, `writing ${name}`)) : resolve())),
  );

export const toStdout = (io: Io, data: string | Uint8Array): Promise<void> =>
  written(io.stdout, data, 'standard output');
export const toStderr = (io: Io, text: string): Promise<void> => written(io.stderr, text, 'standard error');
