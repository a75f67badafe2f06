// How a strict reader behaves: it takes a sample, and of everything near the sample either refuses with a typed error or
// reads something that is written back as the same bytes.

import { expect } from 'vitest';
import { KeystrataError } from '../../bindings/core/errors.ts';
import type { ErrorCode } from '../../bindings/core/errors.ts';

export const fromHex = (digits: string): Uint8Array<ArrayBuffer> => {
  const clean = digits.replace(/\s/g, '');
  return Uint8Array.from({ length: clean.length / 2 }, (_, i) => Number.parseInt(clean.slice(2 * i, 2 * i + 2), 16));
};
export const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** So many bytes, all different from others' by their seed. */
export const bytesOf = (length: number, seed: number): Uint8Array<ArrayBuffer> =>
  Uint8Array.from({ length }, (_, i) => (seed * 31 + i * 7 + 1) % 256);
export const idOfSeed = (seed: number): string => toHex(bytesOf(16, seed));

/** The code of the KeystrataError that `work` throws, null where it throws none. Any other error is a fault of ours. */
export function codeOf(work: () => unknown): ErrorCode | null {
  try {
    work();
  } catch (error) {
    if (!(error instanceof KeystrataError)) throw error;
    return error.code;
  }
  return null;
}

const REFUSALS: readonly (ErrorCode | null)[] = ['ERR_FORMAT', 'ERR_UNSUPPORTED', 'ERR_LIMIT'];

export function flipped(bytes: Uint8Array, bit: number): Uint8Array<ArrayBuffer> {
  const out = Uint8Array.from(bytes);
  out[bit >> 3]! ^= 1 << (bit & 7);
  return out;
}

/** Every bit, every truncation, some extensions. Returns how many were refused; `again` is what reading and writing makes of bytes. */
export function strictly(sample: Uint8Array, again: (bytes: Uint8Array) => Uint8Array): number {
  expect(toHex(again(sample))).toBe(toHex(sample));
  const wrong: string[] = [];
  let refused = 0;
  const refuses = (bytes: Uint8Array, what: string): boolean => {
    let written: Uint8Array | null = null;
    const code = codeOf(() => (written = again(bytes)));
    if (written === null && !REFUSALS.includes(code)) wrong.push(`${what}: ${code}`);
    if (written !== null && Buffer.compare(written, bytes) !== 0) wrong.push(`${what}: written back otherwise`);
    return written === null;
  };
  for (let bit = 0; bit < 8 * sample.length; bit++) if (refuses(flipped(sample, bit), `bit ${bit}`)) refused++;
  for (let length = 0; length < sample.length; length++)
    if (!refuses(sample.subarray(0, length), `cut to ${length}`)) wrong.push(`cut to ${length}: read`);
  for (const more of [Uint8Array.of(0), Uint8Array.of(0xf6), Uint8Array.of(0xff), sample])
    if (!refuses(Buffer.concat([sample, more]), 'longer')) wrong.push(`with ${toHex(more)} behind it: read`);
  expect(wrong).toEqual([]);
  return refused;
}
