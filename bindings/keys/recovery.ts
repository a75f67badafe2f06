// Recovery code → MEK. FORMATS §3, type 2: HKDF-Extract-SHA256(salt = label ‖ 00 ‖ slot salt 32, ikm = the code's 32 bytes).
//
// The code has 256 random bits, so nothing has to be slow. Secret: ikm, which the caller wipes, and the MEK, in the core.

import { concat, utf8 } from '../core/bytes.ts';
import type { Bytes } from '../core/bytes.ts';
import type { Engine } from '../engine/engine.ts';
import type { Id } from '../format/ids.ts';
import { RECOVERY } from '../format/labels.ts';
import { inRole } from './roles.ts';
import type { Mek } from './roles.ts';

const LABEL = concat(utf8(RECOVERY, 'label'), new Uint8Array(1));

/** The MEK of a slot, whose salt is 32 bytes. */
export const recoveryMek = (engine: Engine, secret: Bytes, p: { salt: Bytes; slot: Id }): Mek =>
  inRole('MEK', engine.extract({ salt: concat(LABEL, p.salt), ikm: secret }, { purpose: 'derive', id: p.slot }));
