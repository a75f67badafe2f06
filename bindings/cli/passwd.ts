// keystrata passwd: another passphrase for the same keys. One slot is written again; no sealed file changes. Who lost the
// passphrase sets another by the recovery code.

import { KeystrataError } from '../core/errors.ts';
import type { Current } from '../keyring/change-passphrase.ts';
import { asId } from '../keyring/arguments.ts';
import { changeLostPassphrase } from '../keyring/keyring.ts';
import { gracefully } from './interrupt.ts';
import type { Call, Result } from './io.ts';
import { secretsOf } from './passphrase.ts';
import { folderOf, mustExist } from './place.ts';
import { withBar } from './progress.ts';
import { newCode, slotsToDrop, type RotateKek } from './rotate-kek.ts';
import { insteadOf } from './present.ts';
import { takeRecoveryCode } from './recovery-code.ts';
import { withKeyring } from './vault.ts';
import { quoted } from './words.ts';

export async function passwd(call: Call, p: RotateKek & { rekey?: boolean }): Promise<Result> {
  const { rekey = false, dropSlot, newRecoveryCode } = p;
  const { owner, recoveryCodeFd } = call.options;
  const instead = insteadOf(call);
  if (!rekey && (dropSlot !== undefined || newRecoveryCode))
    throw new KeystrataError('ERR_ARGUMENT', '--drop-slot and --new-recovery-code go with --rekey');
  if (rekey && recoveryCodeFd !== undefined)
    throw new KeystrataError('ERR_ARGUMENT', '--rekey wants the present passphrase, not the recovery code');
  dropSlot?.forEach((id) => asId(id, '--drop-slot'));
  if (instead !== null && instead !== '--recovery-code-fd')
    throw new KeystrataError(
      'ERR_ARGUMENT',
      `${instead}: passwd wants the passphrase that is changed, or the recovery code; add another with keystrata slots add passphrase ${instead}${instead === '--pin' ? '' : ' N'}, then keystrata slots remove the old one`,
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
            : keyring.changePassphrase(current.passphrase, next, {
                signal,
                onProgress,
                ...(rekey ? { rekey, dropSlots: slotsToDrop(keyring, p) } : {}),
              }),
        ),
      );
      const { facts, ...code } = await newCode(call, keyring, p);
      return {
        facts: { keyring: keyring.id, owner, revision: keyring.revision, folder: folderOf(call), rekey, ...facts },
        said:
          `changed the passphrase of ${quoted(owner)}; no sealed file needs to be touched\n` +
          (rekey
            ? 'and made a new KEK: bring your sealed files under it with keystrata rewrap; old copies of the keyring open what was sealed before'
            : 'an old copy of the keyring still opens with the old passphrase: remove such copies'),
        ...code,
      };
    });
  } finally {
    secrets.end();
  }
}
