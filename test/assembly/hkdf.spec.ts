import { sha256Begin, sha256Finish, sha256Update, sha512Update } from '../../assembly/hash';
import { hkdfBegin, hkdfBytes, hkdfDone, hkdfEnd, hkdfKey, hkdfNext } from '../../assembly/hkdf';
import { hmacSha256Begin, hmacSha256Finish, hmacSha256FinishSlot } from '../../assembly/hmac';
import { hmacSha512BeginSlot, hmacSha512Finish } from '../../assembly/hmac';
import { addressOf, isLoaded, keyAllocate, keyFree, keyLoad } from '../../assembly/keys';
import { END, IO, SECRET_BEGIN, wipeAll } from '../../assembly/memory';
import { LIMIT, OK, RANGE, SLOT, STATE } from '../../assembly/status';
import { fingerprint, hex, marks, OUT, put } from './support';

/** RFC 5869, appendix A.1 to A.3: IKM, salt, info, PRK, OKM. */
const RFC5869: string[][] = [
  [
    '0b'.repeat(22),
    '000102030405060708090a0b0c',
    'f0f1f2f3f4f5f6f7f8f9',
    '077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5',
    '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865',
  ],
  [
    '000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f',
    '606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf',
    'b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff',
    '06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244',
    'b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87',
  ],
  [
    '0b'.repeat(22),
    '',
    '',
    '19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04',
    '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8',
  ],
];

/** A loaded slot of 00 01 02 … 1f. */
function prk(): i32 {
  const slot = keyAllocate();
  for (let i: usize = 0; i < 32; i++) store<u8>(addressOf(slot) + i, <u8>i);
  keyLoad(slot);
  return slot;
}

