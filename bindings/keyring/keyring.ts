// A person's keys, unlocked: the class that applications hold. What it does stands in the files beside it.
//
//   passphrase ─► MEK ─► KEK ─► DEK ─► record         create, unlock, changePassphrase; createDataKey, encrypt, decrypt
//                         ├───► stream DEK ─► stream   seal, open, sealStream, openStream
//                         ├───► envelope DEK ─► record   sealEnvelope, decrypt, rewrap
//                         └───► private keys ─► signatures, what is sealed to them   keypairs

import type { Bytes, Out } from '../core/bytes.ts';
import { dispose } from '../core/dispose.ts';
import type { Work } from '../engine/engine.ts';
import type { KeyId } from '../engine/key.ts';
import type { Context } from '../format/context.ts';
import type { KeyState } from '../format/states.ts';
import type { Passphrase } from '../keys/passphrase.ts';
import type { Store } from '../store/store.ts';
import { asName, asOptions } from './arguments.ts';
import { audit, exportAudit, verifyAudit, type AuditReport } from './audit.ts';
import { changePassphrase, type ChangeOptions } from './change-passphrase.ts';
import { create } from './create.ts';
import { createDataKeys, rotateDataKey } from './create-data-keys.ts';
import { createIndexKey } from './create-index-key.ts';
import { dataKey } from './data-key.ts';
import { openEnvelope, sealEnvelope } from './envelopes.ts';
import { everyIndex, index } from './index-values.ts';
import { keyInfos } from './info.ts';
import { exists, inspect } from './inspect.ts';
import { Keypairs } from './keypairs.ts';
import { decrypt, decryptText, encryptIn } from './records.ts';
import { reencrypt, type Reencrypted, type ReencryptOptions, type Source } from './reencrypt.ts';
import { replaceRecoveryCode } from './replace-recovery.ts';
import { rewrap } from './rewrap.ts';
import type { Session } from './session.ts';
import { rotateKek, type RotateOptions } from './rotate-kek.ts';
import { policyOf, setPolicy, type CryptoperiodPolicy } from './set-policy.ts';
import { setState } from './set-state.ts';
import { Slots } from './slots.ts';
import { openAll, openStream, sealAll, sealStream } from './streams.ts';
import type {
  CreateOptions,
  DataKey,
  IndexKeyName,
  IndexOptions,
  Inspection,
  KeyInfo,
  UnlockOptions,
} from './types.ts';
import type { Warning } from './warnings.ts';
import { verifyAll, type Verified } from './verify-all.ts';
import { unlock } from './unlock.ts';

let sessionOf: (keyring: Keyring) => Session;
/** Of a session that was unlocked by a secret of another kind: the operator's ring. */
export let keyringOf: (session: Session) => Keyring;

export class Keyring implements Disposable {
  readonly #session: Session;
  /** The ways in: list, add, rename, remove. */
  readonly slots: Slots;
  /** Keys that agree and keys that sign: create, list, publish, sign, open. */
  readonly keypairs: Keypairs;

  static {
    sessionOf = (keyring) => keyring.#session;
    keyringOf = (session) => new Keyring(session);
  }

  private constructor(session: Session) {
    this.#session = session;
    this.slots = new Slots(session);
    this.keypairs = new Keypairs(session);
  }

  /** Makes a keyring where there is none (else ERR_EXISTS) and unlocks it. The recovery code is shown once: nothing keeps it. */
  static async create(p: CreateOptions): Promise<{ keyring: Keyring; recoveryCode: string }> {
    const { session, recoveryCode } = await create(p);
    return { keyring: new Keyring(session), recoveryCode };
  }

  /** WrongSecretError where the secret opens no slot; AuthenticationError where the document was altered or is another's. */
  static async unlock(p: UnlockOptions): Promise<Keyring> {
    return new Keyring(await unlock(p));
  }

  static exists(p: { store: Store; owner: string }): Promise<boolean> {
    return exists(p);
  }

  /** Needs no secret, proves nothing. ERR_NOT_FOUND where there is none. */
  static inspect(p: { store: Store; owner: string }): Promise<Inspection> {
    return inspect(p);
  }

  get id(): KeyId {
    return this.#session.keyring;
  }

  get owner(): string {
    return this.#session.owner;
  }

  /** Of the newest document seen here; one more with every write. */
  get revision(): number {
    return this.#session.snapshot.header.revision;
  }

  get locked(): boolean {
    return this.#session.locked;
  }

