// From one operator key to the next: every keyring of a PostgreSQL store, by as many machines as take part.
//
//   round 1   plan ─► pages ─► each keyring: opened by an old key, its slot made anew under the active one
//   round 2   the same again, which finds nothing to do: every keyring was opened with the active key, its MAC is true, and
//             nothing is under another key of the ring. If it found something (a keyring made meanwhile), round 3.
//
// Each machine calls this with the same keys, and is told when all is done, whoever did it. It may be killed anywhere: what is
// done is done, a page that it held goes to another machine, and who calls again goes on where it stood.

import { KeystrataError } from '../core/errors.ts';
import type { Work } from '../engine/engine.ts';
import type { KeyId } from '../engine/key.ts';
import { PostgresStore } from '../store/postgres-rows.ts';
import type { RollbackMemory } from '../store/store.ts';
import { asInteger } from '../core/bytes.ts';
import { asOptions } from './arguments.ts';
import { inTurns } from './left-under.ts';
import { OperatorRing } from './operator-ring.ts';
import { asWorking, Progress, type Working } from './progress.ts';
import { rewrapOperatorSlot } from './rewrap-operator-slot.ts';
import { RewrapQueue, type Counts, type Failure, type Page, type Pool, type Task } from './rewrap-queue.ts';

export interface RewrapOptions extends Work {
  /** The old keys, and the active one that all comes under. */
  ring: OperatorRing;
  store: PostgresStore;
  /** To the database of the store. The work is kept there, in `schema`: "keystrata_jobs" by default, made where it is not. */
  pool: Pool;
  schema?: string;
  memory?: RollbackMemory;
  /** Keyrings that a machine takes at a time: 200 by default. */
  pageSize?: number;
  /** A page that a machine has not done after so many is given to another: 60 by default. */
  seconds?: number;
}

export interface RewrapReport {
  /** The active key. */
  readonly to: KeyId;
  /** By this call. */
  readonly rewrapped: number;
  /** Opened with the active key in the last round, by whichever machine; nothing of theirs is under another key of the ring. */
  readonly verified: number;
  /** Keyrings that no operator key opens. */
  readonly without: number;
  /** Keyrings that could not be opened, and why; at most 1,000. They are as they were. */
  readonly failed: readonly Failure[];
  readonly rounds: number;
}

/** What is wrong with one keyring, and does not stop the work on others. */
const OF_ONE: readonly string[] = [
  'ERR_FORMAT',
  'ERR_UNSUPPORTED',
  'ERR_LIMIT',
  'ERR_AUTHENTICATION',
  'ERR_WRONG_SECRET',
  'ERR_ROLLBACK',
  'ERR_CONFLICT',
];

const PAGE_SIZE = 200;
const SECONDS = 60;
const CHUNK = 50; // keyrings between two looks at signal and clock
const BATCH = 500; // pages planned in one statement
const SHORTEST_WAIT = 50; // ms, where others hold the last pages; doubled each time
const LONGEST_WAIT = 1000;

/**
 * Resolves when a whole round has found nothing to do. ERR_ABORTED: what was done is done, the rest is free for others.
 * ERR_STORE: the database failed; call again.
 */
export async function rewrapKeyrings(p: RewrapOptions): Promise<RewrapReport> {
  const { ring, store, pool, schema = 'keystrata_jobs', memory } = asOptions(p, 'p');
  if (!(ring instanceof OperatorRing)) throw new KeystrataError('ERR_ARGUMENT', 'ring: an OperatorRing is wanted');
  if (!(store instanceof PostgresStore))
    throw new KeystrataError('ERR_ARGUMENT', 'store: what postgresStore() returns is wanted');
  if (typeof (pool as Partial<Pool> | null | undefined)?.connect !== 'function')
    throw new KeystrataError('ERR_ARGUMENT', 'pool: a Pool of pg is wanted');
  const pageSize = asInteger(p.pageSize ?? PAGE_SIZE, 'pageSize', 1, 100_000);
  const seconds = asInteger(p.seconds ?? SECONDS, 'seconds', 1, 3600);
  const work = asWorking(p);
  const to = ring.active;
  const queue = await RewrapQueue.open({ engine: ring.engine, pool, schema, to, seconds });
  try {
    return await new Worker({ ring, store, memory, queue, pageSize, seconds, work, to }).run();
  } finally {
    await queue.close().catch(() => undefined);
  }
}

