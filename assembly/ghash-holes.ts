// GHASH by integer multiplication with holes, for engines without SIMD. SP 800-38D §6.3 (product), §6.4 (GHASH).
//
// Carries are kept from spoiling a product of polynomials by leaving three zero bits between the coefficients. Column k
// of a 64-bit product is a sum of at most k + 1 of them: 15 at most below the topmost column, which four bits hold; what
// the topmost one carries leaves the word. The masks then take bit 0 of every sum. (Th. Pornin's idea, in BearSSL.)
//
//   byte     0 ……………………… 7     8 ……………………… 15
//   word   [      y1        ]   [      y0       ]      loaded big-endian: the polynomial stands mirrored
//   term   x^0 ………………… x^63   x^64 ……………… x^127
//
//   table  [ h0 ][ h1 ][ h0 + h1 ][ the three reversed ]
//
// A 64-bit product gives the low half of a carry-less one; the high half is that of the reversed words, reversed.
// Secret: H, Y, the blocks. Public: how many blocks there are. i64.mul takes constant time on 64-bit machines.

export const HOLES_LENGTH: usize = 6 * 8;

const M0: u64 = 0x1111111111111111;
const M1: u64 = 0x2222222222222222;
const M2: u64 = 0x4444444444444444;
const M3: u64 = 0x8888888888888888;

/** The low 64 bits of the product of two polynomials. */
function product(x: u64, y: u64): u64 {
  const x0 = x & M0,
    x1 = x & M1,
    x2 = x & M2,
    x3 = x & M3;
  const y0 = y & M0,
    y1 = y & M1,
    y2 = y & M2,
    y3 = y & M3;
  const z0 = (x0 * y0) ^ (x1 * y3) ^ (x2 * y2) ^ (x3 * y1);
  const z1 = (x0 * y1) ^ (x1 * y0) ^ (x2 * y3) ^ (x3 * y2);
  const z2 = (x0 * y2) ^ (x1 * y1) ^ (x2 * y0) ^ (x3 * y3);
  const z3 = (x0 * y3) ^ (x1 * y2) ^ (x2 * y1) ^ (x3 * y0);
  return (z0 & M0) | (z1 & M1) | (z2 & M2) | (z3 & M3);
}

/** The 64 bits in the other order. */
function reversed(x: u64): u64 {
  x = ((x >> 1) & 0x5555555555555555) | ((x & 0x5555555555555555) << 1);
  x = ((x >> 2) & 0x3333333333333333) | ((x & 0x3333333333333333) << 2);
  x = ((x >> 4) & 0x0f0f0f0f0f0f0f0f) | ((x & 0x0f0f0f0f0f0f0f0f) << 4);
  return bswap<u64>(x);
}

export function prepareHoles(table: usize, h: usize): void {
  const h1 = bswap(load<u64>(h));
  const h0 = bswap(load<u64>(h + 8));
  store<u64>(table, h0);
  store<u64>(table + 8, h1);
  store<u64>(table + 16, h0 ^ h1);
  store<u64>(table + 24, reversed(h0));
  store<u64>(table + 32, reversed(h1));
  store<u64>(table + 40, reversed(h0 ^ h1));
}

/** Y = (Y + X_i) · H for every block at `at`. Karatsuba over halves: three products, and three reversed. */
export function hashHoles(table: usize, y: usize, at: usize, blocks: usize): void {
  let y1 = bswap(load<u64>(y));
  let y0 = bswap(load<u64>(y + 8));
  for (const end = at + 16 * blocks; at < end; at += 16) {
    y1 ^= bswap(load<u64>(at));
    y0 ^= bswap(load<u64>(at + 8));
    const r0 = reversed(y0);
    const r1 = reversed(y1);
    const a = product(y0, load<u64>(table));
    const b = product(y1, load<u64>(table + 8));
    const c = product(y0 ^ y1, load<u64>(table + 16)) ^ a ^ b;
    const ra = product(r0, load<u64>(table + 24));
    const rb = product(r1, load<u64>(table + 32));
    const rc = product(r0 ^ r1, load<u64>(table + 40)) ^ ra ^ rb;

    // 255 bits in four words; mirrored, so one bit short at the bottom: moved up by one.
    let v0 = a;
    let v1 = c ^ (reversed(ra) >> 1);
    let v2 = b ^ (reversed(rc) >> 1);
    let v3 = reversed(rb) >> 1;
    v3 = (v3 << 1) | (v2 >> 63);
    v2 = (v2 << 1) | (v1 >> 63);
    v1 = (v1 << 1) | (v0 >> 63);
    v0 <<= 1;

    // Modulo x^128 + x^7 + x^2 + x + 1: first the word farthest out, whose overflow is in the next.
    v1 ^= (v0 << 63) ^ (v0 << 62) ^ (v0 << 57);
    v2 ^= v0 ^ (v0 >> 1) ^ (v0 >> 2) ^ (v0 >> 7);
    v2 ^= (v1 << 63) ^ (v1 << 62) ^ (v1 << 57);
    v3 ^= v1 ^ (v1 >> 1) ^ (v1 >> 2) ^ (v1 >> 7);
    y0 = v2;
    y1 = v3;
  }
  store<u64>(y, bswap(y1));
  store<u64>(y + 8, bswap(y0));
}
