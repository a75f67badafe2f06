// What the command returns to the shell. The table is part of the interface: scripts branch on it.

import { KeystrataError, type ErrorCode } from '../core/errors.ts';

export const DONE = 0;
export const FAULT = 1;
export const USAGE = 2;
export const INTERRUPTED = 130; // 128 + SIGINT, as shells have it

const EXIT: Readonly<Record<ErrorCode, number>> = {
  ERR_ARGUMENT: USAGE,
  ERR_UNSUPPORTED: USAGE,
  ERR_WRONG_SECRET: 3,
  ERR_AUTHENTICATION: 4,
  ERR_ROLLBACK: 4,
  ERR_UNTRUSTED_KEY: 4,
  ERR_FORMAT: 5,
  ERR_LIMIT: 5,
  ERR_NOT_FOUND: 6,
  ERR_KEY_NOT_FOUND: 6,
  ERR_EXISTS: 7,
  ERR_CONFLICT: 7,
  ERR_STORE: 8,
  ERR_KEY_STATE: 9,
  ERR_ABORTED: INTERRUPTED,
  ERR_NO_ENTROPY: FAULT,
  ERR_DISPOSED: FAULT,
  ERR_WORKER: FAULT,
};

/** Any error that is not one of ours is a fault of ours. */
export function exitOf(error: unknown): number {
  return error instanceof KeystrataError ? EXIT[error.code] : FAULT;
}

export const EXIT_HELP = `
Exit codes:
  0  done
  1  a fault of keystrata itself
  2  wrong usage, or something this version does not support
  3  wrong passphrase, recovery code, PIN or operator key
  4  altered data, another context or key than it was sealed with, or an old copy of the keyring
  5  not a keystrata format, or beyond its limits
  6  no such file, keyring or key
  7  it exists already (see --force), or someone else changed it meanwhile
  8  the disk or its permissions failed
  9  the state of the key forbids it
  130  interrupted`;
