// The core, and a pool beside it: long messages, and those that come several together, go to the pool; the others, for which
// the way would cost more than the work, stay on this thread. The results are the same.

import type { Bytes, Out } from '../core/bytes.ts';
import type { Message } from '../core/gcm.ts';
import type { Instance } from '../core/instance.ts';
import type { Bulk } from './bulk.ts';
import type { Password } from './engine.ts';
import type { OpenThread } from './pool-thread.ts';
import { Pool } from './pool.ts';
import type { Slots } from './slots.ts';
import { CoreBulk } from './wasm.ts';

/** Bytes of a message from which on it goes to the pool: by itself, so that this thread stays free; and among several. */
export const ALONE = 131_072;
export const AMONG_SEVERAL = 8192;
/** Longer ones would be in memory a second time: the core streams them where they are. */
export const MOST = 2 ** 30;

const goes = (length: number, several: boolean | undefined): boolean =>
  length >= (several ? AMONG_SEVERAL : ALONE) && length <= MOST;

export class PoolBulk implements Bulk {
  readonly #core: CoreBulk;
  readonly #pool: Pool;

  constructor(workers: number, open: OpenThread, core: Instance, slots: Slots) {
    this.#core = new CoreBulk(core, slots);
    this.#pool = new Pool(workers, open, core, slots);
  }

  seal(message: Message, plaintext: Bytes, out: Bytes, several?: boolean): void | Promise<void> {
    if (!goes(plaintext.length, several)) return this.#core.seal(message, plaintext, out);
    return this.#pool.ask('seal', message, plaintext, out).then(() => undefined);
  }

  open(message: Message, sealed: Bytes, several?: boolean): Out | Promise<Out> {
    if (!goes(sealed.length - message.tagLength, several)) return this.#core.open(message, sealed);
    return this.#pool.ask('open', message, sealed, null);
  }

  password(bytes: Bytes, onEnd: (password: Password) => void): Password {
    return this.#core.password(bytes, onEnd);
  }

  dispose(): void {
    this.#pool.dispose();
  }
}
