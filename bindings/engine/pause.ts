// Letting others run between two steps of long work, and stopping it.

import { KeystrataError } from '../core/errors.ts';
import type { Work } from './engine.ts';

/** Resolves after the event loop has gone round: input, timers and aborts have had their turn. */
export function pause(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') {
      setImmediate(resolve);
    } else if (typeof MessageChannel === 'function') {
      const { port1, port2 } = new MessageChannel(); // setTimeout waits 4 ms where it is nested
      port1.onmessage = () => {
        port1.close();
        resolve();
      };
      port2.postMessage(null);
    } else {
      setTimeout(resolve, 0);
    }
  });
}

/** Refuses what is no signal, or no function, before any work. */
export function checkWork(work: Work): void {
  if (work.signal !== undefined && typeof work.signal?.aborted !== 'boolean')
    throw new KeystrataError('ERR_ARGUMENT', 'signal: an AbortSignal is wanted');
  if (work.onProgress !== undefined && typeof work.onProgress !== 'function')
    throw new KeystrataError('ERR_ARGUMENT', 'onProgress: a function is wanted');
}

/** ERR_ABORTED where `signal` says so; its reason is the cause. */
export function checkAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw aborted(signal);
}

const aborted = (signal: AbortSignal): KeystrataError =>
  new KeystrataError('ERR_ABORTED', 'aborted, as the signal asked', { cause: signal.reason });

/** Waits for `promise`, or rejects with ERR_ABORTED as soon as `signal` says so. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise;
  if (signal.aborted) return Promise.reject(aborted(signal));
  return new Promise((resolve, reject) => {
    const stop = (): void => reject(aborted(signal));
    signal.addEventListener('abort', stop, { once: true });
    void promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop));
  });
}
