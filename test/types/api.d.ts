// keystrata: the public types. Names and meanings are fixed, since others program against them; what is `private` is yours.
// Type-checks under strict TypeScript 6. Formats: FORMATS.md. Reasons: DESIGN.md.

// ---------------------------------------------------------------------------------------------------------------- common
export type ErrorCode =
  | 'ERR_ARGUMENT'
  | 'ERR_FORMAT'
  | 'ERR_UNSUPPORTED'
  | 'ERR_LIMIT' // asked wrongly; not ours or altered beyond reading; newer or another kind; too much
  | 'ERR_AUTHENTICATION' // wrong key, wrong context or altered bytes: never which
  | 'ERR_WRONG_SECRET' //   a slot's commitment says so, before any tag is looked at
  | 'ERR_KEY_STATE'
  | 'ERR_KEY_NOT_FOUND'
  | 'ERR_UNTRUSTED_KEY'
  | 'ERR_CONFLICT'
  | 'ERR_ROLLBACK'
  | 'ERR_NOT_FOUND'
  | 'ERR_EXISTS'
  | 'ERR_STORE' // ERR_STORE: the disk, database or file failed (`cause`)
  | 'ERR_ABORTED'
  | 'ERR_NO_ENTROPY'
  | 'ERR_DISPOSED'
  | 'ERR_WORKER';
export class KeystrataError extends Error {
  constructor(code: ErrorCode, message: string, options?: { cause?: unknown });
  readonly code: ErrorCode;
  static is(value: unknown, code?: ErrorCode): value is KeystrataError; // by code, so that it works across bundles
}
export class AuthenticationError extends KeystrataError {} // ERR_AUTHENTICATION
export class WrongSecretError extends KeystrataError {} //    ERR_WRONG_SECRET
export class ConflictError extends KeystrataError {} //       ERR_CONFLICT

export type Bytes = Uint8Array; //             in: any view; never changed, never kept
export type Out = Uint8Array<ArrayBuffer>; //  out: fresh, offset 0, the caller's own
export type Passphrase = string | Bytes; //    text: NFKC, then UTF-8; bytes: as they are
export type Context = string | Bytes; //       text is its UTF-8: "a" and its byte are one context; may be empty, never left out
export type KeyId = string; //                 32 hex digits of the 16-byte kid
export interface Work {
  signal?: AbortSignal;
  onProgress?(fraction: number): void;
} // 0 … 1, rising, ends with 1
export type Random = (into: Bytes) => void; // synchronous, fills all of it

// ------------------------------------------------------------------------- keystrata/core (keystrata/slim: `module` required)
export type Variant = 'relaxed' | 'simd' | 'scalar';
export function loadCore(options?: { variant?: Variant; module?: WebAssembly.Module | BufferSource }): Promise<Core>;
/** Synchronous. Password, salt, info, key of HMAC, AAD and messages may be empty; iterations ≥ 1; floors live in the keyring. */
export interface Core extends Disposable {
  readonly variant: Variant; // read from the module itself; one that was asked for and cannot run: ERR_UNSUPPORTED
  sha256(message: Bytes): Out;
  hmacSha256(key: Bytes, message: Bytes): Out;
  hkdfSha256(ikm: Bytes, p: { salt?: Bytes; info?: Bytes; length: number }): Out; //             length 1 … 8160, RFC 5869
  pbkdf2Sha256(password: Bytes, p: { salt: Bytes; iterations: number; length: number }): Out; // any length, RFC 8018
  aes256gcm(key: Bytes, p?: { tagLength?: 12 | 13 | 14 | 15 | 16 }): Cipher; //                   takes a key slot; ERR_LIMIT when none is free
}
export interface Cipher extends Disposable {
  // any IV length from 1 byte; up to 2^36 − 32 bytes, SP 800-38D
  encrypt(iv: Bytes, plaintext: Bytes, aad?: Bytes): Out; //  ciphertext || tag
  decrypt(iv: Bytes, sealed: Bytes, aad?: Bytes): Out; //     throws AuthenticationError; unverified plaintext never leaves
  /** Into the caller's bytes (may be the input's own), no allocation; returns how many were written. ERR_ARGUMENT if `out` is too short. On a wrong tag `out` is zeroed. */
  encryptInto(out: Bytes, iv: Bytes, plaintext: Bytes, aad?: Bytes): number;
  decryptInto(out: Bytes, iv: Bytes, sealed: Bytes, aad?: Bytes): number;
}

