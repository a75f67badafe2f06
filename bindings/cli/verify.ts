// keystrata verify: everything that can be checked of a keyring, with its secret and without.

import { Keyring } from '../keyring/keyring.ts';
import { gracefully } from './interrupt.ts';
import type { Call, Result } from './io.ts';
import { folderOf, mustExist, placeOf } from './place.ts';
import { withBar } from './progress.ts';
import { draw } from './tree.ts';
import { unlocked } from './vault.ts';
import { quoted } from './words.ts';

export async function verify(call: Call, { secret = true }: { secret?: boolean }): Promise<Result> {
  await mustExist(call);
  const { owner } = call.options;
  const found = await Keyring.inspect(placeOf(call)); // strict: whatever does not read is ERR_FORMAT
  const form = `revision ${found.revision} reads as it should: ${found.slots.length} slots, ${found.keys.length} keys`;
  const facts = { keyring: found.id, owner, folder: folderOf(call) };
  if (!secret)
    return {
      facts: { ...facts, revision: found.revision, authenticated: false },
      shown: draw({
        text: `keyring of ${quoted(owner)}`,
        branches: [{ text: form }, { text: 'nothing is proven: that takes a secret' }],
      }),
    };
  return unlocked(call, async (keyring) => {
    const seen = await withBar(call, 'verifying', ({ at: onProgress }) =>
      gracefully((signal) => keyring.verify({ signal, onProgress })),
    );
    return {
      facts: { ...facts, ...seen, authenticated: true },
      shown: draw({
        text: `keyring of ${quoted(owner)}`,
        branches: [
          { text: form },
          {
            text: `the document is whole, of this owner, and no older than the newest seen here (revision ${seen.revision})`,
          },
          { text: `what is wrapped unwraps: keys ${seen.keys}, keypairs ${seen.keypairs}, old KEKs ${seen.oldKeks}` },
          { text: `the log is whole: ${seen.auditEntries} entries` },
        ],
      }),
    };
  });
}
