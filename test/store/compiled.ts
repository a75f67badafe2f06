// The store's own sources as plain JavaScript in a temporary folder, so that child processes can run them.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import ts from 'typescript';

const bindings = join(import.meta.dirname, '../../bindings');

/** Returns the folder; store/revisions.js and core/errors.js lie in it. */
export function compiledStore(): { folder: string; end: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'keystrata-compiled-'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  for (const layer of ['core', 'store']) {
    mkdirSync(join(folder, layer));
    for (const file of readdirSync(join(bindings, layer))) {
      const { outputText } = ts.transpileModule(readFileSync(join(bindings, layer, file), 'utf8'), {
        compilerOptions: {
          target: ts.ScriptTarget.ES2022,
          module: ts.ModuleKind.ESNext,
          verbatimModuleSyntax: true,
          rewriteRelativeImportExtensions: true,
        },
      });
      writeFileSync(join(folder, layer, `${basename(file, '.ts')}.js`), outputText);
    }
  }
  return { folder, end: () => rmSync(folder, { recursive: true }) };
}
