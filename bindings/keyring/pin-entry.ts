// What a device keeps for a PIN: its secret, and beside it how often a PIN was wrong. FORMATS §§3, 12.
//
//   under one id   CBOR [1, failures, device secret 32]              empty bytes where the device keeps the secret itself
//
// Every change is a compare-and-swap: no second process undoes a count. Secret: the device secret, which is wiped here as
// soon as it was used.

import type { Bytes, Out } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import { encode } from '../format/cbor.ts';
import { decode } from '../format/cursor.ts';
import { asByteString, asTuple, asUint, bad, unknown } from '../format/fields.ts';
import type { Store } from '../store/store.ts';

/** Where secrets of this device are kept: any Store will do whose bytes others cannot read. */
export type DeviceStore = Pick<Store, 'get' | 'put' | 'delete'>;

export interface Entry {
  readonly failures: number;
  readonly secret: Bytes; // 32, or empty
}

export const DEVICE_SECRET_LENGTH = 32;
const VERSION = 1;
const NAME = 'device secret';
/** Each try that fails is another process's success. */
const TRIES = 100;

const encodeEntry = ({ failures, secret }: Entry): Out => encode([VERSION, failures, secret]);

/** ERR_FORMAT, ERR_UNSUPPORTED. The secret is a view. */
function decodeEntry(bytes: Bytes): Entry {
  const [version, failures, secret] = asTuple(decode(bytes, NAME), NAME, 3);
  if (version !== VERSION) throw unknown(NAME, 'another version');
  const entry = {
    failures: asUint(failures, `${NAME}: failures`),
    secret: asByteString(secret, NAME, 0, DEVICE_SECRET_LENGTH),
  };
  if (entry.secret.length % DEVICE_SECRET_LENGTH !== 0) throw bad(NAME, 'cut off');
  return entry;
}

export class PinEntry {
  readonly #store: DeviceStore;
  readonly #id: string;

  constructor(store: DeviceStore, id: string) {
    this.#store = store;
    this.#id = id;
  }

  /** False where there is one already. */
  create(entry: Entry): Promise<boolean> {
    return this.#put(entry, null);
  }

  /** What `use` makes of the entry; its bytes are wiped then. ERR_NOT_FOUND where there is none. */
  read<T>(use: (entry: Entry) => T | Promise<T>): Promise<T> {
    return this.#read((entry) => {
      if (entry === null) throw gone();
      return use(entry);
    });
  }

  /** Null where there is none. */
  failures(): Promise<number | null> {
    return this.#read((entry) => entry?.failures ?? null);
  }

  /** Durable when it resolves. ERR_NOT_FOUND where there is none. */
  async count(next: (failures: number) => number): Promise<number> {
    for (let i = 0; i < TRIES; i++) {
      const failures = await this.#read(async (entry, version) => {
        if (entry === null) throw gone();
        const changed = { ...entry, failures: next(entry.failures) };
        return (await this.#put(changed, version)) ? changed.failures : null;
      });
      if (failures !== null) return failures;
    }
    throw busy();
  }

  /** Where there is none it does nothing. */
  async remove(): Promise<void> {
    for (let i = 0; i < TRIES; i++) {
      const version = await this.#read((_entry, found) => found);
      if (version === null) return;
      try {
        return await this.#store.delete(this.#id, { ifVersion: version });
      } catch (error) {
        if (!KeystrataError.is(error, 'ERR_CONFLICT')) throw error;
      }
    }
    throw busy();
  }

  async #read<T>(use: (entry: Entry | null, version: string | null) => T | Promise<T>): Promise<T> {
    const stored = await this.#store.get(this.#id);
    if (stored === null) return use(null, null);
    try {
      return await use(decodeEntry(stored.bytes), stored.version);
    } finally {
      stored.bytes.fill(0);
    }
  }

  /** False where another process was first. */
  async #put(entry: Entry, ifVersion: string | null): Promise<boolean> {
    const bytes = encodeEntry(entry);
    try {
      await this.#store.put(this.#id, bytes, { ifVersion });
      return true;
    } catch (error) {
      if (KeystrataError.is(error, 'ERR_CONFLICT')) return false;
      throw error;
    } finally {
      bytes.fill(0);
    }
  }
}

export const gone = (): KeystrataError =>
  new KeystrataError(
    'ERR_NOT_FOUND',
    'this device has no secret for a PIN, or not any more: unlock in another way, then enrol the PIN again',
  );

const busy = (): KeystrataError =>
  new KeystrataError('ERR_STORE', 'other processes change the device secret without a pause: do it again');
