import { aesEncryptBlocks, gcmAad, gcmBegin, gcmDecrypt, gcmEncrypt } from '../../assembly/gcm';
import { gcmIv, gcmOpen, gcmSeal, gcmTag, gcmVerify } from '../../assembly/gcm';
import { TEXT_LENGTH } from '../../assembly/gcm-state';
import { addressOf, keyAllocate } from '../../assembly/keys';
import { END, GCM, IO, IO_LENGTH, SCRATCH, SCRATCH_LENGTH, wipeAll } from '../../assembly/memory';
import { BAD_TAG, LIMIT, OK, RANGE, SLOT } from '../../assembly/status';
import { areSame, fill, key } from './cipher';
import { Block } from './models/ghash';
import { Book } from './models/gcm';
import { fingerprint, marks, OUT } from './support';

/** Places and lengths that are not within the I/O region: address, length. */
const OUTSIDE: usize[][] = [
  [IO - 1, 1],
  [IO - 1, 2],
  [0, 0],
  [0, 16],
  [GCM, 16],
  [END, 1],
  [END - 15, 16],
  [END + 1, 0],
  [IO, IO_LENGTH + 1],
  [IO + 16, -16],
  [-1, 2],
  [-16, 16],
];
const MOST: u64 = (1 << 36) - 32;

/** A message under `slot` whose IV is given. */
function begin(slot: i32): void {
  gcmBegin(slot);
  gcmIv(IO, 12);
}

