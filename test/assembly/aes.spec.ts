import { BATCH, BLOCK, encryptBatch, prepareAes, ROUND_KEYS_LENGTH, SCHEDULE_LENGTH } from '../../assembly/aes';
import { AFFINE, subBytes } from '../../assembly/aes-circuit';
import { encryptNarrow, NARROW, sliceNarrow } from '../../assembly/aes-narrow';
import { encryptScalar, SCALAR, sliceScalar } from '../../assembly/aes-scalar';
import { IO, SCRATCH, SCRATCH_LENGTH, wipeAll } from '../../assembly/memory';
import { swapBits } from '../../assembly/slice';
import { fill } from './cipher';
import { Cipher, KeyExpansion, roundKeyOctet } from './models/aes';
import { S } from './models/field';
import { hex, marks, OUT, put } from './support';

const KEYS: usize = IO + 4096;

/** Bit n of the octets at `at`. */
function bit(at: usize, n: usize): u32 {
  return ((<u32>load<u8>(at + (n >> 3))) >> ((<u32>n) & 7)) & 1;
}

/** How many of 256 octets, in each of as many arrangements, the circuit gives another value than the definition. */
function wrongOctets<T>(): i32 {
  const length: usize = 8 * sizeof<T>();
  let wrong = 0;
  for (let first: usize = 0; first < 256; first++) {
    for (let i: usize = 0; i < length; i++) store<u8>(IO + i, <u8>(first + i));
    swapBits<T>(IO);
    subBytes<T>(IO, IO);
    swapBits<T>(IO);
    for (let i: usize = 0; i < length; i++)
      wrong += <i32>(<u32>load<u8>(IO + i) !== ((<u32>S[<u8>(first + i)]) ^ AFFINE));
  }
  return wrong;
}

/** How many bits are elsewhere than slice k, bit i of octet B for slice i, bit k of octet B. */
function wrongBits<T>(): i32 {
  const width: usize = sizeof<T>();
  fill(IO, 8 * width);
  memory.copy(OUT, IO, 8 * width);
  swapBits<T>(OUT);
  let wrong = 0;
  for (let i: usize = 0; i < 8; i++)
    for (let B: usize = 0; B < width; B++)
      for (let k: usize = 0; k < 8; k++)
        wrong += <i32>(bit(IO + width * i, 8 * B + k) !== bit(OUT + width * k, 8 * B + i));
  swapBits<T>(OUT);
  return wrong + <i32>(hex(IO, 8 * width) !== hex(OUT, 8 * width));
}

function sliceKey(narrow: bool, round: usize): void {
  if (ASC_FEATURE_SIMD) if (narrow) return sliceNarrow(KEYS + NARROW * round, IO);
  sliceScalar(KEYS + SCALAR * round, IO, round & 1);
}

function encrypt(narrow: bool): void {
  if (ASC_FEATURE_SIMD) if (narrow) return encryptNarrow(KEYS, OUT);
  encryptScalar(KEYS, OUT);
}

/** Bitsliced keys of the book's schedule, 0x63 added from round 1 on. */
function slice(w: StaticArray<u32>, narrow: bool): void {
  for (let round = 0; round < 15; round++) {
    for (let p = 0; p < 16; p++) store<u8>(IO + <usize>p, roundKeyOctet(w, round, p) ^ (<u8>(round > 0 ? AFFINE : 0)));
    sliceKey(narrow, round);
  }
}

/** How many blocks of batches are not what the book makes of them. */
function wrongBlocks(narrow: bool): i32 {
  const length = narrow ? NARROW : SCALAR;
  let wrong = 0;
  for (let n = 0; n < 50; n++) {
    fill(IO, 32);
    const w = KeyExpansion(IO);
    slice(w, narrow);
    fill(IO, length);
    memory.copy(OUT, IO, length);
    encrypt(narrow);
    for (let at: usize = 0; at < length; at += 16) {
      Cipher(w, IO + at);
      wrong += <i32>(hex(IO + at, 16) !== hex(OUT + at, 16));
    }
  }
  return wrong;
}

/** Which bit of a slice belongs to octet p of block k, as the layouts of aes-narrow.ts and aes-scalar.ts have it. */
function place(p: usize, k: usize): usize {
  if (ASC_FEATURE_SIMD) return 8 * p + k;
  return 16 * (p & 3) + 4 * (p >> 2) + k;
}

/** Octet p of block k of a round's bitsliced key. Those of odd rounds lie one ShiftRows ahead in aes-scalar.ts: 5 p at p. */
function keyOctet(round: usize, p: usize, k: usize): u32 {
  if (!ASC_FEATURE_SIMD) if ((round & 1) !== 0) p = (13 * p) & 15;
  const key = KEYS + BATCH * round;
  let octet: u32 = 0;
  for (let i: usize = 0; i < 8; i++) {
    const slice = key + (BATCH >> 3) * i;
    octet |= bit(slice, place(p, k)) << (<u32>i);
  }
  return octet;
}

