// The document's header. FORMATS §4.
//
//   1 keyring id   2 owner   3 revision   4 device id of the writer   5 KEK kid   6 [document key kid, wrapped document key]
//   7 slots, sorted by id   8 profile   9 time   10 [H(document) of those before, newest first]
//
// Nothing secret. What it says is true only after the document's MAC is verified.

import type { Bytes, Out } from '../core/bytes.ts';
import { encode } from './cbor.ts';
import type { Cbor } from './cbor.ts';
import { decode } from './cursor.ts';
import { WRAPPED_DERIVE_LENGTH } from './cose-encrypt0.ts';
import {
  asArray,
  asByteString,
  asHash,
  asId,
  asNamed,
  asRecord,
  asText,
  asTuple,
  asUint,
  bad,
  inBytes,
  numberOf,
  over,
} from './fields.ts';
import { idBytes } from './ids.ts';
import type { Id } from './ids.ts';
import { slotFromCbor, slotToCbor } from './slot.ts';
import type { Slot } from './slot.ts';

export type Profile = 'default' | 'regulated';

export interface Header {
  readonly keyring: Id;
  readonly owner: string; // 1 … 255 bytes
  readonly revision: number; // 1 … 2^53 - 1, one more with every write
  readonly device: Id; // of the writer
  readonly kek: Id;
  readonly documentKey: { readonly id: Id; readonly wrapped: Bytes }; // COSE_Encrypt0, 120
  readonly slots: readonly Slot[]; // 1 … 32; written sorted by id, whatever the order here
  readonly profile: Profile;
  readonly time: number; // Unix seconds
  readonly previous: readonly Bytes[]; // H(document) of up to 16 documents before, newest first
}

const PROFILES: ReadonlyMap<number, Profile> = new Map([
  [0, 'default'],
  [1, 'regulated'],
]);

// FORMATS §§4, 12
export const MAX_OWNER = 255;
export const MAX_SLOTS = 32;
export const MAX_PREVIOUS = 16;
const MAX_HEADER = 256 * 1024;

export const bySlotId = (a: Slot, b: Slot): number => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** Slots ascending by id, each id once, 1 … 32 of them. */
function checkSlots(slots: readonly Slot[]): readonly Slot[] {
  if (slots.length === 0) throw bad('header', 'no slot');
  if (slots.length > MAX_SLOTS) throw over('header', MAX_SLOTS, 'slots');
  for (let i = 1; i < slots.length; i++)
    if (bySlotId(slots[i - 1]!, slots[i]!) >= 0) throw bad('header', 'slots twice or out of order');
  return slots;
}

export function encodeHeader(header: Header): Out {
  const out = encode(
    new Map<number, Cbor>([
      [1, idBytes(header.keyring, 'keyring id')],
      [2, inBytes(header.owner, 'owner', 1, MAX_OWNER)],
      [3, header.revision],
      [4, idBytes(header.device, 'device id')],
      [5, idBytes(header.kek, 'KEK kid')],
      [6, [idBytes(header.documentKey.id, 'document key kid'), header.documentKey.wrapped]],
      [7, checkSlots([...header.slots].sort(bySlotId)).map(slotToCbor)],
      [8, numberOf(header.profile, 'profile', PROFILES)],
      [9, header.time],
      [10, header.previous],
    ]),
  );
  if (out.length > MAX_HEADER) throw over('header', MAX_HEADER, 'bytes');
  return out;
}

/** ERR_FORMAT, ERR_UNSUPPORTED, ERR_LIMIT. Proves nothing: the MAC does. Byte strings are views of `bytes`. */
export function decodeHeader(bytes: Bytes): Header {
  if (bytes.length > MAX_HEADER) throw over('header', MAX_HEADER, 'bytes');
  const fields = asRecord(decode(bytes, 'header'), 'header', [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  const [kid, wrapped] = asTuple(fields.get(6), 'header: document key', 2);
  return {
    keyring: asId(fields.get(1), 'keyring id'),
    owner: asText(fields.get(2), 'owner', 1, MAX_OWNER),
    revision: asUint(fields.get(3), 'revision', 1),
    device: asId(fields.get(4), 'device id'),
    kek: asId(fields.get(5), 'KEK kid'),
    documentKey: {
      id: asId(kid, 'document key kid'),
      wrapped: asByteString(wrapped, 'wrapped document key', WRAPPED_DERIVE_LENGTH),
    },
    slots: checkSlots(asArray(fields.get(7), 'slots', MAX_SLOTS).map(slotFromCbor)),
    profile: asNamed(fields.get(8), 'profile', PROFILES),
    time: asUint(fields.get(9), 'header: time'),
    previous: asArray(fields.get(10), 'previous documents', MAX_PREVIOUS).map((hash) =>
      asHash(hash, 'hash of a document'),
    ),
  };
}
