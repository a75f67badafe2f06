// A PBKDF2 job of the core for one password: there are four, and who comes later waits, first come, first served.
//
//   password ──► job free? ──yes──► [ job: midstates in the core ] ──end──► the next who waits
//                   └──────no──► [ K0 parked in JavaScript ] ──────────► its turn: parked bytes wiped
//
// Secret: the password, K0, midstates. Public: who waits.

import { Status } from '../core/abi.ts';
import { still, type Bytes, type Out } from '../core/bytes.ts';
import type { KeystrataError } from '../core/errors.ts';
import { BLOCK, sha256 } from '../core/hash.ts';
import type { Instance } from '../core/instance.ts';
import { beginJob } from '../core/pbkdf2.ts';
import { good } from '../core/status.ts';
import { passwordEnded } from './derivation.ts';

/** Who waits, by core: several engines may share one. */
const queues = new WeakMap<Instance, Job[]>();

function queueOf(core: Instance): Job[] {
  const queue = queues.get(core) ?? [];
  queues.set(core, queue);
  return queue;
}

export class Job {
  /** Resolves when the job is there; rejects with ERR_DISPOSED when it ended before. */
  readonly ready: Promise<void>;
  readonly #core: Instance;
  readonly #queue: Job[];
  #number: number | null = null;
  #parked: Out | null = null;
  #ended = false;
  #granted!: () => void;
  #refused!: (error: KeystrataError) => void;

  /** Takes the password in: the caller wipes theirs. */
  constructor(core: Instance, password: Bytes) {
    this.#core = core;
    this.#queue = queueOf(core);
    this.ready = new Promise((resolve, reject) => {
      this.#granted = resolve;
      this.#refused = reject;
    });
    this.ready.catch(() => {}); // who waits hears of it; perhaps nobody does
    if (this.#queue.length === 0 && this.#begin(password)) return;
    this.#parked = park(core, password);
    this.#queue.push(this);
  }

  /** Whether it has begun, and not ended. */
  get began(): boolean {
    return this.#number !== null;
  }

  /** The core's number of it. ERR_DISPOSED after the end. */
  get number(): number {
    this.#core.live();
    if (this.#number === null) throw passwordEnded();
    return this.#number;
  }

  /** Wipes; who waits first is next. Twice does no harm. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#parked?.fill(0);
    if (this.#number === null) {
      this.#queue.splice(this.#queue.indexOf(this), 1);
      this.#refused(passwordEnded());
      return;
    }
    this.#core.abi.pbkdf2End(this.#number);
    this.#number = null;
    const next = this.#queue.shift();
    if (next !== undefined) next.#turn();
  }

  /** Begins in the core. False where no job is free. */
  #begin(password: Bytes): boolean {
    const status = beginJob(this.#core, password);
    if (status === Status.FULL) return false;
    this.#number = good(status);
    this.#granted();
    return true;
  }

  #turn(): void {
    const parked = this.#parked!;
    if (this.#core.disposed) this.end();
    else if (this.#begin(parked)) parked.fill(0);
    else this.#queue.unshift(this); // somebody else, not through this queue, took the job
  }
}

/** K0 or what becomes it: a password longer than a block is its hash (RFC 2104 §2). */
function park(core: Instance, password: Bytes): Out {
  if (password.length > BLOCK) return sha256(core, [password]);
  const parked = still(password.length);
  parked.set(password);
  return parked;
}
