// What a state permits. SP 800-57 Part 1 Rev. 5 §7: only an active key protects anew; what is protected may be processed
// as long as there is a key, and a compromised one is used with caution.

import { KeystrataError } from '../core/errors.ts';
import type { Id } from '../format/ids.ts';
import type { KeyState } from '../format/states.ts';

const PERMITS: Readonly<Record<KeyState, { readonly encrypt: boolean; readonly decrypt: boolean }>> = {
  'pre-activation': { encrypt: false, decrypt: false },
  active: { encrypt: true, decrypt: true },
  suspended: { encrypt: false, decrypt: true },
  deactivated: { encrypt: false, decrypt: true },
  compromised: { encrypt: false, decrypt: true },
  destroyed: { encrypt: false, decrypt: false },
};

export const permits = (state: KeyState, what: 'encrypt' | 'decrypt'): boolean => PERMITS[state][what];

export function checkState(kid: Id, state: KeyState, what: 'encrypt' | 'decrypt'): void {
  if (!permits(state, what))
    throw new KeystrataError(
      'ERR_KEY_STATE',
      `key ${kid} is ${state} and does not ${what}${what === 'encrypt' ? ': encrypt by the space, whose newest key is active' : ''}`,
    );
}
