// What every refusal of the command looks like.

import { expect } from 'vitest';
import { PASSPHRASE, type Finished } from './support.ts';

/** The exit code, one line on standard error that ends with the error's code, nothing on standard output. */
export function expectRefusal({ code, stdout, stderr }: Finished, exit: number, errorCode: string): void {
  expect({ code, stderr }).toMatchObject({ code: exit });
  expect(stderr).toMatch(new RegExp(`^keystrata: .+ \\(${errorCode}\\)\\n$`));
  expect(stderr).not.toContain(PASSPHRASE);
  expect(stdout.toString()).toBe('');
}
