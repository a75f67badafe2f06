#!/usr/bin/env node
// keystrata, the command: one run in one process, and no half file however it ends.

import { discardAll } from './draft.ts';
import { exitOf, INTERRUPTED } from './exit.ts';
import { askToStop, interrupted } from './interrupt.ts';
import { processIo } from './io.ts';
import { run } from './program.ts';
import { hideBar } from './progress.ts';
import { showCursor } from './prompt.ts';
import { fail } from './report.ts';

const argv = process.argv.slice(2);
const options = { owner: 'default', context: '', json: argv.includes('--json') };

/** Keys end with the process. A keyring being written is the old or the new one: its store sees to that. */
function end(code: number, error: unknown): void {
  discardAll();
  hideBar();
  showCursor(processIo);
  void fail({ io: processIo, options }, error).finally(() => process.exit(code));
}

process.on('exit', discardAll); // and what was begun after that
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    if (!askToStop()) end(INTERRUPTED, interrupted());
  });
for (const event of ['uncaughtException', 'unhandledRejection'] as const)
  process.on(event, (error: unknown) => end(exitOf(error), error));
// A reader that leaves shows at the write it fails; without these listeners it would show as a crash too.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);

process.exit(await run(argv, processIo));
