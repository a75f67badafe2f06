// The guard of a PIN: counts wrong ones, and at ten deletes the device secret without which a PIN opens nothing. Other slots
// open as before. FORMATS §§3, 12.
//
//   attempt ─► failures + 1, durable ─► the MAC of the guess ─► opened: 0 again
//                                                            └► wrong:  stays; at ten, deleted
//
// Counted before the guess is made: no crash and no second process gives one for nothing. It is as good as the place: whoever
// copies that and the keyring guesses as long as they like.

import { still, type Bytes } from '../core/bytes.ts';
import { KeystrataError, wrongSecretError } from '../core/errors.ts';
import type { Engine } from '../engine/engine.ts';
import { asName, asOptions } from './arguments.ts';
import { DEVICE_SECRET_LENGTH, gone, PinEntry, type DeviceStore } from './pin-entry.ts';
import { MOST_FAILURES } from './policy.ts';

/** A secret that nobody reads: a key that cannot be exported, a TPM, an enclave. */
export interface DeviceKey {
  /** HMAC-SHA256 with it, 32 bytes, which are zeroed after use. */
  mac(message: Bytes): Promise<Bytes>;
  /** Makes it unusable for good. */
  delete(): Promise<void>;
}

/** `id` names the secret in the store, say the keyring's id; with `key` the store has the count alone. */
export interface PinGuardOptions {
  engine: Engine;
  store: DeviceStore;
  id: string;
  key?: DeviceKey;
}

export interface PinGuard {
  /** Draws the device secret, where there is no DeviceKey, and begins to count. ERR_EXISTS where that was done. */
  enrol(): Promise<void>;
  /**
   * Calls `work` with the device secret, to unlock with or to add a slot. WrongSecretError: one guess less. ERR_NOT_FOUND:
   * there is no secret, or not any more. A `work` that succeeds sets the count back.
   */
  attempt<T>(work: (deviceSecret: (message: Bytes) => Promise<Bytes>) => Promise<T>): Promise<T>;
  /** Guesses that are left: 0 … 10; 0 where there is no secret. */
  left(): Promise<number>;
  /** Deletes the secret. Where there is none it does nothing. */
  forget(): Promise<void>;
}

/** The handle's id, which lives for one MAC. */
const NAMELESS = '0'.repeat(32);

class Guard implements PinGuard {
  readonly #engine: Engine;
  readonly #entry: PinEntry;
  readonly #key: DeviceKey | undefined;

  constructor({ engine, store, id, key }: PinGuardOptions) {
    this.#engine = engine;
    this.#entry = new PinEntry(store, asName(id, 'id'));
    this.#key = key;
  }

  async enrol(): Promise<void> {
    const secret = still(this.#key === undefined ? DEVICE_SECRET_LENGTH : 0);
    try {
      if (secret.length > 0) this.#engine.random(secret);
      if (!(await this.#entry.create({ failures: 0, secret })))
        throw new KeystrataError('ERR_EXISTS', 'this device has a secret for a PIN already: forget it first');
    } finally {
      secret.fill(0);
    }
  }

  async attempt<T>(work: (deviceSecret: (message: Bytes) => Promise<Bytes>) => Promise<T>): Promise<T> {
    let counting: Promise<number> | undefined; // one attempt is one guess, however many slots it is tried on
    const deviceSecret = async (message: Bytes): Promise<Bytes> => {
      await (counting ??= this.#count());
      return this.#mac(message);
    };
    let result: T;
    try {
      result = await work(deviceSecret);
    } catch (error) {
      const guessed = counting !== undefined && KeystrataError.is(error, 'ERR_WRONG_SECRET');
      throw guessed && (await counting!) >= MOST_FAILURES ? await this.#last() : error;
    }
    // What is open stays open where this cannot be written: the next success sets the count back.
    if (counting !== undefined) await this.#entry.count(() => 0).catch(() => undefined);
    return result;
  }

  async left(): Promise<number> {
    const failures = await this.#entry.failures();
    return failures === null ? 0 : Math.max(0, MOST_FAILURES - failures);
  }

  /** The key first: what a crash leaves is counted still. */
  async forget(): Promise<void> {
    await this.#key?.delete();
    await this.#entry.remove();
  }

  /** One guess more. */
  async #count(): Promise<number> {
    const before = await this.#entry.failures();
    if (before !== null && before >= MOST_FAILURES) await this.forget(); // a crash was faster
    return this.#entry.count((failures) => {
      if (failures >= MOST_FAILURES) throw gone();
      return failures + 1;
    });
  }

  async #last(): Promise<KeystrataError> {
    await this.forget().catch(() => undefined); // the next attempt will
    return wrongSecretError(
      `wrong PIN for the ${MOST_FAILURES}th time: the secret of this device was deleted; unlock in another way, then enrol the PIN again`,
    );
  }

  #mac(message: Bytes): Promise<Bytes> {
    if (this.#key !== undefined) return this.#key.mac(message);
    return this.#entry.read(({ secret }) => {
      const key = this.#engine.importKey(secret, { purpose: 'mac', id: NAMELESS });
      try {
        return this.#engine.mac(key, message);
      } finally {
        key.dispose();
      }
    });
  }
}

/** Counts wrong PINs beside the device secret. The store is the platform's safe place, behind a Store of three calls. */
export function pinGuard(p: PinGuardOptions): PinGuard {
  const { engine, store } = asOptions(p, 'p') as { engine?: Partial<Engine>; store?: Partial<DeviceStore> };
  if (typeof engine?.importKey !== 'function' || typeof store?.put !== 'function')
    throw new KeystrataError(
      'ERR_ARGUMENT',
      'engine and store: what createEngine() resolves to, and a Store, are wanted',
    );
  return new Guard(p);
}
