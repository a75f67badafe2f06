// The functions and constants of SHA-256. FIPS 180-4 §4.1.2, §4.2.2, §5.3.3.
//
// Ch and Maj are written with the fewest operations: Ch takes f where e is 1 and g elsewhere; Maj takes b, unless a and b differ
// and b and c differ. `a ^ b` of one round is `b ^ c` of the next, which the compiler sees. The rotations of Σ run side by side where
// SIMD makes the schedule; without, nested ones are sooner done, those of σ too, since they need a copy of x less.

// @ts-ignore: decorator
@inline
export function Ch(e: u32, f: u32, g: u32): u32 {
  return g ^ (e & (f ^ g));
}

// @ts-ignore: decorator
@inline
export function Maj(a: u32, b: u32, c: u32): u32 {
  return b ^ ((a ^ b) & (b ^ c));
}

/** Σ0 */
// @ts-ignore: decorator
@inline
export function Sigma0(x: u32): u32 {
  if (!ASC_FEATURE_SIMD) return rotr<u32>(x ^ rotr<u32>(x ^ rotr<u32>(x, 9), 11), 2);
  return rotr<u32>(x, 2) ^ rotr<u32>(x, 13) ^ rotr<u32>(x, 22);
}

/** Σ1 */
// @ts-ignore: decorator
@inline
export function Sigma1(x: u32): u32 {
  if (!ASC_FEATURE_SIMD) return rotr<u32>(x ^ rotr<u32>(x ^ rotr<u32>(x, 14), 5), 6);
  return rotr<u32>(x, 6) ^ rotr<u32>(x, 11) ^ rotr<u32>(x, 25);
}

/** σ0 */
// @ts-ignore: decorator
@inline
export function sigma0(x: u32): u32 {
  return rotr<u32>(x ^ rotr<u32>(x, 11), 7) ^ (x >> 3);
}

/** σ1 */
// @ts-ignore: decorator
@inline
export function sigma1(x: u32): u32 {
  return rotr<u32>(x ^ rotr<u32>(x, 2), 17) ^ (x >> 10);
}

/** The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
// prettier-ignore
export const K: usize = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
], 16);

/** H(0): the first 32 bits of the fractional parts of the square roots of the first eight primes. */
// prettier-ignore
export const H0: usize = memory.data<u32>([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
], 16);
