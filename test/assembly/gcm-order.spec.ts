import { gcmAad, gcmBegin, gcmDecrypt, gcmEncrypt, gcmEnd } from '../../assembly/gcm';
import { gcmIv, gcmTag, gcmVerify } from '../../assembly/gcm';
import { addressOf, keyAllocate, keyFree } from '../../assembly/keys';
import { GCM, IO, SCRATCH, SCRATCH_LENGTH, SECRET_BEGIN, wipeAll } from '../../assembly/memory';
import { BAD_TAG, OK, SLOT, STATE } from '../../assembly/status';
import { areSame, fill, key } from './cipher';
import { Book } from './models/gcm';
import { fingerprint, marks, OUT } from './support';

/** The calls, and the states they may be made in. IV0: begun, no octet of an IV yet. */
const CALLS: string[] = ['iv', 'aad', 'encrypt', 'decrypt', 'tag', 'verify'];
const STATES: string[] = ['idle', 'IV0', 'IV', 'AAD', 'encrypting', 'decrypting', 'after tag', 'after verify'];

/** Makes the call with 5 octets at IO, or a tag of 16 at OUT. */
function call(name: string): i32 {
  if (name === 'iv') return gcmIv(IO, 5);
  if (name === 'aad') return gcmAad(IO, 5);
  if (name === 'encrypt') return gcmEncrypt(IO, 5);
  if (name === 'decrypt') return gcmDecrypt(IO, 5);
  if (name === 'tag') return gcmTag(OUT, 16);
  return gcmVerify(OUT, 16);
}

/** Brings a message of `slot` into the state. */
function enter(state: string, slot: i32): void {
  gcmEnd();
  if (state === 'idle') return;
  gcmBegin(slot);
  if (state === 'IV0') return;
  gcmIv(IO, 7);
  if (state === 'IV') return;
  if (state === 'AAD') gcmAad(IO, 20);
  if (state === 'encrypting') gcmEncrypt(IO, 20);
  if (state === 'decrypting') gcmDecrypt(IO, 20);
  if (state === 'after tag') gcmTag(OUT, 16);
  if (state === 'after verify') gcmVerify(OUT, 16);
}

/** What the call answers in the state. */
function answer(name: string, state: string): i32 {
  const begun = state === 'IV' || state === 'AAD';
  if (name === 'iv') return state === 'IV' || state === 'IV0' ? OK : STATE;
  if (name === 'aad') return begun ? OK : STATE;
  if (name === 'encrypt' || name === 'tag') return begun || state === 'encrypting' ? OK : STATE;
  if (name === 'decrypt') return begun || state === 'decrypting' ? OK : STATE;
  return begun || state === 'decrypting' ? BAD_TAG : STATE; // verify, the tag at OUT being zeros
}

