// How a run ends: what it shows, what it says, and its error, each on its stream; with --json one object.
//
//   {"ok":true,"command":"seal", …}        {"ok":false,"error":{"code":"ERR_EXISTS","message":"…"}}

import { KeystrataError } from '../core/errors.ts';
import { systemCode } from '../store/failure.ts';
import { toStderr, toStdout, type Call, type Result } from './io.ts';
import { printable } from './words.ts';

/** What is said beside the work cannot undo it. */
const ignored = (): void => undefined;

export async function succeed({ io, options }: Call, command: string, result: Result): Promise<void> {
  if (options.json) {
    await toStdout(io, `${JSON.stringify({ ok: true, command, ...result.facts })}\n`);
    return;
  }
  if (result.once !== undefined) await toStderr(io, `${result.once}\n`);
  if (result.said !== undefined && !options.quiet) await toStderr(io, `${result.said}\n`).catch(ignored);
  if (result.shown !== undefined) await toStdout(io, `${result.shown}\n`);
}

export async function fail({ io, options }: Call, error: unknown): Promise<void> {
  if (isGone(error)) return; // whoever read our output has left: nobody is interested
  const ours = error instanceof KeystrataError;
  const code = ours ? error.code : 'ERR_FAULT';
  const message = error instanceof Error ? error.message : String(error);
  const detail = ours ? '' : `\na fault of keystrata, please report it:\n${(error as Error | undefined)?.stack ?? ''}`;
  const json = JSON.stringify({ ok: false, error: { code, message } });
  if (options.json) await toStdout(io, `${json}\n`).catch(ignored);
  await toStderr(io, `keystrata: ${printable(message)} (${code})${detail}\n`).catch(ignored);
}

function isGone(error: unknown): boolean {
  return systemCode(error) === 'EPIPE' || (error instanceof Error && systemCode(error.cause) === 'EPIPE');
}
