// The wide forms by themselves: each against the narrow form, the circuit or the book. Builds with SIMD alone have them.

import { prepareAes, roundKeys } from '../../assembly/aes';
import { AFFINE, subBytes } from '../../assembly/aes-circuit';
import { encryptNarrow, NARROW } from '../../assembly/aes-narrow';
import { keyStream, WIDE } from '../../assembly/aes-wide';
import { PLAIN_KEYS, prepareWide, spread, WIDE_KEYS_LENGTH } from '../../assembly/aes-wide-keys';
import { WIDE_KEY, WIDE_SCRATCH_LENGTH } from '../../assembly/aes-wide-map';
import { hashSwizzle, prepareSwizzle } from '../../assembly/ghash-swizzle';
import { hashWide, WIDE_HASH_SCRATCH_LENGTH } from '../../assembly/ghash-wide';
import { prepareWideHash, WIDE_HASH_LENGTH } from '../../assembly/ghash-wide-tables';
import { BOX, IO, SCRATCH, SCRATCH_LENGTH, wipeAll } from '../../assembly/memory';
import { swapBits } from '../../assembly/slice';
import { subBlock } from '../../assembly/sub-block';
import { turnBits, turnBytes } from '../../assembly/wide-transpose';
import { areSame, fill } from './cipher';
import { Cipher, KeyExpansion, roundKeyOctet } from './models/aes';
import { S } from './models/field';
import { Block, GHASH } from './models/ghash';
import { arbitrary, hex, marks, OUT } from './support';

const KEYS: usize = IO + 4096; //      bitsliced round keys, or tables of H
const WIDES: usize = IO + 32768; //    wide keys, or wide tables
const H: usize = IO + 65536;
const Y: usize = H + 16;
const Y2: usize = H + 32;

/** Bit n of the octets at `at`. */
function bit(at: usize, n: usize): u32 {
  return ((<u32>load<u8>(at + (n >> 3))) >> ((<u32>n) & 7)) & 1;
}

/** How many of 256 octets, at each of 16 places, are not what the circuit and the definition make of them. */
function wrongOctets(): i32 {
  let wrong = 0;
  for (let first: usize = 0; first < 256; first++) {
    for (let i: usize = 0; i < 128; i++) store<u8>(IO + i, <u8>(first + i));
    for (let i: usize = 0; i < 128; i += 16) v128.store(OUT + i, subBlock(v128.load(IO + i)));
    swapBits<v128>(IO);
    subBytes<v128>(IO, IO);
    swapBits<v128>(IO);
    for (let i: usize = 0; i < 128; i++) {
      wrong += <i32>(load<u8>(OUT + i) !== load<u8>(IO + i));
      wrong += <i32>(<u32>load<u8>(OUT + i) !== ((<u32>S[<u8>(first + i)]) ^ AFFINE));
    }
  }
  return wrong;
}

/** How many octets of a 16 × 16 matrix are not where its transpose has them. */
function wrongTurn(stride: usize): i32 {
  fill(IO, 16 * stride);
  const before = hex(IO, 16 * stride);
  turnBytes(OUT, IO, stride);
  let wrong = <i32>(hex(IO, 16 * stride) !== before);
  for (let row: usize = 0; row < 16; row++)
    for (let column: usize = 0; column < 16; column++)
      wrong += <i32>(load<u8>(IO + stride * row + column) !== load<u8>(OUT + 16 * column + row));
  return wrong;
}

/** How many bits of eight planes are not where their transpose has them, a mask added to each plane. */
function wrongPlanes(): i32 {
  const masks = IO + 256;
  fill(IO, 128);
  for (let i: usize = 0; i < 8; i++) store<u32>(masks + 64 * i, <u32>(arbitrary() & 1 ? -1 : 0));
  turnBits(OUT, IO, masks);
  let wrong = 0;
  for (let i: usize = 0; i < 8; i++)
    for (let B: usize = 0; B < 16; B++)
      for (let k: usize = 0; k < 8; k++)
        wrong += <i32>(
          (bit(OUT + 16 * k, 8 * B + i) !== (bit(IO + 16 * i, 8 * B + k) ^ (load<u32>(masks + 64 * i) & 1)))
        );
  return wrong;
}

