// GF(2^8) and the S-box as they are defined. FIPS 197 §4.2, §5.1.1.

/** a · b modulo x^8 + x^4 + x^3 + x + 1. */
export function multiply(a: u32, b: u32): u32 {
  let product: u32 = 0;
  for (let i = 0; i < 8; i++) {
    if ((b >> i) & 1) product ^= a;
    a <<= 1;
    if (a & 0x100) a ^= 0x11b;
  }
  return product;
}

/** The b with a · b = 1; 0 for 0. */
function inverse(a: u32): u32 {
  for (let b: u32 = 1; b < 256; b++) if (multiply(a, b) === 1) return b;
  return 0;
}

/** S(a): the inverse, then b'(i) = b(i) + b(i+4) + b(i+5) + b(i+6) + b(i+7) + c(i), indices modulo 8, c = 0x63. */
function substitute(a: u32): u8 {
  const b = inverse(a);
  let result: u32 = 0;
  for (let i = 0; i < 8; i++) {
    let bit = (0x63 >> i) & 1;
    bit ^= (b >> i) & 1;
    for (let j = 4; j < 8; j++) bit ^= (b >> ((i + j) & 7)) & 1;
    result |= bit << i;
  }
  return <u8>result;
}

/** S(0) … S(255). */
export const S = new StaticArray<u8>(256);
for (let a: u32 = 0; a < 256; a++) S[a] = substitute(a);
