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

let shownBar: { stop(): void } | null = null;

/** At once, for a process that is about to end: its line is cleared, and lines wrap again. */
export function hideBar(): void {
  shownBar?.stop();
  shownBar = null;
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
  const at = (fraction: number): void => {
    if (shownBar === null && performance.now() - began < PATIENCE_MS) return;
    if (shownBar === null) bar.start(1, fraction);
    shownBar = bar;
    bar.update(fraction);
  };
  try {
    return await work({ at, aside: (print) => (hideBar(), print()) });
  } finally {
    hideBar();
  }
}
