import { gcmAad, gcmBegin, gcmEncrypt, gcmIv, gcmOpen, gcmSeal } from '../../assembly/gcm';
import { addressOf, isAllocated, isLoaded, keyAllocate, keyFree } from '../../assembly/keys';
import { END, GCM, IO, SCRATCH, SCRATCH_LENGTH, wipeAll } from '../../assembly/memory';
import { BAD_TAG, MISMATCH, OK, RANGE, SLOT, STATE } from '../../assembly/status';
import { unwrapKey, wrapKey } from '../../assembly/wrap';
import { areSame, fill, key } from './cipher';
import { Book } from './models/gcm';
import { fingerprint, marks, OUT } from './support';

// [ IV ][ AAD ][ prefix … 128 ][ prefix ‖ key ‖ tag … 176 ]
const IV: usize = IO;
const AAD: usize = IO + 16;
const AAD_LENGTH: usize = 21;
const PREFIX: usize = IO + 64;
const AT: usize = IO + 256;

/** Wraps `inner` under `outer` at AT. */
function wrap(outer: i32, inner: i32, prefixLength: usize): i32 {
  return wrapKey(outer, inner, IV, AAD, AAD_LENGTH, PREFIX, prefixLength, AT);
}

/** Unwraps what is at AT. */
function unwrap(outer: i32, target: i32, prefixLength: usize): i32 {
  return unwrapKey(outer, target, IV, AAD, AAD_LENGTH, PREFIX, prefixLength, AT);
}

/** Whether a call left nothing behind in the scratch, nor a message. */
function isClean(): bool {
  return marks(SCRATCH, SCRATCH_LENGTH) === 0 && marks(GCM, SCRATCH - GCM) === 0;
}

/** Whether a slot waits as keyAllocate left it. */
function waits(slot: i32): bool {
  return isAllocated(slot) && marks(addressOf(slot), 32) === 0;
}