describe('the bounds of GCM', () => {
  beforeEach(() => wipeAll());

  test('outside the I/O region: RANGE, and nothing is touched', () => {
    const slot = key();
    fill(IO, 256);
    begin(slot);
    gcmEncrypt(IO + 32, 20);
    const before = fingerprint();
    for (let i = 0; i < OUTSIDE.length; i++) {
      const at = OUTSIDE[i][0];
      const length = OUTSIDE[i][1];
      expect(gcmIv(at, length)).toBe(RANGE);
      expect(gcmAad(at, length)).toBe(RANGE);
      expect(gcmEncrypt(at, length)).toBe(RANGE);
      expect(gcmDecrypt(at, length)).toBe(RANGE);
      expect(gcmTag(at, length)).toBe(RANGE);
      expect(gcmVerify(at, length)).toBe(RANGE);
      expect(gcmSeal(slot, at, length, IO, 0, IO, 8, 16)).toBe(RANGE, 'IV');
      expect(gcmOpen(slot, at, length, IO, 0, IO, 8, 16)).toBe(RANGE, 'IV');
      expect(gcmSeal(slot, IO, 12, at, length, IO, 8, 16)).toBe(RANGE, 'AAD');
      expect(gcmOpen(slot, IO, 12, at, length, IO, 8, 16)).toBe(RANGE, 'AAD');
      expect(gcmSeal(slot, IO, 12, IO, 0, at, length, 16)).toBe(RANGE, 'text');
      expect(gcmOpen(slot, IO, 12, IO, 0, at, length, 16)).toBe(RANGE, 'text');
    }
    expect(gcmTag(END - 15, 16)).toBe(RANGE);
    expect(gcmSeal(slot, IO, 12, IO, 0, END - 19, 8, 12)).toBe(RANGE, 'no room for the tag');
    expect(gcmOpen(slot, IO, 12, IO, 0, END - 19, 8, 12)).toBe(RANGE, 'no room for the tag');
    expect(gcmSeal(slot, IO, 0, IO, 0, IO, 8, 16)).toBe(RANGE, 'no IV');
    expect(gcmOpen(slot, IO, 0, IO, 0, IO, 8, 16)).toBe(RANGE, 'no IV');
    expect(aesEncryptBlocks(slot, IO - 1, 1)).toBe(RANGE);
    expect(aesEncryptBlocks(slot, END - 15, 1)).toBe(RANGE);
    expect(aesEncryptBlocks(slot, IO, IO_LENGTH / 16 + 1)).toBe(RANGE);
    expect(aesEncryptBlocks(slot, IO, 1 << 28)).toBe(RANGE, '2^28 blocks are 2^32 octets: 0');
    expect(aesEncryptBlocks(slot, IO, -1)).toBe(RANGE);
    expect(fingerprint()).toBe(before);
  });

  test('the last octet of the region is within it', () => {
    const slot = key();
    expect(gcmSeal(slot, END - 12, 12, END, 0, IO, 8, 16)).toBe(OK);
    expect(gcmSeal(slot, IO, 12, END - 3, 3, END - 24, 8, 16)).toBe(OK);
    expect(gcmOpen(slot, IO, 12, IO, 0, END - 24, 8, 16)).toBe(BAD_TAG);
    expect(aesEncryptBlocks(slot, END - 16, 1)).toBe(OK);
    expect(aesEncryptBlocks(slot, IO, IO_LENGTH / 16)).toBe(OK);
    begin(slot);
    expect(gcmEncrypt(END, 0)).toBe(OK);
    expect(gcmEncrypt(IO, IO_LENGTH)).toBe(OK);
    expect(gcmTag(END - 12, 12)).toBe(OK);
  });

  test('slots that hold no key: SLOT, and nothing is touched', () => {
    key();
    const waiting = keyAllocate();
    const before = fingerprint();
    const slots = [waiting, waiting + 1, 64, -1, i32.MIN_VALUE];
    for (let i = 0; i < slots.length; i++) {
      expect(gcmSeal(slots[i], IO, 12, IO, 0, IO, 8, 16)).toBe(SLOT);
      expect(gcmOpen(slots[i], IO, 12, IO, 0, IO, 8, 16)).toBe(SLOT);
      expect(aesEncryptBlocks(slots[i], IO, 1)).toBe(SLOT);
    }
    expect(fingerprint()).toBe(before);
  });

  test('tags of 12 to 16 octets and no others', () => {
    const slot = key();
    const book = new Book(addressOf(slot));
    fill(IO, 64);
    for (let length: usize = 0; length <= 40; length++) {
      const good = length >= 12 && length <= 16;
      memory.copy(OUT, IO, 64);
      book.seal(OUT, 12, OUT, 0, OUT + 16, 20);
      const seal = IO + 128;
      memory.copy(seal, IO + 16, 64);
      memory.fill(seal + 20, 0xa5, 44);
      const before = fingerprint();
      expect(gcmSeal(slot, IO, 12, IO, 0, seal, 20, length)).toBe(good ? OK : RANGE);
      if (!good) {
        expect(gcmOpen(slot, IO, 12, IO, 0, seal, 20, length)).toBe(RANGE);
        expect(fingerprint()).toBe(before);
        begin(slot);
        const running = fingerprint();
        expect(gcmTag(IO + 256, length)).toBe(RANGE);
        expect(gcmVerify(IO + 256, length)).toBe(RANGE);
        expect(fingerprint()).toBe(running);
        gcmTag(IO + 256, 16);
        continue;
      }
      expect(areSame(seal, OUT + 16, 20 + length)).toBe(true);
      expect(load<u8>(seal + 20 + length)).toBe(0xa5, 'the tag is no longer than asked for');
      expect(gcmOpen(slot, IO, 12, IO, 0, seal, 20, length)).toBe(OK);
      expect(areSame(seal, IO + 16, 20)).toBe(true);
    }
  });

  test('any bit of tag, text, AAD or IV turned: BAD_TAG, and the text as it came', () => {
    const slot = key();
    fill(IO, 64);
    // [ IV 12 ][ AAD 4 ][ text 17 ][ tag 16 ]
    gcmSeal(slot, IO, 12, IO + 12, 4, IO + 16, 17, 16);
    for (let bit: usize = 0; bit < 8 * 49; bit++) {
      const at = IO + (bit >> 3);
      const mask = (<u8>1) << ((<u8>bit) & 7);
      store<u8>(at, load<u8>(at) ^ mask);
      memory.copy(OUT, IO, 64);
      expect(gcmOpen(slot, IO, 12, IO + 12, 4, IO + 16, 17, 16)).toBe(BAD_TAG);
      expect(areSame(IO, OUT, 64)).toBe(true);
      begin(slot);
      gcmAad(IO + 12, 4);
      gcmDecrypt(OUT + 16, 17);
      expect(gcmVerify(IO + 33, 16)).toBe(BAD_TAG);
      store<u8>(at, load<u8>(at) ^ mask);
    }
    expect(gcmOpen(slot, IO, 12, IO + 12, 4, IO + 16, 17, 16)).toBe(OK);
    expect(marks(GCM, SCRATCH + SCRATCH_LENGTH - GCM)).toBe(0);
  });

  test('2^36 − 32 octets of text and not one more: LIMIT, and the message goes on', () => {
    const slot = key();
    const book = new Book(addressOf(slot));
    fill(IO, 64);
    memory.copy(OUT, IO, 64);
    for (let way = 0; way < 2; way++) {
      begin(slot);
      if (way === 0) gcmEncrypt(IO, 0);
      else gcmDecrypt(IO, 0);
      store<u64>(TEXT_LENGTH, MOST - 16); // as if so many octets had gone, all of them hashed to Y = 0
      const before = fingerprint();
      expect(way === 0 ? gcmEncrypt(IO + 16, 17) : gcmDecrypt(IO + 16, 17)).toBe(LIMIT);
      expect(fingerprint()).toBe(before);
      memory.copy(IO + 16, OUT + 16, 16);
      expect(way === 0 ? gcmEncrypt(IO + 16, 16) : gcmDecrypt(IO + 16, 16)).toBe(OK);
      expect(way === 0 ? gcmEncrypt(IO + 32, 1) : gcmDecrypt(IO + 32, 1)).toBe(LIMIT);
      expect(way === 0 ? gcmEncrypt(IO + 32, 0) : gcmDecrypt(IO + 32, 0)).toBe(OK);
      const ciphertext = way === 0 ? IO + 16 : OUT + 16;
      const Y = book.absorbLengths(book.absorb(Block.of(0, 0), ciphertext, 16), 0, MOST);
      Y.plus(book.E(book.J0(IO, 12))).to(OUT + 64);
      if (way === 0) {
        expect(gcmTag(IO + 64, 16)).toBe(OK);
        expect(areSame(IO + 64, OUT + 64, 16)).toBe(true);
      } else expect(gcmVerify(OUT + 64, 16)).toBe(OK);
    }
  });
});
