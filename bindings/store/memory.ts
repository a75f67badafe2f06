// A store that lasts as long as the process: for tests, and for what shall not outlive it.
/* eslint-disable @typescript-eslint/require-await -- async, so that what is refused rejects like in any other store */

import type { Bytes, Out } from '../core/bytes.ts';
import { conditionOf, copied, idBytes, versionOf } from './arguments.ts';
import { lost } from './conflict.ts';
import type { Store, Stored } from './store.ts';

class MemoryStore implements Store {
  // Unlike any other's, in whichever process: what is remembered of one says nothing about the next. No secret.
  readonly name = `memory:${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
  readonly #held = new Map<string, { bytes: Out; version: string }>();
  #count = 0; // of writes to any id, so no version comes twice

  async get(id: string): Promise<Stored | null> {
    idBytes(id);
    const held = this.#held.get(id);
    return held === undefined ? null : { bytes: copied(held.bytes), version: held.version };
  }

  async put(id: string, bytes: Bytes, p: { ifVersion: string | null }): Promise<{ version: string }> {
    idBytes(id);
    const copy = copied(bytes);
    this.#expect(id, conditionOf(p));
    const version = String(++this.#count);
    this.#held.set(id, { bytes: copy, version });
    return { version };
  }

  async delete(id: string, p: { ifVersion: string }): Promise<void> {
    idBytes(id);
    this.#expect(id, versionOf(p));
    this.#held.delete(id);
  }

  async *list(): AsyncIterable<string> {
    yield* [...this.#held.keys()];
  }

  #expect(id: string, wanted: string | null): void {
    const found = this.#held.get(id)?.version ?? null;
    if (found !== wanted) throw lost(id, wanted, found);
  }
}

export function memoryStore(): Store {
  return new MemoryStore();
}
