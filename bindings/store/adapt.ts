// A store out of a backend of one's own: what is the same in all of them is done here, and four short functions remain.

import type { Bytes } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import { conditionOf, copied, idBytes, versionOf } from './arguments.ts';
import { lost } from './conflict.ts';
import type { RollbackMemory, Store, Stored } from './store.ts';
import { freshVersion } from './version.ts';

type Soon<T> = T | Promise<T>;

/** Ids are well-formed text of 1 … 255 bytes of UTF-8, any of it: NUL, "..", "Alice" beside "alice". */
export interface Backend {
  /** kind:place, such as "sqlite:/var/keys.db": tells stores apart in the rollback memory. Always the same for one place. */
  readonly name: string;
  /** The memory for keyrings of this store, where none is given with them. Never in the same place. */
  readonly memory?: RollbackMemory | undefined;
  /** The newest that was written, whoever wrote it. */
  read(id: string): Soon<{ bytes: Bytes; version: string } | null>;
  /**
   * In one step that nobody comes between: where the version is still `ifVersion` (null: where there is none), `bytes` and
   * `version` take its place. Durable when it resolves. False, and nothing changed, where the version is another.
   */
  write(id: string, next: { bytes: Bytes; version: string; ifVersion: string | null }): Soon<boolean>;
  /** In one step: removes where the version is still `ifVersion`, else false. */
  remove(id: string, p: { ifVersion: string }): Soon<boolean>;
  ids(): Iterable<string> | AsyncIterable<string>;
}

/** What the backend throws is ERR_STORE with its cause; an error of ours stays as it is. */
async function asking<T>(what: string, work: () => Soon<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (KeystrataError.is(cause)) throw cause;
    throw new KeystrataError('ERR_STORE', `${what}: ${cause instanceof Error ? cause.message : 'it failed'}`, {
      cause,
    });
  }
}

class AdaptedStore implements Store {
  readonly name: string;
  readonly memory: RollbackMemory | undefined;
  readonly #backend: Backend;

  constructor(backend: Backend) {
    this.#backend = backend;
    this.name = backend.name;
    this.memory = backend.memory;
  }

  async get(id: string): Promise<Stored | null> {
    idBytes(id);
    const held = await asking(`reading ${JSON.stringify(id)}`, () => this.#backend.read(id));
    return held === null ? null : { bytes: copied(held.bytes), version: held.version };
  }

  async put(id: string, bytes: Bytes, p: { ifVersion: string | null }): Promise<{ version: string }> {
    idBytes(id);
    const next = { bytes: copied(bytes), version: freshVersion(), ifVersion: conditionOf(p) };
    await this.#change(`writing ${JSON.stringify(id)}`, id, next.ifVersion, () => this.#backend.write(id, next));
    return { version: next.version };
  }

  async delete(id: string, p: { ifVersion: string }): Promise<void> {
    idBytes(id);
    const ifVersion = versionOf(p);
    await this.#change(`deleting ${JSON.stringify(id)}`, id, ifVersion, () => this.#backend.remove(id, { ifVersion }));
  }

  async *list(): AsyncIterable<string> {
    const ids = await asking('listing', () => this.#backend.ids());
    const all: Iterator<string> | AsyncIterator<string> =
      Symbol.asyncIterator in ids ? ids[Symbol.asyncIterator]() : ids[Symbol.iterator]();
    for (;;) {
      const next = await asking<IteratorResult<string, unknown>>('listing', () => all.next());
      if (next.done === true) return;
      yield next.value;
    }
  }

  async #change(what: string, id: string, wanted: string | null, work: () => Soon<boolean>): Promise<void> {
    if (await asking(what, work)) return;
    const found = await asking(what, () => this.#backend.read(id));
    throw lost(id, wanted, found?.version ?? null);
  }
}

/** A Store on `backend`: it checks arguments, copies bytes, draws versions, and says lost races and failures in our words. */
export function adaptStore(backend: Backend): Store {
  for (const name of ['read', 'write', 'remove', 'ids'] as const)
    if (typeof (backend as Partial<Backend> | null | undefined)?.[name] !== 'function')
      throw new KeystrataError('ERR_ARGUMENT', `backend: a function "${name}" is wanted`);
  if (typeof backend.name !== 'string' || !/^[a-z]+:./.test(backend.name))
    throw new KeystrataError('ERR_ARGUMENT', 'backend: a name such as "sqlite:/var/keys.db" is wanted');
  return new AdaptedStore(backend);
}
