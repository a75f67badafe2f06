// Dependencies point one way, downwards: a file imports from its own layer and from those below it. docs/design.md §1.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const LAYERS = ['assembly', 'core', 'engine', 'format', 'keys', 'store', 'keyring', 'cli'];
/** Entries of the package: they name what is offered, from wherever. */
const ENTRIES = ['index.ts', 'node.ts', 'slim.ts', 'idb.ts', 'postgres.ts', 'operator.ts'];
const root = fileURLToPath(new URL('../bindings/', import.meta.url));

interface Source {
  file: string; //      relative to bindings/
  imports: string[]; // as written
}

const SPECIFIER = /(?:\bfrom|\bimport)\s*\(?\s*['"]([^'"]+)['"]/g;
const importsOf = (text: string): string[] => [...text.matchAll(SPECIFIER)].map(([, specifier]) => specifier!);

const sources = (): Source[] =>
  readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({ file: normalize(file), imports: importsOf(readFileSync(join(root, file), 'utf8')) }));

/** The layer of a file in bindings/, or of `#wasm/…`, which is assembly's output; null for a package. */
function layerOf(specifier: string, from: string): string | null {
  if (specifier.startsWith('#wasm/')) return 'assembly';
  if (!specifier.startsWith('.')) return null;
  const target = relative(root, join(root, dirname(from), specifier));
  return target.split(/[\\/]/)[0]!;
}

/** Why a source breaks the rule, in words. */
function breaches({ file, imports }: Source): string[] {
  if (ENTRIES.includes(file)) return [];
  const own = file.split(/[\\/]/)[0]!;
  const wrong: string[] = [];
  if (!LAYERS.includes(own)) wrong.push(`${file} belongs to no layer`);
  for (const specifier of imports) {
    const layer = layerOf(specifier, file);
    if (layer === null) continue;
    if (!LAYERS.includes(layer)) wrong.push(`${file} → ${specifier}: no layer`);
    else if (LAYERS.indexOf(layer) > LAYERS.indexOf(own)) wrong.push(`${file} → ${specifier}: upwards`);
    else if (own === 'format' && layer === 'engine') wrong.push(`${file} → ${specifier}: a format knows no keys`);
  }
  return wrong;
}

describe('layers', () => {
  const all = sources();

  it('sees every layer', () => {
    const seen = new Set(all.map(({ file }) => file.split(/[\\/]/)[0]));
    for (const layer of LAYERS.slice(1)) expect(seen, layer).toContain(layer);
    expect(all.filter(({ imports }) => imports.length > 0).length).toBeGreaterThan(50);
  });

  it('point one way', () => {
    expect(all.flatMap(breaches)).toEqual([]);
  });

  it('are told apart when they do not', () => {
    const imports = importsOf(
      `import { a } from '../keyring/keyring.ts';\nexport * from "../core/bytes.ts";\nawait import('../cli/main.ts')`,
    );
    expect(imports).toEqual(['../keyring/keyring.ts', '../core/bytes.ts', '../cli/main.ts']);
    expect(breaches({ file: join('keys', 'a.ts'), imports })).toHaveLength(2);
    expect(breaches({ file: join('format', 'a.ts'), imports: ['../engine/engine.ts'] })).toHaveLength(1);
    expect(breaches({ file: 'stray.ts', imports: [] })).toHaveLength(1);
  });
});
