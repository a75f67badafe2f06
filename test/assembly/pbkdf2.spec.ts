import { sha256Begin, sha256Finish, sha256Update } from '../../assembly/hash';
import { hmacSha256Finish } from '../../assembly/hmac';
import { addressOf, isLoaded, keyAllocate } from '../../assembly/keys';
import { END, IO, JOBS, SCHEDULE, SCRATCH, SECRET_BEGIN, wipeAll } from '../../assembly/memory';
import { pbkdf2Begin, pbkdf2Block, pbkdf2Bytes, pbkdf2End } from '../../assembly/pbkdf2';
import { pbkdf2Key, pbkdf2Salt, pbkdf2Step } from '../../assembly/pbkdf2';
import { FULL, OK, RANGE, SLOT, STATE } from '../../assembly/status';
import { fingerprint, hex, marks, OUT, put, putText } from './support';

/** RFC 7914 §11, 64 octets each. */
const ONCE =
  '55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783';
const OFTEN =
  '4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d';

/** A job with the blocks 1 … lanes of a password and a salt: one iteration is done. */
function begin(password: string, salt: string, lanes: i32): i32 {
  const job = pbkdf2Begin(IO, putText(IO, password));
  for (let lane = 0; lane < lanes; lane++) {
    expect(pbkdf2Salt(job)).toBe(OK);
    sha256Update(IO, putText(IO, salt));
    sha256Update(IO, put(IO, '0000000' + (lane + 1).toString()));
    expect(pbkdf2Block(job, lane)).toBe(OK);
  }
  return job;
}

/** T of all lanes. */
function result(job: i32, lanes: i32): string {
  for (let lane = 0; lane < lanes; lane++) expect(pbkdf2Bytes(job, lane, 32, OUT + 32 * lane)).toBe(OK);
  return hex(OUT, 32 * lanes);
}

