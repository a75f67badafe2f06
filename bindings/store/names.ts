// Names of files in a file store.
//
//   <name>.<n>                     revision n of an id                       alice.7
//   <name>.<n>.<16 hex>.tmp        somebody is about to make revision n      alice.8.0f3a….tmp
//
// <name> is the id's UTF-8 with all but a-z 0-9 _ - as %xx. So it survives filesystems that fold case (Alice is
// %41lice) or Unicode, cannot climb (.. is %2e%2e) and has no dot of its own. A device name of Windows gets its first
// letter encoded too (con is %63on). What is longer than 200 becomes folders, whose names end with %:
//
//   <first 200>%/<next 200>%/<rest>.<n>

import { KeystrataError } from '../core/errors.ts';
import { text, unhex } from '../core/bytes.ts';
import { idBytes } from './arguments.ts';

/** Leaves room for number, random part and ending within the 255 bytes that filesystems allow. */
const LONGEST_PIECE = 200;
const PLAIN = /[a-z0-9_-]/;
const DEVICE = /^(?:con|prn|aux|nul|(?:com|lpt)[0-9])$/;
const REVISION = /^([a-z0-9_%-]+)\.([1-9][0-9]{0,14})$/;
const PENDING = /^([a-z0-9_%-]+)\.([1-9][0-9]{0,14})\.[0-9a-f]{16}\.tmp$/;

const escape = (byte: number): string => `%${byte.toString(16).padStart(2, '0')}`;

/** Where an id's revisions lie: folders below the store's, and the name before the number. */
export interface Place {
  readonly folders: readonly string[];
  readonly name: string;
}

export function placeOf(id: string): Place {
  let whole = '';
  for (const byte of idBytes(id)) {
    const char = String.fromCharCode(byte);
    whole += PLAIN.test(char) ? char : escape(byte);
  }
  const pieces: string[] = [];
  for (let at = 0; at < whole.length; at += LONGEST_PIECE) pieces.push(whole.slice(at, at + LONGEST_PIECE));
  const last = pieces.pop()!;
  const name = DEVICE.test(last) ? escape(last.charCodeAt(0)) + last.slice(1) : last;
  return { folders: pieces.map((piece) => `${piece}%`), name };
}

/** The id of a place, or null where the names are none that `placeOf` makes: somebody else's files. */
export function idOf(place: Place): string | null {
  const encoded = place.folders.map((folder) => folder.slice(0, -1)).join('') + place.name;
  try {
    const digits = encoded.replace(/%(..)|./g, (char, pair?: string) => pair ?? char.charCodeAt(0).toString(16));
    const id = text(unhex(digits, digits.length / 2, 'name'), 'name');
    const again = placeOf(id);
    return [...again.folders, again.name].join('/') === [...place.folders, place.name].join('/') ? id : null;
  } catch (error) {
    if (KeystrataError.is(error)) return null;
    throw error;
  }
}

export const isFolder = (entry: string): boolean => entry.endsWith('%') && !entry.includes('.');

export interface Entry {
  readonly name: string;
  readonly revision: number;
  /** Not made yet. */
  readonly pending: boolean;
}

/** Reads the name of a file; null for one that is not ours. */
export function entryOf(file: string): Entry | null {
  const made = REVISION.exec(file);
  const match = made ?? PENDING.exec(file);
  return match && { name: match[1]!, revision: Number(match[2]), pending: made === null };
}
