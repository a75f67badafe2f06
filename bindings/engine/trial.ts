// One short trial of AES-256-GCM in the core and on the platform: four lengths, both ways, and several at once.

import { still, type Out } from '../core/bytes.ts';
import type { Instance } from '../core/instance.ts';
import type { Bulk } from './bulk.ts';
import { IV_LENGTH, TAG_LENGTH, TOGETHER, type Series } from './series.ts';
import type { Slots } from './slots.ts';
import { CoreBulk } from './wasm.ts';

/** Of a stream's chunk. */
export const CHUNK = 16_384;
/** Bytes of the messages; where they cross lies between the outer two on all platforms that were tried. */
export const LENGTHS = [1024, CHUNK, 65_536, 262_144] as const;
/** … and how often each is done in a round: so often at one time, for clocks that are coarse; and so often timed. */
const REPEATS = [3, 3, 1, 1] as const;
/** The platform's threads sleep between rounds, and are slow to begin. The core blocks this thread: once. */
const AGAIN = [1, 1, 3, 3] as const;
const EACH = [0, 1, 2, 3] as const;
const SEVERAL = 8;
/** … of a pool, whose threads are many: half of what may be under way there, or so many, in series. */
const SEVERAL_MOST = 256;

type Four<T> = [T, T, T, T];

/** Milliseconds a message of each length takes. */
export interface Both {
  core: Four<number>;
  web: Four<number>;
}

/** As a rule, and at best; and one chunk among others: on the platform, and in a pool where there is one. */
export interface Times extends Both {
  best: Both;
  several: number;
  pool?: number;
}

/** What every round has found. */
class Findings {
  readonly core: Four<number[]> = [[], [], [], []];
  readonly web: Four<number[]> = [[], [], [], []];
  readonly several: number[] = [];
  readonly pool: number[] = [];

  /** As a rule: the platform allocates, and wakes a thread, which is often quick and as often not. */
  get times(): Times {
    const times = { ...this.#both(median), best: this.#both(least), several: median(this.several) };
    return this.pool.length === 0 ? times : { ...times, pool: median(this.pool) };
  }

  #both(of: (times: readonly number[]) => number): Both {
    const four = ([a, b, c, d]: Four<number[]>): Four<number> => [of(a), of(b), of(c), of(d)];
    return { core: four(this.core), web: four(this.web) };
  }
}

/** The upper one of two in the middle; Infinity of none. */
const median = (of: readonly number[]): number => [...of].sort((a, b) => a - b)[of.length >> 1] ?? Infinity;
const least = (of: readonly number[]): number => Math.min(...of);

interface Sample {
  text: Out;
  sealed: Out;
}

const sample = (length: number): Sample => ({ text: still(length), sealed: still(length + TAG_LENGTH) });

export class Trial {
  readonly #seal = new Findings();
  readonly #open = new Findings();
  readonly #subtle: SubtleCrypto;
  readonly #core: Instance;
  readonly #slots: Slots;
  readonly #pool: Bulk | null;
  #samples: Four<Sample> | null = null;
  readonly #nonce = { iv: still(IV_LENGTH), aad: still(64) };

  constructor(subtle: SubtleCrypto, core: Instance, slots: Slots, pool: Bulk | null) {
    this.#subtle = subtle;
    this.#core = core;
    this.#slots = slots;
    this.#pool = pool;
  }

  get seal(): Times {
    return this.#seal.times;
  }

  get open(): Times {
    return this.#open.times;
  }

  /** Made when the first round comes: most engines see no long message. */
  get #made(): Four<Sample> {
    const [a, b, c, d] = LENGTHS;
    return (this.#samples ??= [sample(a), sample(b), sample(c), sample(d)]);
  }

  /** At once, in a slot that is free again afterwards: ERR_LIMIT where there is none. */
  inCore(): void {
    this.#core.live();
    const bulk = new CoreBulk(this.#core, this.#slots);
    const slot = this.#slots.take();
    try {
      this.#slots.load(slot, (room) => room.fill(0));
      const message = { slot, ...this.#nonce, tagLength: TAG_LENGTH };
      bulk.seal(message, this.#made[0].text, this.#made[0].sealed); // prepares the key
      for (const i of EACH) {
        const { text, sealed } = this.#made[i];
        const [seal, open] = [() => bulk.seal(message, text, sealed), () => bulk.open(message, sealed)];
        this.#seal.core[i].push(time(seal, REPEATS[i]));
        this.#open.core[i].push(time(open, REPEATS[i]));
      }
    } finally {
      this.#slots.free(slot);
    }
  }

  /** After inCore, whose sealed messages it opens. Rejects where the platform fails. */
  async onPlatform(): Promise<void> {
    const { iv, aad } = this.#nonce;
    const gcm = { name: 'AES-GCM', iv, additionalData: aad, tagLength: 8 * TAG_LENGTH };
    const key = await this.#subtle.importKey('raw', still(32), 'AES-GCM', false, ['encrypt', 'decrypt']);
    const seal = async ({ text, sealed }: Sample): Promise<void> =>
      sealed.set(new Uint8Array(await this.#subtle.encrypt(gcm, key, text)));
    const open = async ({ sealed }: Sample): Promise<unknown> =>
      new Uint8Array(await this.#subtle.decrypt(gcm, key, sealed));
    for (const [found, work] of [
      [this.#seal, seal],
      [this.#open, open],
    ] as const) {
      await work(this.#made[0]); // wakes a thread
      for (const i of EACH)
        for (let n = 0; n < AGAIN[i]; n++) found.web[i].push(await timeLater(() => work(this.#made[i]), REPEATS[i]));
      const together = (): Promise<unknown> => Promise.all(Array.from({ length: SEVERAL }, () => work(this.#made[1])));
      found.several.push((await timeLater(together, REPEATS[1])) / SEVERAL);
    }
  }

  /** After inCore too, where there is a pool. */
  async inPool(): Promise<void> {
    if (this.#pool === null) return;
    this.#core.live();
    const pool = this.#pool;
    const slot = this.#slots.take();
    try {
      this.#slots.load(slot, (room) => room.fill(0));
      const { text } = this.#made[1];
      const ivs = Array<Out>(TOGETHER).fill(this.#nonce.iv);
      const plain: Series = { slot, ivs, texts: Array<Out>(TOGETHER).fill(text), out: null };
      const first = (await pool.sealSeries(plain)).subarray(0, text.length + TAG_LENGTH); // wakes a thread
      const sealed: Series = { ...plain, texts: Array<Out>(TOGETHER).fill(first) };
      const length = Math.ceil(Math.min(SEVERAL_MOST, (pool.ahead ?? 0) / CHUNK / 2) / TOGETHER);
      const both = [
        [this.#seal, () => pool.sealSeries(plain)],
        [this.#open, () => pool.openSeries(sealed)],
      ] as const;
      for (const [found, work] of both) {
        const together = (): Promise<unknown> => Promise.all(Array.from({ length }, (): unknown => work()));
        found.pool.push((await timeLater(together, REPEATS[1])) / length / TOGETHER);
      }
    } finally {
      this.#slots.free(slot);
    }
  }
}

function time(work: () => unknown, repeats: number): number {
  const began = performance.now();
  for (let i = 0; i < repeats; i++) work();
  return (performance.now() - began) / repeats;
}

async function timeLater(work: () => Promise<unknown>, repeats: number): Promise<number> {
  const began = performance.now();
  for (let i = 0; i < repeats; i++) await work();
  return (performance.now() - began) / repeats;
}
