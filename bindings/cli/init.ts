// keystrata init: makes a keyring.

import { KeystrataError } from '../core/errors.ts';
import { Keyring } from '../keyring/keyring.ts';
import type { Passphrase } from '../keys/passphrase.ts';
import { gracefully } from './interrupt.ts';
import type { Call, Result } from './io.ts';
import { readDocument } from './keyring-tree.ts';
import { takeOperatorKey, type OperatorKey } from './operator-key.ts';
import { onPaper } from './paper.ts';
import { secretsOf } from './passphrase.ts';
import { folderOf, placeOf } from './place.ts';
import { withBar } from './progress.ts';
import { checkAlone, insteadOf, type Instead } from './present.ts';
import { withEngine } from './vault.ts';
import { quoted } from './words.ts';

type First = { passphrase: Passphrase } | OperatorKey;

export async function init(call: Call, { recovery }: { recovery: boolean }): Promise<Result> {
  const { owner } = call.options;
  const instead = insteadOf(call);
  if (instead !== null) checkFirst(call, instead);
  const folder = folderOf(call);
  if (await Keyring.exists(placeOf(call)))
    throw new KeystrataError(
      'ERR_EXISTS',
      `a keyring of ${quoted(owner)} is in ${quoted(folder)} already, and is never overwritten, not even with --force: all it opens would be lost. Take another --owner or --keyring`,
    );
  return withFirst(call, (secret) =>
    withEngine(call, async (where) => {
      const { keyring, recoveryCode } = await withBar(call, 'making the keyring', ({ at }) =>
        gracefully((signal) => Keyring.create({ ...where, ...secret, recovery, signal, onProgress: at })),
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
    }),
  );
}

/** An operator key may be the first way in, and comes alone. */
function checkFirst(call: Call, instead: Instead): void {
  if (instead === '--operator-key-fd') return void checkAlone(call, instead);
  throw new KeystrataError(
    'ERR_ARGUMENT',
    instead === '--recovery-code-fd'
      ? `${instead}: init makes a recovery code, and takes none`
      : `${instead}: a keyring begins with a passphrase or an operator key; keystrata slots add pin adds a PIN to it`,
  );
}

/** What the first slot opens with: an operator key, or a passphrase that is being chosen. It is wiped when `work` ends. */
async function withFirst<T>(call: Call, work: (secret: First) => Promise<T>): Promise<T> {
  const { owner, operatorKeyFd } = call.options;
  if (operatorKeyFd !== undefined) {
    const secret = await takeOperatorKey(operatorKeyFd, '--operator-key-fd');
    try {
      return await work(secret);
    } finally {
      secret.operatorKey.fill(0);
    }
  }
  const secrets = secretsOf(call);
  try {
    return await work({ passphrase: await secrets.takeNew(`New passphrase for ${quoted(owner)}:`) });
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
