// Bytes moved, joined by XOR, and cleared. Lengths and addresses are public; no byte decides anything.
//
// Loops of our own: the engine's memory.fill and memory.copy cost a call out of the module (some 20 ns, more than the
// work of a short message), and where bulk memory is off the compiler's replacements take 2 KB.

/** Copies forwards: regions do not overlap, or `to` lies below `from`. */
export function copy(to: usize, from: usize, length: usize): void {
  let i: usize = 0;
  for (; i + 8 <= length; i += 8) store<u64>(to + i, load<u64>(from + i));
  for (; i < length; i++) store<u8>(to + i, load<u8>(from + i));
}

/** to ^= from. */
export function xorInto(to: usize, from: usize, length: usize): void {
  let i: usize = 0;
  for (; i + 8 <= length; i += 8) store<u64>(to + i, load<u64>(to + i) ^ load<u64>(from + i));
  for (; i < length; i++) store<u8>(to + i, load<u8>(to + i) ^ load<u8>(from + i));
}

/** Zeros. */
export function clear(at: usize, length: usize): void {
  let i: usize = 0;
  for (; i + 8 <= length; i += 8) store<u64>(at + i, 0);
  for (; i < length; i++) store<u8>(at + i, 0);
}
