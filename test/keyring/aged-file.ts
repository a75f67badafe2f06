// A file under a KEK that was replaced, in a folder of its own.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { aged, type Aged } from './old-kek.ts';

const root = mkdtempSync(join(tmpdir(), 'keystrata-rewrap-'));
afterAll(() => rmSync(root, { recursive: true }));
let count = 0;
export const folder = (): string => mkdtempSync(join(root, `${count++}-`));

/** `at`: the folder; `before`: what `make` makes for the file. */
export async function agedFile(
  name: string,
  make: (by: Aged) => Promise<Uint8Array>,
  p?: Aged,
): Promise<Aged & { path: string; before: Uint8Array; at: string }> {
  const by = p ?? (await aged());
  const at = folder();
  const path = join(at, name);
  const before = await make(by);
  writeFileSync(path, before);
  return { ...by, path, before, at };
}
