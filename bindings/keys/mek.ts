// MEK → KEK. FORMATS §§1, 3.
//
//   X(MEK, "keystrata/slot/v1", keyring id, slot id, type ‖ mode, 64) = wrap key 32 ‖ commitment 32
//
// The commitment answers "wrong secret" before any tag is looked at, and makes the wrap key-committing. The MEK serves
// nothing else (SP 800-132). Secret: MEK, wrap key, KEK, all in the core. Public: the commitment, which stands in the slot.

import { equal } from '../core/bytes.ts';
import type { Out } from '../core/bytes.ts';
import { wrongSecretError } from '../core/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { idBytes } from '../format/ids.ts';
import type { Id } from '../format/ids.ts';
import { SLOT } from '../format/labels.ts';
import { typeAndMode } from '../format/slot.ts';
import type { DirectSlot, DirectWrap, SlotType } from '../format/slot.ts';
import { inRole } from './roles.ts';
import type { Kek, Mek, SlotKey } from './roles.ts';
import { unwrapKey, wrapKey } from './wrap.ts';
import { X } from './expand.ts';

const WRAP_KEY_AND_COMMITMENT = 64;

interface At {
  keyring: Id;
  slot: Id;
  type: SlotType;
}

function slotKey(engine: Engine, mek: Mek, { keyring, slot, type }: At): { wrapKey: SlotKey; commitment: Out } {
  const { key, rest } = X(engine, mek, {
    label: SLOT,
    ids: [idBytes(keyring), idBytes(slot), typeAndMode(type, 'direct')],
    length: WRAP_KEY_AND_COMMITMENT,
    as: { purpose: 'wrap', id: slot },
  });
  return { wrapKey: inRole('SLOT', key), commitment: rest };
}

/** The KEK under the MEK of a direct slot: mode, commitment and wrappedKek, to be spread into the slot record. */
export function sealDirect(engine: Engine, mek: Mek, kek: Kek, at: At): DirectWrap {
  const { wrapKey: outer, commitment } = slotKey(engine, mek, at);
  try {
    return { mode: 'direct', commitment, wrappedKek: wrapKey(engine, outer, 'KEK', kek, at.keyring) };
  } finally {
    outer.dispose();
  }
}

/**
 * The KEK out of a direct slot; `kek` is its kid, header field 5. WrongSecretError where the commitment is another
 * (compared in constant time, before any tag); AuthenticationError where the slot was altered.
 */
export function openDirect(engine: Engine, mek: Mek, slot: DirectSlot, at: { keyring: Id; kek: Id }): Kek {
  const { wrapKey: outer, commitment } = slotKey(engine, mek, { keyring: at.keyring, slot: slot.id, type: slot.type });
  try {
    if (!equal(commitment, slot.commitment)) throw wrongSecretError();
    return unwrapKey(engine, outer, 'KEK', slot.wrappedKek, { keyring: at.keyring, kid: at.kek });
  } finally {
    outer.dispose();
  }
}
