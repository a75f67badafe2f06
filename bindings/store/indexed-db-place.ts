// Where an IndexedDB store lies: a database of the browser's, opened when it is first used and again when it was closed.
//
// The browser closes connections as it likes (site data cleared, another tab that brings the database up to date): then the
// next call opens another one. A transaction that had begun is aborted as a whole, and its caller told.

import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import { KeystrataError } from '../core/errors.ts';
import type { Bytes } from '../core/bytes.ts';

/** The object store, and the version of the database that has it. */
export const KEYRINGS = 'keyrings';
const VERSION = 1;

export interface Tables extends DBSchema {
  [KEYRINGS]: { key: string; value: { readonly bytes: Bytes; readonly version: string } };
}
export type Connection = IDBPDatabase<Tables>;

const REASONS: Readonly<Record<string, string>> = {
  QuotaExceededError: 'the browser grants this site no more room; free some, or ask for persistent storage',
  UnknownError: 'the browser’s storage failed; free some disk space, then reload',
  SecurityError: 'the browser lets this page store nothing; allow it site data',
  InvalidStateError: 'the browser closed its storage, say because site data were cleared; reload',
  AbortError: 'the browser gave the write up; free some disk space, and do it again',
};

export class Place {
  readonly #database: string;
  #opening: Promise<Connection> | null = null;

  constructor(database: string) {
    this.#database = database;
  }

  /** Every failure of the browser is ERR_STORE; `what` says what was being done. */
  async use<T>(what: string, work: (connection: Connection) => Promise<T>): Promise<T> {
    try {
      const connection = await this.#open();
      try {
        return await work(connection);
      } catch (error) {
        if (!isClosed(error)) throw error;
        this.#forget(); // nothing was begun: once more, with another connection
        return await work(await this.#open());
      }
    } catch (error) {
      throw browserError(error, what);
    }
  }

  #open(): Promise<Connection> {
    if (typeof indexedDB === 'undefined')
      throw new KeystrataError('ERR_UNSUPPORTED', 'there is no IndexedDB here: in Node, take a fileStore');
    if (this.#opening !== null) return this.#opening;
    const forget = (): void => this.#forget();
    const opening = openDB<Tables>(this.#database, VERSION, {
      upgrade: (database) => void database.createObjectStore(KEYRINGS),
      blocking(_now, _then, event) {
        forget();
        (event.target as IDBDatabase).close(); // another tab brings it up to date, or deletes it
      },
      terminated: forget,
    });
    this.#opening = opening;
    opening.catch(forget);
    return opening;
  }

  #forget(): void {
    this.#opening = null;
  }
}

/** What `transaction()` throws on a connection that is closed. */
const isClosed = (error: unknown): boolean => error instanceof DOMException && error.name === 'InvalidStateError';

function browserError(cause: unknown, what: string): KeystrataError {
  if (cause instanceof KeystrataError) return cause;
  const { name = '', message = 'it failed' } = (cause ?? {}) as { name?: string; message?: string };
  if (name === 'VersionError')
    return new KeystrataError('ERR_UNSUPPORTED', `${what}: a newer keystrata made this database: reload, or update`, {
      cause,
    });
  return new KeystrataError('ERR_STORE', `${what}: ${REASONS[name] ?? message}`, { cause });
}
