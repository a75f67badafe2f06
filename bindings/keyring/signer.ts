// The user's signing key, lent to who signs for them: the newest that is active.

import type { KeypairRecord } from '../format/body.ts';
import { unwrapPrivateKey, type Keypair } from '../keys/keypair.ts';
import type { Snapshot, Unlocked } from './snapshot.ts';

/** `sign` has a pair for as long as it runs, or null where the user has no active signing key. */
export function withSigner<T>(
  { engine, kek, keyring, snapshot }: Unlocked & { readonly snapshot: Pick<Snapshot, 'body'> },
  sign: (signer: Keypair<'SIGN'> | null) => T,
): T {
  const record = signingKey(snapshot);
  if (record === null) return sign(null);
  const { publicKey, wrapped } = record;
  const privateKey = unwrapPrivateKey(engine, kek, 'SIGN', wrapped!, publicKey, keyring); // an active one has its bytes
  try {
    return sign({ publicKey, privateKey });
  } finally {
    privateKey.dispose();
  }
}

function signingKey({ body }: Pick<Snapshot, 'body'>): KeypairRecord | null {
  let newest: KeypairRecord | null = null;
  for (const record of body.keypairs.values())
    if (record.use === 'sign' && record.state === 'active' && (newest === null || record.created >= newest.created))
      newest = record;
  return newest;
}
