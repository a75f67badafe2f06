// One worker of a pool, seen from the thread that has the pool: what it was given to do, and which keys.
//
//   core ──► ready ──► [ key ──► batch … batch ──► drop ] … ──► end ──► (it says `ended`, or GRACE is over) ──► terminated
//
// Secret: the 32 bytes of a key, copied from its slot into a buffer that is transferred, which leaves this thread without it;
// the worker zeroes it. (Where the worker dies on the way, the runtime has that buffer, and frees it as it is.)

import { still } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import type { Batch } from './pool-batch.ts';
import type { Cargo, FromWorker } from './pool-messages.ts';
import type { OpenThread, Thread } from './pool-thread.ts';
import type { Slots } from './slots.ts';

/** Milliseconds that a worker has to wipe its keys before it is terminated. */
const GRACE = 1000;

export interface Listener {
  /** It can be given more; what it had may be used again, or is somebody's. */
  onFree(cargo: Cargo | null): void;
  onDeath(member: Member): void;
  /** Throws where the key of a slot has ended. */
  check(slot: number): void;
}

export class Member {
  /** Rejects with ERR_WORKER where its program never came up. */
  readonly ready: Promise<void>;
  readonly #thread: Thread;
  readonly #slots: Slots;
  readonly #listener: Listener;
  readonly #keys = new Set<number>();
  readonly #underWay: Batch[] = [];
  #up!: () => void;
  #down!: (error: Error) => void;
  #began = false;
  #ended = false;
  #grace: ReturnType<typeof setTimeout> | undefined;

  /** Throws ERR_WORKER where the runtime opens no thread. */
  constructor(open: OpenThread, module: WebAssembly.Module, slots: Slots, listener: Listener) {
    this.#slots = slots;
    this.#listener = listener;
    this.ready = new Promise((resolve, reject) => {
      this.#up = resolve;
      this.#down = reject;
    });
    this.ready.catch(() => {}); // who waits hears of it
    try {
      this.#thread = open({
        onMessage: (message) => this.#hear(message),
        onDeath: (cause) => this.#die(cause),
      });
      this.#thread.post({ kind: 'core', module }, []);
    } catch (cause) {
      throw notStarted(cause);
    }
    this.#thread.hold(true);
  }

  /** How many batches are under way. */
  get load(): number {
    return this.#underWay.length;
  }

  /** Its keys are sent before it. Throws where the runtime takes no message. */
  give(batch: Batch): void {
    for (const { slot, settled } of batch.jobs) if (!settled) this.#giveKey(slot);
    const { head, body } = batch.cargo();
    this.#thread.post({ kind: 'batch', jobs: batch.jobs.length, head, body }, [head, body]);
    this.#underWay.push(batch);
    this.#thread.hold(true);
  }

  #giveKey(slot: number): void {
    if (this.#keys.has(slot)) return;
    const bytes = still(32);
    bytes.set(this.#slots.bytesOf(slot));
    try {
      this.#thread.post({ kind: 'key', key: slot, bytes: bytes.buffer }, [bytes.buffer]);
    } catch (error) {
      if (bytes.length > 0) bytes.fill(0); // it was not transferred
      throw error;
    }
    this.#keys.add(slot);
  }

  /** The key is wiped in the worker, when what is under way before is done. Its jobs fail at once. */
  drop(slot: number, error: () => Error): void {
    if (!this.#keys.delete(slot)) return;
    this.#fail(error(), slot);
    this.#thread.post({ kind: 'drop', key: slot }, []);
  }

  /** Its keys are wiped, then it is terminated. */
  end(error: Error): void {
    this.#ended = true;
    this.#fail(error);
    this.#down(error);
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
    if (message.kind === 'ready') {
      this.#began = true;
      this.#up();
    } else {
      const { head, body } = message;
      const free = this.#underWay.shift()!.settle({ head, body }, (slot) => this.#listener.check(slot));
      if (!this.#ended) this.#listener.onFree(free);
    }
    if (this.load === 0 && !this.#ended) this.#thread.hold(false);
  }

  #die(cause: unknown): void {
    clearTimeout(this.#grace);
    if (this.#ended) return;
    this.#ended = true;
    this.#thread.terminate(); // a browser's lives on after an error
    const error = this.#began ? died(cause) : notStarted(cause);
    this.#down(error);
    this.#fail(error);
    this.#listener.onDeath(this);
  }

  /** Jobs of one slot, or all. */
  #fail(error: Error, slot?: number): void {
    for (const { jobs } of this.#underWay)
      for (const job of jobs) if (!job.settled && (slot === undefined || job.slot === slot)) job.fail(error);
  }
}

const died = (cause: unknown): KeystrataError =>
  new KeystrataError('ERR_WORKER', 'a worker of the engine ended while it worked: do what failed again', { cause });

const notStarted = (cause: unknown): KeystrataError =>
  new KeystrataError(
    'ERR_WORKER',
    "a worker of the engine did not start: its program is the package's build/worker.js, which a bundler must take along and a " +
      "Content-Security-Policy allow (worker-src 'self'); without `workers` the engine runs on this thread",
    { cause },
  );
