// keystrata rewrap FILE… FOLDER…: sealed files, and files that hold an envelope, under the present KEK, no content touched. A
// job that may be broken off anywhere and started again: what is done is seen by the key that it names, and skipped.
//
//   look     at what was named, before anybody is asked for a passphrase
//   unlock   once
//   count    what there is, for the bar
//   do       file by file, a few at a time so that the disk can gather what it syncs; said in order

import { open } from 'node:fs/promises';
import { still } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import { beginsEnvelope, ENVELOPE_START } from '../format/envelope.ts';
import { isStream } from '../format/stream.ts';
import type { Keyring } from '../keyring/keyring.ts';
import { rewrapFile } from '../keyring/rewrap-file.ts';
import { isDraft } from '../keyring/rewrap-side.ts';
import { storeError, systemCode } from '../store/failure.ts';
import { gracefully } from './interrupt.ts';
import type { Call, Result } from './io.ts';
import { mustExist } from './place.ts';
import { withBar, type Bar } from './progress.ts';
import { complain, errorFacts, naming, tell } from './report.ts';
import { unlocked } from './vault.ts';
import { walk, type Entry } from './walk.ts';
import { grouped, quoted } from './words.ts';

const AT_ONCE = 8;
/** Times that a file is tried which somebody else is at. */
const TRIES = 4;

/** What became of an entry: `other` is no sealed file, and none that was named. */
type Outcome = 'rewrapped' | 'already' | 'other' | 'link' | 'failed';
interface Done {
  readonly entry: Entry;
  readonly outcome: Outcome;
  readonly error?: unknown;
}

export async function rewrap(call: Call, paths: readonly string[]): Promise<Result> {
  if (paths.includes('-'))
    throw new KeystrataError('ERR_ARGUMENT', '"-": files are re-wrapped in place; name files or folders');
  const job = new Job(call);
  const sound: string[] = [];
  for (const path of paths) {
    const failure = await failureAt(path);
    if (failure === null) sound.push(path);
    else await job.said(failure);
  }
  if (sound.length > 0) {
    await mustExist(call);
    await unlocked(call, (keyring) => job.run(keyring, sound));
  }
  return job.result();
}

/** Where what was named cannot even be looked at; nothing below a folder is. */
async function failureAt(path: string): Promise<Done | null> {
  const walking = walk([path]);
  const { value: entry } = await walking.next();
  await walking.return(undefined);
  return entry?.kind === 'failed' && entry.named ? { entry, outcome: 'failed', error: entry.error } : null;
}

class Job {
  readonly #call: Call;
  readonly #counts: Record<Outcome, number> = { rewrapped: 0, already: 0, other: 0, link: 0, failed: 0 };
  readonly #files: object[] = [];
  #failure: unknown;

  constructor(call: Call) {
    this.#call = call;
  }

  /** Of what was named, and of what failed, each is told; the rest is counted. */
  #note({ entry: { path, named }, outcome, error }: Done): void {
    this.#counts[outcome]++;
    if (outcome === 'failed') {
      this.#failure ??= error;
      this.#files.push({ input: path, error: errorFacts(error) });
    } else if (named) this.#files.push({ input: path, rewrapped: outcome === 'rewrapped' });
  }

  async said(done: Done, bar?: Bar): Promise<void> {
    this.#note(done);
    const { entry, outcome, error } = done;
    const aside = (print: () => Promise<void>): Promise<void> => (bar === undefined ? print() : bar.aside(print));
    if (outcome === 'failed') await aside(() => complain(this.#call, error));
    else if (outcome === 'rewrapped') await aside(() => tell(this.#call, `re-wrapped ${quoted(entry.path)}`));
  }

  run(keyring: Keyring, paths: readonly string[]): Promise<void> {
    return withBar(this.#call, 're-wrapping', (bar) =>
      gracefully(async (signal) => {
        const total = await this.#count(paths, signal);
        const under: Promise<Done>[] = [];
        let done = 0;
        const next = async (): Promise<void> => {
          await this.said(await under.shift()!, bar);
          bar.at(++done / total);
        };
        for await (const entry of walk(paths)) {
          if (signal.aborted) break;
          under.push(outcomeOf(keyring, entry));
          if (under.length >= AT_ONCE) await next();
        }
        while (under.length > 0) await next();
        if (signal.aborted) await this.#interrupted(bar);
      }),
    );
  }

  async #count(paths: readonly string[], signal: AbortSignal): Promise<number> {
    let total = 0;
    const walking = walk(paths);
    while (!signal.aborted && (await walking.next()).done !== true) total++;
    return total;
  }

  async #interrupted(bar: Bar): Promise<void> {
    this.#failure = new KeystrataError('ERR_ABORTED', 'interrupted; every file is whole, the same command goes on');
    await bar.aside(() => complain(this.#call, this.#failure));
  }

  result(): Result {
    const { rewrapped, already, other, link, failed } = this.#counts;
    const parts = [
      `${counted(rewrapped, 'file')} re-wrapped`,
      ...(already > 0 ? [`${grouped(already)} under the present key already`] : []),
      ...(other > 0 ? [`${counted(other, 'file')} not sealed`] : []),
      ...(link > 0 ? [`${counted(link, 'symbolic link')} not followed`] : []),
      ...(failed > 0 ? [`${grouped(failed)} failed`] : []),
    ];
    return {
      facts: { rewrapped, already, other, links: link, failed, files: this.#files },
      said: parts.join(', '),
      ...(this.#failure !== undefined && { failure: this.#failure }),
    };
  }
}

const counted = (n: number, what: string): string => `${grouped(n)} ${what}${n === 1 ? '' : 's'}`;

async function outcomeOf(keyring: Keyring, entry: Entry): Promise<Done> {
  if (entry.kind === 'link') return { entry, outcome: 'link' };
  if (entry.kind === 'failed') return { entry, outcome: 'failed', error: entry.error };
  try {
    // a draft that a crash left is removed when its file has its turn
    if (!entry.named && (entry.kind === 'other' || isDraft(entry.path) || !(await isSealed(entry.path))))
      return { entry, outcome: 'other' };
    return { entry, outcome: (await patiently(() => rewrapFile(keyring, entry.path))) ? 'rewrapped' : 'already' };
  } catch (error) {
    return { entry, outcome: 'failed', error: naming(error, JSON.stringify(entry.path)) };
  }
}

async function isSealed(path: string): Promise<boolean> {
  try {
    const handle = await open(path, 'r');
    try {
      const head = still(ENVELOPE_START);
      const { bytesRead } = await handle.read(head, 0, head.length, 0);
      const start = head.subarray(0, bytesRead);
      return isStream(start) || beginsEnvelope(start);
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return false; // a note that was left, and is settled meanwhile
    throw storeError(error, `reading ${quoted(path)}`);
  }
}

/** Somebody else who is at the same file is soon done with it. */
async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let left = TRIES; ; left--) {
    try {
      return await work();
    } catch (error) {
      if (left === 1 || !KeystrataError.is(error, 'ERR_CONFLICT')) throw error;
    }
  }
}
