// What the package declares, held against api.d.ts, which others program against: each assignable to the other. Checked by
// tsc with everything else, and by agreement.test.ts, which also shows that a difference is found.

import type * as ours from '../../bindings/index.ts';
import type * as core from '../../bindings/core/index.ts';
import type * as node from '../../bindings/node.ts';
import type * as api from './api.d.ts';

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
const agree = <T extends true>(proof?: T): T | undefined => proof;

/** Our Engine has more than api.d.ts names, so functions that take one are compared without it. */
type Engineless<T> = T extends { engine: unknown } ? Omit<T, 'engine'> : T;
type Arguments<F> = F extends (...p: infer P) => unknown ? { [I in keyof P]: Engineless<P[I]> } : never;
type Result<F> = F extends (...p: never[]) => infer R ? Awaited<R> : never;
/** Both ways, arguments and result. */
type SameCall<F, G> = Same<[Arguments<F>, Result<F>], [Arguments<G>, Result<G>]>;

// ---- common
agree<Same<core.ErrorCode, api.ErrorCode>>();
agree<Same<ours.KeystrataError, api.KeystrataError>>();
agree<SameCall<typeof ours.KeystrataError.is, typeof api.KeystrataError.is>>();
type Made<C extends abstract new (...p: never[]) => unknown> = [ConstructorParameters<C>, InstanceType<C>];
agree<Same<Made<typeof ours.KeystrataError>, Made<typeof api.KeystrataError>>>();
agree<Same<Made<typeof ours.AuthenticationError>, Made<typeof api.AuthenticationError>>>();
agree<Same<Made<typeof ours.WrongSecretError>, Made<typeof api.WrongSecretError>>>();
agree<Same<Made<typeof ours.ConflictError>, Made<typeof api.ConflictError>>>();
agree<Same<ours.Bytes, api.Bytes>>();
agree<Same<ours.Out, api.Out>>();
agree<Same<ours.Passphrase, api.Passphrase>>();
agree<Same<ours.Context, api.Context>>();
agree<Same<ours.KeyId, api.KeyId>>();
agree<Same<ours.Work, api.Work>>();
agree<Same<ours.Random, api.Random>>();

// ---- keystrata/core
agree<Same<core.Variant, api.Variant>>();
agree<Same<core.Core, api.Core>>();
agree<Same<core.Cipher, api.Cipher>>();
agree<SameCall<typeof core.loadCore, typeof api.loadCore>>();
type Calls<T, N extends keyof T> = { [K in N]: [Arguments<T[K]>, Result<T[K]>] };
type CoreCalls = 'sha256' | 'hmacSha256' | 'hkdfSha256' | 'pbkdf2Sha256';
agree<Same<Calls<core.Core, CoreCalls>, Calls<api.Core, CoreCalls>>>();
type CipherCalls = 'encrypt' | 'decrypt' | 'encryptInto' | 'decryptInto';
agree<Same<Calls<core.Cipher, CipherCalls>, Calls<api.Cipher, CipherCalls>>>();

// ---- engine
agree<Same<ours.EngineOptions, api.EngineOptions>>();
agree<Same<Pick<ours.Engine, keyof api.Engine>, api.Engine>>();
agree<Same<Parameters<typeof ours.createEngine>, Parameters<typeof api.createEngine>>>();

// ---- stores
agree<Same<ours.Stored, api.Stored>>();
agree<Same<ours.Store, api.Store>>();
type StoreCalls = 'get' | 'put' | 'delete' | 'list';
agree<Same<Calls<ours.Store, StoreCalls>, Calls<api.Store, StoreCalls>>>();
agree<SameCall<typeof ours.memoryStore, typeof api.memoryStore>>();
agree<SameCall<typeof node.fileStore, typeof api.fileStore>>();

// ---- keyring
agree<Same<ours.Secret, api.Secret>>();
agree<Same<Engineless<ours.Where>, Engineless<api.Where>>>();
agree<Same<ours.KeyState, api.KeyState>>();
agree<Same<ours.SlotInfo, api.SlotInfo>>();
agree<Same<ours.KeyInfo, api.KeyInfo>>();
agree<Same<ours.DataKey, api.DataKey>>();
agree<SameCall<ours.DataKey['encrypt'], api.DataKey['encrypt']>>();
agree<SameCall<typeof ours.Keyring.exists, typeof api.Keyring.exists>>();
agree<SameCall<typeof ours.Keyring.inspect, typeof api.Keyring.inspect>>();
agree<Same<Arguments<typeof ours.Keyring.create>, Arguments<typeof api.Keyring.create>>>();
agree<Same<Arguments<typeof ours.Keyring.unlock>, Arguments<typeof api.Keyring.unlock>>>();
agree<Same<keyof Result<typeof ours.Keyring.create>, keyof Result<typeof api.Keyring.create>>>();

/** What stands below "From here on later work". */
type Later = 'slots';
/** What the keyring has beside it, or not in the whole of it yet. */
type Beside =
  | 'slots'
  | 'keypairs'
  | 'openEnvelope'
  | 'createIndexKey'
  | 'index'
  | 'everyIndex'
  | 'reencrypt'
  | 'audit'
  | 'exportAudit'
  | 'verifyAudit'
  | 'verify'
  | 'policy'
  | 'setPolicy'
  | 'warnings';
agree<Same<Exclude<keyof ours.Keyring, Beside>, Exclude<keyof api.Keyring, Later>>>();
agree<Same<Omit<ours.Keyring, Beside>, Omit<api.Keyring, Later>>>();
type KeyringCalls = {
  [K in Exclude<keyof ours.Keyring, Beside>]: ours.Keyring[K] extends (...p: never[]) => unknown ? K : never;
}[Exclude<keyof ours.Keyring, Beside>];
/** One by one: of two whole interfaces, one of which can stand in for the other, tsc does not look at each call any more. */
type Differing<T, U, N extends keyof T & keyof U> = { [K in N]: SameCall<T[K], U[K]> extends true ? never : K }[N];
agree<Same<Differing<ours.Keyring, api.Keyring, KeyringCalls>, never>>();
type SlotCalls = 'list' | 'rename' | 'add' | 'addRecovery' | 'addEscrow' | 'remove';
agree<Same<Calls<ours.Slots, SlotCalls>, Calls<api.Keyring['slots'], SlotCalls>>>();
agree<SameCall<typeof ours.describe, typeof api.describe>>();
