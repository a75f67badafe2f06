// FILE.rewrap beside a file that holds an envelope: which draft is about to take the name of FILE. FORMATS §6.
//
//   0     4    5         13
//   KSTR  02   random 8            the draft is FILE.rewrap.<16 hex digits>
//
// Nothing secret here.

import { concat, equal, hex } from '../core/bytes.ts';
import type { Bytes, Out } from '../core/bytes.ts';

const HEAD = Uint8Array.of(0x4b, 0x53, 0x54, 0x52, 2); // "KSTR", version 2: version 1 is a stream's, rewrap-note.ts
export const DRAFT_MARK_LENGTH = 8;
export const DRAFT_NOTE_LENGTH = HEAD.length + DRAFT_MARK_LENGTH; // 13

export const encodeDraftNote = (mark: Bytes): Out => concat(HEAD, mark);

/** What the name of the draft ends with; null where this is no such note. */
export function draftEnding(note: Bytes): string | null {
  if (note.length !== DRAFT_NOTE_LENGTH || !equal(note.subarray(0, HEAD.length), HEAD)) return null;
  return `.${hex(note.subarray(HEAD.length))}`;
}

/**
 * Whether `bytes` are what a crash leaves of a note that was about to be written: a part of its head, or zeros where the disk
 * had no more. Then there is no draft: it is made when the note is on the disk.
 */
export function isBegunDraftNote(bytes: Bytes): boolean {
  if (bytes.length > DRAFT_NOTE_LENGTH) return false;
  let same = 0;
  while (same < bytes.length && same < HEAD.length && bytes[same] === HEAD[same]) same++;
  return same === HEAD.length || bytes.subarray(same).every((byte) => byte === 0);
}
