// The recovery code: 32 secret bytes as people can write them down and read them back. FORMATS §3.
//
//   260 bits   [ version 1: 4 bits ][ secret: 256 bits ]      52 symbols of Crockford base32
//   text       d0 d1 d2 d3 c - d0 d1 d2 d3 c - …              13 groups: 4 symbols and their check
//
// Check of group g (0 … 12) in GF(32) modulo x^5 + x^2 + 1, with a = x:   c = d0·a + d1·a² + d2·a³ + d3·a⁴ + g
// Each symbol has a factor of its own and each group its number, so every wrong symbol, every swap of neighbours and
// every swap of groups is found, and in which group. Secret: all of it.

import { still } from '../core/bytes.ts';
import type { Bytes, Out } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';

export const RECOVERY_SECRET_LENGTH = 32;
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'; // Crockford: no I, L, O, U
const GROUPS = 13;
const DATA = 4; //     symbols of a group that carry bits
const VERSION = 1;

const refused = (why: string): KeystrataError => new KeystrataError('ERR_ARGUMENT', `recovery code: ${why}`);

/** x · a in GF(32). */
const double = (x: number): number => (x << 1) ^ (0b100101 & -(x >> 4));

/** c of the four symbols at `at`. By Horner: (((d3·a + d2)·a + d1)·a + d0)·a + g. */
function check(symbols: Bytes, at: number, group: number): number {
  let c = 0;
  for (let i = DATA - 1; i >= 0; i--) c = double(c ^ symbols[at + i]!);
  return c ^ group;
}

/** 65 symbols in 13 groups. `secret` is 32 bytes, the caller's to wipe. */
export function encodeRecoveryCode(secret: Bytes): string {
  const symbols = still(GROUPS * DATA);
  try {
    let bits = VERSION;
    let held = 4;
    let at = 0;
    for (const byte of secret) {
      bits = (bits << 8) | byte;
      held += 8;
      for (; held >= 5; held -= 5) symbols[at++] = (bits >> (held - 5)) & 31;
      bits &= 31;
    }
    const groups = [];
    for (let g = 0; g < GROUPS; g++) {
      const group = [...symbols.subarray(g * DATA, g * DATA + DATA), check(symbols, g * DATA, g)];
      groups.push(group.map((symbol) => ALPHABET[symbol]).join(''));
    }
    return groups.join('-');
  } finally {
    symbols.fill(0);
  }
}

/** The groups as typed: with hyphens, with spaces, or 65 symbols in a row. */
function groupsOf(code: string): string[] {
  const folded = code.trim().toUpperCase().replace(/[IL]/g, '1').replace(/O/g, '0');
  const parts = folded.split(/[\s-]+/u);
  if (parts.length !== 1) return parts;
  return folded.match(/.{1,5}/gsu) ?? [];
}

/**
 * The 32 bytes of a code, the caller's to wipe. Case is folded, I and L are read as 1, O as 0.
 * ERR_ARGUMENT says which group is mistyped, before anything is derived; ERR_UNSUPPORTED: a newer version's code.
 */
export function decodeRecoveryCode(code: string): Out {
  if (typeof code !== 'string') throw refused('a string is wanted');
  if (code.length > 256) throw refused('too long: 13 groups of 5 symbols are wanted');
  const groups = groupsOf(code);
  const symbols = still(GROUPS * DATA);
  try {
    for (const [g, group] of groups.entries()) {
      if (g >= GROUPS) break;
      if (group.length !== DATA + 1) throw refused(`group ${g + 1} has ${group.length} symbols instead of 5`);
      const read = Array.from(group, (symbol) => ALPHABET.indexOf(symbol));
      if (read.includes(-1)) throw refused(`group ${g + 1} has a character that no code has`);
      symbols.set(read.slice(0, DATA), g * DATA);
      if (check(symbols, g * DATA, g) !== read[DATA]) throw refused(`group ${g + 1} is mistyped`);
    }
    if (groups.length !== GROUPS) throw refused(`${groups.length} groups instead of ${GROUPS}`);
    if (symbols[0]! >> 1 !== VERSION)
      throw new KeystrataError('ERR_UNSUPPORTED', 'recovery code: of a newer version of keystrata; update to use it');
    const secret = still(RECOVERY_SECRET_LENGTH);
    let bits = symbols[0]! & 1;
    let held = 1;
    let at = 0;
    for (const symbol of symbols.subarray(1)) {
      bits = (bits << 5) | symbol;
      held += 5;
      if (held < 8) continue;
      held -= 8;
      secret[at++] = bits >> held;
      bits &= (1 << held) - 1;
    }
    return secret;
  } finally {
    symbols.fill(0);
  }
}
