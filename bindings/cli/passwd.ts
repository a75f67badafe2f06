// keystrata passwd: another passphrase for the same keys. One slot is written again; no sealed file changes. Who lost the
// passphrase sets another by the recovery code.

import { KeystrataError } from '../core/errors.ts';
import type { Current } from '../keyring/change-passphrase.ts';
import { changeLostPassphrase } from '../keyring/keyring.ts';
import { gracefully } from './interrupt.ts';
import type { Call, Result } from './io.ts';
import { secretsOf } from './passphrase.ts';
import { withBar } from './progress.ts';
import { takeRecoveryCode } from './recovery-code.ts';
import { folderOf, mustExist, withKeyring } from './vault.ts';
import { quoted } from './words.ts';

export async function passwd(call: Call, { rekey }: { rekey?: boolean }): Promise<Result> {
  const { owner, recoveryCodeFd, operatorKeyFd } = call.options;
  if (rekey)
    throw new KeystrataError(
      'ERR_UNSUPPORTED',
      '--rekey: this version cannot make all keys anew; leave it out to change the passphrase alone',
    );
  if (operatorKeyFd !== undefined)
    throw new KeystrataError(
      'ERR_ARGUMENT',
      '--operator-key-fd: passwd wants the present passphrase, or the recovery code; slots add passphrase adds one beside',
    );
  await mustExist(call);
  const secrets = secretsOf(call);
  try {
    const current: Current =
      recoveryCodeFd === undefined
        ? { passphrase: await secrets.take(`Present passphrase of ${quoted(owner)}:`) }
        : { recoveryCode: await takeRecoveryCode(call, recoveryCodeFd) };
    const given = secrets.asks ? null : await secrets.takeNew(''); // all lines, before any work
    return await withKeyring(call, current, async (keyring) => {
      const next = given ?? (await secrets.takeNew('New passphrase:'));
      await withBar(call, 'changing the passphrase', ({ at: onProgress }) =>
        gracefully((signal) =>
          'recoveryCode' in current
            ? changeLostPassphrase(keyring, current.recoveryCode, next, { signal, onProgress })
            : keyring.changePassphrase(current.passphrase, next, { signal, onProgress }),
        ),
      );
      return {
        facts: { keyring: keyring.id, owner, revision: keyring.revision, folder: folderOf(call) },
        said:
          `changed the passphrase of ${quoted(owner)}; no sealed file needs to be touched\n` +
          'an old copy of the keyring still opens with the old passphrase: remove such copies',
      };
    });
  } finally {
    secrets.end();
  }
}