/** How many masks are not those of the bits of the 16 octets at `from`. */
function wrongMasks(wide: usize, from: usize): i32 {
  let wrong = 0;
  for (let p: usize = 0; p < 16; p++)
    for (let i: usize = 0; i < 8; i++) wrong += <i32>(load<u32>(wide + 64 * i + 4 * p) !== 0 - bit(from + p, i));
  return wrong;
}

/** Round keys of random octets for both forms; the book's schedule of them. */
function keys(): StaticArray<u32> {
  fill(IO, 32);
  prepareAes(KEYS, IO);
  prepareWide(WIDES, roundKeys(IO));
  return KeyExpansion(IO);
}

/** How many of 128 blocks are not those of the narrow form, and of the book for three of them. */
function wrongStream(w: StaticArray<u32>, counter: u32): i32 {
  const at = IO + 64;
  store<u32>(at + 12, bswap(counter));
  keyStream(OUT, WIDES, at);
  let wrong = <i32>(load<u32>(at + 12) !== bswap(counter));
  const there = OUT + WIDE;
  for (let k: usize = 0; k < WIDE / 16; k++) {
    memory.copy(there + 16 * k, at, 12);
    store<u32>(there + 16 * k + 12, bswap((counter & ~127) + <u32>k));
  }
  const some: usize[] = [0, <usize>(1 + (arbitrary() % 126)), 127];
  for (let i = 0; i < 3; i++) {
    const book = there + WIDE;
    memory.copy(book, there + 16 * some[i], 16);
    Cipher(w, book);
    wrong += <i32>!areSame(OUT + 16 * some[i], book, 16);
  }
  for (let at: usize = 0; at < WIDE; at += NARROW) encryptNarrow(KEYS, there + at);
  for (let at: usize = 0; at < WIDE; at += 16) wrong += <i32>!areSame(OUT + at, there + at, 16);
  return wrong;
}

/** Tables of both forms of the H that lies there. */
function tables(): void {
  prepareSwizzle(KEYS, H);
  prepareWideHash(WIDES, KEYS);
}

/** Whether the blocks at OUT give the Y of the narrow form. */
function agrees(blocks: usize): bool {
  memory.copy(Y2, Y, 16);
  hashWide(WIDES, KEYS, Y, OUT, blocks);
  hashSwizzle(KEYS, Y2, OUT, blocks);
  return areSame(Y, Y2, 16);
}

