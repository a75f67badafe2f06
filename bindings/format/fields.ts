// What stands in a CBOR item, field by field: every reader of a format is made of these.
//
// Each takes a decoded item and the name it is called by in messages. Wrong kind, length or order: ERR_FORMAT. A key or a
// number that no table here knows: ERR_UNSUPPORTED (a newer version writes it). Over a bound of FORMATS §12: ERR_LIMIT.

import type { Bytes } from '../core/bytes.ts';
import { utf8 } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import type { Cbor, CborMap } from './cbor.ts';
import { HASH_LENGTH, ID_LENGTH, idBytes, idOf } from './ids.ts';
import type { Id } from './ids.ts';

export const NEWER = 'written by a newer version of keystrata? update to read it';

export const bad = (name: string, what: string, cause?: unknown): KeystrataError =>
  new KeystrataError('ERR_FORMAT', `${name}: ${what}`, cause === undefined ? undefined : { cause });
export const unknown = (name: string, what: string): KeystrataError =>
  new KeystrataError('ERR_UNSUPPORTED', `${name}: ${what} (${NEWER})`);
export const over = (name: string, most: number, unit: string): KeystrataError =>
  new KeystrataError('ERR_LIMIT', `${name}: more than ${most} ${unit}`);

// ---- reading

/** An unsigned integer least … most. */
export function asUint(value: Cbor | undefined, name: string, least = 0, most = Number.MAX_SAFE_INTEGER): number {
  if (typeof value !== 'number' || value < least || value > most)
    throw bad(name, `no integer from ${least} to ${most}`);
  return value;
}

/** A byte string of least … most bytes. A view. */
export function asByteString(value: Cbor | undefined, name: string, least: number, most = least): Bytes {
  if (!(value instanceof Uint8Array)) throw bad(name, 'no byte string');
  if (value.length < least || value.length > most)
    throw bad(name, `${value.length} bytes, not ${least === most ? least : `${least} to ${most}`}`);
  return value;
}

export const asId = (value: Cbor | undefined, name: string): Id => idOf(asByteString(value, name, ID_LENGTH));
export const asHash = (value: Cbor | undefined, name: string): Bytes => asByteString(value, name, HASH_LENGTH);

/** Text of least … most bytes of UTF-8. */
export function asText(value: Cbor | undefined, name: string, least: number, most: number): string {
  if (typeof value !== 'string') throw bad(name, 'no text');
  return inBytes(value, name, least, most);
}

/** Text is measured in bytes of UTF-8, in reading and in writing. */
export function inBytes(value: string, name: string, least: number, most: number): string {
  const { length } = utf8(value, name);
  if (length < least) throw bad(name, 'empty');
  if (length > most) throw over(name, most, 'bytes');
  return value;
}

export function asArray(value: Cbor | undefined, name: string, most: number): readonly Cbor[] {
  if (!Array.isArray(value)) throw bad(name, 'no array');
  if (value.length > most) throw over(name, most, 'entries');
  return value as readonly Cbor[];
}

/** An array of exactly `length` items. */
export function asTuple(value: Cbor | undefined, name: string, length: number): readonly Cbor[] {
  const items = asArray(value, name, Infinity);
  if (items.length !== length) throw bad(name, `${items.length} items, not ${length}`);
  return items;
}

export function asMap(value: Cbor | undefined, name: string): CborMap {
  if (!(value instanceof Map)) throw bad(name, 'no map');
  return value as CborMap;
}

/** A map with exactly these integer keys: none more, none missing. */
export function asRecord(value: Cbor | undefined, name: string, keys: readonly number[]): ReadonlyMap<number, Cbor> {
  const map = asMap(value, name);
  for (const key of map.keys())
    if (typeof key !== 'number' || !keys.includes(key))
      throw unknown(name, `unknown field ${typeof key === 'number' ? key : 'with a key of bytes'}`);
  if (map.size !== keys.length) throw bad(name, `field ${keys.find((key) => !map.has(key))} is missing`);
  return map as ReadonlyMap<number, Cbor>;
}

/** A map from ids. */
export function asIdMap<T>(value: Cbor | undefined, name: string, most: number, read: (item: Cbor) => T): Map<Id, T> {
  const map = asMap(value, name);
  if (map.size > most) throw over(name, most, 'entries');
  const out = new Map<Id, T>();
  for (const [key, item] of map) out.set(asId(key, name), read(item));
  return out;
}

/** A number that a table gives a name. */
export function asNamed<T>(value: Cbor | undefined, name: string, table: ReadonlyMap<number, T>): T {
  if (typeof value !== 'number') throw bad(name, 'no integer');
  const named = table.get(value);
  if (named === undefined) throw unknown(name, `unknown number ${value}`);
  return named;
}

// ---- writing

export function numberOf<T>(value: T, name: string, table: ReadonlyMap<number, T>): number {
  for (const [number, named] of table) if (named === value) return number;
  throw new KeystrataError('ERR_ARGUMENT', `${name}: "${String(value)}" has no number`);
}

export const fromIdMap = <T>(map: ReadonlyMap<Id, T>, write: (item: T) => Cbor): CborMap =>
  new Map([...map].map(([id, item]) => [idBytes(id), write(item)]));
