// The states of a key, SP 800-57 Part 1 §7, and their numbers on the wire, FORMATS §0.

export type KeyState = 'pre-activation' | 'active' | 'suspended' | 'deactivated' | 'compromised' | 'destroyed';

export const STATES: ReadonlyMap<number, KeyState> = new Map([
  [1, 'pre-activation'],
  [2, 'active'],
  [3, 'suspended'],
  [4, 'deactivated'],
  [5, 'compromised'],
  [6, 'destroyed'],
]);
