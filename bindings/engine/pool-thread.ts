// One thread, of whichever kind the runtime has: worker_threads of Node, or a module Web Worker. The program is a file beside
// the bundle, not a blob, so that a Content-Security-Policy may stay strict (`worker-src 'self'`).

import { KeystrataError } from '../core/errors.ts';
import type { FromWorker, ToWorker } from './pool-messages.ts';

export interface Thread {
  post(message: ToWorker, transfer: ArrayBuffer[]): void;
  /** Whether the process stays alive for it. */
  hold(busy: boolean): void;
  terminate(): void;
}

export interface Heard {
  onMessage(message: FromWorker): void;
  /** May be told more than once. */
  onDeath(cause: unknown): void;
}

export type OpenThread = (heard: Heard) => Thread;

/** How this runtime opens threads. ERR_UNSUPPORTED where it has none. */
export async function threads(): Promise<OpenThread> {
  const node = await nodeThreads();
  if (node !== null) return (heard) => openInNode(node, heard);
  if (typeof Worker === 'function') return openInBrowser;
  throw new KeystrataError(
    'ERR_UNSUPPORTED',
    'workers: this runtime has no Worker; leave `workers` out, and the engine runs on this thread',
  );
}

type NodeWorker = typeof import('node:worker_threads').Worker;

async function nodeThreads(): Promise<NodeWorker | null> {
  const { process } = globalThis as { process?: { versions?: { node?: string } } };
  if (process?.versions?.node === undefined) return null;
  const name = 'node:worker_threads'; // not for bundlers to follow
  try {
    const { Worker } = (await import(
      /* webpackIgnore: true */ /* @vite-ignore */ name
    )) as typeof import('node:worker_threads');
    return typeof Worker === 'function' ? Worker : null;
  } catch {
    return null; // it only looks like Node
  }
}

function openInNode(Worker: NodeWorker, { onMessage, onDeath }: Heard): Thread {
  const worker = new Worker(new URL('../../build/worker.js', import.meta.url), {
    name: 'keystrata',
    execArgv: [], // what the program was started with (--input-type, --require) is not meant for ours
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

function openInBrowser({ onMessage, onDeath }: Heard): Thread {
  const worker = new Worker(new URL('../../build/worker.js', import.meta.url), { type: 'module', name: 'keystrata' });
  worker.addEventListener('message', ({ data }) => onMessage(data as FromWorker));
  worker.addEventListener('messageerror', onDeath);
  worker.addEventListener('error', (event) => {
    event.preventDefault(); // it is told as an error of what was asked
    onDeath(new Error(event.message || 'the program of the worker did not load'));
  });
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    hold: () => {},
    terminate: () => worker.terminate(),
  };
}