describe('HKDF', () => {
  beforeEach(() => wipeAll());

  test('RFC 5869, SHA-256: extract and expand', () => {
    for (let i = 0; i < RFC5869.length; i++) {
      const row = RFC5869[i];
      const slot = keyAllocate();
      hmacSha256Begin(IO, put(IO, row[1]));
      sha256Update(IO, put(IO, row[0]));
      expect(hmacSha256FinishSlot(slot)).toBe(OK);
      expect(hex(addressOf(slot), 32)).toBe(row[3]);
      const length = (<usize>row[4].length) >> 1;
      expect(hkdfBegin(256, slot)).toBe(OK);
      for (let n: usize = 0; n < length; n += 32) {
        expect(hkdfNext()).toBe(OK);
        expect(sha256Update(IO, put(IO, row[2]))).toBe(OK);
        expect(hkdfDone()).toBe(OK);
      }
      expect(hkdfBytes(0, length, OUT)).toBe(OK);
      expect(hex(OUT, length)).toBe(row[4]);
      hkdfEnd();
      keyFree(slot);
    }
    expect(RFC5869.length).toBe(3);
  });

  test('SHA-512: each T is the HMAC of the one before, info and its number', () => {
    const slot = prk();
    hkdfBegin(512, slot);
    const info = put(IO, '696e666f');
    for (let i: usize = 0; i < 2; i++) {
      expect(hkdfNext()).toBe(OK);
      expect(sha512Update(IO, info)).toBe(OK);
      expect(hkdfDone()).toBe(OK);
    }
    hkdfBytes(0, 128, OUT);
    hmacSha512BeginSlot(slot);
    sha512Update(IO, put(IO, '696e666f01'));
    hmacSha512Finish(OUT + 128);
    expect(hex(OUT, 64)).toBe(hex(OUT + 128, 64));
    hmacSha512BeginSlot(slot);
    sha512Update(OUT, 64);
    sha512Update(IO, put(IO, '696e666f02'));
    hmacSha512Finish(OUT + 128);
    expect(hex(OUT + 64, 64)).toBe(hex(OUT + 128, 64));
    // the same by another hand: Python's hmac and hashlib
    expect(hex(OUT, 128)).toBe(
      'd40d67a9d7c34ec3c2c3eca41e6f25e08441c93422575b091a5d9f9cb9bd6da3f7145c42fae0a63d0c73fedacaaa63edbdd80d92f11aeaa7d8deac5ccef5e4ae89eaeee743c853e23658c065534fb881ad89cd1cf688e469ceb8a0487444195c38c83097325fa14cec82357c318c375749554e2f5cdf8a136eaa2cb3187145e0',
    );
  });

  test('keys are taken from anywhere in OKM, into allocated slots', () => {
    const slot = prk();
    hkdfBegin(512, slot);
    hkdfNext();
    hkdfDone();
    hkdfBytes(0, 64, OUT);
    const key = keyAllocate();
    const before = fingerprint();
    expect(hkdfKey(33, key)).toBe(RANGE);
    expect(hkdfKey(-1, key)).toBe(RANGE);
    expect(hkdfKey(0, slot)).toBe(SLOT);
    expect(hkdfKey(0, 40)).toBe(SLOT);
    expect(hkdfKey(0, -1)).toBe(SLOT);
    expect(fingerprint()).toBe(before);
    expect(hkdfKey(32, key)).toBe(OK);
    expect(isLoaded(key)).toBe(true);
    expect(hex(addressOf(key), 32)).toBe(hex(OUT + 32, 32));
    expect(hkdfKey(32, key)).toBe(SLOT, 'a loaded slot is not filled again');
  });

  test('OKM has 128 octets, and gives no more than there are', () => {
    hkdfBegin(256, prk());
    expect(hkdfBytes(0, 1, OUT)).toBe(RANGE);
    for (let i = 0; i < 4; i++) {
      expect(hkdfNext()).toBe(OK);
      expect(hkdfDone()).toBe(OK);
    }
    const before = fingerprint();
    expect(hkdfNext()).toBe(LIMIT);
    expect(hkdfBytes(0, 129, OUT)).toBe(RANGE);
    expect(hkdfBytes(128, 1, OUT)).toBe(RANGE);
    expect(hkdfBytes(-1, 2, OUT)).toBe(RANGE);
    expect(hkdfBytes(0, 32, END - 31)).toBe(RANGE);
    expect(hkdfBytes(0, 32, IO - 1)).toBe(RANGE);
    expect(fingerprint()).toBe(before);
    expect(hkdfBytes(100, 28, END - 28)).toBe(OK);
  });

  test('out of order: STATE', () => {
    const before = fingerprint();
    expect(hkdfNext()).toBe(STATE);
    expect(hkdfDone()).toBe(STATE);
    expect(hkdfKey(0, 0)).toBe(STATE);
    expect(hkdfBytes(0, 0, OUT)).toBe(STATE);
    expect(fingerprint()).toBe(before);
    const slot = prk();
    const loaded = fingerprint();
    expect(hkdfBegin(255, slot)).toBe(RANGE);
    expect(hkdfBegin(256, slot + 1)).toBe(SLOT);
    expect(hkdfBegin(256, 64)).toBe(SLOT);
    expect(fingerprint()).toBe(loaded);
    hkdfBegin(256, slot);
    expect(hkdfDone()).toBe(STATE, 'no block was begun');
    hkdfNext();
    expect(sha256Finish(OUT)).toBe(STATE, 'the block is no plain hash');
    expect(hmacSha256Finish(OUT)).toBe(STATE, 'nor a message');
  });

  test('a block that another stream broke is begun anew, and is not counted', () => {
    const slot = prk();
    hkdfBegin(256, slot);
    hkdfNext();
    hkdfDone();
    hkdfBytes(0, 32, OUT);
    hkdfBegin(256, slot);
    hkdfNext();
    sha256Update(IO, 32);
    sha256Begin();
    expect(hkdfDone()).toBe(STATE);
    expect(hkdfNext()).toBe(OK);
    expect(hkdfDone()).toBe(OK);
    expect(hkdfBytes(0, 33, OUT + 32)).toBe(RANGE);
    expect(hkdfBytes(0, 32, OUT + 32)).toBe(OK);
    expect(hex(OUT + 32, 32)).toBe(hex(OUT, 32));
  });

  test('a block does not outlive its expansion', () => {
    const slot = prk();
    hkdfBegin(256, slot);
    hkdfNext();
    hkdfBegin(256, slot);
    expect(hkdfDone()).toBe(STATE);
    hkdfNext();
    hkdfBegin(512, slot);
    expect(hkdfDone()).toBe(STATE);
  });

  test('end wipes everything, a block under way too; twice does no harm', () => {
    for (let hash = 256; hash <= 512; hash += 256) {
      const slot = prk();
      hkdfBegin(hash, slot);
      hkdfNext();
      hkdfDone();
      hkdfNext();
      keyFree(slot);
      expect(hkdfEnd()).toBe(OK);
      expect(hkdfEnd()).toBe(OK);
      expect(marks(SECRET_BEGIN, IO - SECRET_BEGIN)).toBe(0);
    }
  });
});
