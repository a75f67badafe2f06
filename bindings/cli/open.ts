// keystrata open FILE.sealed…: → FILE. Every chunk is verified before it is written, and the file has its name only when
// the end was verified too. To "-" chunks leave as they are verified: exit 4 says that what came is not the whole.

import { basename } from 'node:path';
import { KeystrataError } from '../core/errors.ts';
import { describeHead } from '../format/describe.ts';
import type { Keyring } from '../keyring/keyring.ts';
import { finishRewrap } from '../keyring/rewrap-file.ts';
import { eachFile, type Craft } from './files.ts';
import type { Input } from './input.ts';
import type { Call, Result } from './io.ts';
import { ENDING } from './seal.ts';
import { quoted } from './words.ts';

const opening: Craft = {
  doing: 'opening',
  done: 'opened',
  target: targetOf,
  mend: settleRewrap,
  check: mustBeSealed,
  through: (keyring, p) => keyring.openStream(p),
  facts: ({ written }) => ({ bytes: written }),
};

export const open = (call: Call, files: readonly string[], { output }: { output?: string }): Promise<Result> =>
  eachFile(call, files, output, opening);

/** FILE.sealed → FILE. */
function targetOf(file: string): string {
  if (file === '-') return '-';
  if (file.endsWith(ENDING) && basename(file) !== ENDING) return file.slice(0, -ENDING.length);
  throw new KeystrataError('ERR_ARGUMENT', `${quoted(file)} does not end with ${ENDING}; name the output with -o`);
}

/** What a re-wrap left is finished or undone. Where the disk takes no writing it may open all the same, or says why not. */
async function settleRewrap(keyring: Keyring, file: string): Promise<void> {
  await finishRewrap(keyring, file).catch((error: unknown) => {
    if (!KeystrataError.is(error, 'ERR_STORE')) throw error;
  });
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
