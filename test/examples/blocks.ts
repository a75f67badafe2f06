// The code in the documents: every block fenced as ts that imports from keystrata is a whole program.
//
//   ```ts          type-checked and run
//   ```ts no-run   type-checked: it needs what a test has not

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Block {
  /** README.md:14 */
  place: string;
  code: string;
  run: boolean;
}

const FENCE = /^```ts(?<marks>[^\S\n]+[^\n]*)?\n(?<code>.*?)^```[^\S\n]*$/gms;
const IMPORTS = /\bfrom\s+['"]keystrata(?:\/[^'"]*)?['"]/;

export function blocksOf(name: string, markdown: string): Block[] {
  return [...markdown.matchAll(FENCE)].flatMap((match) => {
    const { marks = '', code = '' } = match.groups!;
    if (!IMPORTS.test(code)) return [];
    const line = markdown.slice(0, match.index).split('\n').length;
    return [{ place: `${name}:${line}`, code, run: !marks.trim().split(/\s+/).includes('no-run') }];
  });
}

/** Those of README.md and docs/*.md. */
export function documentedBlocks(root: string): Block[] {
  const documents = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => join('docs', name))];
  return documents
    .filter((name) => name.endsWith('.md'))
    .flatMap((name) => blocksOf(name, readFileSync(join(root, name), 'utf8')));
}
