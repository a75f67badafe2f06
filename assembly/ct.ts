// The words of constant time: truth is a mask. No `if`, `?:`, min or max on a secret, and no address made of one.

/** All ones when `x` is zero. The top bit of `~x & (x - 1)` is set for zero alone. */
// @ts-ignore: decorator
@inline
export function isZero(x: u32): u32 {
  return <u32>((<i32>(~x & (x - 1))) >> 31);
}

/** All ones when the two are equal. Reads all of both; the length is public. */
export function areEqual(a: usize, b: usize, length: usize): u32 {
  let difference: u32 = 0;
  for (let i: usize = 0; i < length; i++) difference |= (<u32>load<u8>(a + i)) ^ (<u32>load<u8>(b + i));
  return isZero(difference);
}

/** OK where `mask` is all ones, `status` where it is zero. */
// @ts-ignore: decorator
@inline
export function okOr(mask: u32, status: i32): i32 {
  return (<i32>~mask) & status;
}
