import { CONTEXT_USED, contextOf } from '../../assembly/context';
import { addressOf, isAllocated, isLoaded, keyAddress, keyAllocate, keyExport, keyFree } from '../../assembly/keys';
import { keyLoad } from '../../assembly/keys';
import { END, IO, KEYS, KEY_STATES, SECRET_BEGIN, SLOTS, wipeAll } from '../../assembly/memory';
import { FULL, OK, RANGE, SLOT } from '../../assembly/status';
import { areSame, fill, key } from './cipher';
import { fingerprint, marks, OUT } from './support';

/** No slots at all. */
const NONE: i32[] = [-1, SLOTS, SLOTS + 1, 255, i32.MIN_VALUE, i32.MAX_VALUE];

describe('the key table', () => {
  beforeEach(() => wipeAll());

  test('has 64 slots, taken from below; then it is FULL, and nothing is touched', () => {
    expect(SLOTS).toBeGreaterThanOrEqual(64);
    for (let slot = 0; slot < SLOTS; slot++) {
      expect(keyAllocate()).toBe(slot);
      expect(keyAddress(slot)).toBe(<i32>KEYS + 32 * slot);
    }
    expect(keyAddress(SLOTS - 1) + 32).toBeLessThanOrEqual(<i32>KEY_STATES);
    const before = fingerprint();
    expect(keyAllocate()).toBe(FULL);
    expect(fingerprint()).toBe(before);
    for (let slot = SLOTS - 1; slot >= 0; slot -= 9) {
      keyFree(slot);
      expect(keyAllocate()).toBe(slot, 'the one that became free');
      expect(keyAllocate()).toBe(FULL);
    }
  });

  test('free, allocated, loaded, free: what each allows', () => {
    const slot = 5;
    for (let i = 0; i < slot; i++) keyAllocate();
    const before = fingerprint();
    expect(keyAddress(slot)).toBe(SLOT);
    expect(keyLoad(slot)).toBe(SLOT);
    expect(keyExport(slot, IO)).toBe(SLOT);
    expect(isAllocated(slot) || isLoaded(slot)).toBe(false);
    expect(fingerprint()).toBe(before);

    expect(keyAllocate()).toBe(slot);
    expect(isAllocated(slot)).toBe(true);
    expect(isLoaded(slot)).toBe(false);
    expect(keyExport(slot, IO)).toBe(SLOT);
    fill(keyAddress(slot), 32);

    expect(keyLoad(slot)).toBe(OK);
    expect(isAllocated(slot)).toBe(false);
    expect(isLoaded(slot)).toBe(true);
    expect(keyLoad(slot)).toBe(SLOT, 'a loaded slot is not filled again');
    expect(keyAddress(slot)).toBe(<i32>addressOf(slot));
    expect(keyExport(slot, IO)).toBe(OK);
    expect(areSame(IO, addressOf(slot), 32)).toBe(true);
    expect(marks(IO + 32, 32)).toBe(0);

    expect(keyFree(slot)).toBe(OK);
    expect(isAllocated(slot) || isLoaded(slot)).toBe(false);
    expect(keyExport(slot, IO)).toBe(SLOT);
    expect(keyAddress(slot)).toBe(SLOT);
  });

  test('numbers that are no slots: SLOT, and nothing is touched', () => {
    for (let slot = 0; slot < SLOTS; slot++) key();
    const before = fingerprint();
    for (let i = 0; i < NONE.length; i++) {
      expect(keyAddress(NONE[i])).toBe(SLOT);
      expect(keyLoad(NONE[i])).toBe(SLOT);
      expect(keyExport(NONE[i], IO)).toBe(SLOT);
      expect(keyFree(NONE[i])).toBe(SLOT);
      expect(isLoaded(NONE[i]) || isAllocated(NONE[i])).toBe(false);
    }
    expect(fingerprint()).toBe(before);
  });

  test('export writes within the I/O region or not at all', () => {
    const slot = key();
    const before = fingerprint();
    expect(keyExport(slot, IO - 1)).toBe(RANGE);
    expect(keyExport(slot, END - 31)).toBe(RANGE);
    expect(keyExport(slot, 0)).toBe(RANGE);
    expect(keyExport(slot, -16)).toBe(RANGE);
    expect(keyExport(slot, addressOf(slot))).toBe(RANGE);
    expect(fingerprint()).toBe(before);
    expect(keyExport(slot, END - 32)).toBe(OK);
    expect(areSame(END - 32, addressOf(slot), 32)).toBe(true);
  });

  test('free wipes the key and its context, and no other; twice is harmless', () => {
    for (let slot = 0; slot < SLOTS; slot++) key();
    const context = contextOf(7);
    memory.copy(OUT, KEYS, 64 * 32);
    keyFree(7);
    expect(marks(addressOf(7), 32)).toBe(0);
    expect(marks(context, CONTEXT_USED)).toBe(0);
    for (let slot = 0; slot < SLOTS; slot++)
      if (slot !== 7) expect(areSame(addressOf(slot), OUT + 32 * slot, 32) && isLoaded(slot)).toBe(true);
    const before = fingerprint();
    expect(keyFree(7)).toBe(OK);
    expect(fingerprint()).toBe(before);
  });

  test('a slot that is freed before it was loaded is wiped too', () => {
    const slot = keyAllocate();
    fill(keyAddress(slot), 32);
    expect(keyFree(slot)).toBe(OK);
    expect(marks(SECRET_BEGIN, END - SECRET_BEGIN)).toBe(0);
  });

  test('a slot that is used again has the context of its new key', () => {
    const slot = key();
    const at = contextOf(slot);
    memory.copy(OUT, at, CONTEXT_USED);
    keyFree(slot);
    expect(key()).toBe(slot);
    expect(areSame(contextOf(slot), OUT, CONTEXT_USED)).toBe(false);
  });
});
