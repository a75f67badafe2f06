// An institution's way in: the KEK sealed to its public key, whose whole fingerprint the caller compared, and signed by the
// user's signing key. FORMATS §3, type 6.

import { asBytes, equal } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import type { Bytes } from '../core/bytes.ts';
import { fingerprintBytes } from '../format/fingerprint.ts';
import { decodePublicKey, type PublicKey } from '../format/public-key.ts';
import type { EscrowSlot } from '../format/slot.ts';
import { checkAgreementKey } from '../keys/agreement.ts';
import { sealEscrow } from '../keys/escrow.ts';
import { fingerprint } from '../keys/fingerprint.ts';
import { asLabel, asOptions } from './arguments.ts';
import { apply } from './change.ts';
import { now, randomId } from './compose.ts';
import { entered, takeShare } from './edit-slots.ts';
import { slotInfo } from './slot-info.ts';
import { makeRoom } from './key-shelf.ts';
import type { Session } from './session.ts';
import { withSigner } from './signer.ts';
import type { SlotInfo } from './types.ts';
import { checkKem } from './ways-in.ts';

export interface EscrowOptions {
  /** The institution's public COSE_Key: P-256, X25519 or X-Wing. */
  publicKey: Bytes;
  /** Of that key, as the institution tells it in another way: 13 groups of 4 symbols, or 64 hex digits. Compared whole. */
  fingerprint: string;
  label: string;
}

/** ERR_FORMAT where the key is none; ERR_UNTRUSTED_KEY where its fingerprint is another. */
export async function addEscrow(session: Session, p: EscrowOptions): Promise<SlotInfo> {
  const { engine, keyring, owner } = session;
  const label = asLabel(asOptions(p, 'p').label, 'label');
  const escrowKey = pinned(session, p);
  makeRoom(engine);
  await session.refresh();
  const { kek } = session;
  const id = randomId(engine);
  const wrap = withSigner(session, (signer) =>
    sealEscrow(engine, kek, escrowKey, { keyring, owner, slot: id }, signer),
  );
  const slot: EscrowSlot = { id, created: now(), ...wrap };
  const made = { slot, kek: kek.id, sealing: null };
  await takeShare(session, [], made, label);
  await apply(session, entered(made, label, 'escrow add'));
  return slotInfo(slot, { labels: new Map([[id, label]]) });
}

function pinned({ engine, snapshot }: Session, p: EscrowOptions): PublicKey {
  const wanted = fingerprintBytes(p.fingerprint);
  const key = decodePublicKey(asBytes(p.publicKey, 'publicKey'), 'publicKey');
  checkKem(snapshot.header.profile, key.kind);
  checkAgreementKey(key);
  if (!equal(fingerprint(engine, key), wanted))
    throw new KeystrataError(
      'ERR_UNTRUSTED_KEY',
      'publicKey: its fingerprint is another than the one you gave; ask the institution again, in another way',
    );
  return key;
}
