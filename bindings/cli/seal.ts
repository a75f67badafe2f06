// keystrata seal FILE: FILE → FILE.sealed, under a key of its own that the file carries, wrapped.

import { KeystrataError } from '../core/errors.ts';
import { openInput } from './input.ts';
import type { Call, Result } from './io.ts';
import { claimOutput } from './output.ts';
import { withBar } from './progress.ts';
import { mustExist, unlocked } from './vault.ts';
import { bytesOf } from './words.ts';

export const ENDING = '.sealed';

export async function seal(call: Call, file: string, { output }: { output?: string }): Promise<Result> {
  const { io, options } = call;
  const target = output ?? (file === '-' ? '-' : file + ENDING);
  if (target === '-' && io.stdout.isTTY && !options.force)
    throw new KeystrataError(
      'ERR_ARGUMENT',
      'sealed data is no text for a terminal; name a file with -o, or send it on with > or |',
    );
  const input = await openInput(io, file);
  try {
    const out = await claimOutput(call, { path: target, mode: input.mode });
    try {
      await mustExist(call);
      await unlocked(call, (keyring) =>
        withBar(call, `sealing ${input.name}`, (onProgress) =>
          input
            .stream()
            .pipeThrough(keyring.sealStream({ context: options.context, onProgress, size: input.size ?? undefined }))
            .pipeTo(out.sink()),
        ),
      );
      await out.commit();
      return {
        facts: { input: file, output: target, bytes: input.taken, sealedBytes: out.written },
        said: `sealed ${input.name} → ${out.name}, ${bytesOf(input.taken)}`,
      };
    } finally {
      await out.discard();
    }
  } finally {
    await input.close();
  }
}
