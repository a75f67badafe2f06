// SHA-256's compression as the standard tells it: 64 words of schedule, eight variables that move. FIPS 180-4 §4.1.2, §6.2.2.

import { K } from '../../../assembly/sha256-functions';

function ROTR(x: u32, n: u32): u32 {
  return (x >> n) | (x << (32 - n));
}

/** The hash H after the block M: eight words and sixteen, as numbers. */
export function compressBook(H: StaticArray<u32>, M: StaticArray<u32>): StaticArray<u32> {
  const W = new StaticArray<u32>(64);
  for (let t = 0; t < 64; t++) {
    if (t < 16) W[t] = M[t];
    else {
      const sigma1 = ROTR(W[t - 2], 17) ^ ROTR(W[t - 2], 19) ^ (W[t - 2] >> 10);
      const sigma0 = ROTR(W[t - 15], 7) ^ ROTR(W[t - 15], 18) ^ (W[t - 15] >> 3);
      W[t] = sigma1 + W[t - 7] + sigma0 + W[t - 16];
    }
  }
  const v = new StaticArray<u32>(8);
  for (let i = 0; i < 8; i++) v[i] = H[i];
  for (let t = 0; t < 64; t++) {
    const a = v[0];
    const e = v[4];
    const Sigma1 = ROTR(e, 6) ^ ROTR(e, 11) ^ ROTR(e, 25);
    const Ch = (e & v[5]) ^ (~e & v[6]);
    const T1 = v[7] + Sigma1 + Ch + load<u32>(K + 4 * t) + W[t];
    const Sigma0 = ROTR(a, 2) ^ ROTR(a, 13) ^ ROTR(a, 22);
    const Maj = (a & v[1]) ^ (a & v[2]) ^ (v[1] & v[2]);
    const T2 = Sigma0 + Maj;
    for (let i = 7; i > 0; i--) v[i] = v[i - 1];
    v[4] += T1;
    v[0] = T1 + T2;
  }
  for (let i = 0; i < 8; i++) v[i] += H[i];
  return v;
}
