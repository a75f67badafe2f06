// Operator key → MEK. FORMATS §3, type 5: the ring's key of 32 bytes is the MEK itself.

import { asBytes } from '../core/bytes.ts';
import type { Bytes } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import type { Engine } from '../engine/engine.ts';
import type { Id } from '../format/ids.ts';
import { inRole } from './roles.ts';
import type { Mek } from './roles.ts';

const OPERATOR_KEY = 32;

/** ERR_ARGUMENT where it has not 32 bytes. They are copied into the core; the caller wipes theirs. */
export function operatorMek(engine: Engine, key: Bytes, id: Id): Mek {
  if (asBytes(key, 'operatorKey').length !== OPERATOR_KEY)
    throw new KeystrataError('ERR_ARGUMENT', `operatorKey: ${OPERATOR_KEY} bytes are wanted, not ${key.length}`);
  return inRole('MEK', engine.importKey(key, { purpose: 'derive', id }));
}
