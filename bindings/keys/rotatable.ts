// MEK → slot private key → KEK: a rotatable slot, to which the next KEK is sealed without its secret. FORMATS §3.
//
//   X(MEK, "keystrata/slot/v1", keyring id, slot id, type ‖ mode, 96) = wrap key 32 ‖ commitment 32 ‖ seal key 32
//
//   wrap key ─unwraps─► slot private key ─HPKE─► KEK                                fields 9 and 11
//   seal key ─MACs────► the seal                                                    field 12, checked before decapsulation
//
// HPKE's base mode says nothing of who sealed: the MAC does. Public key and seal key stand in the document's private part, so
// whoever holds the KEK seals its successor. Secret: MEK, wrap key, private key, KEK, in the core; the seal key, also in
// JavaScript, in memory that keeps still.

import { concat, equal, type Bytes, type Out } from '../core/bytes.ts';
import { authenticationError, wrongSecretError } from '../core/errors.ts';
import type { Engine } from '../engine/engine.ts';
import type { Key } from '../engine/key.ts';
import { bad } from '../format/fields.ts';
import { decodeHpkeSeal } from '../format/hpke-seal.ts';
import { idBytes, type Id } from '../format/ids.ts';
import { SLOT } from '../format/labels.ts';
import type { SlotSealing } from '../format/private-part.ts';
import { sealMacInput, slotSealInfo, type SealAt } from '../format/slot-seal.ts';
import { typeAndMode, type RotatableSlot, type RotatableWrap } from '../format/slot.ts';
import { kemOf, kindOfKem, type AgreementKind } from './agreement.ts';
import { expandKeys } from './expand.ts';
import { fingerprint } from './fingerprint.ts';
import { generateKeypair, unwrapKeypair, wrapPrivateKey } from './keypair.ts';
import { inRole, type Kek, type Mek, type SlotKey } from './roles.ts';
import { openKey, sealKey } from './seal-key.ts';

const KEY = 32;
const LENGTH = 3 * KEY;
const SEAL_KEY_AT = 2 * KEY;

const derivation = ({ keyring, slot, type }: Omit<SealAt, 'owner'>) => ({
  label: SLOT,
  ids: [idBytes(keyring), idBytes(slot), typeAndMode(type, 'rotatable')],
  length: LENGTH,
});

/** A fresh pair and the KEK sealed to it: for the slot record, and for the private part. The seal key is the caller's to wipe. */
export function sealRotatable(
  engine: Engine,
  mek: Mek,
  kek: Kek,
  at: SealAt,
  kind: AgreementKind,
): { wrap: RotatableWrap; sealing: SlotSealing } {
  const as = { at: 0, purpose: 'wrap', id: at.slot } as const;
  const { keys, rest } = expandKeys(engine, mek, { ...derivation(at), keys: [as] });
  const outer: SlotKey = inRole('SLOT', keys[0]!);
  try {
    const pair = generateKeypair(engine, 'SLOT_PRIVATE', kind);
    try {
      const { publicKey } = pair;
      const sealing = { kem: kemOf(publicKey), publicKey, sealKey: concat(rest.subarray(KEY)), flags: 0 };
      try {
        const wrap: RotatableWrap = {
          mode: 'rotatable',
          commitment: concat(rest.subarray(0, KEY)),
          wrappedPrivateKey: wrapPrivateKey(engine, outer, 'SLOT_PRIVATE', pair, at.keyring),
          ...resealRotatable(engine, kek, sealing, at),
        };
        return { wrap, sealing };
      } catch (error) {
        sealing.sealKey.fill(0); // nobody has it to wipe
        throw error;
      }
    } finally {
      pair.privateKey.dispose();
    }
  } finally {
    outer.dispose();
    rest.fill(0);
  }
}

/** Another KEK, sealed to the slot's public key: fields 10, 11 and 12, without the slot's secret. */
export function resealRotatable(
  engine: Engine,
  kek: Kek,
  { kem, publicKey, sealKey: bytes }: SlotSealing,
  at: SealAt,
): Pick<RotatableWrap, 'kem' | 'seal' | 'sealMac'> {
  const seal = sealKey(engine, 'KEK', kek, publicKey, slotSealInfo(at, kek.id, fingerprint(engine, publicKey)));
  const key = engine.importKey(bytes, { purpose: 'mac', id: at.slot });
  try {
    return { kem, seal, sealMac: sealMac(engine, key, at, kek.id, seal) };
  } finally {
    key.dispose();
  }
}

const sealMac = (engine: Engine, key: Key<'mac'>, at: SealAt, kek: Id, seal: Bytes): Out =>
  engine.mac(key, sealMacInput(at, kek, seal));

/**
 * The KEK out of a rotatable slot; `kek` is its kid, header field 5. WrongSecretError where the commitment is another
 * (compared in constant time, before any tag); AuthenticationError where seal or slot were altered, or are another's.
 */
export function openRotatable(
  engine: Engine,
  mek: Mek,
  slot: RotatableSlot,
  p: { keyring: Id; owner: string; kek: Id },
): Kek {
  const at = { keyring: p.keyring, owner: p.owner, slot: slot.id, type: slot.type };
  const { keys, rest } = expandKeys<'wrap' | 'mac'>(engine, mek, {
    ...derivation(at),
    keys: [
      { at: 0, purpose: 'wrap', id: slot.id },
      { at: SEAL_KEY_AT, purpose: 'mac', id: slot.id },
    ],
  });
  const [outer, macKey] = keys as [SlotKey, Key<'mac'>];
  try {
    if (!equal(rest, slot.commitment)) throw wrongSecretError();
    if (!equal(sealMac(engine, macKey, at, p.kek, slot.seal), slot.sealMac))
      throw authenticationError('this slot was altered: the KEK in it was not sealed by this keyring');
    return unseal(engine, outer, slot, at, p.kek);
  } finally {
    outer.dispose();
    macKey.dispose();
  }
}

function unseal(engine: Engine, outer: SlotKey, slot: RotatableSlot, at: SealAt, kek: Id): Kek {
  const { kem, recipient: kid } = decodeHpkeSeal(slot.seal, 'slot: seal');
  const kind = kindOfKem(kem);
  if (kind === undefined || kem !== slot.kem) throw bad('slot', 'its seal is of another KEM than it says');
  const { keyring } = at;
  const pair = unwrapKeypair(engine, outer, 'SLOT_PRIVATE', slot.wrappedPrivateKey, { kind, kid, keyring });
  try {
    const info = slotSealInfo(at, kek, fingerprint(engine, pair.publicKey));
    return openKey(engine, 'KEK', slot.seal, pair.privateKey, pair.publicKey, { kid: kek, info });
  } finally {
    pair.privateKey.dispose();
  }
}
