import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as prettier from 'prettier';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const path = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const copy = path('./api.d.ts');
const shared = path('../../../shared/api.d.ts');

/** What tsc says of agreement.ts, where `edit` changes a file on its way in. */
function complaints(edit: (file: string, text: string) => string): string[] {
  const config = path('../../tsconfig.json');
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(config, (file) => ts.sys.readFile(file)).config,
    ts.sys,
    path('../..'),
  );
  const host = ts.createCompilerHost(options);
  const readFile = host.readFile.bind(host);
  host.readFile = (file) => edit(file, readFile(file) ?? '');
  host.getSourceFile = (file, version) => {
    const text = host.fileExists(file) ? host.readFile(file) : undefined;
    return text === undefined ? undefined : ts.createSourceFile(file, text, version);
  };
  const program = ts.createProgram([path('./agreement.ts')], options, host);
  const source = program.getSourceFile(path('./agreement.ts'));
  return ts
    .getPreEmitDiagnostics(program, source)
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

describe('declarations', () => {
  it('agree with api.d.ts', () => {
    expect(complaints((_file, text) => text)).toEqual([]);
  });

  it.each([
    [
      'a result',
      'decryptText(sealed: Bytes, p: { context: Context }): Promise<string>',
      'decryptText(sealed: Bytes, p: { context: Context }): Promise<Out>',
    ],
    ['an argument', 'dataKey(p: { space: string } | { id: KeyId }): DataKey', 'dataKey(p: { space: string }): DataKey'],
    ['a code', "| 'ERR_WORKER'", "| 'ERR_WORKER' | 'ERR_OTHER'"],
    ['a member', 'lock(): void;', 'lock(): void; unlockAgain(): void;'],
  ])('are found to differ in %s', (_what, from, to) => {
    let changed = 0;
    const found = complaints((file, text) => {
      if (!file.endsWith('test/types/api.d.ts') || !text.includes(from)) return text;
      changed++;
      return text.replace(from, to);
    });
    expect(changed).toBeGreaterThan(0);
    expect(found.length).toBeGreaterThan(0);
  });

  it.skipIf(!existsSync(shared))(
    'hold a true copy of ../shared/api.d.ts (skipped where that is not there)',
    async () => {
      const options = { ...(await prettier.resolveConfig(copy)), parser: 'typescript' };
      const text = await prettier.format(readFileSync(shared, 'utf8'), options);
      expect(await prettier.format(readFileSync(copy, 'utf8'), options)).toBe(text);
    },
  );
});
