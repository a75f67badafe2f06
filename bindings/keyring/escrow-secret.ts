// An institution's private key at work: it opens the escrow slots that are sealed to its public key. FORMATS §3, type 6.
//
// The 32 secret bytes are those of its kind (format/private-key.ts): the scalar of P-256 or X25519, the seed of X-Wing. Which
// kind it is, each slot's public key says.

import { asBytes, concat, equal, type Bytes, type Out } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { FINGERPRINT_LENGTH, type Id } from '../format/ids.ts';
import { SECRET_LENGTH } from '../format/private-key.ts';
import { encodePublicKey } from '../format/public-key.ts';
import type { EscrowSlot, Slot } from '../format/slot.ts';
import { agreementKind, type AgreementKind } from '../keys/agreement.ts';
import { openEscrow } from '../keys/escrow.ts';
import { importKeypair, type Keypair } from '../keys/keypair.ts';
import type { Kek } from '../keys/roles.ts';

/** The fingerprint of the user's signing key, as the institution recorded it at enrolment; or that it cannot tell who sealed. */
export type Signer = Bytes | { readonly unverifiedSender: true };

const wanted = (what: string): KeystrataError => new KeystrataError('ERR_ARGUMENT', what);

function takeSigner(signer: unknown): Signer {
  if (typeof signer === 'object' && (signer as { unverifiedSender?: unknown } | null)?.unverifiedSender === true)
    return { unverifiedSender: true };
  const why =
    'signer: the 32-byte fingerprint that was recorded at enrolment is wanted, or { unverifiedSender: true } where none was';
  if (!(signer instanceof Uint8Array) && !ArrayBuffer.isView(signer)) throw wanted(why);
  if (asBytes(signer, 'signer').length !== FINGERPRINT_LENGTH) throw wanted(why);
  return concat(signer as Bytes);
}

export class EscrowSecret {
  readonly type = 'escrow';
  readonly name = 'escrow key';
  readonly signer: Signer;
  readonly #engine: Engine;
  readonly #secret: Out;
  /** By kind: null where the bytes are no private key of it. */
  readonly #pairs = new Map<AgreementKind, Keypair<'AGREE'> | null>();

  constructor(engine: Engine, secret: Bytes, signer: unknown) {
    if (asBytes(secret, 'escrowKey').length !== SECRET_LENGTH)
      throw wanted(`escrowKey: the ${SECRET_LENGTH} bytes of the private key are wanted, not ${secret.length}`);
    this.signer = takeSigner(signer);
    this.#engine = engine;
    this.#secret = concat(secret);
  }

  opens(slot: Slot): slot is EscrowSlot {
    return slot.type === this.type && this.#pairOf(slot) !== null;
  }

  /** AuthenticationError where the seal is another's, or was altered. The caller disposes the KEK. */
  open(slot: EscrowSlot, p: { keyring: Id; owner: string; kek: Id }): Kek {
    return openEscrow(this.#engine, slot, this.#pairOf(slot)!, p);
  }

  dispose(): void {
    for (const pair of this.#pairs.values()) pair?.privateKey.dispose();
    this.#pairs.clear();
    this.#secret.fill(0);
  }

  /** Where the public key computed from the private one is the slot's. */
  #pairOf({ escrowKey }: EscrowSlot): Keypair<'AGREE'> | null {
    const kind = agreementKind(escrowKey);
    let pair = this.#pairs.get(kind);
    if (pair === undefined) this.#pairs.set(kind, (pair = this.#import(kind)));
    return pair !== null && equal(encodePublicKey(pair.publicKey), encodePublicKey(escrowKey)) ? pair : null;
  }

  #import(kind: AgreementKind): Keypair<'AGREE'> | null {
    try {
      return importKeypair(this.#engine, 'AGREE', kind, this.#secret);
    } catch (error) {
      if (KeystrataError.is(error, 'ERR_ARGUMENT')) return null;
      throw error;
    }
  }
}
