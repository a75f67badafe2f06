// FILE.rewrap: what is about to happen to the first bytes of a sealed file, on the disk before it happens. FORMATS §6.
//
//   0     4    5               148             291
//   KSTR  01   old prefix 143  new prefix 143            both with the same first 23 bytes: magic, version, kid
//
// Nothing secret here.

import { concat, equal } from '../core/bytes.ts';
import type { Bytes, Out } from '../core/bytes.ts';
import { bad, unknown } from './fields.ts';
import { STREAM_PREFIX_LENGTH, WRAP_AT, decodePrefix } from './stream.ts';

const MAGIC_REWRAP = Uint8Array.of(0x4b, 0x53, 0x54, 0x52); // "KSTR"
const VERSION = 1;
const BEFORE_AT = MAGIC_REWRAP.length + 1;
const AFTER_AT = BEFORE_AT + STREAM_PREFIX_LENGTH;
export const REWRAP_NOTE_LENGTH = AFTER_AT + STREAM_PREFIX_LENGTH; // 291

export interface RewrapNote {
  readonly before: Bytes; // 143
  readonly after: Bytes; //  143
}

export const encodeRewrapNote = ({ before, after }: RewrapNote): Out =>
  concat(MAGIC_REWRAP, Uint8Array.of(VERSION), before, after);

/** Whether two prefixes are of one stream: the same kid, in the same version. */
export const sameStream = (a: Bytes, b: Bytes): boolean => equal(a.subarray(0, WRAP_AT), b.subarray(0, WRAP_AT));

/** Views of `bytes`. ERR_FORMAT, ERR_UNSUPPORTED. */
export function decodeRewrapNote(bytes: Bytes): RewrapNote {
  if (!MAGIC_REWRAP.every((byte, i) => bytes[i] === byte)) throw bad('rewrap', 'this is no note of a re-wrap');
  if (bytes.length > MAGIC_REWRAP.length && bytes[MAGIC_REWRAP.length] !== VERSION)
    throw unknown('rewrap', `version ${bytes[MAGIC_REWRAP.length]}`);
  if (bytes.length !== REWRAP_NOTE_LENGTH) throw bad('rewrap', `${bytes.length} bytes, not ${REWRAP_NOTE_LENGTH}`);
  const note = { before: bytes.subarray(BEFORE_AT, AFTER_AT), after: bytes.subarray(AFTER_AT) };
  for (const prefix of [note.before, note.after]) decodePrefix(prefix);
  if (!sameStream(note.before, note.after)) throw bad('rewrap', 'its two prefixes are of two streams');
  return note;
}

/**
 * Whether `bytes` are what a crash leaves of a note that was about to be written, of a file that begins with `prefix`: a part
 * of it, or a part of it and zeros where the disk had no more. Then nothing has happened to the file.
 */
export function isBegunNote(bytes: Bytes, prefix: Bytes): boolean {
  if (bytes.length > REWRAP_NOTE_LENGTH) return false;
  const whole = encodeRewrapNote({ before: prefix, after: prefix });
  let same = 0;
  while (same < bytes.length && same < AFTER_AT && bytes[same] === whole[same]) same++;
  return same === AFTER_AT || bytes.subarray(same).every((byte) => byte === 0);
}
