// Words and their octets. Both hashes read and write numbers most significant octet first (FIPS 180-4 §3.1), memory here is
// little-endian: outside the compression functions octets lie as the standard has them, inside a word is a number.

/** The words of one become the octets of the other: `length` octets, a multiple of 8, in words of 4 or 8. `to` may be `from`. */
export function turn(word: usize, to: usize, from: usize, length: usize): void {
  const half = (<u64>(word & 4)) << 3; // two short words turned as one long one have changed places
  for (let i: usize = 0; i < length; i += 8) store<u64>(to + i, rotr<u64>(bswap<u64>(load<u64>(from + i)), half));
}