if (ASC_FEATURE_SIMD)
  describe('wide forms', () => {
    beforeEach(() => wipeAll());

    test('the S-box by lookups is the circuit and the definition', () => expect(wrongOctets()).toBe(0));

    test('bytes are turned, however far apart the rows lie', () => {
      for (let stride: usize = 16; stride <= 128; stride *= 2) expect(wrongTurn(stride)).toBe(0);
    });

    test('planes are turned, and the key added', () => {
      for (let n = 0; n < 50; n++) expect(wrongPlanes()).toBe(0);
    });

    test('a block is spread to masks, a bit each, within 512 bytes', () => {
      for (let n: usize = 0; n < 128; n++) {
        memory.fill(IO, 0, 16);
        store<u8>(IO + (n >> 3), 1 << ((<u8>n) & 7)); // each bit alone
        memory.fill(OUT, 0xa5, WIDE_KEY + 16);
        spread(OUT, v128.load(IO));
        expect(wrongMasks(OUT, IO)).toBe(0);
        expect(hex(OUT + WIDE_KEY, 16)).toBe('a5'.repeat(16));
      }
    });

    test('wide keys are the masks of the schedule, and keys 0, 1 and 2 as they are', () => {
      memory.fill(WIDES, 0xa5, WIDE_KEYS_LENGTH + 16);
      const w = keys();
      for (let round = 0; round < 15; round++) {
        for (let p = 0; p < 16; p++)
          store<u8>(OUT + <usize>p, roundKeyOctet(w, round, p) ^ (<u8>(round > 0 ? AFFINE : 0)));
        expect(wrongMasks(WIDES + WIDE_KEY * round, OUT)).toBe(0);
        if (round < 3) expect(hex(WIDES + PLAIN_KEYS + 16 * round, 16)).toBe(hex(OUT, 16));
      }
      expect(hex(WIDES + WIDE_KEYS_LENGTH, 16)).toBe('a5'.repeat(16));
    });

    test('128 blocks of key stream are those of the narrow form, wherever the counter stands', () => {
      const counters: u32[] = [
        0, 0x80, 0x7f80, 0xff80, 0x10000, 0xffff80, 0x7fffff80, 0x80000000, 0xffffff00, 0xffffff80,
      ];
      for (let n = 0; n < 4; n++) {
        const w = keys();
        fill(IO + 64, 12);
        for (let i = 0; i < counters.length; i++)
          expect(wrongStream(w, counters[i] + <u32>(arbitrary() & 127))).toBe(0, counters[i].toString(16));
        expect(wrongStream(w, <u32>arbitrary())).toBe(0);
      }
      const w = keys();
      for (let place: u32 = 0; place < 128; place++) expect(wrongStream(w, 0x01234580 + place)).toBe(0); // the same batch
    });

    test('16 to 160 blocks hash as in the narrow form and in the book', () => {
      for (let n = 0; n < 3; n++) {
        fill(H, 16);
        tables();
        for (let blocks: usize = 16; blocks <= 160; blocks += 16) {
          fill(Y, 16);
          fill(OUT, 16 * blocks);
          const before = hex(OUT, 16 * blocks);
          const book = GHASH(Block.from(H), Block.from(Y), OUT, blocks);
          expect(agrees(blocks)).toBe(true);
          expect(Block.from(Y).hi).toBe(book.hi);
          expect(Block.from(Y).lo).toBe(book.lo);
          expect(hex(OUT, 16 * blocks)).toBe(before);
        }
      }
    });

    test('every bit of 48 blocks alone, and every bit of H, reach the sum', () => {
      fill(H, 16);
      tables();
      let wrong = 0;
      for (let n: usize = 0; n < 8 * 16 * 48; n++) {
        memory.fill(Y, 0, 16);
        store<u8>(OUT + (n >> 3), 1 << ((<u8>n) & 7));
        wrong += <i32>!agrees(48) + <i32>(marks(Y, 16) === 0);
        store<u8>(OUT + (n >> 3), 0);
      }
      fill(OUT, 512);
      for (let n: usize = 0; n < 128; n++) {
        memory.fill(H, 0, 16);
        store<u8>(H + (n >> 3), 1 << ((<u8>n) & 7));
        tables();
        wrong += <i32>!agrees(16) + <i32>!agrees(32);
      }
      memory.fill(H, 0xff, 16);
      tables();
      memory.fill(OUT, 0xff, 512);
      expect(wrong + <i32>!agrees(32)).toBe(0);
    });

    test('what they write in the scratch is what is said to be theirs, and less than the box of wrap.ts lies behind', () => {
      keys();
      fill(IO + 64, 16);
      memory.fill(SCRATCH, 0xa5, SCRATCH_LENGTH);
      keyStream(OUT, WIDES, IO + 64);
      const rest = SCRATCH_LENGTH - WIDE_SCRATCH_LENGTH;
      expect(hex(SCRATCH + WIDE_SCRATCH_LENGTH, rest)).toBe('a5'.repeat(<i32>rest));
      fill(H, 32);
      prepareSwizzle(KEYS, H);
      memory.fill(WIDES, 0xa5, WIDE_HASH_LENGTH + 16);
      prepareWideHash(WIDES, KEYS);
      expect(hex(WIDES + WIDE_HASH_LENGTH, 16)).toBe('a5'.repeat(16));
      hashWide(WIDES, KEYS, Y, OUT, 48);
      expect(hex(SCRATCH + WIDE_SCRATCH_LENGTH, rest)).toBe('a5'.repeat(<i32>rest));
      expect(WIDE_HASH_SCRATCH_LENGTH).toBeLessThanOrEqual(WIDE_SCRATCH_LENGTH); // settle wipes so much
      expect(SCRATCH + WIDE_SCRATCH_LENGTH).toBeLessThanOrEqual(BOX);
    });
  });
