import { aesEncryptBlocks, gcmAad, gcmBegin, gcmDecrypt, gcmEncrypt } from '../../assembly/gcm';
import { gcmIv, gcmOpen, gcmSeal, gcmTag, gcmVerify } from '../../assembly/gcm';
import { addressOf, keyFree } from '../../assembly/keys';
import { IO, SCRATCH, SCRATCH_LENGTH, wipeAll } from '../../assembly/memory';
import { OK } from '../../assembly/status';
import { areSame, fill, key, keyFrom } from './cipher';
import { Block } from './models/ghash';
import { Book } from './models/gcm';
import { arbitrary, hex, marks, OUT, put } from './support';

const KEY = 'feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308';
const ZERO = '00'.repeat(32);
const TEXT =
  'd9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39';
const AAD = 'feedfacedeadbeeffeedfacedeadbeefabaddad2';
const IV60 =
  '9313225df88406e555909c5aff5269aa6a7a9538534f7da1e4c303d2a318a728c3c0c95156809539fcf0e2429a6b525416aedbf5a0de6a57a637b39b';

/** McGrew and Viega's specification of GCM, appendix B, cases 13 to 18: K, IV, A, P, C, T. */
const CASES: string[][] = [
  [ZERO, '000000000000000000000000', '', '', '', '530f8afbc74536b9a963b4f1c4cb738b'],
  [
    ZERO,
    '000000000000000000000000',
    '',
    '00000000000000000000000000000000',
    'cea7403d4d606b6e074ec5d3baf39d18',
    'd0d1c8a799996bf0265b98b5d48ab919',
  ],
  [
    KEY,
    'cafebabefacedbaddecaf888',
    '',
    TEXT + '1aafd255',
    '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad',
    'b094dac5d93471bdec1a502270e3cc6c',
  ],
  [
    KEY,
    'cafebabefacedbaddecaf888',
    AAD,
    TEXT,
    '522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662',
    '76fc6ece0f4e1768cddf8853bb2d551b',
  ],
  [
    KEY,
    'cafebabefacedbad',
    AAD,
    TEXT,
    'c3762df1ca787d32ae47c13bf19844cbaf1ae14d0b976afac52ff7d79bba9de0feb582d33934a4f0954cc2363bc73f7862ac430e64abe499f47c9b1f',
    '3a337dbf46a792c45e454913fe2ea8f2',
  ],
  [
    KEY,
    IV60,
    AAD,
    TEXT,
    '5a8def2f0c9e53f1f75d7853659e2a20eeb2b22aafde6419a058ab4f6f746bf40fc0c3b780f244452da3ebf1c5d82cdea2418997200ef82e44ae7e3f',
    'a44a8266ee1c8eb0c8b5d4cf5ae9f19a',
  ],
];

const IV_AT: usize = IO;
const AAD_AT: usize = IO + 1024;
const AT: usize = IO + 2048;
const TEXT_AT: usize = OUT + 1024;

/** A message of these lengths at IV_AT, AAD_AT, AT; sealed by the book at OUT. The slot of its key. */
function message(ivLength: usize, aadLength: usize, length: usize): i32 {
  const slot = key();
  fill(IV_AT, ivLength);
  fill(AAD_AT, aadLength);
  fill(AT, length);
  memory.copy(OUT, AT, length);
  new Book(addressOf(slot)).seal(IV_AT, ivLength, AAD_AT, aadLength, OUT, length);
  return slot;
}

/** Feeds `length` octets in two pieces, the first of `first`. */
function feed(what: (at: usize, length: usize) => i32, at: usize, length: usize, first: usize): void {
  expect(what(at, first)).toBe(OK);
  expect(what(at + first, length - first)).toBe(OK);
}

