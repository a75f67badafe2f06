import { sha256Begin, sha512Begin, sha512Finish, sha512Update } from '../../assembly/hash';
import { END, IO, SECRET_BEGIN, SHA256, SHA512, wipeAll } from '../../assembly/memory';
import { OK, RANGE, STATE } from '../../assembly/status';
import { arbitrary, fingerprint, hex, marks, OUT, putText } from './support';

function hashOf(message: string): string {
  sha512Begin();
  sha512Update(IO, putText(IO, message));
  sha512Finish(OUT);
  return hex(OUT, 64);
}

describe('SHA-512', () => {
  beforeEach(() => wipeAll());

  test('the examples of FIPS 180-4', () => {
    expect(hashOf('')).toBe(
      'cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e',
    );
    expect(hashOf('abc')).toBe(
      'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
    );
    expect(
      hashOf(
        'abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu',
      ),
    ).toBe(
      '8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909',
    );
  });

  test('a million times a', () => {
    memory.fill(IO, 0x61, 10000);
    sha512Begin();
    for (let i = 0; i < 100; i++) sha512Update(IO, 10000);
    sha512Finish(OUT);
    expect(hex(OUT, 64)).toBe(
      'e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973ebde0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b',
    );
  });

  test('every split in two of 280 octets', () => {
    for (let i: usize = 0; i < 280; i++) store<u8>(IO + i, <u8>arbitrary());
    sha512Begin();
    sha512Update(IO, 280);
    sha512Finish(OUT);
    const whole = hex(OUT, 64);
    for (let i: usize = 0; i <= 280; i++) {
      sha512Begin();
      sha512Update(IO, i);
      sha512Update(IO + i, 280 - i);
      sha512Finish(OUT);
      expect(hex(OUT, 64)).toBe(whole);
    }
  });

  test('the two streams do not meet', () => {
    const abc = hashOf('abc');
    sha512Begin();
    sha512Update(IO, putText(IO, 'abc'));
    sha256Begin();
    expect(marks(SHA256, 400)).toBeGreaterThan(0);
    sha512Finish(OUT);
    expect(hex(OUT, 64)).toBe(abc);
  });

  test('finish wipes the stream, update its work', () => {
    memory.fill(IO, 0xff, 300);
    sha512Begin();
    sha512Update(IO, 300);
    expect(marks(SHA512 + 256, 128)).toBe(0, 'the words in work');
    expect(marks(SHA512, 256)).toBeGreaterThan(0, 'the stream runs');
    sha512Finish(IO);
    expect(marks(SECRET_BEGIN, IO - SECRET_BEGIN)).toBe(0);
  });

  test('out of order or out of range: nothing is touched', () => {
    const idle = fingerprint();
    expect(sha512Update(IO, 1)).toBe(STATE);
    expect(sha512Finish(IO)).toBe(STATE);
    expect(fingerprint()).toBe(idle);
    sha512Begin();
    sha512Update(IO, 200);
    const running = fingerprint();
    expect(sha512Update(IO - 1, 1)).toBe(RANGE);
    expect(sha512Update(END, 1)).toBe(RANGE);
    expect(sha512Update(IO + 8, -8)).toBe(RANGE);
    expect(sha512Finish(END - 63)).toBe(RANGE);
    expect(fingerprint()).toBe(running);
    expect(sha512Finish(END - 64)).toBe(OK);
  });
});
