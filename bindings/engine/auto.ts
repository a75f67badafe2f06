// The kind that takes whoever is faster: the core for short messages, the platform for long ones, and for PBKDF2 the one that a
// short measurement prefers. The results are the same.

import { concat, type Bytes, type Out } from '../core/bytes.ts';
import type { Message } from '../core/gcm.ts';
import type { Instance } from '../core/instance.ts';
import { AutoPassword } from './auto-password.ts';
import type { Bulk } from './bulk.ts';
import { Crossover, type Lengths, type Way } from './crossover.ts';
import type { Password, Sharing } from './engine.ts';
import { DeriverChoice, Rates, type Deriver } from './rates.ts';
import { TAG_LENGTH, type Series } from './series.ts';
import type { Slots } from './slots.ts';
import { Trial } from './trial.ts';
import { CoreBulk } from './wasm.ts';
import { WebCryptoBulk } from './webcrypto.ts';

/** What the caller sets is not measured: lengths in bytes, from which on WebCrypto seals and opens; and who derives. */
export type Crossing = Partial<Lengths> & { derive?: Deriver };

const nobody = (): void => {};

export class AutoBulk implements Bulk {
  readonly #instance: Instance;
  readonly #core: Bulk;
  readonly #web: WebCryptoBulk;
  readonly #crossover: Crossover;
  readonly #below: Lengths;
  readonly #deriver: Deriver | undefined;
  readonly #choice: DeriverChoice;

  /** `inCore`: the core, or it and a pool of others like it. */
  constructor(
    subtle: SubtleCrypto,
    { derive, ...lengths }: Crossing,
    core: Instance,
    slots: Slots,
    inCore: Bulk = new CoreBulk(core, slots),
  ) {
    const rates = new Rates();
    this.#instance = core;
    this.#core = inCore;
    this.#web = new WebCryptoBulk(subtle, rates, core, slots);
    this.#crossover = new Crossover(lengths, new Trial(subtle, core, slots, this.ahead > 0 ? inCore : null));
    this.#below = this.#crossover.below;
    this.#deriver = derive;
    this.#choice = new DeriverChoice(subtle, core, rates);
  }

  get ahead(): number {
    return this.#core.ahead ?? 0;
  }

  seal(message: Message, plaintext: Bytes, out: Bytes, p: Sharing): void | Promise<void> {
    const { length } = plaintext;
    if (!this.#sends('seal', length, false)) return this.#core.seal(message, plaintext, out, p);
    return this.#web.seal(message, plaintext, out);
  }

  open(message: Message, sealed: Bytes, p: Sharing): Out | Promise<Out> {
    const length = sealed.length - message.tagLength;
    if (!this.#sends('open', length, false)) return this.#core.open(message, sealed, p);
    return this.#web.open(message, sealed);
  }

  sealSeries(series: Series): Out | Promise<Out> {
    if (!this.#sends('seal', series.texts[0]!.length, this.#several(series))) return this.#core.sealSeries(series);
    return this.#web.sealSeries(this.#lasting(series));
  }

  openSeries(series: Series): Out | Promise<Out> {
    const length = series.texts[0]!.length - TAG_LENGTH;
    if (!this.#sends('open', length, this.#several(series))) return this.#core.openSeries(series);
    return this.#web.openSeries(this.#lasting(series));
  }

  /** Whether others are under way with a message, from one series or, where there are workers, from several. */
  #several({ texts }: Series): boolean {
    return texts.length > 1 || this.ahead > 0;
  }

  /** What may be taken away before the platform has it is copied: `ahead` says so. */
  #lasting(series: Series): Series {
    return this.ahead > 0 ? { ...series, texts: series.texts.map((text) => concat(text)) } : series;
  }

  #sends(way: Way, length: number, several: boolean): boolean {
    if (length < this.#below[way]) return false;
    if (!this.#crossover.settled && this.#web.idle) {
      const round = this.#crossover.measure();
      if (round !== null) this.#web.hold(round);
    }
    return this.#crossover.sends(way, length, several);
  }

  password(bytes: Bytes, onEnd: (password: Password) => void): Password {
    if (this.#deriver === 'wasm') return this.#core.password(bytes, onEnd);
    return new AutoPassword(bytes, (copy, check) => this.#take(copy, check), onEnd);
  }

  /** Whoever is faster; the core also where the platform takes no such password. */
  async #take(bytes: Bytes, check: () => void): Promise<Password> {
    const deriver = this.#deriver ?? (await this.#choice.choose());
    if (deriver === 'webcrypto') {
      check();
      const password = this.#web.password(bytes, nobody);
      try {
        await password.ready;
        return password;
      } catch {
        // the core takes every password
      }
    }
    check();
    this.#instance.live();
    return this.#core.password(bytes, nobody);
  }

  dispose(): void {
    this.#core.dispose?.();
  }

  lose(): void {
    this.#core.lose?.();
  }
}