describe('GCM', () => {
  beforeEach(() => wipeAll());

  test('cases 13 to 18: by the book, whole, and in pieces', () => {
    for (let i = 0; i < CASES.length; i++) {
      const row = CASES[i];
      put(OUT, row[0]);
      const slot = keyFrom(OUT);
      const ivLength = put(IV_AT, row[1]);
      const aadLength = put(AAD_AT, row[2]);
      const length = put(OUT, row[3]);
      new Book(addressOf(slot)).seal(IV_AT, ivLength, AAD_AT, aadLength, OUT, length);
      expect(hex(OUT, length + 16)).toBe(row[4] + row[5]);

      put(AT, row[3]);
      expect(gcmSeal(slot, IV_AT, ivLength, AAD_AT, aadLength, AT, length, 16)).toBe(OK);
      expect(hex(AT, length + 16)).toBe(row[4] + row[5]);
      expect(gcmOpen(slot, IV_AT, ivLength, AAD_AT, aadLength, AT, length, 16)).toBe(OK);
      expect(hex(AT, length)).toBe(row[3]);

      expect(gcmBegin(slot)).toBe(OK);
      expect(gcmIv(IV_AT, ivLength)).toBe(OK);
      expect(gcmAad(AAD_AT, aadLength)).toBe(OK);
      expect(gcmEncrypt(AT, length)).toBe(OK);
      expect(gcmTag(AT + length, 16)).toBe(OK);
      expect(hex(AT, length + 16)).toBe(row[4] + row[5]);
      keyFree(slot);
    }
    expect(CASES.length).toBe(6);
  });

  test('by the book: every length of text to three batches and a piece of a block, IVs and AAD around a block', () => {
    const book = new Book(addressOf(key()));
    for (let length: usize = 0; length <= 3 * 128 + 17; length++) {
      const ivLength = <usize>(1 + (arbitrary() % 33));
      const aadLength = <usize>(arbitrary() % 40);
      fill(IO, AT + length - IO);
      memory.copy(OUT, AT, length);
      book.seal(IV_AT, ivLength, AAD_AT, aadLength, OUT, length);
      expect(gcmSeal(0, IV_AT, ivLength, AAD_AT, aadLength, AT, length, 16)).toBe(OK);
      expect(areSame(AT, OUT, length + 16)).toBe(true);
    }
  });

  test('by the book: every length of IV and of AAD to four blocks and one octet more', () => {
    const book = new Book(addressOf(key()));
    for (let ivLength: usize = 1; ivLength <= 65; ivLength++) {
      for (let aadLength: usize = 0; aadLength <= 65; aadLength += 13) {
        const aad = (aadLength + ivLength) % 66;
        fill(IO, AT + 20 - IO);
        memory.copy(OUT, AT, 20);
        book.seal(IV_AT, ivLength, AAD_AT, aad, OUT, 20);
        expect(gcmSeal(0, IV_AT, ivLength, AAD_AT, aad, AT, 20, 16)).toBe(OK);
        expect(areSame(AT, OUT, 36)).toBe(true);
      }
    }
  });

  test('every split of IV, AAD and text in two', () => {
    const ivLength: usize = 37;
    const aadLength: usize = 53;
    const length: usize = 3 * 128 + 5;
    const slot = message(ivLength, aadLength, length);
    memory.copy(TEXT_AT, AT, length);
    for (let first: usize = 0; first <= length; first++) {
      expect(gcmBegin(slot)).toBe(OK);
      feed(gcmIv, IV_AT, ivLength, first % (ivLength + 1));
      feed(gcmAad, AAD_AT, aadLength, first % (aadLength + 1));
      feed(gcmEncrypt, AT, length, first);
      expect(gcmTag(AT + length, 16)).toBe(OK);
      expect(areSame(AT, OUT, length + 16)).toBe(true);
      expect(gcmBegin(slot)).toBe(OK);
      feed(gcmIv, IV_AT, ivLength, (7 * first) % (ivLength + 1));
      feed(gcmAad, AAD_AT, aadLength, (7 * first) % (aadLength + 1));
      feed(gcmDecrypt, AT, length, first);
      expect(gcmVerify(AT + length, 16)).toBe(OK);
      expect(areSame(AT, TEXT_AT, length)).toBe(true);
    }
  });

  test('pieces of one size, 1 to 150 octets', () => {
    const length: usize = 457;
    const slot = message(29, 47, length);
    memory.copy(TEXT_AT, AT, length);
    for (let size: usize = 1; size <= 150; size++) {
      memory.copy(AT, TEXT_AT, length);
      gcmBegin(slot);
      for (let at: usize = 0; at < 29; at += size) gcmIv(IV_AT + at, min(size, 29 - at));
      for (let at: usize = 0; at < 47; at += size) gcmAad(AAD_AT + at, min(size, 47 - at));
      for (let at: usize = 0; at < length; at += size) gcmEncrypt(AT + at, min(size, length - at));
      gcmTag(AT + length, 16);
      expect(areSame(AT, OUT, length + 16)).toBe(true);
    }
  });

  test('text longer than a piece that is hashed at once (4096)', () => {
    const length: usize = 2 * 4096 + 100;
    const slot = message(12, 5, length);
    gcmSeal(slot, IV_AT, 12, AAD_AT, 5, AT, length, 16);
    expect(areSame(AT, OUT, length + 16)).toBe(true);
  });

  test('the counter wraps at 2^32 and leaves the rest of J0 alone: inc_32, §6.2', () => {
    const length: usize = 20 * 16;
    for (let before: u32 = 0; before < 24; before++) {
      const slot = key();
      const book = new Book(addressOf(slot));
      const J0 = Block.of(arbitrary(), arbitrary() | 0xffffffff);
      J0.lo -= before; // 2^32 − 1 − before, then `before` steps to the wrap
      book.solve(J0, IV_AT);
      expect(book.J0(IV_AT, 16).hi).toBe(J0.hi);
      expect(book.J0(IV_AT, 16).lo).toBe(J0.lo);
      fill(AT, length);
      memory.copy(OUT, AT, length);
      book.seal(IV_AT, 16, AAD_AT, 0, OUT, length);
      expect(gcmSeal(slot, IV_AT, 16, AAD_AT, 0, AT, length, 16)).toBe(OK);
      expect(areSame(AT, OUT, length + 16)).toBe(true);
      keyFree(slot);
    }
  });

  test('raw blocks are ciphers of the book, any number of them', () => {
    const slot = key();
    const book = new Book(addressOf(slot));
    for (let blocks: usize = 0; blocks <= 20; blocks++) {
      fill(AT, 16 * blocks + 16);
      memory.copy(OUT, AT, 16 * blocks + 16);
      expect(aesEncryptBlocks(slot, AT, blocks)).toBe(OK);
      for (let i: usize = 0; i < blocks; i++) book.E(Block.from(OUT + 16 * i)).to(OUT + 16 * i);
      expect(areSame(AT, OUT, 16 * blocks + 16)).toBe(true);
      expect(marks(SCRATCH, SCRATCH_LENGTH)).toBe(0);
    }
  });
});
