// Reading deterministic CBOR, strictly. RFC 8949 §4.2.1, FORMATS §0.
//
// One form of everything is taken: what is read encodes back to the same bytes (a test says so, and holds both against
// cborg). A claimed length takes no memory before the bytes are seen to be there.

import { text } from '../core/bytes.ts';
import type { Bytes } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import { Major, NULL, Tagged, compareKeys, headLength } from './cbor.ts';
import type { Cbor, CborKey, CborMap } from './cbor.ts';
import { ID_LENGTH, idOf } from './ids.ts';
import type { Id } from './ids.ts';

const MAX_DEPTH = 8; // arrays, maps and tags within one another
const NO_TAGS: readonly number[] = [];

/** Goes through bytes once, item by item. ERR_FORMAT; ERR_UNSUPPORTED for a tag not in `tags`, and for a text key (an unknown one). */
export class Cursor {
  at = 0;
  readonly #bytes: Bytes;
  readonly #name: string;
  readonly #tags: readonly number[];

  constructor(bytes: Bytes, name: string, tags: readonly number[] = NO_TAGS) {
    this.#bytes = bytes;
    this.#name = name;
    this.#tags = tags;
  }

  bad(what: string): never {
    throw new KeystrataError('ERR_FORMAT', `${this.#name}: ${what} at byte ${this.at}`);
  }

  /** The byte at the cursor is this one: then it moves on. */
  skip(byte: number): boolean {
    if (this.#bytes[this.at] !== byte) return false;
    this.at++;
    return true;
  }

  /** The argument of the head of an item of this major type; null, and nothing moves, where it is of another. */
  head(major: number): number | null {
    const first = this.#bytes[this.at];
    return first !== undefined && first >> 5 === major ? this.#argument(first & 31) : null;
  }

  #argument(info: number): number {
    if (info < 24) {
      this.at++;
      return info;
    }
    if (info > 27) this.bad(info === 31 ? 'indefinite length' : 'reserved head');
    const length = 1 << (info - 24);
    if (this.at + length >= this.#bytes.length) this.bad('cut off');
    let n = 0;
    for (let i = 1; i <= length; i++) n = n * 256 + this.#bytes[this.at + i]!;
    if (n > Number.MAX_SAFE_INTEGER) this.bad('integer beyond 2^53 - 1');
    if (headLength(n) !== length + 1) this.bad('head longer than need be');
    this.at += 1 + length;
    return n;
  }

  /** An id, which is a byte string of 16; null, and nothing moves but the head, where there is none. */
  id(): Id | null {
    if (this.head(Major.BYTES) !== ID_LENGTH) return null;
    if (this.#bytes.length - this.at < ID_LENGTH) this.bad('cut off');
    this.at += ID_LENGTH;
    return idOf(this.#bytes, this.at - ID_LENGTH);
  }

  /** A view of the next bytes. */
  span(length: number): Bytes {
    if (length > this.#bytes.length - this.at) this.bad('cut off');
    this.at += length;
    return this.#bytes.subarray(this.at - length, this.at);
  }

  /** Whatever comes next. Byte strings are views. */
  item(depth = 0): Cbor {
    const first = this.#bytes[this.at];
    if (first === undefined) this.bad('cut off');
    const major = first >> 5;
    if (major === Major.SIMPLE) return this.skip(NULL) ? null : this.bad('float, undefined or another simple value');
    if (major >= Major.ARRAY && depth === MAX_DEPTH) this.bad(`nested deeper than ${MAX_DEPTH}`);
    const n = this.#argument(first & 31);
    if (major === Major.UNSIGNED) return n;
    if (major === Major.NEGATIVE) return n === Number.MAX_SAFE_INTEGER ? this.bad('integer beyond -2^53 + 1') : -1 - n;
    if (major === Major.BYTES) return this.span(n);
    if (major === Major.TEXT) return text(this.span(n), this.#name);
    if (major === Major.TAG) {
      if (!this.#tags.includes(n)) throw new KeystrataError('ERR_UNSUPPORTED', `${this.#name}: unknown tag ${n}`);
      return new Tagged(n, this.item(depth + 1));
    }
    if (major === Major.MAP) return this.#map(n, depth + 1);
    this.#bounded(n, 1);
    const items: Cbor[] = [];
    for (let i = 0; i < n; i++) items.push(this.item(depth + 1));
    return items;
  }

  /** n items or pairs have at least so many bytes each. */
  #bounded(n: number, least: number): void {
    if (n > (this.#bytes.length - this.at) / least) this.bad('cut off');
  }

  /** The keys ascend. */
  #map(n: number, depth: number): CborMap {
    this.#bounded(n, 2);
    const map = new Map<CborKey, Cbor>();
    let before: CborKey | undefined;
    for (let i = 0; i < n; i++) {
      const key = this.#key(depth);
      if (before !== undefined && compareKeys(before, key) >= 0) this.bad('map keys twice or out of order');
      map.set(key, this.item(depth));
      before = key;
    }
    return map;
  }

  #key(depth: number): CborKey {
    const key = this.item(depth);
    if (typeof key === 'number' || key instanceof Uint8Array) return key;
    if (typeof key === 'string')
      throw new KeystrataError('ERR_UNSUPPORTED', `${this.#name}: unknown key before byte ${this.at}`);
    return this.bad('a map key of this kind');
  }

  /** There is nothing more. */
  end(): void {
    if (this.at !== this.#bytes.length) this.bad('more bytes than the item has');
  }
}

/** Exactly one item. */
export function decode(bytes: Bytes, name: string, tags?: readonly number[]): Cbor {
  const cursor = new Cursor(bytes, name, tags);
  const item = cursor.item();
  cursor.end();
  return item;
}
