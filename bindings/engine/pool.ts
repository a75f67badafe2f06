// A pool: messages are packed into batches, and these are spread over workers.
//
//   seal, open ──► the batch that fills ──► queue ──► the worker with the least to do, DEPTH batches at most
//
// A batch goes when a worker has nothing to do and it holds LEAST bytes, when it is full, or at the end of the turn in which
// its messages came, as soon as a worker can take it. So batches are small while there is little to do, and large when there
// is much. Workers are started when there is work for them; one that dies is replaced when there is work again. Only keys that
// seal and open data are ever asked for here. Order: every message has a promise of its own.

import type { Bytes, Out } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import type { Message } from '../core/gcm.ts';
import type { Instance } from '../core/instance.ts';
import { BATCH, Batch, Job, type Order } from './pool-batch.ts';
import { Member, type Listener } from './pool-member.ts';
import { cargoOf, spanOf, type Cargo, type Way } from './pool-messages.ts';
import type { OpenThread } from './pool-thread.ts';
import { NO_AAD, type Series } from './series.ts';
import type { Slots } from './slots.ts';

/** Batches a worker has at most: one that it works on, one that waits for it. */
const DEPTH = 2;
/** Bytes for which a worker that has nothing to do is woken before the turn ends. */
const LEAST = 65_536;

export class Pool {
  readonly #size: number;
  readonly #open: OpenThread;
  readonly #core: Instance;
  readonly #slots: Slots;
  readonly #members = new Set<Member>();
  readonly #listener: Listener;
  #filling: Batch | null = null;
  #queue: Batch[] = [];
  #spare: Cargo[] = [];
  #closing = false;
  #lost = false;
  #disposed = false;

  constructor(size: number, open: OpenThread, core: Instance, slots: Slots) {
    this.#size = size;
    this.#open = open;
    this.#core = core;
    this.#slots = slots;
    this.#listener = {
      onFree: (cargo) => this.#free(cargo),
      onDeath: (dead) => {
        this.#members.delete(dead);
        this.#spread();
        this.#endLost();
      },
      check: (slot) => {
        if (!slots.owns(slot)) throw keyEnded();
      },
    };
    slots.onFree((slot) => this.#drop(slot));
  }

  /** Bytes that may be under way so that no worker waits, and memory is bounded. */
  get ahead(): number {
    return (DEPTH * this.#size + 1) * BATCH;
  }

  /** Whether workers run here: the first is started. ERR_WORKER. */
  async ready(): Promise<void> {
    await this.#start().ready;
  }

  /** A message, sealed or opened into `out` or fresh bytes. What is given is copied before this returns. */
  ask(way: Way, { slot, iv, aad }: Message, given: Bytes, out: Bytes | null): Promise<Out> {
    return this.#take({ way, slot, series: false, ivs: [iv], aad, texts: [given], out });
  }

  /** … and what came of a series, which is shorter where a tag is wrong. */
  askSeries(way: Way, series: Series): Promise<Out> {
    return this.#take({ way, series: true, aad: NO_AAD, ...series });
  }

  #take(order: Order): Promise<Out> {
    const { way, aad, texts } = order;
    const job = new Job(order);
    const span = spanOf(way, texts.length, aad.length, texts[0]!.length);
    if (this.#filling !== null && !this.#filling.fits(span, texts.length)) this.#close();
    this.#filling ??= new Batch(this.#cargo(span, job.keeps));
    this.#filling.add(job, order);
    if (this.#filling.length >= LEAST && this.#idle) this.#close();
    else this.#closeLater();
    return job.promise;
  }

  /** What waits or is under way rejects with ERR_DISPOSED; the workers wipe their keys, then they are terminated. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    const error = new KeystrataError('ERR_DISPOSED', 'this engine was disposed while it worked: create another one');
    this.#failWaiting(error);
    for (const member of this.#members) member.end(error);
    this.#members.clear();
    this.#spare = [];
  }

  /** Nobody has the engine any more: the pool ends when what is under way is done. */
  lose(): void {
    this.#lost = true;
    this.#endLost();
  }

  #endLost(): void {
    const waits = this.#filling !== null || this.#queue.length > 0;
    if (this.#lost && !waits && [...this.#members].every(({ load }) => load === 0)) this.dispose();
  }

  /** With a body that others fit in, too; or with one that is filled, where what comes of it may stay there. */
  #cargo(span: number, keeps: boolean): Cargo {
    if (span > BATCH || (keeps && 2 * span > BATCH)) return cargoOf(span);
    return this.#spare.pop() ?? cargoOf(BATCH);
  }

  get #idle(): boolean {
    if (this.#members.size < this.#size) return true;
    for (const { load } of this.#members) if (load === 0) return true;
    return false;
  }

  #closeLater(): void {
    if (this.#closing) return;
    this.#closing = true;
    queueMicrotask(() => {
      this.#closing = false;
      this.#spread();
    });
  }

  #close(): void {
    if (this.#filling === null) return;
    this.#queue.push(this.#filling);
    this.#filling = null;
    this.#spread();
  }

  /** From the queue; then what fills, if the turn is over. */
  #spread(): void {
    while (!this.#disposed && (this.#queue.length > 0 || (this.#filling !== null && !this.#closing))) {
      let member: Member | null;
      try {
        member = this.#least();
      } catch (error) {
        return this.#failWaiting(error as Error);
      }
      if (member === null) return;
      const batch = this.#queue.shift() ?? this.#filling!;
      if (batch === this.#filling) this.#filling = null;
      this.#give(member, batch);
    }
  }

  #give(member: Member, batch: Batch): void {
    for (const job of batch.jobs) if (!job.settled && !this.#slots.owns(job.slot)) job.fail(keyEnded()); // the core is not ours to end
    try {
      member.give(batch);
    } catch (cause) {
      const error = new KeystrataError('ERR_WORKER', 'the runtime took no message for a worker of the engine', {
        cause,
      });
      for (const job of batch.jobs) if (!job.settled) job.fail(error);
    }
  }

  /** The member with the least to do; a new one rather than one that is busy; null where all have enough. */
  #least(): Member | null {
    let least: Member | null = null;
    for (const member of this.#members) if (least === null || member.load < least.load) least = member;
    if (least === null || (least.load > 0 && this.#members.size < this.#size)) return this.#start();
    return least.load < DEPTH ? least : null;
  }

  #start(): Member {
    const member = new Member(this.#open, this.#core.module, this.#slots, this.#listener);
    this.#members.add(member);
    return member;
  }

  #free(cargo: Cargo | null): void {
    if (cargo?.body.byteLength === BATCH && this.#spare.length < DEPTH * this.#size) this.#spare.push(cargo);
    this.#spread();
    this.#endLost();
  }

  #drop(slot: number): void {
    for (const { jobs } of this.#waiting())
      for (const job of jobs) if (job.slot === slot && !job.settled) job.fail(keyEnded());
    for (const member of this.#members) member.drop(slot, keyEnded);
  }

  #waiting(): Batch[] {
    return this.#filling === null ? this.#queue : [...this.#queue, this.#filling];
  }

  #failWaiting(error: Error): void {
    for (const { jobs } of this.#waiting()) for (const job of jobs) if (!job.settled) job.fail(error);
    this.#queue = [];
    this.#filling = null;
  }
}

const keyEnded = (): KeystrataError =>
  new KeystrataError('ERR_DISPOSED', 'the key was disposed while it was in use: unlock or load it again');
