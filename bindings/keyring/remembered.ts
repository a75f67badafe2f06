// What a device remembers of a keyring, and its bytes. FORMATS §11. Nothing secret.
//
//   CBOR [1, keyring id, revision, H(document), KEK kid, device id]
//   CBOR [1, keyring id, revision, H(document), KEK kid, device id, [keyring id, H(document)]]
//                                     the first document of a new keyring is being put in place of this one ┘

import type { Bytes, Out } from '../core/bytes.ts';
import { encode } from '../format/cbor.ts';
import { decode } from '../format/cursor.ts';
import { asArray, asHash, asId, asTuple, asUint, bad, unknown } from '../format/fields.ts';
import { idBytes, type Id } from '../format/ids.ts';

/** The document last accepted or written here. */
export interface Remembered {
  readonly keyring: Id;
  readonly revision: number;
  readonly hash: Bytes; // H(document)
  readonly kek: Id;
  /** Names this device as a writer, and its reservations. */
  readonly device: Id;
  readonly pending?: { readonly keyring: Id; readonly hash: Bytes };
}

const VERSION = 1;
const LENGTH = 6;
const NAME = 'remembered keyring';

export const encodeRemembered = ({ keyring, revision, hash, kek, device, pending }: Remembered): Out =>
  encode([
    VERSION,
    idBytes(keyring),
    revision,
    hash,
    idBytes(kek),
    idBytes(device),
    ...(pending === undefined ? [] : [[idBytes(pending.keyring), pending.hash]]),
  ]);

/** ERR_FORMAT, ERR_UNSUPPORTED. */
export function decodeRemembered(bytes: Bytes): Remembered {
  const items = asArray(decode(bytes, NAME), NAME, LENGTH + 1);
  if (items[0] !== VERSION) throw unknown(NAME, 'another version');
  if (items.length < LENGTH) throw bad(NAME, 'cut off');
  const entry = {
    keyring: asId(items[1], 'keyring id'),
    revision: asUint(items[2], 'revision', 1),
    hash: asHash(items[3], 'hash of a document'),
    kek: asId(items[4], 'KEK kid'),
    device: asId(items[5], 'device id'),
  };
  if (items.length === LENGTH) return entry;
  const [keyring, hash] = asTuple(items[LENGTH], NAME, 2);
  return { ...entry, pending: { keyring: asId(keyring, 'keyring id'), hash: asHash(hash, 'hash of a document') } };
}
