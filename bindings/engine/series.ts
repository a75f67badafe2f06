// A series: messages of one length under one key, each under an IV of its own and without AAD, as the chunks of a stream are.
// What comes of them lies one behind the other, so that many leave together.
//
//   texts   [ text 0 ][ text 1 ] …        ──seal──►   out   [ text 0 ‖ tag ][ text 1 ‖ tag ] …
//                                         ◄──open──         as far as the tags are true
//
// Secret: the texts, and what was opened. Public: IVs, lengths, how many were opened.

import { still, type Bytes, type Out } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import { open, type Message } from '../core/gcm.ts';
import type { Instance } from '../core/instance.ts';

/** Of every message of an engine: SP 800-38D §8.2.1, §5.2.1.2. */
export const IV_LENGTH = 12;
export const TAG_LENGTH = 16;

/** Messages that a series has at most. */
export const SERIES_MOST = 64;
/** Of a stream's chunks are handed on together: fewer cost more words each, more would leave workers idle at the end. */
export const TOGETHER = 16;

export interface Series {
  slot: number;
  ivs: readonly Bytes[];
  /** At least one; what is opened has a tag. */
  texts: readonly Bytes[];
  /** Has room for all that comes of them; null: it lies in fresh bytes. */
  out: Out | null;
}

export const NO_AAD = new Uint8Array(0);

export const messageOf = ({ slot, ivs }: Series, i: number): Message => ({
  slot,
  iv: ivs[i]!,
  aad: NO_AAD,
  tagLength: TAG_LENGTH,
});

/** Bytes that come of all of them: each grows by `grows`. */
export const lengthOf = ({ texts }: Pick<Series, 'texts'>, grows: number): number =>
  texts.length * (texts[0]!.length + grows);

/** Where all that comes of them lies. */
export function outOf(series: Series, grows: number): Out {
  const length = lengthOf(series, grows);
  return series.out?.subarray(0, length) ?? still(length);
}

/** Whether the tag is true: then the plaintext lies at the front of `out`; else zeros. */
export function opens(core: Instance, message: Message, sealed: Bytes, out: Bytes): boolean {
  try {
    open(core, message, sealed, out);
    return true;
  } catch (error) {
    if (KeystrataError.is(error, 'ERR_AUTHENTICATION')) return false;
    throw error;
  }
}
