// What the specs share: octets written as hex or text, and looked at again.

import { END, IO, SECRET_BEGIN } from '../../assembly/memory';

/** A free place of the I/O region for results, behind anything that a spec puts in. */
export const OUT: usize = IO + 16384;

/** Writes hex at `at`; its length in octets. */
export function put(at: usize, hex: string): usize {
  const length = hex.length >> 1;
  for (let i = 0; i < length; i++) store<u8>(at + <usize>i, <u8>U8.parseInt(hex.substr(2 * i, 2), 16));
  return <usize>length;
}

/** Writes text at `at` as UTF-8; its length in octets. */
export function putText(at: usize, text: string): usize {
  return String.UTF8.encodeUnsafe(changetype<usize>(text), text.length, at);
}

/** `length` octets at `at` in hex. */
export function hex(at: usize, length: usize): string {
  let out = '';
  for (let i: usize = 0; i < length; i++) out += (<u32>load<u8>(at + i)).toString(16).padStart(2, '0');
  return out;
}

/** How many of the octets are not zero. */
export function marks(at: usize, length: usize): i32 {
  let count = 0;
  for (let i: usize = 0; i < length; i++) count += <i32>(load<u8>(at + i) !== 0);
  return count;
}

/** A hash (FNV-1a) of everything a call could have touched. */
export function fingerprint(): u64 {
  let hash: u64 = 0xcbf29ce484222325;
  for (let at = SECRET_BEGIN; at < END; at += 8) hash = (hash ^ load<u64>(at)) * 0x00000100000001b3;
  return hash;
}

/** The next number of a sequence that looks random and is always the same (SplitMix64). */
let sequence: u64 = 0;
export function arbitrary(): u64 {
  sequence += 0x9e3779b97f4a7c15;
  let z = sequence;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}
