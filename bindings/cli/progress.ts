// A bar on standard error: on a terminal only, and only for what takes longer than half a second.

import progress from 'cli-progress';
import type { Call } from './io.ts';
import { printable } from './words.ts';

const PATIENCE_MS = 500;

export interface Bar {
  /** 0 … 1. */
  readonly at: (fraction: number) => void;
  /** Runs what writes to standard error, with the bar out of its way. */
  aside(print: () => Promise<void>): Promise<void>;
}

/** Runs `work`, which tells how far it is. The bar is gone when this returns or throws. */
export async function withBar<T>({ io, options }: Call, label: string, work: (bar: Bar) => Promise<T>): Promise<T> {
  if (!io.stderr.isTTY || options.quiet) return work({ at: () => undefined, aside: (print) => print() });
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
  const hide = (): void => {
    if (shown) bar.stop();
    shown = false;
  };
  const at = (fraction: number): void => {
    if (!shown && performance.now() - began < PATIENCE_MS) return;
    if (!shown) bar.start(1, fraction);
    shown = true;
    bar.update(fraction);
  };
  try {
    return await work({ at, aside: (print) => (hide(), print()) });
  } finally {
    hide();
  }
}
