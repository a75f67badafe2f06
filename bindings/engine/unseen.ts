// Work of the platform that nobody can stop: whoever waits for it may leave, and what comes then is zeroed, seen by nobody.

/** Milliseconds between two looks: an abort is heard at once, the rest within so much. */
const LOOK = 20;

/** Settles as `work` does; but rejects with what `check` throws, which is asked now and then and when a signal aborts. */
export function unseen(
  work: Promise<ArrayBuffer>,
  signals: readonly AbortSignal[],
  check: () => void,
): Promise<ArrayBuffer> {
  return new Promise((resolve, reject: (error: Error) => void) => {
    let left = false;
    const stop = (): void => {
      clearInterval(timer);
      for (const signal of signals) signal.removeEventListener('abort', look);
    };
    const look = (): void => {
      try {
        check();
      } catch (error) {
        left = true;
        stop();
        reject(error as Error);
      }
    };
    const timer = setInterval(look, LOOK);
    for (const signal of signals) signal.addEventListener('abort', look);
    const take = (result: ArrayBuffer): void => {
      if (left) new Uint8Array(result).fill(0);
      else resolve(result);
    };
    void work.then(take, reject).finally(stop);
  });
}
