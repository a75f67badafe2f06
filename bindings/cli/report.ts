// How a run ends: what it shows, what it says, and its errors, each on its stream; with --json one object.
//
//   {"ok":true,"command":"seal", …}        {"ok":false,"error":{"code":"ERR_EXISTS","message":"…"}, …}

import { KeystrataError } from '../core/errors.ts';
import { systemCode } from '../store/failure.ts';
import { toStderr, toStdout, type Call, type Result } from './io.ts';
import { printable } from './words.ts';

/** What is said beside the work cannot undo it. */
const ignored = (): void => undefined;

export async function succeed(call: Call, command: string, result: Result): Promise<void> {
  const { io, options } = call;
  const { failure } = result;
  if (options.json) {
    const outcome = failure === undefined ? { ok: true, command } : { ok: false, command, error: errorFacts(failure) };
    await shownOnce(toStdout(io, `${JSON.stringify({ ...outcome, ...result.facts })}\n`), result);
    return;
  }
  if (result.once !== undefined) await shownOnce(toStderr(io, `${result.once}\n`), result);
  if (result.said !== undefined) await tell(call, result.said);
  if (result.shown !== undefined) await toStdout(io, `${result.shown}\n`);
}

/** What is shown once and was not taken is gone for good: better nothing is done. */
async function shownOnce(showing: Promise<void>, { unseen }: Result): Promise<void> {
  try {
    await showing;
  } catch (error) {
    if (unseen === undefined) throw error;
    throw new KeystrataError('ERR_STORE', `${(error as Error).message}; ${await unseen()}`, { cause: error });
  }
}

/** A line on standard error of what was done. */
export async function tell({ io, options }: Call, text: string): Promise<void> {
  if (!options.quiet && !options.json) await toStderr(io, `${text}\n`).catch(ignored);
}

/** A line on standard error of what failed. */
export async function complain({ io }: Call, error: unknown): Promise<void> {
  if (isGone(error)) return; // whoever read our output has left: nobody is interested
  const { code, message } = errorFacts(error);
  const detail =
    error instanceof KeystrataError
      ? ''
      : `\na fault of keystrata, please report it:\n${(error as Error | undefined)?.stack ?? ''}`;
  await toStderr(io, `keystrata: ${printable(message)} (${code})${detail}\n`).catch(ignored);
}

/** The end of a run that did nothing else. */
export async function fail(call: Call, error: unknown): Promise<void> {
  const { io, options } = call;
  const json = JSON.stringify({ ok: false, error: errorFacts(error) });
  if (options.json && !isGone(error)) await toStdout(io, `${json}\n`).catch(ignored);
  await complain(call, error);
}

const OF_CONTENT = ['ERR_FORMAT', 'ERR_AUTHENTICATION', 'ERR_UNSUPPORTED', 'ERR_LIMIT', 'ERR_KEY_NOT_FOUND'];

/** The same, where it is about what is in a file and does not say which: with the name of that. */
export const naming = (error: unknown, name: string): unknown =>
  error instanceof KeystrataError && OF_CONTENT.includes(error.code) && !error.message.includes(name)
    ? new KeystrataError(error.code, `${name}: ${error.message}`, { cause: error.cause })
    : error;

/** For --json. */
export const errorFacts = (error: unknown): { code: string; message: string } => ({
  code: error instanceof KeystrataError ? error.code : 'ERR_FAULT',
  message: error instanceof Error ? error.message : String(error),
});

function isGone(error: unknown): boolean {
  return systemCode(error) === 'EPIPE' || (error instanceof Error && systemCode(error.cause) === 'EPIPE');
}
