// Passkey → MEK. FORMATS §3, type 4: HKDF-Extract-SHA256(salt = label, ikm = PRF output 32 for eval.first = slot salt 32).
//
// The output is that of WebAuthn's prf extension (Level 3 §10.1.4, over CTAP's hmac-secret): the authenticator's own 256
// bits, asked for with the slot's salt and with user verification required. Secret: the output and the MEK.

import { asBytes, utf8 } from '../core/bytes.ts';
import type { Bytes } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import type { Engine } from '../engine/engine.ts';
import type { Id } from '../format/ids.ts';
import { PRF } from '../format/labels.ts';
import { inRole, type Mek } from './roles.ts';

const OUTPUT = 32;
const LABEL = utf8(PRF, 'label');

/** The MEK of a slot. ERR_ARGUMENT where the output has not 32 bytes. It is copied into the core; the caller wipes theirs. */
export function prfMek(engine: Engine, output: Bytes, slot: Id): Mek {
  if (asBytes(output, 'prf').length !== OUTPUT)
    throw new KeystrataError('ERR_ARGUMENT', `prf: ${OUTPUT} bytes are wanted (results.first), not ${output.length}`);
  return inRole('MEK', engine.extract({ salt: LABEL, ikm: output }, { purpose: 'derive', id: slot }));
}
