// The small parts: words, trees, paper, exit codes.

import { describe, expect, it } from 'vitest';
import { exitOf } from '../../bindings/cli/exit.ts';
import { onPaper } from '../../bindings/cli/paper.ts';
import { draw } from '../../bindings/cli/tree.ts';
import { bytesOf, printable, quoted } from '../../bindings/cli/words.ts';
import { KeystrataError, type ErrorCode } from '../../bindings/core/errors.ts';

it('a tree is drawn, branch by branch', () => {
  const tree = {
    text: 'root',
    branches: [{ text: 'a', branches: [{ text: 'b' }, { text: 'c', branches: [{ text: 'd' }] }] }, { text: 'e' }],
  };
  expect(draw(tree)).toBe(['root', '├── a', '│   ├── b', '│   └── c', '│       └── d', '└── e'].join('\n'));
  expect(draw({ text: 'alone' })).toBe('alone');
});

describe('words', () => {
  it('from others cannot steer a terminal', () => {
    for (let code = 0; code < 0x20; code++)
      expect(printable(String.fromCharCode(code))).toBe(`\\u{${code.toString(16)}}`);
    for (let code = 0x7f; code < 0xa0; code++)
      expect(printable(String.fromCharCode(code))).toBe(`\\u{${code.toString(16)}}`);
    expect(printable('\u2028\u202e\u2066\ud800')).toBe('\\u{2028}\\u{202e}\\u{2066}\\u{d800}');
    expect(printable('päß 日本語 🔑 e\u0301')).toBe('päß 日本語 🔑 e\u0301');
    expect(quoted('a b')).toBe('"a b"');
  });

  it('count', () => {
    expect([0, 1, 1_234_567].map(bytesOf)).toEqual(['0 bytes', '1 byte', '1,234,567 bytes']);
  });
});

it('a recovery code stands in a box, whole, with the numbers of its groups', () => {
  const code = Array.from({ length: 13 }, (_, i) => `${String.fromCharCode(65 + i)}0123`).join('-');
  const lines = onPaper({ code, owner: '"alice"', keyring: '00ff' }).split('\n');
  expect(new Set(lines.map((line) => line.length)).size).toBe(1);
  const groups = lines.flatMap((line) => line.match(/\b[A-M]0123\b/g) ?? []);
  expect(groups.join('-')).toBe(code);
  expect(lines.filter((line) => line.includes('0123')).map((line) => line.slice(2, 18).trim())).toEqual([
    '1 to  5   A01',
    '6 to 10   F01',
    '11 to 13   K01',
  ]);
  for (const text of ['"alice"', '00ff', 'not shown again']) expect(lines.join('\n')).toContain(text);
});

it.each<[number, ErrorCode[]]>([
  [1, ['ERR_NO_ENTROPY', 'ERR_DISPOSED', 'ERR_WORKER']],
  [2, ['ERR_ARGUMENT', 'ERR_UNSUPPORTED']],
  [3, ['ERR_WRONG_SECRET']],
  [4, ['ERR_AUTHENTICATION', 'ERR_ROLLBACK', 'ERR_UNTRUSTED_KEY']],
  [5, ['ERR_FORMAT', 'ERR_LIMIT']],
  [6, ['ERR_NOT_FOUND', 'ERR_KEY_NOT_FOUND']],
  [7, ['ERR_EXISTS', 'ERR_CONFLICT']],
  [8, ['ERR_STORE']],
  [9, ['ERR_KEY_STATE']],
  [130, ['ERR_ABORTED']],
])('exit %i: %j', (exit, codes) => {
  for (const code of codes) expect(exitOf(new KeystrataError(code, 'x'))).toBe(exit);
});

it('exit 1: what is no error of ours', () => {
  for (const error of [new TypeError('x'), 'text', undefined, Object.assign(new Error('x'), { code: 'ERR_FORMAT' })])
    expect(exitOf(error)).toBe(1);
});
