// From which length on a message is sealed or opened faster by the platform than by the core.
//
//   time │        core ╱            the core's grows steeply from nearly nothing;
//        │           ╱ ___--- web   the platform's slowly from what a call costs
//        │  ___---╱---
//        │     ╱
//        └───────┴────────── length
//               from
//
// Measured when longer messages come by, a little each time and some milliseconds apart, as a cold runtime would mislead; and
// while the platform does nothing else. Until it is known FIRST holds. Never measured again.

import { KeystrataError } from '../core/errors.ts';
import { pause } from './pause.ts';
import { CHUNK, LENGTHS, type Both, type Times, type Trial } from './trial.ts';

export type Way = 'seal' | 'open';
export type Lengths = Record<Way, number>;

/** Nothing shorter is faster on any platform: such messages are not looked at. */
const LEAST = 1024;
const FIRST = 32_768;
const ROUNDS = 6;
const APART = 10; // milliseconds

const LONGEST = LENGTHS[LENGTHS.length - 1]!;

/**
 * Where the core falls behind for good, in bytes: between the lengths measured. LEAST where the platform is always faster,
 * Infinity where it gains nothing even between the longest two.
 */
function meeting({ core, web }: Both): number {
  const longer = LENGTHS.map((_, i) => core[i]! - web[i]!); // than the platform the core takes
  const last = longer.findLastIndex((time) => time < 0);
  if (last < 0) return LEAST;
  const i = Math.min(last, LENGTHS.length - 2);
  const [from, to, before, after] = [LENGTHS[i]!, LENGTHS[i + 1]!, longer[i]!, longer[i + 1]!];
  if (after <= before) return Infinity;
  return Math.max(LEAST, Math.ceil(from - (before * (to - from)) / (after - before)));
}

/**
 * As a rule; but what is longer than was measured goes by the best that was seen, since beyond it every error doubles, and
 * the core would lose the more by it.
 */
export const crossing = (times: Both & { best: Both }): number =>
  Math.min(meeting(times), Math.max(meeting(times.best), LONGEST));

/** Whether the clock could see it: browsers may show tenths of milliseconds, or whole ones. */
const seen = ({ core, web, several }: Times): boolean => [...core, ...web, several].every((time) => time > 0);

export class Crossover {
  /** Shorter messages are the core's: no more needs to be asked. */
  readonly below: Lengths;
  readonly #from: Lengths;
  readonly #fromSeveral: Lengths;
  readonly #set: Partial<Lengths>;
  #trial: Trial | null;
  #rounds: number;
  #round: Promise<void> | null = null;
  #next = 0;

  /** What the caller sets is not measured. */
  constructor(set: Partial<Lengths>, trial: Trial) {
    const { seal = FIRST, open = FIRST } = set;
    this.#set = set;
    this.#trial = trial;
    this.#rounds = set.seal !== undefined && set.open !== undefined ? 0 : ROUNDS;
    this.#from = { seal, open };
    this.#fromSeveral = { seal, open };
    this.below = { seal: set.seal ?? LEAST, open: set.open ?? LEAST };
  }

  /** Whether it is measured, or need not be. */
  get settled(): boolean {
    return this.#rounds === 0;
  }

  /** Whether a message of that length, which is not below, goes to the platform. */
  sends(way: Way, length: number, several: boolean): boolean {
    return length >= (several ? this.#fromSeveral : this.#from)[way];
  }

  /** A round of the measurement, where one is due: while it runs the platform should do nothing else. Never rejects. */
  measure(): Promise<void> | null {
    if (this.#rounds === 0 || this.#round !== null || performance.now() < this.#next) return null;
    return (this.#round = this.#measure());
  }

  async #measure(): Promise<void> {
    try {
      await pause(); // who called goes first
      const trial = this.#trial!;
      trial.inCore();
      await trial.onPlatform();
      await trial.inPool();
      if (--this.#rounds === 0) this.#settle(trial);
    } catch (error) {
      if (!KeystrataError.is(error)) this.#leaveToCore(); // the platform failed; where a slot was missing, another time
    } finally {
      this.#next = performance.now() + APART;
      this.#round = null;
      if (this.#rounds === 0) this.#trial = null; // and its samples
    }
  }

  #settle(trial: Trial): void {
    for (const way of ['seal', 'open'] as const) {
      const times = trial[way];
      if (this.#set[way] !== undefined) continue;
      if (seen(times)) {
        const from = (this.#from[way] = crossing(times));
        const { core, several, pool = Infinity } = times;
        if (several < Math.min(core[1], pool)) this.#fromSeveral[way] = Math.min(CHUNK, from);
        else this.#fromSeveral[way] = pool < Infinity ? Math.max(CHUNK + 1, from) : from;
      }
      this.below[way] = Math.min(this.#from[way], this.#fromSeveral[way]);
    }
  }

  #leaveToCore(): void {
    this.#rounds = 0;
    for (const way of ['seal', 'open'] as const)
      if (this.#set[way] === undefined) this.#from[way] = this.#fromSeveral[way] = this.below[way] = Infinity;
  }
}