  /**
   * One slot is rewritten, no data is touched. WrongSecretError, or ConflictError where another process was first. An old copy of the
   * document still leads to the same KEK: `rekey` replaces that in the same write, as `rotateKek` with the `secrets` and `dropSlots`
   * of the other slots; every slot that `current` opens is changed then (or the one that is named), direct or rotatable.
   */
  changePassphrase(current: Passphrase, next: Passphrase, p: ChangeOptions = {}): Promise<void> {
    return this.#session.run(() => changePassphrase(this.#session, { passphrase: current }, next, p));
  }

  /**
   * The new code, to be shown once; the one before it opens nothing any more. ConflictError where another process was first.
   * Where it was written it is returned, also when the keyring was locked meanwhile.
   */
  replaceRecoveryCode(p: Work = {}): Promise<string> {
    return this.#session.run((write) => replaceRecoveryCode(this.#session, p, write));
  }

  /** A space's second key is its new active version; what the older ones encrypted still opens. */
  async createDataKey(p: { space: string }): Promise<DataKey> {
    const [key] = await this.createDataKeys([p]);
    return key!;
  }

  /** All in one write. */
  createDataKeys(p: readonly { space: string }[]): Promise<DataKey[]> {
    return this.#session.run(() => createDataKeys(this.#session, p));
  }

  /** The space's next version, which encrypts from here on; what the one before sealed still opens. ERR_KEY_NOT_FOUND. */
  rotateDataKey(p: { space: string; reason?: string }): Promise<DataKey> {
    return this.#session.run(() => rotateDataKey(this.#session, p));
  }

  /**
   * What was sealed under older keys, sealed anew under the present ones: records under their space's active DEK, envelopes of
   * an old KEK under a DEK of their own. What is so already is passed over unopened, so that a job that broke off goes on where it
   * is started again.
   */
  reencrypt(source: Source, p: ReencryptOptions): Promise<Reencrypted> {
    return this.#session.run(() => reencrypt(this.#session, source, p));
  }

