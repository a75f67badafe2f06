// What a password is asked to derive: checked before any work.

import { asBytes, asInteger } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import type { Password } from './engine.ts';
import { checkWork } from './pause.ts';

export type Derivation = Parameters<Password['derive']>[0];

const ITERATIONS_MOST = 2 ** 32 - 1;

export function checkDerivation(p: Derivation): void {
  asBytes(p.salt, 'salt');
  asInteger(p.iterations, 'iterations', 1, ITERATIONS_MOST);
  checkWork(p);
}

export const passwordEnded = (): KeystrataError =>
  new KeystrataError('ERR_DISPOSED', 'this password was disposed: ask for it again');
