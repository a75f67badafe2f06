// The life of a key: which state may follow which, and what each permits. SP 800-57 Part 1 Rev. 5 §7.
//
//   pre-activation ──► active ◄──► suspended ──► deactivated ──► compromised ──► destroyed
//                                                                        each may also skip what lies between
//
// Only an active key protects anew; what is protected may be processed as long as there is a key. One that may be known to
// others still opens what it sealed (whose owner needs it most), and says so; nothing leads back from there, nor from
// deactivated and destroyed.

import { KeystrataError } from '../core/errors.ts';
import type { Id } from '../format/ids.ts';
import type { KeyState } from '../format/states.ts';

/** §7.1 to §7.6: from each state, those that may follow. */
export const TRANSITIONS: Readonly<Record<KeyState, readonly KeyState[]>> = {
  'pre-activation': ['active', 'compromised', 'destroyed'],
  active: ['suspended', 'deactivated', 'compromised', 'destroyed'],
  suspended: ['active', 'deactivated', 'compromised', 'destroyed'],
  deactivated: ['compromised', 'destroyed'],
  compromised: ['destroyed'],
  destroyed: [],
};

export type Use = 'encrypt' | 'decrypt' | 'sign' | 'verify';

const PERMITS: Readonly<Record<KeyState, Readonly<Record<Use, boolean>>>> = {
  'pre-activation': { encrypt: false, decrypt: false, sign: false, verify: false },
  active: { encrypt: true, decrypt: true, sign: true, verify: true },
  suspended: { encrypt: false, decrypt: true, sign: false, verify: true },
  deactivated: { encrypt: false, decrypt: true, sign: false, verify: true },
  compromised: { encrypt: false, decrypt: true, sign: false, verify: false }, // who signed is not known any more
  destroyed: { encrypt: false, decrypt: false, sign: false, verify: true },
};

const INSTEAD: Partial<Record<Use, string>> = {
  encrypt: ': encrypt by the space, whose newest key is active',
  sign: ': sign with another pair',
};

export const permits = (state: KeyState, what: Use): boolean => PERMITS[state][what];

/** ERR_KEY_STATE where a key in this state does not do it. */
export function checkState(kid: Id, state: KeyState, what: Use): void {
  if (permits(state, what)) return;
  throw state === 'destroyed' && what === 'decrypt'
    ? destroyed(kid)
    : new KeystrataError('ERR_KEY_STATE', `key ${kid} is ${state} and does not ${what}${INSTEAD[what] ?? ''}`);
}

export const destroyed = (kid: Id): KeystrataError =>
  new KeystrataError(
    'ERR_KEY_STATE',
    `key ${kid} was destroyed: what it encrypted cannot be opened again, but with a copy of the keyring from before`,
  );

/** ERR_KEY_STATE where `to` may not follow. */
export function checkTransition(kid: Id, from: KeyState, to: KeyState): void {
  if (TRANSITIONS[from].includes(to)) return;
  const may = TRANSITIONS[from];
  throw new KeystrataError(
    'ERR_KEY_STATE',
    from === to
      ? `key ${kid} is ${to} already`
      : `key ${kid} is ${from}: it cannot become ${to}${may.length === 0 ? ', nor anything else' : `, but ${may.join(', ')}`}`,
  );
}
