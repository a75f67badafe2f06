// Bytes as they come in: of whichever realm, and nothing that is like them.

import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { asBytes } from '../../bindings/core/bytes.ts';
import { KeystrataError } from '../../bindings/core/errors.ts';

test('a Uint8Array is taken as it is: plain, a Buffer, a view, of another realm', () => {
  const foreign = runInNewContext('Uint8Array.of(1, 2, 3)') as Uint8Array;
  expect(foreign instanceof Uint8Array).toBe(false);
  const all = [new Uint8Array(3), Buffer.from('abc'), new Uint8Array(8).subarray(2, 5), foreign];
  for (const bytes of all) expect(asBytes(bytes, 'data')).toBe(bytes);
});

test('what is like one is ERR_ARGUMENT, and a string is told to be encoded', () => {
  const likes: unknown[] = [
    [1, 2],
    new ArrayBuffer(3),
    new DataView(new ArrayBuffer(3)),
    new Uint16Array(2),
    null,
    undefined,
    3,
  ];
  likes.push(new Uint8ClampedArray(2), { length: 1, 0: 1 }, runInNewContext('new Int8Array(2)'));
  for (const like of likes) {
    expect(() => asBytes(like, 'data')).toThrow(KeystrataError);
    expect(() => asBytes(like, 'data')).toThrow(/^data: a Uint8Array is wanted$/);
  }
  expect(() => asBytes('secret words', 'data')).toThrow(
    /^data: a Uint8Array is wanted, not a string: encode it first$/,
  );
});