// ---------------------------------------------------------------------------------------------------------------- engine
export interface EngineOptions {
  prefer?: 'auto' | 'wasm' | 'webcrypto';
  core?: Core;
  random?: Random;
  workers?: number;
  crossover?: { seal?: number; open?: number; derive?: 'wasm' | 'webcrypto' };
}
export function createEngine(options?: EngineOptions): Promise<Engine>;
export interface Engine extends Disposable {
  readonly kind: 'auto' | 'wasm' | 'webcrypto';
  readonly variant: Variant;
} // the rest is for the layers above: yours

// ---------------------------------------------------------------------------------------------------------------- stores
export interface Stored {
  readonly bytes: Out;
  readonly version: string;
} // version: opaque, never used twice for an id
export interface Store {
  readonly name: string; //                                              tells stores apart in the rollback memory
  get(id: string): Promise<Stored | null>;
  put(id: string, bytes: Bytes, p: { ifVersion: string | null }): Promise<{ version: string }>; // null: must not exist; lost race: ERR_CONFLICT
  delete(id: string, p: { ifVersion: string }): Promise<void>;
  list(): AsyncIterable<string>;
}
export function memoryStore(): Store;
export function fileStore(folder: string): Store; // from "keystrata/node"; ids are percent-encoded into file names

// --------------------------------------------------------------------------------------------------------------- keyring
export type Secret =
  | { passphrase: Passphrase }
  | { recoveryCode: string }
  | { pin: Passphrase; deviceSecret: Bytes | ((message: Bytes) => Promise<Bytes>) }
  | { prf: Bytes; credentialId?: Bytes }
  | { operatorKey: Bytes; operatorKeyId: KeyId }
  | { escrowKey: Bytes; signer: Bytes | { unverifiedSender: true } };