/** Words 8 … 59 of FIPS 197 A.3. */
const A3 =
  '9ba354118e6925afa51a8b5f2067fcdea8b09c1a93d194cdbe49846eb75d5b9ad59aecb85bf3c917fee94248de8ebe96b5a9328a2678a647983122292f6c79b3812c81addadf48ba24360af2fab8b46498c5bfc9bebd198e268c3ba709e0421468007bacb2df331696e939e46c518d80c814e20476a9fb8a5025c02d59c58239de1369676ccc5a71fa2563959674ee155886ca5d2e2f31d77e0af1fa27cf73c3749c47ab18501ddae2757e4f7401905acafaaae3e4d59b349adf6acebd10190dfe4890d1e6188d0b046df344706c631e';
const A3_KEY = '603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4';

describe('AES', () => {
  beforeEach(() => wipeAll());

  test('the circuit is inversion in GF(2^8) and the affine map, over u64', () => expect(wrongOctets<u64>()).toBe(0));
  test('swapBits transposes 8 × 8 bits, and twice is nothing, over u64', () => expect(wrongBits<u64>()).toBe(0));
  test('four blocks are four ciphers of the book', () => expect(wrongBlocks(false)).toBe(0));
  if (ASC_FEATURE_SIMD) {
    test('the circuit over v128', () => expect(wrongOctets<v128>()).toBe(0));
    test('swapBits over v128', () => expect(wrongBits<v128>()).toBe(0));
    test('eight blocks are eight ciphers of the book', () => expect(wrongBlocks(true)).toBe(0));
  }

  test('the book itself: FIPS 197 A.3 and C.3, and four values of its table', () => {
    put(IO, A3_KEY);
    const w = KeyExpansion(IO);
    let words = '';
    for (let i = 8; i < 60; i++) words += w[i].toString(16).padStart(8, '0');
    expect(words).toBe(A3);
    put(IO, '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f00112233445566778899aabbccddeeff');
    Cipher(KeyExpansion(IO), IO + 32);
    expect(hex(IO + 32, 16)).toBe('8ea2b7ca516745bfeafc49904b496089');
    expect(S[0x00]).toBe(0x63);
    expect(S[0x01]).toBe(0x7c);
    expect(S[0x53]).toBe(0xed);
    expect(S[0xff]).toBe(0x16);
  });

  test('FIPS 197 A.3: every word of the schedule, in every block of the bitsliced keys', () => {
    put(IO, A3_KEY);
    prepareAes(KEYS, IO);
    expect(KEYS + ROUND_KEYS_LENGTH).toBeLessThan(OUT);
    for (let k: usize = 0; k < BATCH / BLOCK; k++) {
      let words = '';
      for (let round: usize = 0; round < 15; round++)
        for (let p: usize = 0; p < 16; p++) {
          const octet = keyOctet(round, p, k) ^ (round > 0 ? AFFINE : 0);
          words += octet.toString(16).padStart(2, '0');
        }
      expect(words).toBe(A3_KEY + A3);
    }
  });

  test('FIPS 197 C.3, at every place of a batch', () => {
    put(IO, '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f');
    prepareAes(KEYS, IO);
    for (let at: usize = 0; at < BATCH; at += BLOCK) put(OUT + at, '00112233445566778899aabbccddeeff');
    encryptBatch(KEYS, OUT);
    expect(hex(OUT, BATCH)).toBe('8ea2b7ca516745bfeafc49904b496089'.repeat(<i32>(BATCH / BLOCK)));
    for (let place: usize = 0; place < BATCH; place += BLOCK) {
      fill(OUT, BATCH);
      put(OUT + place, '00112233445566778899aabbccddeeff');
      encryptBatch(KEYS, OUT);
      expect(hex(OUT + place, 16)).toBe('8ea2b7ca516745bfeafc49904b496089');
    }
  });

  test('schedules of many keys are those of the book; the scratch is zero after each', () => {
    for (let n = 0; n < 40; n++) {
      fill(IO, 32);
      if (n < 8) memory.fill(IO + 4 * n, n & 1 ? 0xff : 0, 4); // a word of zeros or ones, each in its turn
      const w = KeyExpansion(IO);
      prepareAes(KEYS, IO);
      let wrong = 0;
      for (let round = 0; round < 15; round++)
        for (let p = 0; p < 16; p++) {
          const octet = keyOctet(round, p, n & 3) ^ (round > 0 ? AFFINE : 0);
          wrong += <i32>(octet !== <u32>roundKeyOctet(w, round, p));
        }
      expect(wrong).toBe(0);
      expect(marks(SCRATCH, SCRATCH_LENGTH)).toBe(0);
    }
    expect(SCHEDULE_LENGTH).toBeLessThanOrEqual(SCRATCH_LENGTH);
  });
});