type Setting = Required<Pick<RewrapOptions, 'ring' | 'store' | 'pageSize' | 'seconds'>> &
  Pick<RewrapOptions, 'memory'> & { queue: RewrapQueue; work: Working; to: KeyId };

class Worker {
  readonly #p: Setting;
  readonly #progress: Progress;
  #first = 0; // round of this call
  #rewrapped = 0;

  constructor(p: Setting) {
    this.#p = p;
    this.#progress = new Progress(p.work, 1);
  }

  async run(): Promise<RewrapReport> {
    const { queue, work, to } = this.#p;
    const before = await queue.standing();
    this.#first = before === null ? 1 : before.open > 0 ? before.round : before.round + 1;
    await queue.begin(this.#first);
    const say = this.#progress.part(1);
    for (let wait = SHORTEST_WAIT; ;) {
      asWorking(work);
      const task = await queue.next();
      if (task !== null) {
        await this.#do(task);
        wait = SHORTEST_WAIT;
      }
      const standing = task === null || say.onProgress !== undefined ? await queue.standing() : null;
      if (standing === null) continue;
      const { round, jobs, open, broken } = standing;
      say.onProgress?.(((jobs - open) / jobs + (round > this.#first ? 1 : 0)) / 2);
      if (task !== null) continue;
      if (open > 0) {
        await queue.expire();
        await pause((wait = Math.min(2 * wait, LONGEST_WAIT)), work.signal);
      } else if (broken > 0)
        throw new KeystrataError('ERR_STORE', `${broken} pages were given up, so some may be left: do it again`);
      else if (standing.rewrapped > 0) await queue.begin(round + 1);
      else {
        this.#progress.end();
        const { current: verified, without } = standing;
        const failed = await queue.failures(round);
        return { to, rewrapped: this.#rewrapped, verified, without, failed, rounds: round - this.#first + 1 };
      }
    }
  }

  async #do(task: Task): Promise<void> {
    const { queue } = this.#p;
    try {
      await queue.done(task, await (task.page === null ? this.#plan(task.round) : this.#page(task.round, task.page)));
    } catch (error) {
      await queue.giveBack(task).catch(() => undefined); // else when its time is over
      throw error;
    }
  }

  /** Every id is in a page, also those that come while it is made: the last page has no end. */
  async #plan(round: number): Promise<Counts> {
    const { queue, store, pageSize } = this.#p;
    let after: string | null = null;
    for (let ended = false; !ended;) {
      const pages: Page[] = [];
      while (!ended && pages.length < BATCH) {
        const ids: string[] = await store.idsAfter(after, pageSize);
        ended = ids.length < pageSize;
        const upTo: string | null = ended ? null : (ids.at(-1) ?? null);
        pages.push({ after, upTo });
        after = upTo;
      }
      await queue.add(round, pages);
    }
    return none();
  }

  /** What cannot be done in time, or is not to be done any more, becomes a page of its own. */
  async #page(round: number, { after: from, upTo }: Page): Promise<Counts> {
    const { queue, store, seconds, work } = this.#p;
    const late = performance.now() + (seconds * 1000) / 2;
    const counts = none();
    for (let after = from, more = true; more;) {
      const ids = await store.idsAfter(after, CHUNK, upTo);
      await inTurns(ids, (owner) => this.#keyring(owner, counts));
      more = ids.length === CHUNK;
      if (!more) break;
      after = ids.at(-1)!;
      if (work.signal?.aborted !== true && performance.now() < late) continue;
      await queue.add(round, [{ after, upTo }]);
      more = false;
    }
    return counts;
  }

  async #keyring(owner: string, counts: Counts): Promise<void> {
    const { ring, store, memory } = this.#p;
    try {
      const outcome = await rewrapOperatorSlot(ring, { store, owner, memory });
      if (outcome === 'gone') return;
      counts[outcome]++;
      if (outcome === 'rewrapped') this.#rewrapped++;
    } catch (error) {
      if (!KeystrataError.is(error) || !OF_ONE.includes(error.code)) throw error;
      counts.failed.push({ owner, code: error.code });
    }
  }
}

const none = (): Counts => ({ rewrapped: 0, current: 0, without: 0, failed: [] });

/** Ends sooner where the signal is aborted. */
const pause = (ms: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const over = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', over);
      resolve();
    };
    const timer = setTimeout(over, ms * (0.5 + Math.random() / 2));
    signal?.addEventListener('abort', over);
  });
