// Passphrase → MEK. FORMATS §3, type 1: PBKDF2-HMAC-SHA256(UTF-8(NFKC(passphrase)), salt 32, iterations). A PIN is taken in
// by the same rules (pin.ts).
//
// Text is normalised (NFKC), bytes are taken as they are; both must be UTF-8 text without NUL and without code points that
// this runtime's Unicode does not know: another version could normalise those otherwise, and the passphrase would be lost.
// Secret: the passphrase. Our copy of its bytes keeps still and is wiped; a string cannot be, so callers who mind give bytes.

import { asBytes, utf8 } from '../core/bytes.ts';
import type { Bytes } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import type { Engine, Password, Work } from '../engine/engine.ts';
import type { Id } from '../format/ids.ts';
import { inRole } from './roles.ts';
import type { Mek } from './roles.ts';

/** Text: NFKC, then UTF-8. Bytes: as they are. */
export type Passphrase = string | Bytes;

const MAX_BYTES = 1024; // FORMATS §12
const MAX_UNITS = 4 * MAX_BYTES; // of UTF-16: no code unit normalises to less than a quarter of a byte

const tooLong = (name: string): KeystrataError =>
  new KeystrataError('ERR_LIMIT', `${name}: over ${MAX_BYTES} bytes; take a shorter one`);

/** Its UTF-8, checked, for as long as `use` runs. */
function withBytes<T>(passphrase: Passphrase, name: string, use: (bytes: Bytes, codePoints: number) => T): T {
  if (typeof passphrase !== 'string') {
    const bytes = asBytes(passphrase, name);
    return use(bytes, check(bytes, name));
  }
  if (passphrase.length > MAX_UNITS) throw tooLong(name);
  const bytes = utf8(passphrase.normalize('NFKC'), name);
  try {
    return use(bytes, check(bytes, name));
  } finally {
    bytes.fill(0);
  }
}

/** How many code points there are. Walks well-formed UTF-8 (RFC 3629 §4) without making a string of it. */
function check(bytes: Bytes, name: string): number {
  const refused = (why: string): KeystrataError => new KeystrataError('ERR_ARGUMENT', `${name}: ${why}`);
  if (bytes.length === 0) throw refused('empty');
  if (bytes.length > MAX_BYTES) throw tooLong(name);
  let count = 0;
  for (let at = 0; at < bytes.length; count++) {
    const lead = bytes[at]!;
    if (lead === 0) throw refused('it has a NUL, which other programs take for its end');
    const length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    let codePoint = length === 1 ? lead : lead & (0x7f >> length);
    for (let i = 1; i < length; i++) {
      const next = bytes[at + i];
      if (next === undefined || (next & 0xc0) !== 0x80) throw refused('its bytes are no UTF-8 text');
      codePoint = (codePoint << 6) | (next & 0x3f);
    }
    const least = [0, 0x80, 0x800, 0x1_0000][length - 1]!;
    const begins = (lead & 0xc0) !== 0x80 && lead < 0xf5; // neither a byte that continues nor one that stands nowhere
    if (!begins || codePoint < least || codePoint > 0x10_ffff || (codePoint & ~0x7ff) === 0xd800)
      throw refused('its bytes are no UTF-8 text');
    if (length > 1 && /\p{Cn}/u.test(String.fromCodePoint(codePoint)))
      throw refused(
        `it has a character that is unassigned in Unicode ${unicode()}, which this runtime knows: leave it out, or update the runtime`,
      );
    at += length;
  }
  return count;
}

const unicode = (): string =>
  (globalThis as { process?: { versions?: { unicode?: string } } }).process?.versions?.unicode ?? '';

/** In code points after NFKC, for a least length. Throws as takePassphrase does. */
export const passphraseLength = (passphrase: Passphrase, name = 'passphrase'): number =>
  withBytes(passphrase, name, (_bytes, count) => count);

/**
 * Its HMAC midstates in the core: it can derive more than once, and is disposed by the caller. ERR_ARGUMENT for one that is
 * empty, has a NUL, a lone surrogate or an unassigned code point, or is no UTF-8; ERR_LIMIT over 1,024 bytes; before any work.
 * `name`: what messages call it.
 */
export const takePassphrase = (engine: Engine, passphrase: Passphrase, name = 'passphrase'): Password =>
  withBytes(passphrase, name, (bytes) => engine.password(bytes));

/** The MEK of a slot. */
export async function passphraseMek(
  password: Password,
  { slot, ...p }: { salt: Bytes; iterations: number; slot: Id } & Work,
): Promise<Mek> {
  return inRole('MEK', await password.derive({ ...p, id: slot }));
}
