// keystrata init: makes a keyring.

import { KeystrataError } from '../core/errors.ts';
import { Keyring } from '../keyring/keyring.ts';
import { gracefully } from './interrupt.ts';
import type { Call, Result } from './io.ts';
import { readDocument } from './keyring-tree.ts';
import { onPaper } from './paper.ts';
import { secretsOf } from './passphrase.ts';
import { withBar } from './progress.ts';
import { folderOf, placeOf, withEngine } from './vault.ts';
import { quoted } from './words.ts';

export async function init(call: Call, { recovery }: { recovery: boolean }): Promise<Result> {
  const { owner, recoveryCodeFd, operatorKeyFd } = call.options;
  if (recoveryCodeFd !== undefined)
    throw new KeystrataError('ERR_ARGUMENT', '--recovery-code-fd: init makes a recovery code, and takes none');
  if (operatorKeyFd !== undefined)
    throw new KeystrataError(
      'ERR_ARGUMENT',
      '--operator-key-fd: init takes a passphrase; slots add operator adds the key',
    );
  const folder = folderOf(call);
  if (await Keyring.exists(placeOf(call)))
    throw new KeystrataError(
      'ERR_EXISTS',
      `a keyring of ${quoted(owner)} is in ${quoted(folder)} already, and is never overwritten, not even with --force: all it opens would be lost. Take another --owner or --keyring`,
    );
  const secrets = secretsOf(call);
  try {
    const passphrase = await secrets.takeNew(`New passphrase for ${quoted(owner)}:`);
    return await withEngine(call, async (where) => {
      const { keyring, recoveryCode } = await withBar(call, 'making the keyring', ({ at }) =>
        gracefully((signal) => Keyring.create({ ...where, passphrase, recovery, signal, onProgress: at })),
      );
      const { id, revision } = keyring;
      keyring.lock();
      return {
        facts: { keyring: id, owner, revision, folder, ...(recoveryCode !== '' && { recoveryCode }) },
        said: `made the keyring of ${quoted(owner)} in ${quoted(folder)}\nnow: keystrata seal FILE`,
        ...(recoveryCode !== '' && {
          once: onPaper({ code: recoveryCode, owner: quoted(owner), keyring: id }),
          unseen: () => takeBack(call, id),
        }),
      };
    });
  } finally {
    secrets.end();
  }
}

/** Removes the keyring just made, as long as it is that, and nobody has written since: nothing was sealed under it. */
async function takeBack(call: Call, id: string): Promise<string> {
  const { store, owner } = placeOf(call);
  const stored = await store.get(owner);
  const found = stored && (await readDocument(stored.bytes)).found;
  if (stored === null || found!.id !== id || found!.revision !== 1)
    return 'nobody saw the recovery code of the keyring that was made, but somebody uses it already: it stays, and its passphrase opens it';
  await store.delete(owner, { ifVersion: stored.version });
  return 'nobody saw the recovery code, so the keyring was not kept';
}
