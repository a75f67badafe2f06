// AES-256 as FIPS 197 tells it: Cipher() of §5.1, KeyExpansion() of §5.2, word for word. Words are numbers, first octet on top.

import { multiply, S } from './field';

const Nk = 8;
const Nr = 14;

function SubWord(w: u32): u32 {
  let result: u32 = 0;
  for (let i: u32 = 0; i < 32; i += 8) result |= (<u32>S[(w >> i) & 0xff]) << i;
  return result;
}

/** w[0 … 59] of the 32 octets at `key`. */
export function KeyExpansion(key: usize): StaticArray<u32> {
  const w = new StaticArray<u32>(4 * (Nr + 1));
  for (let i = 0; i < Nk; i++) w[i] = bswap<u32>(load<u32>(key + 4 * i));
  let Rcon: u32 = 1;
  for (let i = Nk; i < 4 * (Nr + 1); i++) {
    let temp = w[i - 1];
    if (i % Nk === 0) {
      temp = SubWord(rotl<u32>(temp, 8)) ^ (Rcon << 24);
      Rcon = multiply(Rcon, 2);
    } else if (i % Nk === 4) temp = SubWord(temp);
    w[i] = w[i - Nk] ^ temp;
  }
  return w;
}

/** Octet p of the round key: row p mod 4 of column p / 4. */
export function roundKeyOctet(w: StaticArray<u32>, round: i32, p: i32): u8 {
  return <u8>(w[4 * round + (p >> 2)] >> (24 - 8 * (p & 3)));
}

function AddRoundKey(state: StaticArray<u8>, w: StaticArray<u32>, round: i32): void {
  for (let p = 0; p < 16; p++) state[p] ^= roundKeyOctet(w, round, p);
}

function SubBytes(state: StaticArray<u8>): void {
  for (let p = 0; p < 16; p++) state[p] = S[state[p]];
}

/** s'(r, c) = s(r, c + r mod 4); the octet at (r, c) is number r + 4c. */
function ShiftRows(state: StaticArray<u8>): void {
  const s = state.slice<StaticArray<u8>>();
  for (let r = 0; r < 4; r++) for (let c = 0; c < 4; c++) state[r + 4 * c] = s[r + 4 * ((c + r) % 4)];
}

function MixColumns(state: StaticArray<u8>): void {
  const s = state.slice<StaticArray<u8>>();
  for (let c = 0; c < 16; c += 4)
    for (let r = 0; r < 4; r++)
      state[c + r] = <u8>(
        (multiply(2, s[c + r]) ^ multiply(3, s[c + ((r + 1) % 4)]) ^ s[c + ((r + 2) % 4)] ^ s[c + ((r + 3) % 4)])
      );
}

/** Encrypts the 16 octets at `at` in place. */
export function Cipher(w: StaticArray<u32>, at: usize): void {
  const state = new StaticArray<u8>(16);
  for (let p = 0; p < 16; p++) state[p] = load<u8>(at + p);
  AddRoundKey(state, w, 0);
  for (let round = 1; round <= Nr; round++) {
    SubBytes(state);
    ShiftRows(state);
    if (round < Nr) MixColumns(state);
    AddRoundKey(state, w, round);
  }
  for (let p = 0; p < 16; p++) store<u8>(at + p, state[p]);
}
