// Where the keyring of a command lies, and whose it is.

import envPaths from 'env-paths';
import { KeystrataError } from '../core/errors.ts';
import { Keyring } from '../keyring/keyring.ts';
import type { Where } from '../keyring/types.ts';
import { fileStore } from '../store/file.ts';
import type { Call } from './io.ts';
import { quoted } from './words.ts';

/** --keyring, else $KEYSTRATA_KEYRING, else the platform's folder for data. */
export function folderOf({ io, options }: Call): string {
  const { data } = envPaths('keystrata', { suffix: '' });
  return options.keyring ?? (io.env['KEYSTRATA_KEYRING'] || data);
}

export const placeOf = (call: Call): Omit<Where, 'engine'> => ({
  store: fileStore(folderOf(call)),
  owner: call.options.owner,
});

/** ERR_NOT_FOUND before anybody is asked for a passphrase. */
export async function mustExist(call: Call): Promise<void> {
  if (await Keyring.exists(placeOf(call))) return;
  throw new KeystrataError(
    'ERR_NOT_FOUND',
    `no keyring of ${quoted(call.options.owner)} in ${quoted(folderOf(call))}; make one with: keystrata init`,
  );
}
