// Bytes: views that keep still, checks at the door, text made bytes once.

import { KeystrataError } from './errors.ts';

/** In: any view; never changed, never kept. */
export type Bytes = Uint8Array;
/** Out: fresh, offset 0, the caller's own. */
export type Out = Uint8Array<ArrayBuffer>;

/** Bytes the collector cannot move: V8 keeps typed arrays of up to 64 bytes on its moving heap, but never an ArrayBuffer's. */
export const still = (length: number): Out => new Uint8Array(new ArrayBuffer(length));

export function concat(...parts: readonly Bytes[]): Out {
  const all = still(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** All of both, always: the time tells the length alone. */
export function equal(a: Bytes, b: Bytes): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!;
  return difference === 0;
}

const encoder = new TextEncoder();

/** Text becomes bytes at the door, bytes that keep still: it may be a passphrase. A lone surrogate would become U+FFFD, and two texts one: refused. */
export function utf8(text: string, name: string): Out {
  if (/\p{Surrogate}/u.test(text))
    throw new KeystrataError('ERR_ARGUMENT', `${name}: lone surrogate; give well-formed text`);
  const room = still(3 * text.length); // a UTF-16 code unit makes at most three bytes
  const { written } = encoder.encodeInto(text, room);
  const bytes = still(written);
  bytes.set(room.subarray(0, written));
  room.fill(0);
  return bytes;
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Shorter ASCII is made text sooner here than by the decoder: names are many. */
const SHORT = 32;

/** Null where a byte is none of ASCII. */
function ascii(bytes: Bytes): string | null {
  let out = '';
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte >= 0x80) return null;
    out += String.fromCharCode(byte);
  }
  return out;
}

/** Bytes become text, strictly. Throws ERR_FORMAT where they are no UTF-8. */
export function text(bytes: Bytes, name: string): string {
  const short = bytes.length <= SHORT ? ascii(bytes) : null;
  if (short !== null) return short;
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new KeystrataError('ERR_FORMAT', `${name}: not UTF-8 text`, { cause });
  }
}

const DIGITS = '0123456789abcdef';
const PAIRS: readonly string[] = Array.from({ length: 256 }, (_, byte) => DIGITS[byte >> 4]! + DIGITS[byte & 15]!);

export function hex(bytes: Bytes): string {
  let out = '';
  for (let i = 0; i < bytes.length; i++) out += PAIRS[bytes[i]!]!; // ids of 10,000 keys are read at every unlock
  return out;
}

/** 0 … 15, or -1 for what is no hex digit. Ids are public: this may branch. */
function nibble(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** 2n hex digits to n bytes, either case, of what is public: ids. Throws ERR_ARGUMENT. */
export function unhex(digits: string, length: number, name: string): Out {
  let fine = typeof digits === 'string' && digits.length === 2 * length;
  const bytes = new Uint8Array(length); // on the heap where it is short: an ArrayBuffer takes 0.7 µs, and each call wants some
  for (let i = 0; fine && i < length; i++) {
    const high = nibble(digits.charCodeAt(2 * i));
    const low = nibble(digits.charCodeAt(2 * i + 1));
    fine = high >= 0 && low >= 0;
    bytes[i] = (high << 4) | low;
  }
  if (!fine) throw new KeystrataError('ERR_ARGUMENT', `${name}: ${2 * length} hex digits are wanted`);
  return bytes;
}

/** Accepts a Uint8Array of whichever realm (Buffer too), nothing else: no string, no array, no DataView. */
export function asBytes(value: unknown, name: string): Bytes {
  if (!ArrayBuffer.isView(value)) throw notBytes(value, name);
  if (value instanceof Uint8Array) return value; // of this realm: 8 ns, where asking the class takes 100
  if (Object.prototype.toString.call(value) !== '[object Uint8Array]') throw notBytes(value, name);
  return value as Bytes;
}

const notBytes = (value: unknown, name: string): KeystrataError =>
  new KeystrataError(
    'ERR_ARGUMENT',
    `${name}: a Uint8Array is wanted${typeof value === 'string' ? ', not a string: encode it first' : ''}`,
  );

/** An integer least … most. */
export function asInteger(value: unknown, name: string, least: number, most: number): number {
  if (!Number.isSafeInteger(value) || (value as number) < least || (value as number) > most)
    throw new KeystrataError('ERR_ARGUMENT', `${name}: an integer from ${least} to ${most} is wanted`);
  return value as number;
}
