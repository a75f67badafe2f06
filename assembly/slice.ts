// A slice is one register of a bitsliced state: v128 or u64. These few words let one circuit serve both.
//
//   slice i, bit k of byte B   ◄── swapBits ──►   slice k, bit i of byte B          (8 slices, one behind the other)

// @ts-ignore: decorator
@inline
export function xor<T>(a: T, b: T): T {
  if (isVector<T>()) return v128.xor(a, b);
  else return <T>(a ^ b);
}

// @ts-ignore: decorator
@inline
export function and<T>(a: T, b: T): T {
  if (isVector<T>()) return v128.and(a, b);
  else return <T>(a & b);
}

/** The eight bytes of `x` in every lane of 64 bits. */
// @ts-ignore: decorator
@inline
function splat<T>(x: u64): T {
  if (isVector<T>()) return i64x2.splat(x);
  else return <T>x;
}

// @ts-ignore: decorator
@inline
function shl<T>(a: T, n: i32): T {
  if (isVector<T>()) return i64x2.shl(a, n);
  else return <T>(a << n);
}

// @ts-ignore: decorator
@inline
function shr<T>(a: T, n: i32): T {
  if (isVector<T>()) return i64x2.shr_u(a, n);
  else return <T>(a >> n);
}

// @ts-ignore: decorator
@inline
export function get<T>(at: usize, i: usize): T {
  return load<T>(at + i * sizeof<T>());
}

// @ts-ignore: decorator
@inline
export function set<T>(at: usize, i: usize, value: T): void {
  store<T>(at + i * sizeof<T>(), value);
}

/** Eight slices at `at` ^= eight at `other`: AddRoundKey, FIPS 197 §5.1.4. */
// @ts-ignore: decorator
@inline
export function xorSlices<T>(at: usize, other: usize): void {
  for (let i: usize = 0; i < 8; i++) set<T>(at, i, xor<T>(get<T>(at, i), get<T>(other, i)));
}

/** Swaps the bits `mask << n` of slice i with the bits `mask` of slice j. */
// @ts-ignore: decorator
@inline
function swap<T>(at: usize, i: usize, j: usize, n: i32, mask: u64): void {
  const a = get<T>(at, i);
  const b = get<T>(at, j);
  const t = and<T>(xor<T>(shr<T>(a, n), b), splat<T>(mask));
  set<T>(at, i, xor<T>(a, shl<T>(t, n)));
  set<T>(at, j, xor<T>(b, t));
}

/** Transposes the 8 × 8 bits that eight slices have at every byte: blocks to slices, and back. Three levels of exchange. */
export function swapBits<T>(at: usize): void {
  for (let i: usize = 0; i < 8; i += 2) swap<T>(at, i, i + 1, 1, 0x5555555555555555);
  for (let i: usize = 0; i < 4; i++) swap<T>(at, i + (i & 2), i + (i & 2) + 2, 2, 0x3333333333333333);
  for (let i: usize = 0; i < 4; i++) swap<T>(at, i, i + 4, 4, 0x0f0f0f0f0f0f0f0f);
}
