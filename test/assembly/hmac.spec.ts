import { sha256Begin, sha256Finish, sha256Update, sha512Update } from '../../assembly/hash';
import { hmacSha256Begin, hmacSha256BeginSlot, hmacSha256Finish, hmacSha256FinishSlot } from '../../assembly/hmac';
import { hmacSha512Begin, hmacSha512BeginSlot, hmacSha512Finish } from '../../assembly/hmac';
import { addressOf, isAllocated, isLoaded, keyAllocate, keyFree, keyLoad } from '../../assembly/keys';
import { END, IO, KEYS, KEY_STATES, SCRATCH, SECRET_BEGIN, SHA256, SHA512, wipeAll } from '../../assembly/memory';
import { OK, RANGE, SLOT, STATE } from '../../assembly/status';
import { fingerprint, hex, marks, OUT, put } from './support';

/** RFC 4231 §4, cases 1 to 7: key, data, HMAC-SHA-256, HMAC-SHA-512; those of case 5 are cut to 128 bits. */
const RFC4231: string[][] = [
  [
    '0b'.repeat(20),
    '4869205468657265',
    'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
    '87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854',
  ],
  [
    '4a656665',
    '7768617420646f2079612077616e7420666f72206e6f7468696e673f',
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    '164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737',
  ],
  [
    'aa'.repeat(20),
    'dd'.repeat(50),
    '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe',
    'fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb',
  ],
  [
    '0102030405060708090a0b0c0d0e0f10111213141516171819',
    'cd'.repeat(50),
    '82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b',
    'b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3dba91ca5c11aa25eb4d679275cc5788063a5f19741120c4f2de2adebeb10a298dd',
  ],
  [
    '0c'.repeat(20),
    '546573742057697468205472756e636174696f6e',
    'a3b6167473100ee06e0c796c2955552b',
    '415fad6271580a531d4179bc891d87a6',
  ],
  [
    'aa'.repeat(131),
    '54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374',
    '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
    '80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598',
  ],
  [
    'aa'.repeat(131),
    '5468697320697320612074657374207573696e672061206c6172676572207468616e20626c6f636b2d73697a65206b657920616e642061206c6172676572207468616e20626c6f636b2d73697a6520646174612e20546865206b6579206e6565647320746f20626520686173686564206265666f7265206265696e6720757365642062792074686520484d414320616c676f726974686d2e',
    '9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2',
    'e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944b6022cac3c4982b10d5eeb55c3e4de15134676fb6de0446065c97440fa8c6a58',
  ],
];

