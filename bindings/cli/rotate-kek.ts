// keystrata rotate-kek: another KEK, and what it wraps under that, in one write. No sealed file changes.

import { asId } from '../keyring/arguments.ts';
import type { Keyring } from '../keyring/keyring.ts';
import { gracefully } from './interrupt.ts';
import type { Call, Result } from './io.ts';
import { onPaper } from './paper.ts';
import { folderOf, mustExist } from './place.ts';
import { withBar } from './progress.ts';
import { unlocked } from './vault.ts';
import { quoted } from './words.ts';

export interface RotateKek {
  compromised?: boolean;
  dropSlot?: string[];
  newRecoveryCode?: boolean;
}

/** The slots that give way: those named, and with a new recovery code the old ones. */
export const slotsToDrop = (keyring: Keyring, { dropSlot = [], newRecoveryCode }: RotateKek): string[] => [
  ...dropSlot.map((id) => asId(id, '--drop-slot')),
  ...(newRecoveryCode
    ? keyring.slots
        .list()
        .filter(({ type, rotatable }) => type === 'recovery' && !rotatable)
        .map(({ id }) => id)
    : []),
];

/** Made after the write that replaced the KEK; shown once. An interrupt waits for it: the old code opens nothing any more. */
export async function newCode(
  call: Call,
  keyring: Keyring,
  { newRecoveryCode }: RotateKek,
): Promise<Pick<Result, 'facts' | 'once' | 'unseen'>> {
  if (!newRecoveryCode) return { facts: {} };
  const recoveryCode = await gracefully(() => keyring.replaceRecoveryCode());
  const once = onPaper({ code: recoveryCode, owner: quoted(call.options.owner), keyring: keyring.id });
  const unseen = (): Promise<string> =>
    Promise.resolve(
      'nobody saw the new recovery code, and the old one opens nothing any more: make another one with keystrata rotate-kek --new-recovery-code',
    );
  return { facts: { recoveryCode }, once, unseen };
}

export async function rotateKek(call: Call, options: RotateKek): Promise<Result> {
  options.dropSlot?.forEach((id) => asId(id, '--drop-slot'));
  await mustExist(call);
  return unlocked(call, async (keyring, secret) => {
    const reason = options.compromised ? 'compromised' : 'scheduled';
    await withBar(call, 'replacing the KEK', ({ at: onProgress }) =>
      gracefully((signal) =>
        keyring.rotateKek({ reason, secrets: [secret], dropSlots: slotsToDrop(keyring, options), signal, onProgress }),
      ),
    );
    const kek = keyring.inventory()[0]!.id;
    const { facts, ...code } = await newCode(call, keyring, options);
    return {
      facts: {
        keyring: keyring.id,
        owner: call.options.owner,
        revision: keyring.revision,
        folder: folderOf(call),
        kek,
        reason,
        ...facts,
      },
      said:
        `KEK ${kek} wraps every key of ${quoted(call.options.owner)} now; sealed files open as before\n` +
        (options.compromised
          ? 'who had the old one can read what was sealed under it: seal such files anew (open, then seal)'
          : 'bring sealed files under it when you like: keystrata rewrap'),
      ...code,
    };
  });
}