  /** ERR_KEY_NOT_FOUND: `refresh` where another process may have made it. */
  dataKey(p: { space: string } | { id: KeyId }): DataKey {
    return dataKey(this.#session, p);
  }

  /** COSE_Encrypt0 under the space's active DEK; the context is bound, not stored. */
  async encrypt(plaintext: Bytes | string, p: { space: string; context: Context }): Promise<Out> {
    const { space, context } = asOptions(p, 'p');
    return encryptIn(this.#session, plaintext, space, context);
  }

  /** A record or an envelope; the key is found by its kid. AuthenticationError: wrong context, or altered bytes. */
  async decrypt(sealed: Bytes, p: { context: Context }): Promise<Out> {
    return decrypt(this.#session, sealed, asOptions(p, 'p').context);
  }

  async decryptText(sealed: Bytes, p: { context: Context }): Promise<string> {
    return decryptText(this.#session, sealed, asOptions(p, 'p').context);
  }

  /**
   * A record of at most 64 MiB under a DEK of its own, which it carries wrapped by the KEK (FORMATS §6): 125 bytes more than a
   * record, and the keyring does not grow with them. For many records; `rewrap` keeps them under the present KEK.
   */
  async sealEnvelope(plaintext: Bytes | string, p: { context: Context }): Promise<Out> {
    return sealEnvelope(this.#session, plaintext, asOptions(p, 'p').context);
  }

  /** An envelope and nothing else; `decrypt` opens records, too. */
  async openEnvelope(sealed: Bytes, p: { context: Context }): Promise<Out> {
    return openEnvelope(this.#session, sealed, asOptions(p, 'p').context);
  }

  /**
   * An envelope, or the first 143 bytes of a sealed file (or more of it), under the present KEK: no ciphertext changes. What is
   * so already comes back as it is. AuthenticationError where its wrapped key was altered; whether the data was, opening says.
   */
  rewrap(sealed: Bytes): Promise<Out> {
    return rewrap(this.#session, sealed);
  }

  /** An index key of the space: its first, or its new active version, with which what is to be found is indexed anew. */
  createIndexKey(p: { space: string }): Promise<IndexKeyName> {
    return this.#session.run(async () => createIndexKey(this.#session, asName(asOptions(p, 'p').space, 'space')));
  }

  /**
   * What an encrypted value is found by: HMAC-SHA256 under the space's index key, of the field's name and the value (text is
   * its UTF-8; bring it to one form first: case, spaces, NFC). Store it beside the record and ask for equality. Whoever sees
   * indexes sees which are equal, and how often each occurs; with few possible values that may be enough to know them. Not for
   * passwords, not for order or likeness. FORMATS §6.
   */
  index(value: Bytes | string, p: IndexOptions): Promise<Out> {
    return index(this.#session, value, p);
  }

  /** Under every version of the space's index key, the newest first: to find what was not indexed anew yet. */
  everyIndex(value: Bytes | string, p: Omit<IndexOptions, 'version'>): Promise<Out[]> {
    return everyIndex(this.#session, value, p);
  }

  /** One-shot stream, under a DEK of its own. */
  seal(plaintext: Bytes, p: { context: Context }): Promise<Out> {
    return sealAll(this.#session, plaintext, p);
  }

  open(sealed: Bytes, p: { context: Context }): Promise<Out> {
    return openAll(this.#session, sealed, p);
  }

  /** `size` of the input, where it is known: for progress. */
  sealStream(p: Work & { context: Context; size?: number }): TransformStream<Bytes, Out> {
    return sealStream(this.#session, p);
  }

  /** Every chunk is verified before it leaves; the end of the stream says that the whole is. */
  openStream(p: Work & { context: Context; size?: number }): TransformStream<Bytes, Out> {
    return openStream(this.#session, p);
  }

  /** The KEK first; no secret is in it. */
  inventory(): KeyInfo[] {
    this.#session.use();
    const { header, body, private: opened } = this.#session.snapshot;
    return keyInfos(header, body, opened);
  }

  /**
   * A DEK or a keypair in another state (SP 800-57 Part 1 Rev. 5 §7), with the reason, which may be empty, on record. ERR_KEY_STATE
   * where the table does not allow it. "destroyed" erases the key: what it sealed is lost, and nothing lifts that; copies of older
   * documents still have it.
   */
  setState(id: KeyId, state: KeyState, reason: string): Promise<void> {
    return this.#session.run(() => setState(this.#session, id, state, reason));
  }

  /**
   * Another KEK, in one write; what it wraps is wrapped anew, no data is touched. Every slot leads to it: the secrets of those that
   * need theirs are in `secrets`, or they are in `dropSlots`; else ERR_ARGUMENT names them, before any work. The old KEK goes on
   * opening envelopes and streams. reason "compromised": every key has a successor too, since who had the KEK had them all, and a
   * rotatable slot is made anew of its secret (a passkey's or an operator key's under another id), or flagged `enrolAgain` where that
   * is not in `secrets`. WrongSecretError where none of them opens a direct slot, or one that may be a rotatable slot's opens none at
   * all. Other processes must lock and unlock: theirs is ERR_CONFLICT, as is a rotation that this one overtook. Old copies of the
   * keyring still open with the secrets of then.
   */
  rotateKek(p: RotateOptions = {}): Promise<void> {
    return this.#session.run(() => rotateKek(this.#session, p));
  }

  /** What was done, the last 1,024 entries. AuthenticationError where one is missing or changed. */
  audit(): AuditReport {
    return audit(this.#session);
  }

  /** The log as bytes, under a MAC that whoever holds the KEK can verify: FORMATS §9. */
  exportAudit(): Out {
    return exportAudit(this.#session);
  }

  /** What an exported log tells. AuthenticationError where it was altered, or is another keyring's. */
  verifyAudit(exported: Bytes): AuditReport {
    return verifyAudit(this.#session, exported);
  }

  /** Reads the store again, and sees that every key unwraps and the log is whole. AuthenticationError names what is not. */
  verify(p: Work = {}): Promise<Verified> {
    return this.#session.run(() => verifyAll(this.#session, p));
  }

  /** How long keys that are made from now on are used, and how often any key is. */
  get policy(): CryptoperiodPolicy {
    this.#session.use();
    return policyOf(this.#session.snapshot.body);
  }

  setPolicy(p: Partial<CryptoperiodPolicy>): Promise<void> {
    return this.#session.run(() => setPolicy(this.#session, p));
  }

  /** Periods that end, counts that near the limit, keys that others may have: as of now. `onWarning` tells the same by itself. */
  warnings(): Warning[] {
    this.#session.use();
    return this.#session.warnings();
  }

  /** Reads the store again. ERR_ROLLBACK where it holds an older or another document than was seen here. */
  refresh(): Promise<void> {
    return this.#session.run(() => this.#session.refresh());
  }

  /**
   * Wipes every key; calls and streams under way fail with ERR_DISPOSED, except one that is writing the slot of a recovery
   * code, which ends as that write does. Idempotent.
   */
  lock(): void {
    this.#session.lock();
  }

  [dispose](): void {
    this.lock();
  }
}

/** The passphrase anew, by the recovery code of whoever lost it: for the command. Errors as of changePassphrase. */
export function changeLostPassphrase(
  keyring: Keyring,
  recoveryCode: string,
  next: Passphrase,
  p: ChangeOptions = {},
): Promise<void> {
  const session = sessionOf(keyring);
  return session.run(() => changePassphrase(session, { recoveryCode }, next, p));
}
