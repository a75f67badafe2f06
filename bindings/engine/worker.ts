// The program of a pool's worker: a Web Worker (HTML §10.2), or a thread of Node's worker_threads. build/worker.js is made of it.

import { start } from '../core/instance.ts';
import type { FromWorker, ToWorker } from './pool-messages.ts';
import { WorkerCore } from './worker-core.ts';

/** What both kinds of worker have to talk to the thread that made them. */
interface Port {
  postMessage(message: FromWorker, transfer: ArrayBuffer[]): void;
  onMessage(listener: (message: ToWorker) => void): void;
}

async function findPort(): Promise<Port> {
  const { self } = globalThis as { self?: DedicatedScope };
  if (typeof self?.postMessage === 'function')
    return {
      postMessage: (message, transfer) => self.postMessage(message, transfer),
      onMessage: (listener) => self.addEventListener('message', ({ data }) => listener(data)),
    };
  const node = 'node:worker_threads'; // not for bundlers to follow
  const threads = (await import(
    /* webpackIgnore: true */ /* @vite-ignore */ node
  )) as typeof import('node:worker_threads');
  const port = threads.parentPort!;
  return {
    postMessage: (message, transfer) => port.postMessage(message, transfer),
    onMessage: (listener) => void port.on('message', listener),
  };
}

interface DedicatedScope {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  addEventListener(type: 'message', listener: (event: { data: ToWorker }) => void): void;
}

let core: Promise<WorkerCore> | null = null;

/** Each message has its turn after the core is there, in their order. */
async function take(message: ToWorker, port: Port): Promise<void> {
  if (message.kind === 'core') {
    core = start(message.module).then((instance) => new WorkerCore(instance));
    return void (await core);
  }
  const worker = await core!;
  if (message.kind === 'key') worker.takeKey(message.key, message.bytes);
  else if (message.kind === 'drop') worker.dropKey(message.key);
  else if (message.kind === 'batch') {
    const answer = worker.work(message.buffer, message.parts);
    const opened = answer.kind === 'done' ? answer.results.filter((result) => result instanceof ArrayBuffer) : [];
    port.postMessage(answer, [message.buffer, ...opened]);
  } else {
    worker.end();
    port.postMessage({ kind: 'ended' }, []);
  }
}

/** A failure of ours ends the worker: the pool hears of it as of every death. */
const fail = (error: unknown): void =>
  void setTimeout(() => {
    throw error;
  });

const listen = (port: Port): void => port.onMessage((message) => void take(message, port).catch(fail));

void findPort().then(listen, fail);
