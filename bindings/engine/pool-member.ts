// One worker of a pool, seen from the thread that has the pool: what it was given to do, and which keys.
//
//   core ──► [ key ──► batch … batch ──► drop ] … ──► end ──► (it says `ended`, or GRACE is over) ──► terminated
//
// Secret: the 32 bytes of a key, copied from its slot into a buffer that is transferred; the worker zeroes it. (Where the
// worker dies on the way, the runtime has that buffer, and frees it as it is.)

import { still } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import { pack, type Job } from './pool-job.ts';
import type { FromWorker, Part } from './pool-messages.ts';
import type { OpenThread, Thread } from './pool-thread.ts';
import type { Slots } from './slots.ts';

/** Milliseconds that a worker has to wipe its keys before it is terminated. */
const GRACE = 1000;

export interface Listener {
  /** It can be given more. */
  onFree(): void;
  onDeath(member: Member): void;
}

interface Batch {
  jobs: readonly Job[];
  parts: readonly Part[];
}

export class Member {
  readonly #thread: Thread;
  readonly #slots: Slots;
  readonly #listener: Listener;
  readonly #keys = new Set<number>();
  readonly #underWay: Batch[] = [];
  #ended = false;
  #grace: ReturnType<typeof setTimeout> | undefined;

  /** Throws where the runtime opens no thread. */
  constructor(open: OpenThread, module: WebAssembly.Module, slots: Slots, listener: Listener) {
    this.#slots = slots;
    this.#listener = listener;
    this.#thread = open({
      onMessage: (message) => this.#hear(message),
      onDeath: (cause) => this.#die(cause),
    });
    this.#thread.post({ kind: 'core', module }, []);
  }

  /** How many batches are under way. */
  get load(): number {
    return this.#underWay.length;
  }

  /** Jobs whose keys are there. */
  give(jobs: readonly Job[]): void {
    for (const { slot } of jobs) this.#giveKey(slot);
    const { buffer, parts } = pack(jobs);
    this.#thread.post({ kind: 'batch', buffer, parts }, [buffer]);
    this.#underWay.push({ jobs, parts });
    this.#thread.hold(true);
  }

  #giveKey(slot: number): void {
    if (this.#keys.has(slot)) return;
    const bytes = still(32);
    bytes.set(this.#slots.bytesOf(slot));
    this.#thread.post({ kind: 'key', key: slot, bytes: bytes.buffer }, [bytes.buffer]);
    this.#keys.add(slot);
  }

  /** The key is wiped in the worker, when what is under way before is done. Its jobs fail at once. */
  drop(slot: number, error: Error): void {
    this.#fail(error, slot);
    if (this.#keys.delete(slot)) this.#thread.post({ kind: 'drop', key: slot }, []);
  }

  /** Its keys are wiped, then it is terminated. */
  end(error: Error): void {
    this.#ended = true;
    this.#fail(error);
    this.#thread.post({ kind: 'end' }, []);
    this.#thread.hold(false);
    this.#grace = setTimeout(() => this.#thread.terminate(), GRACE);
    (this.#grace as { unref?(): void }).unref?.();
  }

  #hear(message: FromWorker): void {
    if (message.kind === 'ended') {
      clearTimeout(this.#grace);
      return this.#thread.terminate();
    }
    const { jobs, parts } = this.#underWay.shift()!;
    for (const [i, job] of jobs.entries()) job.take(parts[i]!, message.results[i]!, message.buffer);
    if (this.#ended) return;
    this.#listener.onFree();
    if (this.load === 0) this.#thread.hold(false);
  }

  #die(cause: unknown): void {
    clearTimeout(this.#grace);
    if (this.#ended) return;
    this.#ended = true;
    this.#thread.terminate(); // a browser's lives on after an error
    this.#fail(
      new KeystrataError('ERR_WORKER', 'a worker of the engine ended while it worked: do what failed again', { cause }),
    );
    this.#listener.onDeath(this);
  }

  /** Jobs of one slot, or all. */
  #fail(error: Error, slot?: number): void {
    for (const { jobs } of this.#underWay)
      for (const job of jobs) if (!job.settled && (slot === undefined || job.slot === slot)) job.fail(error);
  }
}
