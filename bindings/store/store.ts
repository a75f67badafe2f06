// A store keeps opaque bytes by id. No unconditional write exists.

import type { Bytes, Out } from '../core/bytes.ts';

export interface Stored {
  readonly bytes: Out;
  /** Opaque; never used twice for an id. */
  readonly version: string;
}

export interface Store {
  /** Tells stores apart in the rollback memory. */
  readonly name: string;
  /** `null` where there is none; throws ERR_STORE only when the store itself fails. */
  get(id: string): Promise<Stored | null>;
  /** Writes where the version is still `ifVersion` (null: must not exist yet). A lost race is ERR_CONFLICT. Durable when it resolves. */
  put(id: string, bytes: Bytes, p: { ifVersion: string | null }): Promise<{ version: string }>;
  /** Removes where the version is still `ifVersion`; else ERR_CONFLICT. */
  delete(id: string, p: { ifVersion: string }): Promise<void>;
  list(): AsyncIterable<string>;
}
