// What an index key MACs: a field's value, and whose it is. FORMATS §6. CBOR, so that no two inputs have the same bytes.
//
//   CBOR ["keystrata/index/v1", keyring id, family id, field, value]        field is text, value always a byte string
//
// The family stands for the space: all versions of its index key have it. Secret: the value; whoever encodes it wipes it.

import type { Bytes, Out } from '../core/bytes.ts';
import { encode } from './cbor.ts';
import { idBytes } from './ids.ts';
import type { Id } from './ids.ts';
import { INDEX } from './labels.ts';

export interface Indexed {
  readonly keyring: Id;
  readonly family: Id;
  readonly field: string;
  readonly value: Bytes;
}

export const indexInput = ({ keyring, family, field, value }: Indexed): Out =>
  encode([INDEX, idBytes(keyring), idBytes(family), field, value]);
