// One short trial of AES-256-GCM in the core and on the platform: three lengths, both ways, and several at once.

import { still, type Out } from '../core/bytes.ts';
import type { Instance } from '../core/instance.ts';
import type { Bulk } from './bulk.ts';
import type { Slots } from './slots.ts';
import { CoreBulk } from './wasm.ts';

/** Of a stream's chunk. */
export const CHUNK = 16_384;
/** Bytes of the messages; where they cross lies between the outer two on all platforms that were tried. */
export const LENGTHS = [1024, CHUNK, 65_536] as const;
/** … and how often each is timed in a round: the core blocks the thread meanwhile. */
const REPEATS = [3, 3, 1] as const;
const SEVERAL = 8;
/** … of a pool, whose threads are many: half of what may be under way there, or so many. */
const SEVERAL_MOST = 256;
const TAG_LENGTH = 16;

/** Milliseconds a message of each length; one chunk among others: on the platform, and in a pool where there is one. */
export interface Times {
  core: [number, number, number];
  web: [number, number, number];
  several: number;
  pool?: number;
}

const never = (): Times => ({
  core: [Infinity, Infinity, Infinity],
  web: [Infinity, Infinity, Infinity],
  several: Infinity,
});

interface Sample {
  text: Out;
  sealed: Out;
}

const sample = (length: number): Sample => ({ text: still(length), sealed: still(length + TAG_LENGTH) });

export class Trial {
  /** The best that was seen: what is slower was disturbed, or cold. */
  readonly seal = never();
  readonly open = never();
  readonly #subtle: SubtleCrypto;
  readonly #core: Instance;
  readonly #slots: Slots;
  readonly #pool: Bulk | null;
  #samples: readonly [Sample, Sample, Sample] | null = null;
  readonly #nonce = { iv: still(12), aad: still(64) };

  constructor(subtle: SubtleCrypto, core: Instance, slots: Slots, pool: Bulk | null) {
    this.#subtle = subtle;
    this.#core = core;
    this.#slots = slots;
    this.#pool = pool;
  }

  /** Made when the first round comes: most engines see no long message. */
  get #made(): readonly [Sample, Sample, Sample] {
    return (this.#samples ??= [sample(LENGTHS[0]), sample(LENGTHS[1]), sample(LENGTHS[2])]);
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
      for (const i of [0, 1, 2] as const) {
        const { text, sealed } = this.#made[i];
        const [seal, open] = [() => bulk.seal(message, text, sealed), () => bulk.open(message, sealed)];
        this.seal.core[i] = Math.min(this.seal.core[i], time(seal, REPEATS[i]));
        this.open.core[i] = Math.min(this.open.core[i], time(open, REPEATS[i]));
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
    for (const [times, work] of [
      [this.seal, seal],
      [this.open, open],
    ] as const) {
      await work(this.#made[0]); // wakes a thread
      for (const i of [0, 1, 2] as const)
        times.web[i] = Math.min(times.web[i], await timeLater(() => work(this.#made[i]), REPEATS[i]));
      const together = (): Promise<unknown> => Promise.all(Array.from({ length: SEVERAL }, () => work(this.#made[1])));
      const several = await timeLater(together, REPEATS[1]);
      times.several = Math.min(times.several, several / SEVERAL);
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
      const message = { slot, ...this.#nonce, tagLength: TAG_LENGTH };
      const { text, sealed } = this.#made[1];
      const several = Math.min(SEVERAL_MOST, Math.ceil((pool.ahead ?? 0) / CHUNK / 2));
      const both = [
        [this.seal, () => pool.seal(message, text, sealed, { several: true })],
        [this.open, () => pool.open(message, sealed, { several: true })],
      ] as const;
      for (const [times, work] of both) {
        const together = (): Promise<unknown> => Promise.all(Array.from({ length: several }, (): unknown => work()));
        const all = await timeLater(together, REPEATS[1]);
        times.pool = Math.min(times.pool ?? Infinity, all / several);
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
