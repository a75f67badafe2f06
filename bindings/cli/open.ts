// keystrata open FILE.sealed: → FILE. Every chunk is verified before it is written, and the file has its name only when
// the end was verified too. To "-" chunks leave as they are verified: exit 4 says that what came is not the whole.

import { basename } from 'node:path';
import { KeystrataError } from '../core/errors.ts';
import { describeHead } from '../format/describe.ts';
import { openInput, type Input } from './input.ts';
import type { Call, Result } from './io.ts';
import { claimOutput } from './output.ts';
import { withBar } from './progress.ts';
import { ENDING } from './seal.ts';
import { mustExist, unlocked } from './vault.ts';
import { bytesOf, quoted } from './words.ts';

export async function open(call: Call, file: string, { output }: { output?: string }): Promise<Result> {
  const { io, options } = call;
  const target = output ?? targetOf(file);
  const input = await openInput(io, file);
  try {
    const out = await claimOutput(call, { path: target, mode: input.mode });
    try {
      await mustBeSealed(input);
      await mustExist(call);
      await unlocked(call, (keyring) =>
        withBar(call, `opening ${input.name}`, (onProgress) =>
          input
            .stream()
            .pipeThrough(keyring.openStream({ context: options.context, onProgress, size: input.size ?? undefined }))
            .pipeTo(out.sink()),
        ),
      );
      await out.commit();
      return {
        facts: { input: file, output: target, bytes: out.written },
        said: `opened ${input.name} → ${out.name}, ${bytesOf(out.written)}`,
      };
    } finally {
      await out.discard();
    }
  } finally {
    await input.close();
  }
}

/** FILE.sealed → FILE. */
function targetOf(file: string): string {
  if (file === '-') return '-';
  if (file.endsWith(ENDING) && basename(file) !== ENDING) return file.slice(0, -ENDING.length);
  throw new KeystrataError('ERR_ARGUMENT', `${quoted(file)} does not end with ${ENDING}; name the output with -o`);
}

/** Tells a stream, and most other things. */
const ENOUGH = 64 * 1024;

/** Says it before somebody types a passphrase for nothing. A pipe says it later. */
async function mustBeSealed(input: Input): Promise<void> {
  const head = await input.head(ENOUGH);
  if (head === null) return;
  const { kind } = describeHead(head, input.size ?? head.length);
  if (kind !== 'stream')
    throw new KeystrataError(
      'ERR_UNSUPPORTED',
      `${input.name} is a ${kind}, not a sealed file; look at it with: keystrata inspect`,
    );
}