describe('PBKDF2', () => {
  beforeEach(() => wipeAll());

  test('RFC 7914 §11, one iteration', () => {
    const job = begin('passwd', 'salt', 2);
    expect(pbkdf2Step(job, 2, 0)).toBe(OK);
    expect(result(job, 2)).toBe(ONCE);
  });

  test('RFC 7914 §11, 80,000 iterations in steps; two lanes, and four at once', () => {
    for (let lanes = 2; lanes <= 4; lanes += 2) {
      const job = begin('Password', 'NaCl', lanes);
      expect(pbkdf2Step(job, lanes, 1)).toBe(OK);
      expect(pbkdf2Step(job, lanes, 998)).toBe(OK);
      for (let i = 0; i < 79; i++) pbkdf2Step(job, lanes, 1000);
      expect(result(job, 2)).toBe(OFTEN);
      pbkdf2End(job);
    }
  });

  test('lanes go together or alone, and those not asked for stay', () => {
    for (let lanes = 1; lanes <= 4; lanes++) {
      const alone = begin('p', 's', 4);
      for (let lane = 0; lane < 4; lane++) pbkdf2Bytes(alone, lane, 32, OUT + 32 * lane);
      const first = hex(OUT, 128);
      for (let i = 0; i < 7; i++) pbkdf2Step(alone, lanes, 1);
      const stepped = result(alone, 4);
      pbkdf2End(alone);
      const together = begin('p', 's', 4);
      pbkdf2Step(together, lanes, 7);
      expect(result(together, 4)).toBe(stepped);
      expect(stepped.slice(64 * lanes)).toBe(first.slice(64 * lanes));
      for (let lane = 0; lane < lanes; lane++)
        expect(stepped.slice(64 * lane, 64 * lane + 64)).not.toBe(first.slice(64 * lane, 64 * lane + 64));
      pbkdf2End(together);
    }
  });

  test('a lane that stayed goes on from where it was', () => {
    const straight = begin('p', 's', 4);
    pbkdf2Step(straight, 4, 5);
    const last = result(straight, 4).slice(64 * 3);
    for (let lanes = 1; lanes < 4; lanes++) {
      const job = begin('p', 's', 4);
      pbkdf2Step(job, lanes, 7);
      pbkdf2Step(job, 4, 5);
      expect(result(job, 4).slice(64 * 3)).toBe(last);
      pbkdf2End(job);
    }
  });

  test('one lane of four is the lane alone', () => {
    const one = begin('p', 's', 1);
    pbkdf2Step(one, 1, 50);
    const four = begin('p', 's', 4);
    pbkdf2Step(four, 4, 50);
    expect(result(four, 1)).toBe(result(one, 1));
  });

  test('jobs do not meet; there are four', () => {
    const a = begin('Password', 'NaCl', 1);
    const b = begin('passwd', 'salt', 2);
    pbkdf2Step(a, 1, 10);
    expect(result(b, 2)).toBe(ONCE);
    for (let i = 2; i < JOBS; i++) expect(pbkdf2Begin(IO, 0)).toBe(i);
    const before = fingerprint();
    expect(pbkdf2Begin(IO, 0)).toBe(FULL);
    expect(fingerprint()).toBe(before);
    pbkdf2End(a);
    expect(pbkdf2Begin(IO, 0)).toBe(a);
  });

  test('another salt may follow', () => {
    const job = begin('passwd', 'other', 2);
    pbkdf2Step(job, 2, 3);
    for (let lane = 0; lane < 2; lane++) {
      pbkdf2Salt(job);
      sha256Update(IO, putText(IO, 'salt'));
      sha256Update(IO, put(IO, '0000000' + (lane + 1).toString()));
      pbkdf2Block(job, lane);
    }
    expect(result(job, 2)).toBe(ONCE);
  });

  test('T becomes the key of an allocated slot', () => {
    const job = begin('passwd', 'salt', 2);
    const slot = keyAllocate();
    const before = fingerprint();
    expect(pbkdf2Key(job, 2, slot)).toBe(STATE);
    expect(pbkdf2Key(job, 4, slot)).toBe(RANGE);
    expect(pbkdf2Key(job, -1, slot)).toBe(RANGE);
    expect(pbkdf2Key(job, 0, slot + 1)).toBe(SLOT);
    expect(pbkdf2Key(job, 0, 64)).toBe(SLOT);
    expect(pbkdf2Key(job + 1, 0, slot)).toBe(SLOT);
    expect(fingerprint()).toBe(before);
    expect(pbkdf2Key(job, 1, slot)).toBe(OK);
    expect(isLoaded(slot)).toBe(true);
    expect(hex(addressOf(slot), 32)).toBe(ONCE.slice(64));
    expect(pbkdf2Key(job, 0, slot)).toBe(SLOT, 'a loaded slot is not filled again');
  });

  test('any length of T', () => {
    const job = begin('passwd', 'salt', 1);
    for (let length: usize = 0; length <= 32; length++) {
      memory.fill(OUT, 0xee, 40);
      expect(pbkdf2Bytes(job, 0, length, OUT)).toBe(OK);
      expect(hex(OUT, 33)).toBe(ONCE.slice(0, 2 * <i32>length) + 'ee'.repeat(33 - <i32>length));
    }
  });

  test('what is refused touches nothing', () => {
    const job = begin('p', 's', 2);
    const before = fingerprint();
    expect(pbkdf2Begin(IO - 1, 1)).toBe(RANGE);
    expect(pbkdf2Begin(IO, END - IO + 1)).toBe(RANGE);
    for (let wrong = -1; wrong <= 4; wrong++) {
      if (wrong === job) continue;
      expect(pbkdf2Salt(wrong)).toBe(SLOT);
      expect(pbkdf2Block(wrong, 0)).toBe(SLOT);
      expect(pbkdf2Step(wrong, 1, 1)).toBe(SLOT);
      expect(pbkdf2Bytes(wrong, 0, 32, OUT)).toBe(SLOT);
    }
    expect(pbkdf2End(-1)).toBe(SLOT);
    expect(pbkdf2End(4)).toBe(SLOT);
    expect(pbkdf2Block(job, 0)).toBe(STATE, 'no stream runs');
    expect(pbkdf2Block(job, -1)).toBe(RANGE);
    expect(pbkdf2Block(job, 4)).toBe(RANGE);
    expect(pbkdf2Step(job, 0, 1)).toBe(RANGE);
    expect(pbkdf2Step(job, 5, 1)).toBe(RANGE);
    expect(pbkdf2Step(job, -1, 1)).toBe(RANGE);
    expect(pbkdf2Step(job, 1, -1)).toBe(RANGE);
    expect(pbkdf2Step(job, 3, 1)).toBe(STATE, 'the third lane is not begun');
    expect(pbkdf2Bytes(job, 2, 32, OUT)).toBe(STATE);
    expect(pbkdf2Bytes(job, 4, 32, OUT)).toBe(RANGE);
    expect(pbkdf2Bytes(job, 0, 33, OUT)).toBe(RANGE);
    expect(pbkdf2Bytes(job, 0, 32, END - 31)).toBe(RANGE);
    expect(pbkdf2Bytes(job, 0, 32, SCRATCH)).toBe(RANGE);
    expect(fingerprint()).toBe(before);
  });

  test('a salt is absorbed for its own job alone', () => {
    const a = pbkdf2Begin(IO, 1);
    const b = pbkdf2Begin(IO, 2);
    pbkdf2Salt(a);
    expect(pbkdf2Block(b, 0)).toBe(STATE);
    expect(sha256Finish(OUT)).toBe(STATE);
    expect(hmacSha256Finish(OUT)).toBe(STATE);
    expect(pbkdf2Block(a, 0)).toBe(OK);
    pbkdf2Salt(a);
    sha256Begin();
    expect(pbkdf2Block(a, 0)).toBe(STATE, 'another stream took its place');
  });

  test('a step leaves no scratch; end wipes the job and its stream, twice does no harm', () => {
    for (let lanes = 1; lanes <= 4; lanes++) {
      const job = begin('p', 's', lanes);
      pbkdf2Step(job, lanes, 3);
      expect(marks(SCRATCH, IO - SCRATCH)).toBe(0);
      expect(marks(SCHEDULE, 64)).toBe(0);
      pbkdf2Salt(job);
      expect(pbkdf2End(job)).toBe(OK);
      expect(pbkdf2End(job)).toBe(OK);
      expect(marks(SECRET_BEGIN, IO - SECRET_BEGIN)).toBe(0);
      expect(pbkdf2Block(job, 0)).toBe(SLOT);
    }
  });
});
