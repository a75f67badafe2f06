// KEK → institution: sealed to its pinned public key, signed by the user's own key. FORMATS §3, type 6.
//
//   field 11   HPKE of the KEK to the institution's key; nothing in it says who sealed
//   field 16   COSE_Sign1 over field 11 (detached), by the user's signing key; empty where there is none
//
// Secret: the KEK, in the core; the institution's private key, in the core while it opens.

import type { Bytes } from '../core/bytes.ts';
import type { Engine } from '../engine/engine.ts';
import type { Id } from '../format/ids.ts';
import type { PublicKey } from '../format/public-key.ts';
import { escrowSignAad, slotSealInfo, type SealAt } from '../format/slot-seal.ts';
import type { EscrowSlot, EscrowWrap } from '../format/slot.ts';
import { kemOf } from './agreement.ts';
import { fingerprint } from './fingerprint.ts';
import type { Keypair } from './keypair.ts';
import type { Kek } from './roles.ts';
import { openKey, sealKey } from './seal-key.ts';
import { sign1, verifySign1 } from './sign1.ts';

type At = Omit<SealAt, 'type'>;

const sealAt = (at: At): SealAt => ({ ...at, type: 'escrow' });

/** ERR_FORMAT where the public key is no valid one. */
export function sealEscrow(
  engine: Engine,
  kek: Kek,
  escrowKey: PublicKey,
  at: At,
  signer: Keypair<'SIGN'> | null,
): EscrowWrap {
  const info = slotSealInfo(sealAt(at), kek.id, fingerprint(engine, escrowKey));
  const seal = sealKey(engine, 'KEK', kek, escrowKey, info);
  const signature =
    signer === null
      ? new Uint8Array(0)
      : sign1(engine, signer.privateKey, signer.publicKey, {
          payload: seal,
          externalAad: escrowSignAad(at, kek.id),
          detached: true,
        });
  return { type: 'escrow', mode: 'sealed', kem: kemOf(escrowKey), seal, escrowKey, signature };
}

/** The KEK, whose kid is header field 5. AuthenticationError where it is sealed to another key, or for another slot. */
export function openEscrow(
  engine: Engine,
  slot: EscrowSlot,
  { publicKey, privateKey }: Keypair<'AGREE'>,
  p: { keyring: Id; owner: string; kek: Id },
): Kek {
  const at = sealAt({ keyring: p.keyring, owner: p.owner, slot: slot.id });
  const info = slotSealInfo(at, p.kek, fingerprint(engine, publicKey));
  return openKey(engine, 'KEK', slot.seal, privateKey, publicKey, { kid: p.kek, info });
}

/** AuthenticationError where the signature in the slot is not this key's over its seal. */
export function verifyEscrow(
  engine: Engine,
  { seal, signature }: EscrowSlot,
  signer: PublicKey,
  at: At,
  kek: Id,
): Bytes {
  return verifySign1(engine, signature, signer, { externalAad: escrowSignAad(at, kek), payload: seal });
}
