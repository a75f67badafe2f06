// Deterministic CBOR. RFC 8949 §4.2.1: shortest heads, definite lengths, map keys in the order of their encoded bytes.
//
//   head   major type (3 bits) ‖ argument (5 bits: 0 … 23, or 24 … 27: the next 1, 2, 4, 8 bytes)
//   major  0 unsigned   1 negative (-1 - n)   2 bytes   3 text   4 array   5 map   6 tag   7 null (f6) alone
//
// No format here has floats, booleans, or text as a map key: what is not needed is not written, nor read (cursor.ts).

import { still, utf8 } from '../core/bytes.ts';
import type { Bytes, Out } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';

export type CborKey = number | Bytes;
export type CborMap = ReadonlyMap<CborKey, Cbor>;
export type Cbor = number | string | null | Bytes | readonly Cbor[] | CborMap | Tagged | Encoded;

export class Tagged {
  readonly tag: number;
  readonly value: Cbor;
  constructor(tag: number, value: Cbor) {
    this.tag = tag;
    this.value = value;
  }
}

/** One item that is encoded already: written as it is, never read. */
export class Encoded {
  readonly bytes: Bytes;
  constructor(bytes: Bytes) {
    this.bytes = bytes;
  }
}

export const Major = { UNSIGNED: 0, NEGATIVE: 1, BYTES: 2, TEXT: 3, ARRAY: 4, MAP: 5, TAG: 6, SIMPLE: 7 } as const;
export const NULL = 0xf6;

// ---- heads

export const headLength = (n: number): number => (n < 24 ? 1 : n < 0x100 ? 2 : n < 0x10000 ? 3 : n < 2 ** 32 ? 5 : 9);

/** Writes a head; returns where it ends. `n` is a safe integer from 0. */
export function writeHead(into: Bytes, at: number, major: number, n: number): number {
  const length = headLength(n) - 1;
  into[at] = (major << 5) | (length === 0 ? n : 24 + Math.log2(length));
  for (let i = length, rest = n; i > 0; i--, rest = Math.floor(rest / 256)) into[at + i] = rest % 256;
  return at + 1 + length;
}

/** The order of the encoded keys: unsigned, negative, bytes; then the shorter, then the smaller. */
export function compareKeys(a: CborKey, b: CborKey): number {
  if (typeof a === 'number' && typeof b === 'number') return a < 0 && b < 0 ? b - a : a < 0 ? 1 : b < 0 ? -1 : a - b;
  if (typeof a === 'number') return -1;
  if (typeof b === 'number') return 1;
  let order = a.length - b.length;
  for (let i = 0; i < a.length && order === 0; i++) order = a[i]! - b[i]!;
  return order;
}

// ---- encoding: measured first, so that nothing is copied and no room with secrets in it is left behind

function measure(value: Cbor): number {
  if (typeof value === 'number') return headLength(value < 0 ? -1 - value : value);
  if (value === null) return 1;
  if (typeof value === 'string') {
    const { length } = utf8(value, 'text');
    return headLength(length) + length;
  }
  if (value instanceof Uint8Array) return headLength(value.length) + value.length;
  if (value instanceof Encoded) return value.bytes.length;
  if (value instanceof Tagged) return headLength(value.tag) + measure(value.value);
  let sum: number;
  if (value instanceof Map) {
    sum = headLength(value.size);
    for (const [key, entry] of value as CborMap) sum += measure(key) + measure(entry);
  } else {
    const items = value as readonly Cbor[];
    sum = headLength(items.length);
    for (const item of items) sum += measure(item);
  }
  return sum;
}

function write(into: Out, at: number, value: Cbor): number {
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new KeystrataError('ERR_ARGUMENT', 'CBOR: a safe integer is wanted');
    return value < 0 ? writeHead(into, at, Major.NEGATIVE, -1 - value) : writeHead(into, at, Major.UNSIGNED, value);
  }
  if (value === null) {
    into[at] = NULL;
    return at + 1;
  }
  if (typeof value === 'string' || value instanceof Uint8Array) {
    const bytes = typeof value === 'string' ? utf8(value, 'text') : value;
    const start = writeHead(into, at, typeof value === 'string' ? Major.TEXT : Major.BYTES, bytes.length);
    into.set(bytes, start);
    return start + bytes.length;
  }
  if (value instanceof Encoded) {
    into.set(value.bytes, at);
    return at + value.bytes.length;
  }
  if (value instanceof Tagged) return write(into, writeHead(into, at, Major.TAG, value.tag), value.value);
  if (value instanceof Map) {
    const entries = [...(value as CborMap)].sort(([a], [b]) => compareKeys(a, b));
    let end = writeHead(into, at, Major.MAP, entries.length);
    for (const [key, entry] of entries) end = write(into, write(into, end, key), entry);
    return end;
  }
  const items = value as readonly Cbor[];
  let end = writeHead(into, at, Major.ARRAY, items.length);
  for (const item of items) end = write(into, end, item);
  return end;
}

export function encode(value: Cbor): Out {
  const into = still(measure(value));
  write(into, 0, value);
  return into;
}
