// Maps from ids in one pass: an unlocking reads some with ten thousand entries. What is not as it mostly is, is left to the
// readers of fields.ts, which say what is wrong with it.

import { Major } from './cbor.ts';
import type { Cursor } from './cursor.ts';
import type { Id } from './ids.ts';

/** The map at the cursor; null, and the cursor where it was, where it is no map of at most `most` that `read` reads. */
export function readIdMap<T>(cursor: Cursor, most: number, read: (cursor: Cursor) => T | null): Map<Id, T> | null {
  const { at } = cursor;
  const size = cursor.head(Major.MAP);
  const map = new Map<Id, T>();
  for (let before = ''; size !== null && size <= most;) {
    if (map.size === size) return map;
    const id = cursor.id();
    if (id === null || id <= before) break; // hex digits have the order of their bytes
    const value = read(cursor);
    if (value === null) break;
    map.set(id, value);
    before = id;
  }
  cursor.at = at;
  return null;
}
