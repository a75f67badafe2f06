// An envelope: a record with its DEK beside it, wrapped by the KEK. FORMATS §6. CBOR [1, wrap, record].
//
//   83 01 | d0 83 58 18 … wrap 123 … | d0 83 55 … record …      125 bytes over the record
//
// Re-wrapping replaces the 123 bytes at offset 2 and nothing else.

import { concat, equal, still } from '../core/bytes.ts';
import type { Bytes, Out } from '../core/bytes.ts';
import { RECORD, TAG_LENGTH, WRAP, WRAPPED_LENGTH, encrypt0Parts, encrypt0Size } from './cose-encrypt0.ts';
import { bad, unknown } from './fields.ts';
import { idOf } from './ids.ts';
import type { Id } from './ids.ts';
import { decodeRecord } from './record.ts';
import type { RecordParts } from './record.ts';

export interface EnvelopeParts {
  readonly kek: Id; // the KEK that the wrap names
  readonly wrap: Bytes; // COSE_Encrypt0, 123
  readonly record: RecordParts;
}

const ARRAY_3 = 0x83;
const VERSION = 1;
const WRAP_AT = 2;
const RECORD_AT = WRAP_AT + WRAPPED_LENGTH; // 125
const HEAD = Uint8Array.of(ARRAY_3, VERSION);
const START = concat(HEAD, WRAP.fixed[0]![1]);
/** As many bytes tell one from what is none. */
export const ENVELOPE_START = START.length;

export const isEnvelope = (bytes: Bytes): boolean => bytes[0] === ARRAY_3;

/** Whether a file that begins so is taken for one: by all that every envelope begins with. */
export const beginsEnvelope = (head: Bytes): boolean => equal(head.subarray(0, START.length), START);

/** Views of `bytes`. ERR_FORMAT, ERR_UNSUPPORTED, ERR_LIMIT. */
export function decodeEnvelope(bytes: Bytes): EnvelopeParts {
  if (!isEnvelope(bytes)) throw bad('envelope', 'this is none');
  if (bytes.length < RECORD_AT) throw bad('envelope', 'cut off');
  if (bytes[1] !== VERSION)
    throw bytes[1]! < 24 ? unknown('envelope', `version ${bytes[1]}`) : bad('envelope', 'no version');
  const wrap = bytes.subarray(WRAP_AT, RECORD_AT);
  const { kid } = encrypt0Parts(WRAP, wrap, 'envelope: wrapped key');
  return { kek: idOf(kid), wrap, record: decodeRecord(bytes.subarray(RECORD_AT)) };
}

/** An envelope around `wrap`, and the room in it for the record of a plaintext of so many bytes. */
export function envelope(wrap: Bytes, plaintext: number): { whole: Out; record: Out } {
  const whole = still(RECORD_AT + encrypt0Size(RECORD, plaintext + TAG_LENGTH));
  whole.set(HEAD);
  whole.set(wrap, WRAP_AT);
  return { whole, record: whole.subarray(RECORD_AT) };
}

/** The same envelope with another wrap of its DEK. */
export const withWrap = (bytes: Bytes, wrap: Bytes): Out => concat(HEAD, wrap, bytes.subarray(RECORD_AT));
