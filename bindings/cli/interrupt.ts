// Ctrl-C, a terminal that closes, a kill. Most of the command may end where it stands: drafts are removed, keys end with the
// process. Writing a keyring may not: it is asked to stop, and what it has written all the same must still be said, such
// as a recovery code that nobody sees again.

import { KeystrataError } from '../core/errors.ts';

let asked: AbortController | null = null;

export const interrupted = (): KeystrataError =>
  new KeystrataError('ERR_ABORTED', 'interrupted; nothing half-done was left');

/** Runs `work`, whose signal is an interrupt's. Where it is too late for that, it is done, and no interrupt is reported. */
export async function gracefully<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const { signal } = (asked = new AbortController());
  try {
    return await work(signal);
  } catch (error) {
    throw KeystrataError.is(error, 'ERR_ABORTED') && signal.aborted ? interrupted() : error;
  } finally {
    asked = null;
  }
}

/** Whether somebody is at work who was not asked yet, and is now. Who was asked twice is not waited for. */
export function askToStop(): boolean {
  if (asked === null || asked.signal.aborted) return false;
  asked.abort();
  return true;
}
