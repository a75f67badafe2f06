// What this device knows of one keyring, so that it takes no older document and no other keyring. FORMATS §11.
//
//   read    recall ──► read the store ──► verify ──► check against what was recalled ──► remember
//   write                                    put ──► remember ──► reported done
//
// It is recalled before the store is read: another process may write and remember meanwhile, which is no rollback. A write
// needs no note before it is made, since until its answer is here the document remembered is the one before it, and both
// may follow that; but a new keyring in place of one that is gone follows nothing, and is announced.

import { hex, utf8 } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import type { Id } from '../format/ids.ts';
import { memoryStore } from '../store/memory.ts';
import type { RollbackMemory } from '../store/store.ts';
import { randomId } from './compose.ts';
import { decodeRemembered, encodeRemembered, type Remembered } from './remembered.ts';
import type { Snapshot } from './snapshot.ts';
import type { Known } from './succession.ts';
import type { Remembering, Where } from './types.ts';

/** Where neither the caller nor the store has one: it lasts as long as the process. */
const OF_PROCESS = memoryStore();
const SEPARATOR = new Uint8Array(1);
/** Each try that fails is another process's success. */
const TRIES = 100;

type Accepted = Pick<Snapshot, 'header' | 'hash'>;

export class DeviceMemory {
  readonly #memory: RollbackMemory;
  readonly #id: string;
  readonly #fresh: Id; // names the device where nothing is remembered
  #version: string | null = null;
  #known: Remembered | null = null;

  constructor({ engine, store, owner, memory }: Where & Remembering) {
    this.#memory = memory ?? store.memory ?? OF_PROCESS;
    this.#id = hex(engine.sha256(utf8(store.name, 'store: name'), SEPARATOR, utf8(owner, 'owner')));
    this.#fresh = randomId(engine);
  }

  /** Names this device as a writer: as long as the memory lasts. */
  get device(): Id {
    return this.#known?.device ?? this.#fresh;
  }

  get where(): string {
    if (this.#memory === OF_PROCESS) return 'this process has it, start it again';
    return this.#memory.where?.(this.#id) ?? `entry ${this.#id} of the memory given`;
  }

  /** Before the store is read. Null where nothing is remembered. */
  async recall(): Promise<Known | null> {
    const stored = await this.#memory.get(this.#id);
    this.#version = stored?.version ?? null;
    this.#known = stored === null ? null : this.#decoded(stored.bytes);
    return this.#known && { ...this.#known, where: this.where };
  }

  /** Durable when it resolves. What another process remembers of a newer document stays. */
  async remember({ header: { keyring, revision, kek }, hash }: Accepted): Promise<void> {
    const known = this.#known;
    const same = known?.keyring === keyring && known.revision === revision && known.pending === undefined;
    if (!same) await this.#put({ keyring, revision, hash, kek, device: this.device });
  }

  /** A new keyring will stand in place of one that is remembered and gone: from here on either is taken. */
  async announce({ header: { keyring }, hash }: Accepted): Promise<void> {
    if (this.#known !== null) await this.#put({ ...this.#known, pending: { keyring, hash } });
  }

  async #put(next: Remembered): Promise<void> {
    const bytes = encodeRemembered(next);
    for (let i = 0; i < TRIES; i++) {
      try {
        const { version } = await this.#memory.put(this.#id, bytes, { ifVersion: this.#version });
        this.#version = version;
        this.#known = next;
        return;
      } catch (error) {
        if (!KeystrataError.is(error, 'ERR_CONFLICT')) throw error;
      }
      const other = await this.recall();
      if (other?.keyring === next.keyring && other.revision >= next.revision) return;
    }
    throw new KeystrataError(
      'ERR_STORE',
      'other processes change what this device remembers of the keyring without a pause: do it again',
    );
  }

  #decoded(bytes: Uint8Array): Remembered {
    try {
      return decodeRemembered(bytes);
    } catch (cause) {
      throw new KeystrataError(
        'ERR_STORE',
        `what this device remembers of the keyring cannot be read, so an older copy could not be told from the newest: restore it, or remove it if you know that the store is as you left it (${this.where})`,
        { cause },
      );
    }
  }
}
