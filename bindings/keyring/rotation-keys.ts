// The keys in a rotation of the KEK: every one that it wraps is wrapped by the next. FORMATS §§3, 4; SP 800-57 Part 1 §5.3.
//
//   wrapped ──old KEK──► handle ──next KEK──► wrapped anew ──next KEK──► seen to unwrap
//
// From slot to slot of the core. What was wrapped once stays so for all tries of the change; what another device adds meanwhile
// is wrapped when the change meets it.

import { equal, type Bytes } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import { checkAborted, pause } from '../engine/pause.ts';
import type { Body, KeyRecord, KeypairRecord } from '../format/body.ts';
import type { Id } from '../format/ids.ts';
import type { KeyType } from '../format/key-record.ts';
import { rewrapUnderKek } from '../keys/kek.ts';
import { unwrapPrivateKey, wrapPrivateKey } from '../keys/keypair.ts';
import { unwrapOldKek, wrapOldKek } from '../keys/old-kek.ts';
import type { Kek } from '../keys/roles.ts';
import { makeRoom } from './key-shelf.ts';
import type { Working } from './progress.ts';
import type { Unlocked } from './snapshot.ts';

/** Whom the KEK wraps, by the type of its record; the body DEK is made anew, and granted keys lie under a space key. */
const ROLE_OF = { record: 'RECORD', index: 'INDEX', space: 'SPACE' } as const satisfies Partial<
  Record<KeyType, string>
>;

/** Keys wrapped between two turns of the event loop: some ten milliseconds' worth. */
const TURN = 250;

/** Old wrap → new wrap. Made for one rotation. */
export class Rewrapping {
  readonly #unlocked: Unlocked;
  readonly #next: Kek;
  readonly #wraps = new Map<Id, { readonly of: Bytes; readonly anew: Bytes }>();
  /** Units of the next KEK that were spent, FORMATS §10. */
  made = 0;

  constructor(unlocked: Unlocked, next: Kek) {
    this.#unlocked = unlocked;
    this.#next = next;
  }

  /**
   * All that the body has, at leisure: `stillKek` throws where others, in their turn, replaced the KEK. AuthenticationError where
   * a wrap was altered: the inventory is not complete.
   */
  async prepare(body: Body, { signal, onProgress }: Working, stillKek: () => void): Promise<void> {
    stillKek();
    let done = 0;
    for (const [kid, record] of body.keys) {
      if (done++ % TURN === TURN - 1) {
        await pause();
        stillKek();
        onProgress?.(done / body.keys.size);
      }
      checkAborted(signal);
      this.key(kid, record);
    }
    this.keypairs(body.keypairs);
    this.oldKeks(body.oldKeks);
    onProgress?.(1);
  }

  /** The record under the next KEK: the body DEK and granted keys as they are. */
  key(kid: Id, record: KeyRecord): KeyRecord {
    const { type, wrapped } = record;
    if (wrapped === null || type === 'body' || type === 'granted') return record;
    const { engine, kek, keyring } = this.#unlocked;
    const again = (): Bytes =>
      rewrapUnderKek(engine, { from: kek, to: this.#next }, ROLE_OF[type], wrapped, { keyring, kid });
    return { ...record, wrapped: this.#once(kid, wrapped, again) };
  }

  keypairs(pairs: Body['keypairs']): Map<Id, KeypairRecord> {
    return new Map([...pairs].map(([id, pair]) => [id, this.#pair(id, pair)]));
  }

  #pair(kid: Id, pair: KeypairRecord): KeypairRecord {
    const { use, publicKey, wrapped } = pair;
    if (wrapped === null) return pair;
    const { engine, kek, keyring } = this.#unlocked;
    const role = use === 'agree' ? 'AGREE' : 'SIGN';
    const again = (): Bytes => {
      const privateKey = unwrapPrivateKey(engine, kek, role, wrapped, publicKey, keyring);
      try {
        const anew = wrapPrivateKey(engine, this.#next, role, { privateKey, publicKey }, keyring);
        unwrapPrivateKey(engine, this.#next, role, anew, publicKey, keyring).dispose();
        return anew;
      } finally {
        privateKey.dispose();
      }
    };
    return { ...pair, wrapped: this.#once(kid, wrapped, again) };
  }

  oldKeks(oldKeks: Body['oldKeks']): Map<Id, Body['oldKeks'] extends ReadonlyMap<Id, infer T> ? T : never> {
    const { engine, kek, keyring } = this.#unlocked;
    const anew = (kid: Id, wrapped: Bytes) => (): Bytes => {
      const old = unwrapOldKek(engine, kek, wrapped, { keyring, kid });
      try {
        return this.oldKek(old);
      } finally {
        old.dispose();
      }
    };
    return new Map(
      [...oldKeks].map(([kid, old]) => [
        kid,
        { ...old, wrapped: this.#once(kid, old.wrapped, anew(kid, old.wrapped)) },
      ]),
    );
  }

  /** One that was, or that is now. */
  oldKek(old: Parameters<typeof wrapOldKek>[2]): Bytes {
    const { engine, keyring } = this.#unlocked;
    const wrapped = wrapOldKek(engine, this.#next, old, keyring);
    unwrapOldKek(engine, this.#next, wrapped, { keyring, kid: old.id }).dispose();
    return wrapped;
  }

  #once(kid: Id, of: Bytes, make: () => Bytes): Bytes {
    const known = this.#wraps.get(kid);
    if (known !== undefined && equal(known.of, of)) return known.anew;
    if (this.made % TURN === 0) makeRoom(this.#unlocked.engine);
    let anew: Bytes;
    try {
      anew = make();
    } catch (cause) {
      if (!KeystrataError.is(cause, 'ERR_AUTHENTICATION')) throw cause;
      throw new KeystrataError(
        cause.code,
        `a key of this keyring does not unwrap, so no other is replaced: ${cause.message}`,
        { cause },
      );
    }
    this.#wraps.set(kid, { of, anew });
    this.made++;
    return anew;
  }
}
