// What tests of the pool share: threads that are watched, an engine on them, and messages that go there.

import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import { afterEach } from 'vitest';
import type { Out } from '../../bindings/core/bytes.ts';
import { authenticationError } from '../../bindings/core/errors.ts';
import { instanceOf } from '../../bindings/core/internal.ts';
import { loadCore } from '../../bindings/core/load.ts';
import type { Core } from '../../bindings/core/types.ts';
import type { MakeBulk } from '../../bindings/engine/bulk.ts';
import { CoreEngine } from '../../bindings/engine/core-engine.ts';
import type { Engine } from '../../bindings/engine/engine.ts';
import type { Key } from '../../bindings/engine/key.ts';
import { PoolBulk } from '../../bindings/engine/pool-bulk.ts';
import type { FromWorker, ToWorker } from '../../bindings/engine/pool-messages.ts';
import type { Heard, OpenThread, Thread } from '../../bindings/engine/pool-thread.ts';
import { randomFrom } from '../../bindings/engine/random.ts';

/** What a worker tells of itself. */
export interface Inside {
  memory: Uint8Array;
  keys: Uint8Array[]; // that came
  left: Uint8Array[]; // of their buffers, now
}

/** A worker with a window: what it was told and what it said, and what it holds. */
export class Watched implements Thread {
  readonly told: ToWorker[] = [];
  readonly said: FromWorker[] = [];
  readonly held: boolean[] = [];
  /** What it held when it was to be terminated. */
  readonly last: Promise<Inside>;
  readonly exited: Promise<unknown>;
  readonly worker: Worker;
  readonly #port: MessagePort;
  #lastSeen!: (inside: Inside) => void;
  /** Answers wait here until they are let through. */
  gate: Promise<void> = Promise.resolve();

  constructor({ onMessage, onDeath }: Heard) {
    const { port1, port2 } = new MessageChannel();
    this.worker = new Worker(new URL('watched-worker.mjs', import.meta.url), {
      workerData: port2,
      transferList: [port2],
      execArgv: [],
    });
    this.#port = port1;
    port1.unref();
    this.last = new Promise((resolve) => (this.#lastSeen = resolve));
    this.exited = new Promise((resolve) => this.worker.on('exit', resolve));
    this.worker.on('message', (message: FromWorker) => {
      this.said.push(message);
      void this.gate.then(() => onMessage(message));
    });
    this.worker.on('error', onDeath);
    this.worker.on('exit', onDeath);
  }

  post(message: ToWorker, transfer: ArrayBuffer[]): void {
    this.told.push(message);
    this.worker.postMessage(message, transfer);
  }

  hold(busy: boolean): void {
    this.held.push(busy);
  }

  terminate(): void {
    void this.look().then(async (inside) => {
      this.#lastSeen(inside);
      await this.worker.terminate();
    });
  }

  look(): Promise<Inside> {
    return new Promise((resolve) => {
      this.#port.once('message', resolve);
      this.#port.postMessage('look');
    });
  }

  /** Kinds of what it was told, in order. */
  get kinds(): string {
    return this.told.map(({ kind }) => kind).join(' ');
  }
}

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

function watching(threads: Watched[]): OpenThread {
  return (heard) => {
    const thread = new Watched(heard);
    threads.push(thread);
    return thread;
  };
}

const poolOf =
  (workers: number, open: OpenThread): MakeBulk =>
  (core, slots) =>
    new PoolBulk(workers, open, core, slots);

/** An engine with a pool of watched threads, which keep nothing of it. */
export function engineOnThreads(core: Core, workers = 2): { engine: Engine; threads: Watched[] } {
  const threads: Watched[] = [];
  const bulk = poolOf(workers, watching(threads));
  const random = randomFrom(undefined);
  return { engine: new CoreEngine({ kind: 'wasm', bulk, core: instanceOf(core), owned: true, random }), threads };
}

/** … which is disposed after the test. */
export async function pooled(workers: number): Promise<{ engine: Engine; core: Core; threads: Watched[] }> {
  const core = await loadCore({ variant: 'simd' });
  const { engine, threads } = engineOnThreads(core, workers);
  ends.push(() => {
    engine.dispose();
    for (const { worker } of threads) void worker.terminate();
  });
  return { engine, core, threads };
}

type Iv = { iv: Uint8Array };

/** One message as a series: a pool takes it from 8 KiB on, where by itself it would stay here. */
export const sealOne = (engine: Engine, key: Key<'seal'>, text: Uint8Array, { iv, out }: Iv & { out?: Out }) =>
  engine.sealSeries(key, [text], { ivs: [iv], out });

export async function openOne(engine: Engine, key: Key<'seal'>, sealed: Uint8Array, { iv }: Iv): Promise<Out> {
  const out = await engine.openSeries(key, [sealed], { ivs: [iv] });
  if (out.length !== sealed.length - 16) throw authenticationError();
  return out;
}
