import { areEqual, isZero, okOr } from '../../assembly/ct';
import { IO } from '../../assembly/memory';
import { BAD_TAG, OK } from '../../assembly/status';
import { fill } from './cipher';
import { arbitrary } from './support';

describe('constant time', () => {
  test('isZero is all ones for zero alone', () => {
    expect(isZero(0)).toBe(<u32>-1);
    for (let bit = 0; bit < 32; bit++) {
      expect(isZero(1 << bit)).toBe(0);
      expect(isZero((1 << bit) - 1)).toBe(bit === 0 ? <u32>-1 : 0);
      expect(isZero(-1 << bit)).toBe(0);
    }
    let others: u32 = 0;
    for (let i = 0; i < 10000; i++) others |= isZero((<u32>arbitrary()) | 1);
    for (let octet: u32 = 1; octet < 256; octet++) others |= isZero(octet);
    expect(others).toBe(0);
  });

  test('okOr gives OK for a true mask, the status for a false one', () => {
    expect(okOr(-1, BAD_TAG)).toBe(OK);
    expect(okOr(0, BAD_TAG)).toBe(BAD_TAG);
  });

  test('areEqual sees every bit of every octet, and nothing beside them', () => {
    for (let length: usize = 0; length <= 20; length++) {
      const other = IO + 64;
      fill(IO, 32);
      memory.copy(other, IO, 32);
      store<u8>(other + length, ~load<u8>(other + length));
      expect(areEqual(IO, other, length)).toBe(<u32>-1);
      for (let bit: usize = 0; bit < 8 * length; bit++) {
        const at = other + (bit >> 3);
        store<u8>(at, load<u8>(at) ^ (<u8>((<u32>1) << ((<u32>bit) & 7))));
        expect(areEqual(IO, other, length)).toBe(0);
        store<u8>(at, load<u8>(at) ^ (<u8>((<u32>1) << ((<u32>bit) & 7))));
      }
    }
  });

  test('differences do not cancel', () => {
    store<u32>(IO, 0x80808080);
    store<u32>(IO + 4, 0);
    expect(areEqual(IO, IO + 4, 4)).toBe(0);
    store<u32>(IO, 0xff01ff01);
    expect(areEqual(IO, IO + 4, 4)).toBe(0);
  });
});
