// What a keyring is asked with and what it answers: the public types.

import type { Bytes, Out } from '../core/bytes.ts';
import type { Engine, Work } from '../engine/engine.ts';
import type { KeyId } from '../engine/key.ts';
import type { Context } from '../format/context.ts';
import type { Profile } from '../format/header.ts';
import type { SlotType } from '../format/slot.ts';
import type { KeyState } from '../format/states.ts';
import type { Passphrase } from '../keys/passphrase.ts';
import type { RollbackMemory, Store } from '../store/store.ts';
import type { Warning } from './warnings.ts';

/** What opens a slot: one of these. */
export type Secret =
  | { passphrase: Passphrase }
  | { recoveryCode: string }
  /**
   * The device secret is 32 random bytes that stay on the device, or makes HMAC-SHA256 with them (a key that cannot be
   * exported, a TPM): a message of 81 bytes is answered with 32, which are zeroed here. `pinGuard` counts failures.
   */
  | { pin: Passphrase; deviceSecret: Bytes | ((message: Bytes) => Promise<Bytes>) }
  /**
   * `results.first` of WebAuthn's prf extension, asked with `eval.first` = the slot's salt (`Keyring.inspect` has it) and
   * user verification required. To make a slot: with `credentialId`, and the salt of `slots.preparePrf()`.
   */
  | { prf: Bytes; credentialId?: Bytes; salt?: Bytes }
  | { operatorKey: Bytes; operatorKeyId: KeyId }
  /**
   * The institution's private key, 32 bytes: the scalar of P-256 (big-endian) or X25519, the seed of X-Wing. `signer`: the
   * fingerprint of the user's signing key (32 bytes) that it recorded when the user enrolled.
   */
  | { escrowKey: Bytes; signer: Bytes | { unverifiedSender: true } };

/** The store's id is the owner; the keyring id is random, and inside. */
export interface Where {
  engine: Engine;
  store: Store;
  owner: string;
}

/** What was read or written is remembered here: else in the store's own memory, else as long as the process lasts. */
export interface Remembering {
  memory?: RollbackMemory;
}

/** Told each warning once: at unlocking, and with each document that is read or written. Nothing secret is in it. */
export interface Warned {
  onWarning?(warning: Warning): void;
}

/** How a keyring is made, whatever the secret. */
export type CreateBy = Where &
  Work &
  Remembering &
  Warned & {
    /** Of PBKDF2: 600,000 (default) … 10,000,000. */
    iterations?: number;
    /** A slot that a recovery code opens, too: true by default. */
    recovery?: boolean;
    /** Of the passphrase, in code points after NFKC: 12 by default. */
    minLength?: number;
    profile?: Profile;
    /** Takes fewer iterations than 600,000: for tests, and devices that can do no more. */
    allowWeak?: boolean;
  };
export type CreateOptions = CreateBy & ({ passphrase: Passphrase } | { operatorKey: Bytes; operatorKeyId: KeyId });

/** How a keyring is unlocked, whatever the secret. */
export type UnlockBy = Where &
  Work &
  Remembering &
  Warned & {
    /** Opens a slot of fewer iterations than 600,000, too; it is then raised to so many, where the store can be written. */
    allowWeak?: boolean;
    /** This slot alone. */
    slot?: KeyId;
    /** Locks itself after so many milliseconds unused. */
    idle?: number;
  };
export type UnlockOptions = UnlockBy & Secret;

export interface SlotInfo {
  readonly id: KeyId;
  readonly type: SlotType;
  readonly label: string;
  readonly created: Date;
  readonly iterations?: number;
  readonly rotatable: boolean;
  /** Of a passkey: 32 bytes for `eval.first`, and which credential. */
  readonly salt?: Out;
  readonly credentialId?: Out;
  readonly operatorKeyId?: KeyId;
  /** Of an escrow: the institution's public COSE_Key, and whether a signing key of the user's signed the seal. */
  readonly escrow?: { readonly publicKey: Out; readonly signed: boolean };
  /** Of a rotatable slot and an escrow: the kind of its pair. */
  readonly kem?: 'P-256' | 'X25519' | 'X-Wing';
  /**
   * A KEK that was compromised was replaced while this slot's secret was away: whoever had that KEK can seal another one to it. Change
   * the secret, give it to a `rotateKek` after the compromise, or remove the slot and add it again.
   */
  readonly enrolAgain?: boolean;
}

export interface KeyInfo {
  readonly id: KeyId;
  readonly role: 'KEK' | 'DEK' | 'SPACE' | 'AGREE' | 'SIGN';
  /** Of a DEK that seals nothing: an index key, which finds what is sealed. */
  readonly use?: 'index';
  readonly space?: string;
  readonly version: number;
  readonly state: KeyState;
  readonly history: readonly { state: KeyState; at: Date; reason: string }[];
  readonly wrappedBy: KeyId;
  readonly usage: { reserved: number; limit: number };
  readonly ends?: { originator: Date; recipient: Date };
}

export interface Inspection {
  id: KeyId;
  revision: number;
  slots: SlotInfo[];
  keys: KeyInfo[];
  authenticated: false;
}

/** A name for a DEK of the keyring; its bytes come into the core on demand. */
export interface DataKey {
  readonly id: KeyId;
  readonly space: string;
  encrypt(plaintext: Bytes | string, p: { context: Context }): Promise<Out>;
}

export interface IndexOptions {
  space: string;
  /** Of the value: 1 to 255 bytes of UTF-8. Equal values of two fields have nothing in common. */
  field: string;
  /** In bytes, 8 to 32 (the default): the first so many of HMAC-SHA256. */
  length?: number;
  /** Of the index key: the active one by default. */
  version?: number;
}

/** A name for an index key of the keyring; its bytes come into the core on demand. */
export interface IndexKeyName {
  readonly id: KeyId;
  readonly space: string;
  readonly version: number;
  index(value: Bytes | string, p: { field: string; length?: number }): Promise<Out>;
}