export interface Where {
  engine: Engine;
  store: Store;
  owner: string;
} // the store's id is the owner; the keyring id is random, inside
export type KeyState = 'pre-activation' | 'active' | 'suspended' | 'deactivated' | 'compromised' | 'destroyed';
export interface SlotInfo {
  readonly id: KeyId;
  readonly type: 'passphrase' | 'recovery' | 'pin' | 'prf' | 'operator' | 'escrow';
  readonly label: string;
  readonly created: Date;
  readonly iterations?: number;
  readonly rotatable: boolean;
}
export interface KeyInfo {
  readonly id: KeyId;
  readonly role: 'KEK' | 'DEK' | 'SPACE' | 'AGREE' | 'SIGN';
  readonly space?: string;
  readonly version: number;
  readonly state: KeyState;
  readonly history: readonly { state: KeyState; at: Date; reason: string }[];
  readonly wrappedBy: KeyId;
  readonly usage: { reserved: number; limit: number };
  readonly ends?: { originator: Date; recipient: Date };
}
/** A name for a DEK of the keyring; its bytes come into the core on demand. */
export interface DataKey {
  readonly id: KeyId;
  readonly space: string;
  encrypt(plaintext: Bytes | string, p: { context: Context }): Promise<Out>;
}
export class Keyring implements Disposable {
  static create(
    p: Where &
      Work &
      ({ passphrase: Passphrase } | { operatorKey: Bytes; operatorKeyId: KeyId }) & {
        iterations?: number;
        recovery?: boolean;
        minLength?: number;
        profile?: 'default' | 'regulated';
      },
  ): Promise<{ keyring: Keyring; recoveryCode: string }>; // "" where recovery: false; ERR_EXISTS
  static unlock(p: Where & Work & Secret & { allowWeak?: boolean; slot?: KeyId; idle?: number }): Promise<Keyring>; // idle: locks itself after so many ms unused
  static exists(p: { store: Store; owner: string }): Promise<boolean>;
  static inspect(p: {
    store: Store;
    owner: string;
  }): Promise<{ id: KeyId; revision: number; slots: SlotInfo[]; keys: KeyInfo[]; authenticated: false }>; // needs no secret, proves nothing
  readonly id: KeyId;
  readonly owner: string;
  readonly revision: number;
  readonly locked: boolean;
  changePassphrase(current: Passphrase, next: Passphrase, p?: Work & { slot?: KeyId; rekey?: boolean }): Promise<void>;
  replaceRecoveryCode(p?: Work): Promise<string>;
  createDataKey(p: { space: string }): Promise<DataKey>; //                        a space's second key is its new active version
  createDataKeys(p: readonly { space: string }[]): Promise<DataKey[]>; //          one write
  dataKey(p: { space: string } | { id: KeyId }): DataKey; //                       ERR_KEY_NOT_FOUND
  encrypt(plaintext: Bytes | string, p: { space: string; context: Context }): Promise<Out>; // COSE_Encrypt0 under the space's active DEK
  decrypt(sealed: Bytes, p: { context: Context }): Promise<Out>; //                record or envelope; the key is found by its kid
  decryptText(sealed: Bytes, p: { context: Context }): Promise<string>;
  seal(plaintext: Bytes, p: { context: Context }): Promise<Out>; //                one-shot stream
  open(sealed: Bytes, p: { context: Context }): Promise<Out>;
  sealStream(p: Work & { context: Context; size?: number }): TransformStream<Bytes, Out>; // size: for progress
  openStream(p: Work & { context: Context; size?: number }): TransformStream<Bytes, Out>; // every chunk is verified before it leaves; the end of the stream: the whole is
  inventory(): KeyInfo[];
  refresh(): Promise<void>; //  reads the store again
  lock(): void; //              idempotent; wipes; calls under way reject with ERR_DISPOSED
  [Symbol.dispose](): void;
  // From here on later work: slots, envelopes, states, rotation, keypairs, audit
  readonly slots: {
    list(): SlotInfo[];
    rename(id: KeyId, label: string): Promise<void>;
    add(secret: Secret & Work & { label?: string }): Promise<SlotInfo>;
    addRecovery(p?: Work & { label?: string }): Promise<{ slot: SlotInfo; recoveryCode: string }>;
    addEscrow(p: { publicKey: Bytes; fingerprint: string; label: string }): Promise<SlotInfo>;
    remove(id: KeyId, p?: Work & { rekey?: boolean }): Promise<void>;
  };
  sealEnvelope(plaintext: Bytes | string, p: { context: Context }): Promise<Out>;
  rewrap(sealed: Bytes): Promise<Out>; //  an envelope, or the first 143 bytes of a sealed file, under the present KEK
  setState(id: KeyId, state: KeyState, reason: string): Promise<void>; // not in the table: ERR_KEY_STATE
  rotateDataKey(p: { space: string; reason?: string }): Promise<DataKey>;
  rotateKek(
    p?: Work & { reason?: 'scheduled' | 'compromised'; secrets?: Secret[]; dropSlots?: KeyId[] },
  ): Promise<void>;
}
/** What a sealed thing says of itself, without a key: its kind, the kid it wants, its sizes. ERR_FORMAT for anything else. */
export function describe(sealed: Bytes): {
  kind: 'record' | 'envelope' | 'stream' | 'document' | 'grant' | 'post';
  keyId: KeyId;
  overhead: number;
};

// ----------------------------------------------------------------------------------------------------- the `keystrata` command
// keystrata init                          makes a keyring; shows the recovery code once (--no-recovery: none)
// keystrata seal FILE [-o OUT]            FILE -> FILE.sealed          FILE or OUT may be "-"
// keystrata open FILE.sealed [-o OUT]     -> FILE; to "-" goes chunk by chunk, each verified, and exit 4 if the end is not
// keystrata passwd                        changes the passphrase (--rekey: and every key under it)
// keystrata inspect [FILE]                a keyring's tree, or what a sealed file says of itself; no secret needed
// Everywhere: --keyring FOLDER (default $KEYSTRATA_KEYRING, else the platform's data folder), --owner NAME (default "default"), --context TEXT (default empty),
//   --json (one object on standard output), --force (overwrite), --quiet, --help, --version.
//   Passphrase: hidden prompt on a terminal; --passphrase-fd N or --passphrase-stdin (one line; `passwd` reads two); --recovery-code-fd N. Never an argument, never the environment.
//   Prompts and progress go to standard error. Nothing is overwritten without --force; output appears under its name when it is complete and verified.
// Exit: 0 done · 1 a fault of ours · 2 ERR_ARGUMENT, ERR_UNSUPPORTED, usage · 3 ERR_WRONG_SECRET · 4 ERR_AUTHENTICATION, ERR_ROLLBACK, ERR_UNTRUSTED_KEY · 5 ERR_FORMAT, ERR_LIMIT
//   6 ERR_NOT_FOUND, ERR_KEY_NOT_FOUND · 7 ERR_EXISTS, ERR_CONFLICT · 8 ERR_STORE · 9 ERR_KEY_STATE · 130 interrupted
