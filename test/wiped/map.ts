// The memory map of a build, read from assembly/memory.ts itself: which region an address lies in.

import { readFileSync } from 'node:fs';
import { createContext, runInContext } from 'node:vm';
import ts from 'typescript';
import type { Variant } from '../constant-time/builds.ts';

export interface Region {
  readonly name: string;
  readonly at: number;
}

/** Regions from the first secret on, in order; the last is IO. */
export function regions(variant: Variant): Region[] {
  const source = readFileSync(new URL('../../assembly/memory.ts', import.meta.url), 'utf8');
  const { outputText } = ts.transpileModule(source, { compilerOptions: { module: ts.ModuleKind.CommonJS } });
  const exports: Record<string, unknown> = {};
  const features = { ASC_FEATURE_SIMD: variant !== 'scalar', ASC_FEATURE_RELAXED_SIMD: variant === 'relaxed' };
  runInContext(outputText, createContext({ exports, require: () => ({}), ...features }));
  const begin = exports.SECRET_BEGIN as number;
  return Object.entries(exports)
    .filter((entry): entry is [string, number] => typeof entry[1] === 'number' && entry[1] >= begin)
    .filter(([name]) => !/(LENGTH|BEGIN|END)$/.test(name))
    .map(([name, at]) => ({ name, at }))
    .sort((a, b) => a.at - b.at);
}
