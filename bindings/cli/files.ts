// Files, one after the other, through one unlocked keyring. Each is done whole or not at all, and one that fails keeps no
// other from being done.
//
//   look     all of them, before anybody is asked for a passphrase: what can be seen to fail is said now
//   unlock   once
//   do       file by file, in the order of the arguments, under one bar

import type { Bytes, Out } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import type { Work } from '../engine/engine.ts';
import type { Keyring } from '../keyring/keyring.ts';
import { findInput, type Input } from './input.ts';
import type { Call, Result } from './io.ts';
import { findOutput, type Place } from './output.ts';
import { mustExist } from './place.ts';
import { withBar, type Bar } from './progress.ts';
import { complain, errorFacts, naming, tell } from './report.ts';
import { unlocked } from './vault.ts';
import { bytesOf, quoted } from './words.ts';

/** What is done to each. */
export interface Craft {
  readonly doing: string;
  readonly done: string;
  /** Where the output of FILE goes that has no -o. Throws where nobody can know. */
  target(file: string): string;
  /** Puts right what a crash left of the file, before it is read. */
  mend?(keyring: Keyring, file: string): Promise<void>;
  /** Throws what can be seen from outside. */
  check(input: Input, target: string): Promise<void>;
  through(keyring: Keyring, p: Work & { context: string; size?: number }): TransformStream<Bytes, Out>;
  facts(bytes: { taken: number; written: number }): Facts;
}

/** Of a file that is done, for --json. */
interface Facts {
  /** Of plaintext. */
  bytes: number;
  sealedBytes?: number;
}

/** One file's way. */
interface Task {
  readonly file: string;
  target?: string;
  /** Of the bar: bytes, as far as they are known, and one more. */
  weight: number;
  facts?: Facts;
  error?: unknown;
}

/** ERR_ARGUMENT where the arguments do not fit each other. */
export async function eachFile(
  call: Call,
  files: readonly string[],
  output: string | undefined,
  craft: Craft,
): Promise<Result> {
  if (output !== undefined && files.length > 1)
    throw new KeystrataError(
      'ERR_ARGUMENT',
      `-o names one output, but there are ${files.length} files: leave it out, and each has its own beside it`,
    );
  if (files.filter((file) => file === '-').length > 1)
    throw new KeystrataError('ERR_ARGUMENT', '"-" stands twice: standard input can be read once');
  const tasks = files.map((file): Task => ({ file, weight: 1 }));
  for (const task of tasks) {
    await attempt(task, async () => void (await look(call, task, output, craft)));
    if ('error' in task) await complain(call, task.error);
  }
  const fine = tasks.filter((task) => !('error' in task));
  if (fine.length > 0) {
    await mustExist(call);
    await unlocked(call, (keyring) => doAll(call, fine, craft, keyring));
  }
  const failed = tasks.filter((task) => 'error' in task);
  return {
    facts: { files: tasks.map(factsOf) },
    ...(failed.length > 0 && { failure: failed[0]!.error }),
    ...(failed.length > 0 && files.length > 1 && { said: `${failed.length} of ${files.length} files failed` }),
  };
}

const factsOf = ({ file, target, facts, error }: Task): object => ({
  input: file,
  ...(target !== undefined && { output: target }),
  ...(facts ?? { error: errorFacts(error) }),
});

async function attempt(task: Task, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    task.error = naming(error, task.file === '-' ? 'standard input' : quoted(task.file));
  }
}

async function look(
  call: Call,
  task: Task,
  output: string | undefined,
  craft: Craft,
): Promise<{ input: Input; place: Place }> {
  const target = output ?? craft.target(task.file);
  task.target = target;
  const input = await findInput(call.io, task.file);
  task.weight = (input.size ?? 0) + 1;
  const place = await findOutput(call, target);
  await craft.check(input, target);
  return { input, place };
}

function doAll(call: Call, tasks: readonly Task[], craft: Craft, keyring: Keyring): Promise<void> {
  const whole = tasks.reduce((sum, { weight }) => sum + weight, 0);
  const what = tasks.length === 1 ? `"${tasks[0]!.file}"` : `${tasks.length} files`;
  return withBar(call, `${craft.doing} ${what}`, async (bar) => {
    let before = 0;
    for (const task of tasks) {
      const { weight } = task;
      const onProgress = (fraction: number): void => bar.at((before + fraction * weight) / whole);
      await attempt(task, () => doOne(call, task, craft, { keyring, bar, onProgress }));
      if ('error' in task) await bar.aside(() => complain(call, task.error));
      before += weight;
    }
  });
}

async function doOne(
  call: Call,
  task: Task,
  craft: Craft,
  { keyring, bar, onProgress }: { keyring: Keyring; bar: Bar; onProgress: (fraction: number) => void },
): Promise<void> {
  if (task.file !== '-') await craft.mend?.(keyring, task.file);
  const { input, place } = await look(call, task, task.target, craft); // again: it may be long ago
  const out = await place.claim(input.mode);
  let taken = 0;
  try {
    await input
      .stream((bytes) => (taken += bytes))
      .pipeThrough(craft.through(keyring, { context: call.options.context, onProgress, size: input.size ?? undefined }))
      .pipeTo(out.sink());
    await out.commit();
  } finally {
    await out.discard();
  }
  task.facts = craft.facts({ taken, written: out.written });
  const said = `${craft.done} ${input.name} → ${out.name}, ${bytesOf(task.facts.bytes)}`;
  await bar.aside(() => tell(call, said));
}
