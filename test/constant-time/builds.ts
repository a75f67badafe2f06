// The three builds as they lie in build/: the module, and what the compiler's own text of it says.

import { readFileSync } from 'node:fs';

export type Variant = 'relaxed' | 'simd' | 'scalar';

export interface Build {
  readonly variant: Variant;
  /** For a test's title: says so where this engine cannot run the build. */
  readonly title: string;
  readonly runs: boolean;
  readonly wasm: Uint8Array<ArrayBuffer>;
  /** Names of the functions, by index. */
  readonly functions: readonly string[];
  /** Each instruction of the text, and how often it has it. */
  readonly instructions: ReadonlyMap<string, number>;
}

const read = (name: string): Buffer => readFileSync(new URL(`../../build/${name}`, import.meta.url));

function build(variant: Variant): Build {
  const wasm = new Uint8Array(read(`keystrata.${variant}.wasm`));
  const text = read(`keystrata.${variant}.wat`).toString();
  const runs = WebAssembly.validate(wasm);
  const instructions = new Map<string, number>();
  for (const [, word] of text.matchAll(/^ +\(?([a-z]\w*(?:\.\w+)?)/gm))
    instructions.set(word!, (instructions.get(word!) ?? 0) + 1);
  return {
    variant,
    title: runs ? `the ${variant} build` : `the ${variant} build: NOT CHECKED, this engine cannot run it`,
    runs,
    wasm,
    functions: Array.from(text.matchAll(/^ \(func \$(?:assembly\/)?(\S+)/gm), ([, name]) => name!),
    instructions,
  };
}

export const BUILDS: readonly Build[] = (['relaxed', 'simd', 'scalar'] as const).map(build);

const modules = new Map<Build, WebAssembly.Module>();

/** A fresh instance; a build is compiled once. */
export function instantiate<E>(of: Build): E {
  const module = modules.get(of) ?? new WebAssembly.Module(of.wasm);
  modules.set(of, module);
  return new WebAssembly.Instance(module).exports as E;
}
