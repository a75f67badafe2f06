// The numbers a keyring holds people and documents to. FORMATS §12; cryptoperiods from SP 800-57 Part 1 Rev. 5, Table 1.

import type { Policy } from '../format/body.ts';

export const LEAST_ITERATIONS = 600_000; //    PBKDF2-HMAC-SHA256; below it only with allowWeak
export const MOST_ITERATIONS = 10_000_000; //  of one slot, and of all candidates together: a stranger's document costs no more
export const TARGET_ITERATIONS = 600_000; //   of a slot made now
export const MOST_CANDIDATES = 8; //           slots that one secret is tried on
export const LEAST_LENGTH = 12; //             of a passphrase, in code points after NFKC

export const LEAST_PIN = 4; //                 of a PIN: guessing is bounded by the device's counter
export const MOST_FAILURES = 10; //            wrong PINs, then the device secret is deleted
export const MOST_SLOTS = 32;

export const MOST_KEYS = 100_000; //           in a document
export const MOST_INDEXED = 65_535; //         bytes of a value that is indexed
export const MOST_LABEL = 255; //              bytes of a space's name
export const MOST_TRANSITIONS = 64; //         of one key
export const MOST_PREDECESSORS = 16; //        hashes in header field 10
export const MOST_AGAIN = 16; //               times a change that lost its race is applied again

const DAY = 86_400;
/** For symmetric data-encryption keys: two years to encrypt, three more to decrypt; 2^32 units of 64 KiB (SP 800-38D §8.3). */
export const DEFAULT_POLICY: Policy = { originator: 730 * DAY, recipient: 1825 * DAY, units: 2 ** 32 };
