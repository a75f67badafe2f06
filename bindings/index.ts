// keystrata: the whole, but for what needs Node (keystrata/node) and the bare core (keystrata/core).

export { AuthenticationError, ConflictError, KeystrataError, WrongSecretError } from './core/errors.ts';
export type { ErrorCode } from './core/errors.ts';
export type { Bytes, Out } from './core/bytes.ts';
export type { Core, Variant } from './core/types.ts';
export { calibrate } from './engine/calibrate.ts';
export { createEngine } from './engine/create.ts';
export type { EngineOptions } from './engine/create.ts';
export type { Engine, Random, Work } from './engine/engine.ts';
export type { KeyId } from './engine/key.ts';
export type { Context } from './format/context.ts';
export { describe } from './format/describe.ts';
export type { Description } from './format/describe.ts';
export type { KeyState } from './format/states.ts';
export type { PublicJwk } from './format/jwk.ts';
export { sealTo, verifySignature } from './keys/message.ts';
export { fingerprintOf, publicKeyAsCose, publicKeyAsJwk } from './keys/public-key.ts';
export type { PublicKeyInput } from './keys/public-key.ts';
export type { Passphrase } from './keys/passphrase.ts';
export { adaptStore } from './store/adapt.ts';
export type { Backend } from './store/adapt.ts';
export { memoryStore } from './store/memory.ts';
export type { RollbackMemory, Store, Stored } from './store/store.ts';
export { Keyring } from './keyring/keyring.ts';
export type { CreateKeypair, KeypairInfo, Keypairs } from './keyring/keypairs.ts';
export { pinGuard } from './keyring/pin-guard.ts';
export type { DeviceKey, PinGuard, PinGuardOptions } from './keyring/pin-guard.ts';
export type { DeviceStore } from './keyring/pin-entry.ts';
export type { AddOptions } from './keyring/add-slot.ts';
export type { EscrowOptions } from './keyring/add-escrow.ts';
export type { RemoveOptions, Slots } from './keyring/slots.ts';
export type { Reencrypted, ReencryptOptions, Source, SourceRecord } from './keyring/reencrypt.ts';
export type { AuditEvent } from './format/audit.ts';
export type { AuditLine, AuditReport } from './keyring/audit.ts';
export type { CryptoperiodPolicy } from './keyring/set-policy.ts';
export type { Verified } from './keyring/verify-all.ts';
export type { Warning } from './keyring/warnings.ts';
export type { RotateOptions } from './keyring/rotate-kek.ts';
export type {
  CreateOptions,
  DataKey,
  IndexKeyName,
  IndexOptions,
  Inspection,
  KeyInfo,
  Secret,
  SlotInfo,
  UnlockOptions,
  Where,
} from './keyring/types.ts';
