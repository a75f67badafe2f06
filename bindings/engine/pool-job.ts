// One message on its way through a pool, and how several are packed into a batch (pool-messages.ts).

import { still, type Bytes, type Out } from '../core/bytes.ts';
import { AuthenticationError, KeystrataError } from '../core/errors.ts';
import type { Message } from '../core/gcm.ts';
import { IV_LENGTH, TAG_LENGTH, textAt, type Part, type PartResult, type Way } from './pool-messages.ts';

/** Settles once. Until then the bytes given are in use. */
export class Job {
  readonly way: Way;
  readonly message: Message;
  readonly given: Bytes;
  /** Of what is given, at the time it was. */
  readonly length: number;
  readonly promise: Promise<Out>;
  #out: Bytes | null; // to seal into
  #resolve!: (out: Out) => void;
  #reject!: (error: Error) => void;
  settled = false;

  constructor(way: Way, message: Message, given: Bytes, out: Bytes | null) {
    this.way = way;
    this.message = message;
    this.given = given;
    this.length = given.length;
    this.#out = out;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  get slot(): number {
    return this.message.slot;
  }

  /** Fails where what was given is not there any more: transferred elsewhere, say. */
  check(): void {
    if (this.given.length !== this.length) this.fail(takenAway());
  }

  fail(error: Error): void {
    this.settled = true;
    this.#reject(error);
  }

  /** What the worker made of it. Where nobody waits any more, what was opened is zeroed. */
  take(part: Part, result: PartResult, buffer: ArrayBuffer): void {
    if (result instanceof ArrayBuffer) {
      const opened = new Uint8Array(result);
      if (this.settled) opened.fill(0);
      else this.#done(opened);
    } else if (this.settled) return;
    else if (result !== null) this.fail(errorOf(result));
    else {
      const sealed = new Uint8Array(buffer, textAt(part), part.length + TAG_LENGTH);
      if (this.#out!.length < sealed.length) return this.fail(takenAway());
      this.#out!.set(sealed);
      this.#done(sealed);
    }
  }

  #done(out: Out): void {
    this.settled = true;
    this.#resolve(out);
  }
}

const takenAway = (): KeystrataError =>
  new KeystrataError(
    'ERR_ARGUMENT',
    'bytes were taken away while in use: leave them where they are until the work is done',
  );

const errorOf = ({ code, message }: { code: KeystrataError['code']; message: string }): KeystrataError =>
  code === 'ERR_AUTHENTICATION' ? new AuthenticationError(code, message) : new KeystrataError(code, message);

/** Room that a job takes in a batch. */
const room = ({ way, message, given }: Job): number =>
  IV_LENGTH + message.aad.length + given.length + (way === 'seal' ? TAG_LENGTH : 0);

/** Copies what the jobs were given: the caller's bytes stay the caller's. */
export function pack(jobs: readonly Job[]): { buffer: ArrayBuffer; parts: Part[] } {
  const bytes = still(jobs.reduce((sum, job) => sum + room(job), 0));
  const parts: Part[] = [];
  let at = 0;
  for (const job of jobs) {
    const { way, message, given } = job;
    const part: Part = { way, key: message.slot, at, aadLength: message.aad.length, length: given.length };
    bytes.set(message.iv, at);
    bytes.set(message.aad, at + IV_LENGTH);
    bytes.set(given, textAt(part));
    parts.push(part);
    at += room(job);
  }
  return { buffer: bytes.buffer, parts };
}