describe('HMAC', () => {
  beforeEach(() => wipeAll());

  test('RFC 4231, all cases, both hashes', () => {
    for (let i = 0; i < RFC4231.length; i++) {
      const row = RFC4231[i];
      expect(hmacSha256Begin(IO, put(IO, row[0]))).toBe(OK);
      expect(sha256Update(IO, put(IO, row[1]))).toBe(OK);
      expect(hmacSha256Finish(OUT)).toBe(OK);
      expect(hex(OUT, row[2].length >> 1)).toBe(row[2]);
      expect(hmacSha512Begin(IO, put(IO, row[0]))).toBe(OK);
      expect(sha512Update(IO, put(IO, row[1]))).toBe(OK);
      expect(hmacSha512Finish(OUT)).toBe(OK);
      expect(hex(OUT, row[3].length >> 1)).toBe(row[3]);
    }
    expect(RFC4231.length).toBe(7);
  });

  test('a slot is a key of 32 octets', () => {
    const slot = keyAllocate();
    put(addressOf(slot), 'a5'.repeat(32));
    keyLoad(slot);
    put(IO, 'a5'.repeat(32));
    hmacSha256Begin(IO, 32);
    sha256Update(IO, 5);
    hmacSha256Finish(OUT);
    hmacSha256BeginSlot(slot);
    sha256Update(IO, 5);
    hmacSha256Finish(OUT + 64);
    expect(hex(OUT + 64, 32)).toBe(hex(OUT, 32));
    hmacSha512Begin(IO, 32);
    sha512Update(IO, 5);
    hmacSha512Finish(OUT);
    hmacSha512BeginSlot(slot);
    sha512Update(IO, 5);
    hmacSha512Finish(OUT + 64);
    expect(hex(OUT + 64, 64)).toBe(hex(OUT, 64));
  });

  test('a key of more than a block is its hash', () => {
    for (let i: usize = 0; i < 65; i++) store<u8>(IO + i, <u8>i);
    sha256Begin();
    sha256Update(IO, 65);
    sha256Finish(IO + 128);
    hmacSha256Begin(IO, 65);
    hmacSha256Finish(OUT);
    hmacSha256Begin(IO + 128, 32);
    hmacSha256Finish(OUT + 32);
    expect(hex(OUT, 32)).toBe(hex(OUT + 32, 32));
  });

  test('a key of a block is taken as it is: a zero at its end changes nothing', () => {
    put(IO, 'a7'.repeat(127) + '00');
    hmacSha512Begin(IO, 127);
    hmacSha512Finish(OUT);
    hmacSha512Begin(IO, 128);
    hmacSha512Finish(OUT + 64);
    expect(hex(OUT, 64)).toBe(hex(OUT + 64, 64));
    hmacSha256Begin(IO + 64, 63);
    hmacSha256Finish(OUT);
    hmacSha256Begin(IO + 64, 64);
    hmacSha256Finish(OUT + 64);
    expect(hex(OUT, 32)).toBe(hex(OUT + 64, 32));
  });

  test('finish into a slot: the slot is loaded, nothing else is left', () => {
    const slot = keyAllocate();
    hmacSha256Begin(IO, put(IO, RFC4231[0][0]));
    sha256Update(IO, put(IO, RFC4231[0][1]));
    expect(hmacSha256FinishSlot(slot)).toBe(OK);
    expect(isLoaded(slot)).toBe(true);
    expect(hex(addressOf(slot), 32)).toBe(RFC4231[0][2]);
    keyFree(slot);
    expect(marks(SECRET_BEGIN, IO - SECRET_BEGIN)).toBe(0);
  });

  test('begin leaves the stream alone, finish nothing', () => {
    hmacSha256Begin(IO, put(IO, 'ff'.repeat(200)));
    expect(marks(SCRATCH, IO - SCRATCH)).toBe(0);
    expect(marks(SHA256 + 256, 128)).toBe(0, 'the words in work');
    hmacSha512Begin(IO, put(IO, 'ff'.repeat(200)));
    expect(marks(SCRATCH, IO - SCRATCH)).toBe(0);
    expect(marks(SHA512 + 256, 128)).toBe(0, 'the words in work');
    hmacSha256Finish(OUT);
    hmacSha512Finish(OUT);
    expect(marks(SECRET_BEGIN, IO - SECRET_BEGIN)).toBe(0);
  });

  test('a stream is ended by its own kind alone', () => {
    sha256Begin();
    expect(hmacSha256Finish(OUT)).toBe(STATE);
    hmacSha256Begin(IO, 0);
    expect(sha256Finish(OUT)).toBe(STATE);
    expect(hmacSha512Finish(OUT)).toBe(STATE);
    expect(hmacSha256Finish(OUT)).toBe(OK);
    expect(hex(OUT, 32)).toBe('b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad');
  });

  test('what is refused touches nothing', () => {
    const allocated = keyAllocate();
    const loaded = keyAllocate();
    keyLoad(loaded);
    hmacSha256Begin(IO, 10);
    const before = fingerprint();
    expect(hmacSha256Begin(IO - 1, 1)).toBe(RANGE);
    expect(hmacSha256Begin(IO, END - IO + 1)).toBe(RANGE);
    expect(hmacSha512Begin(END, 1)).toBe(RANGE);
    expect(hmacSha256BeginSlot(allocated)).toBe(SLOT);
    expect(hmacSha256BeginSlot(63)).toBe(SLOT);
    expect(hmacSha256BeginSlot(64)).toBe(SLOT);
    expect(hmacSha512BeginSlot(-1)).toBe(SLOT);
    expect(hmacSha256Finish(END - 31)).toBe(RANGE);
    expect(hmacSha512Finish(END - 63)).toBe(RANGE);
    expect(hmacSha256FinishSlot(loaded)).toBe(SLOT);
    expect(hmacSha256FinishSlot(5)).toBe(SLOT);
    expect(hmacSha256FinishSlot(-1)).toBe(SLOT);
    expect(fingerprint()).toBe(before);
    expect(hmacSha256Finish(OUT)).toBe(OK);
    expect(hmacSha256FinishSlot(allocated)).toBe(STATE);
    expect(isAllocated(allocated)).toBe(true);
    expect(marks(KEYS, KEY_STATES - KEYS)).toBe(0);
  });
});
