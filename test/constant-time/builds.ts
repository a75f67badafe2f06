// The three builds as they lie in build/: the module, and what the compiler's own text of it says.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const VARIANTS = ['relaxed', 'simd', 'scalar'] as const;
export type Variant = (typeof VARIANTS)[number];

const file = (name: string): string => fileURLToPath(new URL(`../../build/${name}`, import.meta.url));

export interface Build {
  readonly wasm: Uint8Array<ArrayBuffer>;
  /** Names of the functions, by index. */
  readonly functions: readonly string[];
  /** Each instruction of the text, and how often it has it. */
  readonly instructions: ReadonlyMap<string, number>;
}

export function build(variant: Variant): Build {
  const text = readFileSync(file(`keystrata.${variant}.wat`), 'utf8');
  const instructions = new Map<string, number>();
  for (const [, word] of text.matchAll(/^ +\(?([a-z]\w*(?:\.\w+)?)/gm))
    instructions.set(word!, (instructions.get(word!) ?? 0) + 1);
  return {
    wasm: new Uint8Array(readFileSync(file(`keystrata.${variant}.wasm`))),
    functions: Array.from(text.matchAll(/^ \(func \$(?:assembly\/)?(\S+)/gm), ([, name]) => name!),
    instructions,
  };
}
