// One thread, of whichever kind the runtime has: a module Web Worker, or worker_threads of Node. Its program is a file beside
// the bundle and not a blob, so that a Content-Security-Policy may stay strict.

import type * as workerThreads from 'node:worker_threads';
import type { FromWorker, ToWorker } from './pool-messages.ts';

export interface Thread {
  post(message: ToWorker, transfer: ArrayBuffer[]): void;
  /** Whether the process stays alive for it. */
  hold(busy: boolean): void;
  terminate(): void;
}

export interface Heard {
  readonly onMessage: (message: FromWorker) => void;
  /** May be told more than once. */
  readonly onDeath: (cause: unknown) => void;
}

/** Throws where the runtime refuses. */
export type OpenThread = (heard: Heard) => Thread;

/** How this runtime opens threads; null where it has none. Deno and Bun have both kinds: what browsers have comes first. */
export async function threads(): Promise<OpenThread | null> {
  if (typeof Worker === 'function') return openWebWorker;
  const NodeWorker = await nodeWorker();
  return NodeWorker && ((heard) => openInNode(NodeWorker, heard));
}

type NodeWorker = typeof workerThreads.Worker;

async function nodeWorker(): Promise<NodeWorker | null> {
  const { process } = globalThis as { process?: { versions?: { node?: string } } };
  if (process?.versions?.node === undefined) return null;
  const name = 'node:worker_threads'; // not for bundlers to follow
  try {
    const { Worker } = (await import(/* webpackIgnore: true */ /* @vite-ignore */ name)) as typeof workerThreads;
    return typeof Worker === 'function' ? Worker : null;
  } catch {
    return null; // it only looks like Node
  }
}

function openInNode(Worker: NodeWorker, { onMessage, onDeath }: Heard): Thread {
  const worker = new Worker(new URL('../../build/worker.js', import.meta.url), {
    name: 'keystrata',
    execArgv: [], // what the program was started with (--input-type, --import) is not meant for ours
  });
  worker.on('message', onMessage);
  worker.on('messageerror', onDeath);
  worker.on('error', onDeath);
  worker.on('exit', (code) => onDeath(new Error(`the worker ended with code ${code}`)));
  worker.unref();
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    hold: (busy) => (busy ? worker.ref() : worker.unref()),
    terminate: () => void worker.terminate(),
  };
}

function openWebWorker({ onMessage, onDeath }: Heard): Thread {
  const worker = new Worker(new URL('../../build/worker.js', import.meta.url), { type: 'module', name: 'keystrata' });
  const holding = worker as { ref?(): void; unref?(): void }; // Bun's; a browser's worker holds nothing
  worker.addEventListener('message', ({ data }) => onMessage(data as FromWorker));
  worker.addEventListener('messageerror', onDeath);
  worker.addEventListener('error', (event) => {
    event.preventDefault(); // it is told as the error of what was asked
    onDeath(new Error(event.message || 'the program of the worker did not load'));
  });
  holding.unref?.();
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    hold: (busy) => (busy ? holding.ref?.() : holding.unref?.()),
    terminate: () => worker.terminate(),
  };
}
