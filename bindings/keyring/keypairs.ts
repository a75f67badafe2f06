// keyring.keypairs: keys by which others seal to a person, and know a person's signature. Separate pairs agree and sign.

import { asBytes, concat } from '../core/bytes.ts';
import type { Bytes, Out } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import type { KeyId } from '../engine/key.ts';
import type { KeypairRecord } from '../format/body.ts';
import { contextBytes, type Context } from '../format/context.ts';
import { fingerprintText } from '../format/fingerprint.ts';
import type { Id } from '../format/ids.ts';
import { publicKeyToJwk, type PublicJwk } from '../format/jwk.ts';
import { encodePublicKey } from '../format/public-key.ts';
import type { KeyState } from '../format/states.ts';
import { fingerprint } from '../keys/fingerprint.ts';
import { decodeMessage, openMessage, signMessage } from '../keys/message.ts';
import { asId, asOptions } from './arguments.ts';
import { createKeypair, type CreateKeypair } from './create-keypair.ts';
import { findKeypair, noKeypair, withPrivateKey } from './keypair-keys.ts';
import type { Session } from './session.ts';
import { checkState } from './states.ts';

export type { CreateKeypair } from './create-keypair.ts';

/** What may be told of a pair. */
export interface KeypairInfo {
  readonly id: KeyId; // the kid: the first half of the fingerprint
  readonly use: 'agree' | 'sign';
  readonly algorithm: 'P-256' | 'X25519' | 'X-Wing' | 'ES256' | 'EdDSA';
  readonly label: string; // empty where it has none
  readonly fingerprint: string; // 13 groups of 4 symbols
  readonly state: KeyState;
  readonly created: Date;
}

export class Keypairs {
  readonly #session: Session;

  /** Of an unlocked keyring. */
  constructor(session: Session) {
    this.#session = session;
  }

  /**
   * A new pair, active from now on; one write. `use` 'agree': `kem` P-256 (default), X25519, or X-Wing (ML-KEM-768 with X25519,
   * a draft). `use` 'sign': `alg` ES256 (default; deterministic, RFC 6979) or EdDSA (Ed25519). ERR_UNSUPPORTED where the regulated
   * profile, which knows P-256 and ES256 alone, is asked for another.
   */
  create(p: CreateKeypair): Promise<KeypairInfo> {
    return this.#session.run(async () => {
      const kid = await createKeypair(this.#session, p);
      return this.#info(kid, this.#record(kid));
    });
  }

  /** Of the newest document seen here, in the order in which they were made. */
  list(): KeypairInfo[] {
    this.#session.use();
    return [...this.#session.snapshot.body.keypairs]
      .sort(([a, x], [b, y]) => x.created - y.created || (a < b ? -1 : 1))
      .map(([kid, record]) => this.#info(kid, record));
  }

  /** The public key, to be given to others: a COSE_Key (RFC 9052 §7). ERR_KEY_NOT_FOUND. */
  publicKey(id: KeyId, as?: 'cose'): Out;
  /** … as JWK (RFC 7517), with `kid` and `use`. */
  publicKey(id: KeyId, as: 'jwk'): PublicJwk;
  publicKey(id: KeyId, as: 'cose' | 'jwk' = 'cose'): Out | PublicJwk {
    const kid = asId(id, 'id');
    const { publicKey, use } = this.#record(kid);
    if (as === 'jwk') return publicKeyToJwk(publicKey, { use, kid });
    if (as !== 'cose') throw new KeystrataError('ERR_ARGUMENT', 'as: "cose" or "jwk" is wanted');
    return encodePublicKey(publicKey);
  }

  /** What two people compare, aloud or by eye, before one trusts the other's key: all 13 groups. ERR_KEY_NOT_FOUND. */
  fingerprint(id: KeyId): string {
    return this.#fingerprint(this.#record(asId(id, 'id')));
  }

  /**
   * COSE_Sign1 (RFC 9052 §4.2) of the payload, bound to the context, which is not in it. The payload is, unless `detached`:
   * then 92 bytes come back. `verifySignature` verifies it. Only an active pair signs: ERR_KEY_STATE. ERR_KEY_NOT_FOUND.
   */
  sign(id: KeyId, payload: Bytes, p: { context: Context; detached?: boolean }): Promise<Out> {
    return this.#session.run(async () => {
      const { engine } = this.#session;
      const kid = asId(id, 'id');
      const bytes = concat(asBytes(payload, 'payload'));
      const context = contextBytes(asOptions(p, 'p').context);
      const detached = p.detached ?? false;
      if (typeof detached !== 'boolean') throw new KeystrataError('ERR_ARGUMENT', 'detached: true or false is wanted');
      const record = await findKeypair(this.#session, kid);
      checkState(kid, record.state, 'sign');
      return withPrivateKey(this.#session, 'sign', kid, record, (key) =>
        signMessage(engine, key, record.publicKey, bytes, { context, detached }),
      );
    });
  }

  /**
   * What `sealTo` sealed to one of the agreement keys, found by the kid inside. AuthenticationError where the context is another
   * or bytes were altered; ERR_KEY_NOT_FOUND where it is sealed to no key of this keyring; ERR_FORMAT, ERR_UNSUPPORTED.
   * Nobody vouches for who sealed it.
   */
  open(sealed: Bytes, p: { context: Context }): Promise<Out> {
    return this.#session.run(async () => {
      const { engine } = this.#session;
      const context = concat(contextBytes(asOptions(p, 'p').context));
      const message = decodeMessage(concat(asBytes(sealed, 'sealed')));
      const kid = message.recipient;
      const record = await findKeypair(this.#session, kid);
      checkState(kid, record.state, 'decrypt');
      return withPrivateKey(this.#session, 'agree', kid, record, (key) =>
        openMessage(engine, key, record.publicKey, message, context),
      );
    });
  }

  #record(kid: Id): KeypairRecord {
    this.#session.use();
    const record = this.#session.snapshot.body.keypairs.get(kid);
    if (record === undefined) throw noKeypair(kid);
    return record;
  }

  #fingerprint({ publicKey }: KeypairRecord): string {
    return fingerprintText(fingerprint(this.#session.engine, publicKey));
  }

  #info(kid: Id, record: KeypairRecord): KeypairInfo {
    const { kind } = record.publicKey;
    return {
      id: kid,
      use: record.use,
      algorithm: record.use === 'agree' ? (kind as 'P-256') : kind === 'P-256' ? 'ES256' : 'EdDSA',
      label: this.#session.snapshot.private.labels.get(kid) ?? '',
      fingerprint: this.#fingerprint(record),
      state: record.state,
      created: new Date(record.created * 1000),
    };
  }
}
