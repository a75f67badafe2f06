// Who sealed an escrow slot. FORMATS §3, field 16: HPKE alone does not say, so a thief of nothing but the public key could
// seal a keyring of their own in a user's name. The institution compares the signer with the fingerprint it recorded when the
// user enrolled; the signer's public key is in the document, under the MAC that the KEK makes.

import { equal } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import { decodeSign1 } from '../format/cose-sign1.ts';
import { kidOf } from '../format/fingerprint.ts';
import type { EscrowSlot } from '../format/slot.ts';
import { verifyEscrow } from '../keys/escrow.ts';
import { fingerprint } from '../keys/fingerprint.ts';
import type { Signer } from './escrow-secret.ts';
import type { Snapshot, Unlocked } from './snapshot.ts';

const untrusted = (why: string): KeystrataError =>
  new KeystrataError(
    'ERR_UNTRUSTED_KEY',
    `escrow: ${why}; ask the user in another way, and say { unverifiedSender: true } only if that settles it`,
  );

/** ERR_UNTRUSTED_KEY where nobody signed the seal, or another than was recorded; AuthenticationError where the signature is false. */
export function checkSigner(
  { engine, keyring, owner, kek }: Unlocked,
  { body }: Pick<Snapshot, 'body'>,
  slot: EscrowSlot,
  signer: Signer,
): void {
  if (!(signer instanceof Uint8Array)) return;
  if (slot.signature.length === 0) throw untrusted('this seal bears no signature, so anybody may have made it');
  const kid = kidOf(signer);
  const record = body.keypairs.get(kid);
  if (record?.use !== 'sign' || !equal(fingerprint(engine, record.publicKey), signer))
    throw untrusted('this keyring does not have the signing key that was recorded at enrolment');
  if (record.state === 'compromised' || record.state === 'destroyed')
    throw untrusted(`the signing key that was recorded at enrolment is ${record.state}`);
  if (decodeSign1(slot.signature, 'slot: signature').signer !== kid)
    throw untrusted('another key signed this seal than was recorded at enrolment');
  verifyEscrow(engine, slot, record.publicKey, { keyring, owner, slot: slot.id }, kek.id);
}
