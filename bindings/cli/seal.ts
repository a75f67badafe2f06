// keystrata seal FILE…: FILE → FILE.sealed, each under a key of its own that the file carries, wrapped.

import { KeystrataError } from '../core/errors.ts';
import { eachFile, type Craft } from './files.ts';
import type { Call, Io, Result } from './io.ts';

export const ENDING = '.sealed';

const sealing = (io: Io, force: boolean | undefined): Craft => ({
  doing: 'sealing',
  done: 'sealed',
  target: (file) => (file === '-' ? '-' : file + ENDING),
  async check(input, target) {
    if (target === '-' && io.stdout.isTTY && !force)
      throw new KeystrataError(
        'ERR_ARGUMENT',
        'sealed data is no text for a terminal; name a file with -o, or send it on with > or |',
      );
    await input.head(1); // it can be read
  },
  through: (keyring, p) => keyring.sealStream(p),
  facts: ({ taken, written }) => ({ bytes: taken, sealedBytes: written }),
});

export const seal = (call: Call, files: readonly string[], { output }: { output?: string }): Promise<Result> =>
  eachFile(call, files, output, sealing(call.io, call.options.force));
