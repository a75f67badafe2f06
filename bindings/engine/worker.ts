// The program of a pool's worker: a Web Worker (HTML §10.2), or a thread of Node's worker_threads. build/worker.js is made of it.

import type * as workerThreads from 'node:worker_threads';
import { start } from '../core/instance.ts';
import type { FromWorker, ToWorker } from './pool-messages.ts';
import { WorkerCore } from './worker-core.ts';

/** What both kinds of worker have, to talk to the thread that made them. */
interface Port {
  postMessage(message: FromWorker, transfer: ArrayBuffer[]): void;
  onMessage(listener: (message: ToWorker) => void): void;
}

interface DedicatedScope {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  addEventListener(type: 'message', listener: (event: { data: ToWorker }) => void): void;
}

const webPort = (self: DedicatedScope): Port => ({
  postMessage: (message, transfer) => self.postMessage(message, transfer),
  onMessage: (listener) => self.addEventListener('message', ({ data }) => listener(data)),
});

async function nodePort(): Promise<Port> {
  const name = 'node:worker_threads'; // not for bundlers to follow
  const { parentPort } = (await import(/* webpackIgnore: true */ /* @vite-ignore */ name)) as typeof workerThreads;
  return {
    postMessage: (message, transfer) => parentPort!.postMessage(message, transfer),
    onMessage: (listener) => void parentPort!.on('message', listener),
  };
}

let core: Promise<WorkerCore> | null = null;

/** Each message has its turn after the core is there, in their order. */
async function take(message: ToWorker, port: Port): Promise<void> {
  if (message.kind === 'core') {
    core = start(message.module).then((instance) => new WorkerCore(instance));
    await core;
    return port.postMessage({ kind: 'ready' }, []);
  }
  const worker = await core!;
  if (message.kind === 'key') worker.takeKey(message.key, message.bytes);
  else if (message.kind === 'drop') worker.dropKey(message.key);
  else if (message.kind === 'batch') {
    const { head, body, jobs } = message;
    worker.work({ head, body }, jobs);
    port.postMessage({ kind: 'done', head, body }, [head, body]);
  } else {
    worker.end();
    port.postMessage({ kind: 'ended' }, []);
  }
}

/** A failure of ours ends the worker: the pool hears of it as of every death. What was asked besides is not done. */
function fail(error: unknown): void {
  core = new Promise(() => {});
  setTimeout(() => {
    throw error;
  });
}

const listen = (port: Port): void => port.onMessage((message) => void take(message, port).catch(fail));

const { self } = globalThis as { self?: DedicatedScope };
if (typeof self?.postMessage === 'function')
  listen(webPort(self)); // at once: what was said before this program ran is heard once
else void nodePort().then(listen, fail);
