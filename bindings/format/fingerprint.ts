// Fingerprints of public keys: RFC 9679 COSE Key Thumbprint with SHA-256, and how people compare them. FORMATS §0.
//
//   fp     H(COSE_Key of the required fields alone, which is what public-key.ts writes)        32 bytes, compared whole
//   kid    fp[0..16): a hint
//   text   256 bits ‖ 0000 as 52 symbols of Crockford base32, 13 groups of 4:   d0d1d2d3-d4d5d6d7-…
//
// A recovery code has groups of five: nobody shall read one aloud for the other. Nothing secret.

import { asBytes, still, unhex } from '../core/bytes.ts';
import type { Bytes, Out } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import { FINGERPRINT_LENGTH, idOf } from './ids.ts';
import type { Id } from './ids.ts';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'; // Crockford: no I, L, O, U
const SYMBOLS = 52;

const wanted = (why: string): KeystrataError =>
  new KeystrataError(
    'ERR_ARGUMENT',
    `fingerprint: ${why}; 13 groups of 4 symbols are wanted, or 64 hex digits, or 32 bytes`,
  );

/** The kid of the key that has this fingerprint. */
export const kidOf = (fingerprint: Bytes): Id => idOf(fingerprint);

/** 13 groups of 4, to be read aloud or compared by eye. */
export function fingerprintText(fingerprint: Bytes): string {
  let symbols = '';
  let bits = 0;
  let held = 0;
  for (const byte of [...fingerprint, 0]) {
    bits = ((bits << 8) | byte) & 0xfff;
    for (held += 8; held >= 5 && symbols.length < SYMBOLS; held -= 5) symbols += ALPHABET[(bits >> (held - 5)) & 31]!;
  }
  return symbols.match(/.{4}/g)!.join('-');
}

/** The 32 bytes of a fingerprint as people give it: groups (case folded; I, L are 1, O is 0), hex, or bytes. ERR_ARGUMENT. */
export function fingerprintBytes(given: string | Bytes): Out {
  if (typeof given !== 'string') {
    const bytes = asBytes(given, 'fingerprint');
    if (bytes.length !== FINGERPRINT_LENGTH)
      throw wanted(`${bytes.length} bytes are too ${bytes.length < 32 ? 'few' : 'many'}`);
    const own = still(FINGERPRINT_LENGTH);
    own.set(bytes);
    return own;
  }
  if (/^[0-9a-f]{64}$/i.test(given)) return unhex(given, FINGERPRINT_LENGTH, 'fingerprint');
  const symbols = given.toUpperCase().replace(/[\s-]/g, '').replace(/[IL]/g, '1').replace(/O/g, '0');
  if (symbols.length !== SYMBOLS)
    throw wanted(`${symbols.length} symbols are too ${symbols.length < SYMBOLS ? 'few' : 'many'}`);
  const out = still(FINGERPRINT_LENGTH);
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const symbol of symbols) {
    const value = ALPHABET.indexOf(symbol);
    if (value < 0) throw wanted('a character that no fingerprint has');
    bits = ((bits << 5) | value) & 0xfff;
    held += 5;
    if (held < 8) continue;
    held -= 8;
    out[at++] = bits >> held;
    bits &= (1 << held) - 1;
  }
  if (bits !== 0) throw wanted('its last symbol is neither 0 nor G');
  return out;
}
