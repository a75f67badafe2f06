// The first document of a keyring, put where nothing is, and remembered: both, or neither.
//
// Who makes a keyring gets its recovery code in return. Where that fails nobody gets it, so the document does not stay: as far
// as the store lets it be removed. A process that dies in between leaves a keyring that its passphrase opens.

import { equal, type Bytes } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import type { Where } from './types.ts';

export const keyringExists = (owner: string, cause?: unknown): KeystrataError =>
  new KeystrataError(
    'ERR_EXISTS',
    `${JSON.stringify(owner)} has a keyring in this store already: unlock it, or take another name or place`,
    { cause },
  );

/** The version it has. ERR_EXISTS where another process was first; what store and memory throw. */
export async function putNew({ store, owner }: Where, bytes: Bytes, remember: () => Promise<void>): Promise<string> {
  try {
    const { version } = await store.put(owner, bytes, { ifVersion: null });
    await remember();
    return version;
  } catch (error) {
    await takeBack({ store, owner }, bytes).catch(() => undefined); // the first error is what is told
    throw KeystrataError.is(error, 'ERR_CONFLICT') ? keyringExists(owner, error) : error;
  }
}

/** Also where the answer of the store was lost: then nobody knows whether it was put. No two keyrings have the same bytes. */
async function takeBack({ store, owner }: Pick<Where, 'store' | 'owner'>, bytes: Bytes): Promise<void> {
  const stored = await store.get(owner);
  if (stored !== null && equal(stored.bytes, bytes)) await store.delete(owner, { ifVersion: stored.version });
}
