// A bar on standard error: on a terminal only, and only for what takes longer than half a second.

import progress from 'cli-progress';
import type { Call } from './io.ts';
import { printable } from './words.ts';

const PATIENCE_MS = 500;

/** Runs `work`, which tells how far it is. The bar is gone when this returns or throws. */
export async function withBar<T>(
  call: Call,
  label: string,
  work: (onProgress: (fraction: number) => void) => Promise<T>,
): Promise<T> {
  const { io, options } = call;
  if (!io.stderr.isTTY || options.quiet) return work(() => undefined);
  const bar = new progress.SingleBar({
    stream: io.stderr,
    format: `${printable(label)} {bar} {percentage}%`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    clearOnComplete: true,
    emptyOnZero: true,
    gracefulExit: false, // interrupts are main's
  });
  const began = performance.now();
  let shown = false;
  try {
    return await work((fraction) => {
      if (!shown && performance.now() - began < PATIENCE_MS) return;
      if (!shown) bar.start(1, 0);
      shown = true;
      bar.update(fraction);
    });
  } finally {
    if (shown) bar.stop();
  }
}
