// What the core answers becomes a number that is good, or an error.

import { Status } from './abi.ts';
import { KeystrataError, authenticationError } from './errors.ts';

/** `status` where it is at least 0; otherwise throws. Arguments are checked before a call, so most of these cannot happen. */
export function good(status: number): number {
  if (status >= 0) return status;
  if (status === Status.BAD_TAG) throw authenticationError();
  if (status === Status.LIMIT)
    throw new KeystrataError(
      'ERR_LIMIT',
      'more than 2^36 - 32 bytes in one message (SP 800-38D §5.2.1.1): cut it into several',
    );
  if (status === Status.MISMATCH)
    throw new KeystrataError(
      'ERR_FORMAT',
      'the wrapped key is of another kind, or has another id, than the one asked for',
    );
  throw new Error(`keystrata: the core answered ${status}; this is a fault of ours, please report it`);
}

/** The number of a slot that was asked for. */
export function goodSlot(status: number): number {
  if (status !== Status.FULL) return good(status);
  throw new KeystrataError('ERR_LIMIT', 'all key slots of the core are taken: dispose ciphers and keys that are done');
}

/** The number of a PBKDF2 job that was asked for. */
export function goodJob(status: number): number {
  if (status !== Status.FULL) return good(status);
  throw new KeystrataError('ERR_LIMIT', 'all PBKDF2 jobs of the core are taken: wait for a derivation to end');
}
