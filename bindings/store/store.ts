// A store keeps opaque bytes by id. No unconditional write exists.

import type { Bytes, Out } from '../core/bytes.ts';

export interface Stored {
  readonly bytes: Out;
  /** Opaque; never used twice for an id. */
  readonly version: string;
}

/**
 * What this device knows of its keyrings, kept apart from the store: whoever puts back an old store must not put this back
 * with it. FORMATS §11. Entries are some 100 bytes under 64 hex digits, so any store of another place will do.
 */
export interface RollbackMemory extends Pick<Store, 'get' | 'put'> {
  /** Where a person finds the entry of `id`, to remove it: for messages. */
  where?(id: string): string;
}

export interface Store {
  /** Tells stores apart in the rollback memory. */
  readonly name: string;
  /** The memory for keyrings of this store, where none is given with them. */
  readonly memory?: RollbackMemory | undefined;
  /** `null` where there is none; throws ERR_STORE only when the store itself fails. */
  get(id: string): Promise<Stored | null>;
  /** Writes where the version is still `ifVersion` (null: must not exist yet). A lost race is ERR_CONFLICT. Durable when it resolves. */
  put(id: string, bytes: Bytes, p: { ifVersion: string | null }): Promise<{ version: string }>;
  /** Removes where the version is still `ifVersion`; else ERR_CONFLICT. */
  delete(id: string, p: { ifVersion: string }): Promise<void>;
  list(): AsyncIterable<string>;
}
