// A pool: messages wait in one queue and are spread over workers, several to a batch.
//
//   seal, open ──► queue ──cut──► batch ──► the worker with the least to do, DEPTH batches at most
//
// What comes in one turn is spread together: the chunks of a stream, many records. Workers are started when there is work for
// them; one that dies is replaced when there is work again. Only keys that seal and open data are ever asked for here.
// Order: every job has its own promise; who waits for them in order has them in order.

import type { Bytes, Out } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import type { Message } from '../core/gcm.ts';
import type { Instance } from '../core/instance.ts';
import { Job } from './pool-job.ts';
import { Member } from './pool-member.ts';
import type { Way } from './pool-messages.ts';
import type { OpenThread } from './pool-thread.ts';
import type { Slots } from './slots.ts';

/** Batches a worker has at most: one that it works on, one that waits. So much memory is under way. */
const DEPTH = 2;
/** Bytes of a batch: fewer are not worth the way, more would leave others idle at the end. One message is never cut. */
const BATCH_LEAST = 32_768;
const BATCH_MOST = 131_072;

export class Pool {
  readonly #size: number;
  readonly #open: OpenThread;
  readonly #core: Instance;
  readonly #slots: Slots;
  readonly #members = new Set<Member>();
  #queue: Job[] = [];
  #waiting = 0; // bytes in the queue
  #spreading = false;
  #disposed = false;

  constructor(size: number, open: OpenThread, core: Instance, slots: Slots) {
    this.#size = size;
    this.#open = open;
    this.#core = core;
    this.#slots = slots;
    slots.onFree((slot) => this.#drop(slot));
  }

  /** What is opened; where `out` is given, it is sealed into that. */
  ask(way: Way, message: Message, given: Bytes, out: Bytes | null): Promise<Out> {
    const job = new Job(way, message, given, out);
    this.#queue.push(job);
    this.#waiting += job.length;
    if (!this.#spreading) {
      this.#spreading = true;
      queueMicrotask(() => {
        this.#spreading = false;
        this.#spread();
      });
    }
    return job.promise;
  }

  /** What waits or is under way rejects with ERR_DISPOSED. */
  dispose(): void {
    this.#disposed = true;
    const error = new KeystrataError('ERR_DISPOSED', 'this engine was disposed while it worked: create another one');
    this.#failQueue(error);
    for (const member of this.#members) member.end(error);
    this.#members.clear();
  }

  #spread(): void {
    while (this.#queue.length > 0 && !this.#disposed) {
      let member: Member | null;
      try {
        member = this.#free();
      } catch (cause) {
        return this.#failQueue(
          new KeystrataError('ERR_WORKER', 'this runtime starts no worker now: leave `workers` out', { cause }),
        );
      }
      if (member === null) return;
      const jobs = this.#cut();
      try {
        if (jobs.length > 0) member.give(jobs);
      } catch (cause) {
        const error = new KeystrataError('ERR_WORKER', 'a message could not be given to a worker', { cause });
        for (const job of jobs) job.fail(error);
      }
    }
  }

  /** The member with the least to do; a new one rather than one that is busy; null where all have enough. */
  #free(): Member | null {
    let least: Member | null = null;
    for (const member of this.#members) if (least === null || member.load < least.load) least = member;
    if (least !== null && (least.load === 0 || this.#members.size === this.#size))
      return least.load < DEPTH ? least : null;
    const member = new Member(this.#open, this.#core.module, this.#slots, {
      onFree: () => this.#spread(),
      onDeath: (dead) => {
        this.#members.delete(dead);
        this.#spread();
      },
    });
    this.#members.add(member);
    return member;
  }

  /** The next batch, from the front. Where keys ended unseen (the core is the caller's to dispose), none. */
  #cut(): Job[] {
    const share = this.#waiting / (DEPTH * this.#size);
    const enough = Math.min(BATCH_MOST, Math.max(BATCH_LEAST, share));
    let bytes = 0;
    let count = 0;
    while (count < this.#queue.length && bytes < enough) bytes += this.#queue[count++]!.length;
    const jobs = this.#queue.splice(0, count);
    this.#waiting -= bytes;
    return jobs.filter((job) => {
      if (!this.#slots.owns(job.slot)) job.fail(keyEnded());
      else job.check();
      return !job.settled;
    });
  }

  #drop(slot: number): void {
    const ended = this.#queue.filter((job) => job.slot === slot);
    const error = keyEnded();
    if (ended.length > 0) {
      this.#queue = this.#queue.filter((job) => job.slot !== slot);
      for (const job of ended) {
        this.#waiting -= job.length;
        job.fail(error);
      }
    }
    for (const member of this.#members) member.drop(slot, error);
  }

  #failQueue(error: Error): void {
    for (const job of this.#queue) job.fail(error);
    this.#queue = [];
    this.#waiting = 0;
  }
}

const keyEnded = (): KeystrataError =>
  new KeystrataError('ERR_DISPOSED', 'the key was disposed while it was in use: unlock or load it again');
