import { sha256Begin, sha256Finish, sha256Update } from '../../assembly/hash';
import { END, IO, IO_LENGTH, SCHEDULE, SCRATCH, SECRET_BEGIN, SHA256, wipeAll } from '../../assembly/memory';
import { clearSchedule, compress256 } from '../../assembly/sha256-block';
import { H0, K } from '../../assembly/sha256-functions';
import { compressLanes } from '../../assembly/sha256-lanes';
import { OK, RANGE, STATE } from '../../assembly/status';
import { compressBook } from './models/sha256';
import { arbitrary, fingerprint, hex, marks, OUT, putText } from './support';

function hashOf(message: string): string {
  sha256Begin();
  sha256Update(IO, putText(IO, message));
  sha256Finish(OUT);
  return hex(OUT, 32);
}

/** Whether p divides by nothing but 1 and itself. */
function isPrime(p: u64): bool {
  for (let d: u64 = 2; d * d <= p; d++) if (p % d === 0) return false;
  return true;
}

describe('SHA-256', () => {
  beforeEach(() => wipeAll());

  test('the examples of FIPS 180-4', () => {
    expect(hashOf('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(hashOf('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
    expect(hashOf('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq')).toBe(
      '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
    );
  });

  test('a million times a', () => {
    memory.fill(IO, 0x61, 10000);
    sha256Begin();
    for (let i = 0; i < 100; i++) sha256Update(IO, 10000);
    sha256Finish(OUT);
    expect(hex(OUT, 32)).toBe('cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0');
  });

  test('K and H(0) are the roots of the first primes, §4.2.2, §5.3.3', () => {
    let p: u64 = 1;
    for (let i = 0; i < 64; i++) {
      do p++;
      while (!isPrime(p));
      // floor(frac(cbrt p) · 2^32): the r with r^3 ≤ p · 2^96 < (r + 1)^3, in floating point as near as 53 bits come
      const cube = Math.cbrt(<f64>p);
      expect(load<u32>(K + 4 * i)).toBe(<u32>(<u64>((cube - Math.floor(cube)) * 4294967296.0)));
      if (i < 8) {
        const root = Math.sqrt(<f64>p);
        expect(load<u32>(H0 + 4 * i)).toBe(<u32>(<u64>((root - Math.floor(root)) * 4294967296.0)));
      }
    }
  });

  test('the compression function is that of the book', () => {
    for (let n = 0; n < 200; n++) {
      const H = new StaticArray<u32>(8);
      const M = new StaticArray<u32>(16);
      for (let i = 0; i < 8; i++) H[i] = <u32>arbitrary();
      for (let i = 0; i < 16; i++) M[i] = <u32>arbitrary();
      memory.copy(SCRATCH, changetype<usize>(H), 32);
      memory.copy(SCRATCH + 64, changetype<usize>(M), 64);
      const book = compressBook(H, M);
      compress256(SCRATCH + 128, SCRATCH, SCRATCH + 64);
      expect(hex(SCRATCH + 128, 32)).toBe(hex(changetype<usize>(book), 32));
      compress256(SCRATCH, SCRATCH, SCRATCH + 64);
      expect(hex(SCRATCH, 32)).toBe(hex(changetype<usize>(book), 32), 'in place');
    }
    clearSchedule();
    expect(marks(SCHEDULE, 64)).toBe(0);
  });

  if (ASC_FEATURE_SIMD) {
    test('four lanes are four hashes of the book', () => {
      const from = IO;
      const words = IO + 128;
      const to = IO + 384;
      for (let n = 0; n < 50; n++) {
        for (let i: usize = 0; i < 384; i += 8) store<u64>(from + i, arbitrary());
        compressLanes(to, from, words);
        for (let lane = 0; lane < 4; lane++) {
          const H = new StaticArray<u32>(8);
          const M = new StaticArray<u32>(16);
          for (let i = 0; i < 8; i++) H[i] = load<u32>(from + 16 * i + 4 * lane);
          for (let i = 0; i < 16; i++) M[i] = load<u32>(words + 16 * i + 4 * lane);
          const book = compressBook(H, M);
          for (let i = 0; i < 8; i++) expect(load<u32>(to + 16 * i + 4 * lane)).toBe(book[i]);
        }
      }
    });
  }

  test('every split in two of 150 octets', () => {
    for (let i: usize = 0; i < 150; i++) store<u8>(IO + i, <u8>arbitrary());
    sha256Begin();
    sha256Update(IO, 150);
    sha256Finish(OUT);
    const whole = hex(OUT, 32);
    for (let i: usize = 0; i <= 150; i++) {
      sha256Begin();
      sha256Update(IO, i);
      sha256Update(IO + i, 150 - i);
      sha256Finish(OUT);
      expect(hex(OUT, 32)).toBe(whole);
    }
  });

  test('begin starts anew', () => {
    sha256Begin();
    sha256Update(IO, 100);
    expect(hashOf('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });

  test('finish wipes the stream, update its work', () => {
    memory.fill(IO, 0xff, 200);
    sha256Begin();
    sha256Update(IO, 200);
    expect(marks(SHA256 + 256, 128)).toBe(0, 'the words in work');
    expect(marks(SCHEDULE, 64)).toBe(0, 'the schedule');
    expect(marks(SHA256, 256)).toBeGreaterThan(0, 'the stream runs');
    sha256Finish(IO);
    expect(marks(SECRET_BEGIN, IO - SECRET_BEGIN)).toBe(0);
  });

  test('out of order: STATE, and nothing is touched', () => {
    const before = fingerprint();
    expect(sha256Update(IO, 1)).toBe(STATE);
    expect(sha256Finish(IO)).toBe(STATE);
    sha256Begin();
    expect(sha256Finish(OUT)).toBe(OK);
    expect(sha256Finish(OUT)).toBe(STATE);
    memory.fill(OUT, 0, 32);
    expect(fingerprint()).toBe(before);
  });

  test('out of range: RANGE, and nothing is touched', () => {
    sha256Begin();
    sha256Update(IO, 70);
    const before = fingerprint();
    expect(sha256Update(IO - 1, 1)).toBe(RANGE);
    expect(sha256Update(0, 0)).toBe(RANGE);
    expect(sha256Update(IO, IO_LENGTH + 1)).toBe(RANGE);
    expect(sha256Update(END, 1)).toBe(RANGE);
    expect(sha256Update(IO + 16, -16)).toBe(RANGE);
    expect(sha256Update(-1, 2)).toBe(RANGE);
    expect(sha256Finish(SHA256)).toBe(RANGE);
    expect(sha256Finish(END - 31)).toBe(RANGE);
    expect(fingerprint()).toBe(before);
    expect(sha256Update(END, 0)).toBe(OK);
    expect(sha256Finish(END - 32)).toBe(OK);
  });
});
