// Words and their octets: both hashes read and write numbers most significant octet first (FIPS 180-4 §3.1), memory here is
// little-endian. Between these functions a word is a number like any other.

// @ts-ignore: decorator
@inline
export function loadWord<T>(at: usize): T {
  return bswap<T>(load<T>(at));
}

// @ts-ignore: decorator
@inline
export function storeWord<T>(at: usize, word: T): void {
  store<T>(at, bswap<T>(word));
}

/** `count` words to octets, or octets to words: the same turn. `to` may be `from`. */
// @ts-ignore: decorator
@inline
export function turnWords<T>(to: usize, from: usize, count: usize): void {
  for (let i: usize = 0; i < count * sizeof<T>(); i += sizeof<T>()) storeWord<T>(to + i, load<T>(from + i));
}