describe('the order of calls', () => {
  beforeEach(() => wipeAll());

  test('every call in every state; out of order it touches nothing', () => {
    const slot = key();
    let refused = 0;
    for (let s = 0; s < STATES.length; s++)
      for (let c = 0; c < CALLS.length; c++) {
        fill(IO, 64);
        memory.fill(OUT, 0, 16);
        enter(STATES[s], slot);
        memory.fill(OUT, 0, 16);
        const before = fingerprint();
        const expected = answer(CALLS[c], STATES[s]);
        expect(call(CALLS[c])).toBe(expected, CALLS[c] + ', ' + STATES[s]);
        if (expected !== STATE) continue;
        refused++;
        expect(fingerprint()).toBe(before, CALLS[c] + ', ' + STATES[s] + ': something was touched');
      }
    expect(refused).toBe(3 * 6 + 5 + 0 + 1 + 4 + 4);
  });

  test('begin: SLOT for what holds no key, and a message that runs goes on', () => {
    const slot = key();
    const waiting = keyAllocate();
    fill(IO, 64);
    memory.copy(OUT, IO, 64);
    new Book(addressOf(slot)).seal(OUT, 12, OUT, 0, OUT + 32, 20);
    gcmBegin(slot);
    gcmIv(IO, 12);
    gcmEncrypt(IO + 32, 10);
    const before = fingerprint();
    expect(gcmBegin(waiting)).toBe(SLOT);
    expect(gcmBegin(waiting + 1)).toBe(SLOT);
    expect(gcmBegin(-1)).toBe(SLOT);
    expect(gcmBegin(64)).toBe(SLOT);
    expect(fingerprint()).toBe(before);
    gcmEncrypt(IO + 42, 10);
    gcmTag(IO + 52, 16);
    expect(areSame(IO + 32, OUT + 32, 36)).toBe(true);
  });

  test('begin wipes the message that runs, under another key as under its own', () => {
    const slot = key();
    const other = key();
    fill(IO, 64);
    for (let i = 0; i < 2; i++) {
      gcmBegin(other);
      const fresh = marks(GCM, SCRATCH - GCM);
      gcmBegin(slot);
      gcmIv(IO, 50);
      gcmAad(IO, 33);
      gcmEncrypt(IO, 50);
      expect(marks(GCM, SCRATCH - GCM)).toBeGreaterThan(fresh + 30);
      gcmBegin(other);
      expect(marks(GCM, SCRATCH - GCM)).toBe(fresh);
    }
  });

  test('tag, verdict, end, the key freed: no octet of the message is left', () => {
    const slot = key();
    fill(IO, 512);
    for (let way = 0; way < 4; way++) {
      gcmBegin(slot);
      gcmIv(IO, 33);
      gcmAad(IO, 33);
      expect(way === 1 ? gcmDecrypt(IO, 200) : gcmEncrypt(IO, 200)).toBe(OK);
      expect(marks(GCM, SCRATCH - GCM)).toBeGreaterThan(60);
      if (way === 0) expect(gcmTag(OUT, 13)).toBe(OK);
      if (way === 1) expect(gcmVerify(OUT, 16)).toBe(BAD_TAG);
      if (way === 2) expect(gcmEnd()).toBe(OK);
      if (way === 3) keyFree(slot);
      expect(marks(GCM, SCRATCH - GCM)).toBe(0);
      expect(marks(SCRATCH, SCRATCH_LENGTH)).toBe(0);
    }
  });

  test('a key freed under a message takes it along; another key freed does not', () => {
    const slot = key();
    const other = key();
    gcmBegin(slot);
    gcmIv(IO, 12);
    gcmEncrypt(IO, 20);
    keyFree(other);
    expect(gcmEncrypt(IO, 20)).toBe(OK);
    keyFree(slot);
    expect(gcmEncrypt(IO, 20)).toBe(STATE);
    expect(gcmTag(OUT, 16)).toBe(STATE);
    expect(marks(SECRET_BEGIN, IO - SECRET_BEGIN)).toBe(0);
  });

  test('end where nothing runs does nothing', () => {
    const before = fingerprint();
    expect(gcmEnd()).toBe(OK);
    expect(fingerprint()).toBe(before);
  });

  test('no text: a message may end after its IV or its AAD, either way', () => {
    const slot = key();
    const book = new Book(addressOf(slot));
    fill(IO, 64);
    for (let aad: usize = 0; aad <= 17; aad++) {
      book.seal(IO, 12, IO + 16, aad, OUT, 0);
      for (let way = 0; way < 4; way++) {
        gcmBegin(slot);
        gcmIv(IO, 12);
        if (aad > 0) gcmAad(IO + 16, aad);
        if (way > 1) expect(way === 2 ? gcmEncrypt(IO, 0) : gcmDecrypt(IO, 0)).toBe(OK);
        if ((way & 1) === 0) {
          gcmTag(OUT + 16, 16);
          expect(areSame(OUT, OUT + 16, 16)).toBe(true);
        } else expect(gcmVerify(OUT, 16)).toBe(OK);
      }
    }
  });
});
