// What every store asks of its callers, before any work: ids, bytes, the version that a change starts from.

import { asBytes, still, utf8, type Bytes, type Out } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';

/** The longest id, in bytes of UTF-8: an owner's name (header field 2 of a document) is one. */
const LONGEST_ID = 255;
/** The most a store holds under one id: a document's bound. */
export const MOST_BYTES = 64 * 1024 * 1024;

/** Well-formed text of 1 … 255 bytes of UTF-8. Returns those bytes. */
export function idBytes(id: unknown): Out {
  if (typeof id !== 'string') throw new KeystrataError('ERR_ARGUMENT', 'id: a string is wanted');
  const bytes = utf8(id, 'id');
  if (bytes.length < 1 || bytes.length > LONGEST_ID)
    throw new KeystrataError('ERR_ARGUMENT', `id: 1 to ${LONGEST_ID} bytes of UTF-8 are wanted, not ${bytes.length}`);
  return bytes;
}

/** A copy: the caller may change theirs while it is being written. */
export function copied(bytes: unknown): Out {
  const given: Bytes = asBytes(bytes, 'bytes');
  if (given.length > MOST_BYTES)
    throw new KeystrataError(
      'ERR_LIMIT',
      `bytes: ${given.length} are too many, a store holds ${MOST_BYTES} under one id`,
    );
  const copy = still(given.length);
  copy.set(given);
  return copy;
}

/** `ifVersion`, which must be given: no change without a check. */
export function conditionOf(p: unknown): string | null {
  const condition = (p as { ifVersion?: unknown } | undefined)?.ifVersion;
  if (condition !== null && typeof condition !== 'string')
    throw new KeystrataError(
      'ERR_ARGUMENT',
      'ifVersion: the version last read is wanted, or null where there is none yet',
    );
  return condition;
}

/** As conditionOf, where null makes no sense: what is not there cannot be deleted. */
export function versionOf(p: unknown): string {
  const version = conditionOf(p);
  if (version === null)
    throw new KeystrataError('ERR_ARGUMENT', 'ifVersion: the version last read is wanted, not null');
  return version;
}
