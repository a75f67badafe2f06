// What a keyring says of itself to anybody. No secret is needed, so nothing is proved: whoever writes the store could have
// written this.

import { decodeBody } from '../format/body.ts';
import type { Store } from '../store/store.ts';
import { checkPlace } from './arguments.ts';
import { keyInfos } from './info.ts';
import { slotInfo } from './slot-info.ts';
import { readStored } from './snapshot.ts';
import type { Inspection } from './types.ts';

interface Place {
  store: Store;
  owner: string;
}

/** ERR_NOT_FOUND, ERR_FORMAT, ERR_UNSUPPORTED, ERR_LIMIT. */
export async function inspect(p: Place): Promise<Inspection> {
  checkPlace(p);
  const { parts, header } = await readStored(p.store, p.owner);
  return {
    id: header.keyring,
    revision: header.revision,
    slots: header.slots.map((slot) => slotInfo(slot)),
    keys: keyInfos(header, decodeBody(parts.body)),
    authenticated: false,
  };
}

export async function exists(p: Place): Promise<boolean> {
  checkPlace(p);
  return (await p.store.get(p.owner)) !== null;
}
