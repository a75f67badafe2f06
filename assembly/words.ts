// Words and their octets. Both hashes read and write numbers most significant octet first (FIPS 180-4 §3.1), memory here is
// little-endian: outside the compression functions octets lie as the standard has them, inside a word is a number.

/** The octets of a word of 8 in the other order. (The compiler's bswap is a call, a tenth of the time of a short hash.) */
// @ts-ignore: decorator
@inline
export function swapLong(x: u64): u64 {
  x = ((x >> 8) & 0x00ff00ff00ff00ff) | ((x & 0x00ff00ff00ff00ff) << 8);
  x = ((x >> 16) & 0x0000ffff0000ffff) | ((x & 0x0000ffff0000ffff) << 16);
  return rotr<u64>(x, 32);
}

/** The octets of a word of 4 in the other order. */
// @ts-ignore: decorator
@inline
export function swapShort(x: u32): u32 {
  return rotl<u32>(x & 0xff00ff00, 8) | rotr<u32>(x & 0x00ff00ff, 8);
}

/** The words of one become the octets of the other: `length` octets, a multiple of 8, in words of 4 or 8. `to` may be `from`. */
export function turn(word: usize, to: usize, from: usize, length: usize): void {
  const half = (<u64>(word & 4)) << 3; // two short words turned as one long one have changed places
  for (let i: usize = 0; i < length; i += 8) store<u64>(to + i, rotr<u64>(swapLong(load<u64>(from + i)), half));
}