describe('wrapping', () => {
  beforeEach(() => {
    wipeAll();
    fill(IO, 512);
  });

  test('is AES-256-GCM over prefix and key, by the book; unwrapping gives the key back, for every prefix of 0 to 128', () => {
    const outer = key();
    const inner = key();
    const book = new Book(addressOf(outer));
    for (let prefixLength: usize = 0; prefixLength <= 128; prefixLength++) {
      const length = prefixLength + 32;
      fill(IO, 512);
      memory.copy(OUT, PREFIX, prefixLength);
      memory.copy(OUT + prefixLength, addressOf(inner), 32);
      book.seal(IV, 12, AAD, AAD_LENGTH, OUT, length);
      const behind = load<u64>(AT + length + 16);
      expect(wrap(outer, inner, prefixLength)).toBe(OK);
      expect(areSame(AT, OUT, length + 16)).toBe(true);
      expect(load<u64>(AT + length + 16)).toBe(behind);
      expect(isClean()).toBe(true);

      const target = keyAllocate();
      expect(unwrap(outer, target, prefixLength)).toBe(OK);
      expect(isLoaded(target)).toBe(true);
      expect(areSame(addressOf(target), addressOf(inner), 32)).toBe(true);
      expect(isClean()).toBe(true);
      keyFree(target);
    }
  });

  test('works the same under contexts that have to be made first, and of a key under itself', () => {
    const outer = key();
    const inner = key();
    const first = key();
    for (let i = 1; i < 20; i++) key();
    for (let i = 0; i < 20; i++) gcmSeal(first + i, OUT, 12, OUT, 0, OUT, 8, 16);
    expect(wrap(outer, inner, 40)).toBe(OK);
    for (let i = 0; i < 20; i++) gcmSeal(first + i, OUT, 12, OUT, 0, OUT, 8, 16);
    const target = keyAllocate();
    expect(unwrap(outer, target, 40)).toBe(OK);
    expect(areSame(addressOf(target), addressOf(inner), 32)).toBe(true);
    keyFree(target);
    expect(wrap(outer, outer, 40)).toBe(OK);
    keyAllocate();
    expect(unwrap(outer, target, 40)).toBe(OK);
    expect(areSame(addressOf(target), addressOf(outer), 32)).toBe(true);
  });

  test('no octet of a wrapped key is ever in the I/O region', () => {
    const outer = key();
    const inner = key();
    const target = keyAllocate();
    wrap(outer, inner, 60);
    unwrap(outer, target, 60);
    const first = load<u64>(addressOf(inner));
    const last = load<u64>(addressOf(inner) + 24);
    let sightings = 0;
    for (let at = IO; at + 8 <= END; at++) sightings += <i32>(load<u64>(at) === first || load<u64>(at) === last);
    expect(sightings).toBe(0);
  });

  test('any bit turned, another key, IV or AAD: BAD_TAG; the target waits, all zeros', () => {
    const outer = key();
    const inner = key();
    const target = keyAllocate();
    wrap(outer, inner, 5);
    for (let bit: usize = 0; bit < 8 * (5 + 32 + 16); bit++) {
      const at = AT + (bit >> 3);
      const mask = (<u8>1) << ((<u8>bit) & 7);
      store<u8>(at, load<u8>(at) ^ mask);
      const before = fingerprint();
      expect(unwrap(outer, target, 5)).toBe(BAD_TAG);
      expect(fingerprint()).toBe(before);
      store<u8>(at, load<u8>(at) ^ mask);
    }
    expect(unwrap(inner, target, 5)).toBe(BAD_TAG);
    expect(unwrapKey(outer, target, IV + 1, AAD, AAD_LENGTH, PREFIX, 5, AT)).toBe(BAD_TAG);
    expect(unwrapKey(outer, target, IV, AAD, AAD_LENGTH - 1, PREFIX, 5, AT)).toBe(BAD_TAG);
    expect(unwrapKey(outer, target, IV, AAD, AAD_LENGTH, PREFIX, 6, AT)).toBe(BAD_TAG, 'other lengths');
    expect(waits(target)).toBe(true);
    expect(isClean()).toBe(true);
    expect(unwrap(outer, target, 5)).toBe(OK);
  });

  test('another prefix inside: MISMATCH; the target waits, all zeros', () => {
    const outer = key();
    const inner = key();
    const target = keyAllocate();
    for (let prefixLength: usize = 1; prefixLength <= 128; prefixLength += prefixLength) {
      wrap(outer, inner, prefixLength);
      for (let bit: usize = 0; bit < 8 * prefixLength; bit++) {
        const at = PREFIX + (bit >> 3);
        const mask = (<u8>1) << ((<u8>bit) & 7);
        store<u8>(at, load<u8>(at) ^ mask);
        expect(unwrap(outer, target, prefixLength)).toBe(MISMATCH);
        store<u8>(at, load<u8>(at) ^ mask);
      }
      expect(waits(target)).toBe(true);
      expect(isClean()).toBe(true);
    }
    expect(unwrap(outer, target, 128)).toBe(OK);
  });

  test('slots in no state for it: SLOT, and nothing is touched', () => {
    const outer = key();
    const inner = key();
    const waiting = keyAllocate();
    wrap(outer, inner, 8);
    const before = fingerprint();
    const others = [waiting, waiting + 1, 64, -1];
    for (let i = 0; i < others.length; i++) {
      expect(wrap(others[i], inner, 8)).toBe(SLOT);
      expect(wrap(outer, others[i], 8)).toBe(SLOT);
      expect(unwrap(others[i], waiting, 8)).toBe(SLOT);
      if (i > 0) expect(unwrap(outer, others[i], 8)).toBe(SLOT);
    }
    expect(unwrap(outer, inner, 8)).toBe(SLOT, 'a loaded slot is not filled again');
    expect(unwrap(outer, outer, 8)).toBe(SLOT);
    expect(fingerprint()).toBe(before);
  });

  test('out of range: RANGE, and nothing is touched', () => {
    const outer = key();
    const inner = key();
    const target = keyAllocate();
    wrap(outer, inner, 128);
    const before = fingerprint();
    for (let way = 0; way < 2; way++) {
      const slot = way === 0 ? inner : target;
      const call = way === 0 ? wrapKey : unwrapKey;
      expect(call(outer, slot, IV, AAD, AAD_LENGTH, PREFIX, 129, AT)).toBe(RANGE);
      expect(call(outer, slot, IV, AAD, AAD_LENGTH, PREFIX, -1, AT)).toBe(RANGE);
      expect(call(outer, slot, IO - 1, AAD, AAD_LENGTH, PREFIX, 9, AT)).toBe(RANGE);
      expect(call(outer, slot, END - 11, AAD, AAD_LENGTH, PREFIX, 9, AT)).toBe(RANGE);
      expect(call(outer, slot, IV, IO - 1, AAD_LENGTH, PREFIX, 9, AT)).toBe(RANGE);
      expect(call(outer, slot, IV, AAD, END - AAD + 1, PREFIX, 9, AT)).toBe(RANGE);
      expect(call(outer, slot, IV, AAD, AAD_LENGTH, addressOf(inner), 9, AT)).toBe(RANGE);
      expect(call(outer, slot, IV, AAD, AAD_LENGTH, END - 8, 9, AT)).toBe(RANGE);
      expect(call(outer, slot, IV, AAD, AAD_LENGTH, PREFIX, 9, END - 56)).toBe(RANGE);
      expect(call(outer, slot, IV, AAD, AAD_LENGTH, PREFIX, 9, SCRATCH)).toBe(RANGE);
    }
    expect(fingerprint()).toBe(before);
    expect(wrapKey(outer, inner, END - 12, END, 0, END - 128, 128, END - 176)).toBe(OK);
  });

  test('takes the place of a message that runs', () => {
    const outer = key();
    gcmBegin(outer);
    gcmIv(IV, 12);
    gcmAad(AAD, 5);
    expect(wrap(outer, key(), 8)).toBe(OK);
    expect(gcmEncrypt(IO, 8)).toBe(STATE);
    expect(isClean()).toBe(true);
  });

  test('what is wrapped may be opened as any sealed text is, by those who hold the outer key', () => {
    const outer = key();
    const inner = key();
    wrap(outer, inner, 17);
    expect(gcmOpen(outer, IV, 12, AAD, AAD_LENGTH, AT, 17 + 32, 16)).toBe(OK);
    expect(areSame(AT, PREFIX, 17)).toBe(true);
    expect(areSame(AT + 17, addressOf(inner), 32)).toBe(true);
  });
});
