// The core, and a pool beside it: long messages, and those that come several together, go to the pool; the others, for which
// the way would cost more than the work, stay on this thread. The results are the same.

import type { Bytes, Out } from '../core/bytes.ts';
import type { Message } from '../core/gcm.ts';
import type { Instance } from '../core/instance.ts';
import type { Bulk } from './bulk.ts';
import type { Password, Sharing } from './engine.ts';
import { Way } from './pool-messages.ts';
import type { OpenThread } from './pool-thread.ts';
import { Pool } from './pool.ts';
import { TAG_LENGTH, type Series } from './series.ts';
import type { Slots } from './slots.ts';
import { CoreBulk } from './wasm.ts';

/** Bytes of a message from which on it goes to the pool: by itself, so that this thread stays free; and among several. */
const ALONE = 131_072;
const AMONG_SEVERAL = 8192;
/** Bytes that this thread does in one go before it asks for help with more: records that are sealed one upon the other. */
const IN_ONE_GO = 65_536;
/** Longer ones would be in memory a second time: the core streams them where they are. */
const MOST = 2 ** 26;

export class PoolBulk implements Bulk {
  readonly #core: CoreBulk;
  readonly #pool: Pool;
  #inOneGo = 0;

  constructor(workers: number, open: OpenThread, core: Instance, slots: Slots) {
    this.#core = new CoreBulk(core, slots);
    this.#pool = new Pool(workers, open, core, slots);
  }

  get ahead(): number {
    return this.#pool.ahead;
  }

  ready(): Promise<void> {
    return this.#pool.ready();
  }

  seal(message: Message, plaintext: Bytes, out: Bytes, p: Sharing): void | Promise<void> {
    if (!this.#goes(plaintext.length, p)) return this.#core.seal(message, plaintext, out);
    return this.#pool.ask(Way.SEAL, message, plaintext, out).then(nothing);
  }

  open(message: Message, sealed: Bytes, p: Sharing): Out | Promise<Out> {
    if (!this.#goes(sealed.length - message.tagLength, p)) return this.#core.open(message, sealed);
    return this.#pool.ask(Way.OPEN, message, sealed, null);
  }

  sealSeries(series: Series): Out | Promise<Out> {
    if (series.texts[0]!.length < AMONG_SEVERAL) return this.#core.sealSeries(series);
    return this.#pool.askSeries(Way.SEAL, series);
  }

  openSeries(series: Series): Out | Promise<Out> {
    if (series.texts[0]!.length - TAG_LENGTH < AMONG_SEVERAL) return this.#core.openSeries(series);
    return this.#pool.askSeries(Way.OPEN, series);
  }

  #goes(length: number, { here }: Sharing): boolean {
    if (here || length < AMONG_SEVERAL || length > MOST) return false;
    return length >= ALONE || this.#tooMuch(length);
  }

  /** Whether so many bytes came since anybody else had a turn. */
  #tooMuch(length: number): boolean {
    if (this.#inOneGo === 0) queueMicrotask(() => (this.#inOneGo = 0));
    this.#inOneGo += length;
    return this.#inOneGo > IN_ONE_GO;
  }

  password(bytes: Bytes, onEnd: (password: Password) => void): Password {
    return this.#core.password(bytes, onEnd);
  }

  dispose(): void {
    this.#pool.dispose();
  }

  lose(): void {
    this.#pool.lose();
  }
}

const nothing = (): void => {};
