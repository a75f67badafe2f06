// What a build is: nothing imported, nothing run at the start, memory of one size, constants below all secrets, and the exports of
// bindings/core/abi.ts, no more and no fewer.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Abi } from '../bindings/core/abi.ts';
import { BUILDS, instantiate } from './constant-time/builds.ts';
import { Reader } from './constant-time/leb.ts';
import { Id, parse } from './constant-time/sections.ts';

const DATA = 11;
const PAGES = { relaxed: 4, simd: 4, scalar: 1 };

const declared = (): string[] => {
  const text = readFileSync(new URL('../bindings/core/abi.ts', import.meta.url), 'utf8');
  const members = text.slice(text.indexOf('export interface Abi'));
  return Array.from(members.matchAll(/^ {2}(?:readonly )?(\w+)[(:]/gm), ([, name]) => name!);
};

/** Where each data segment begins and ends. WebAssembly Core Specification 2.0 §5.5.14: active, in memory 0, at a constant. */
function segments(section: Uint8Array): { from: number; to: number }[] {
  return new Reader(section).vector((reader) => {
    expect([reader.byte(), reader.byte()]).toEqual([0x00, 0x41]);
    const from = reader.unsigned();
    expect(reader.byte()).toBe(0x0b);
    return { from, to: from + reader.take(reader.unsigned()).length };
  });
}

for (const build of BUILDS)
  describe(`the ${build.variant} build`, () => {
    const module = parse(build.wasm);

    it('imports nothing and runs nothing at the start', () => {
      expect(module.sections.has(Id.import)).toBe(false);
      expect(module.sections.has(Id.start)).toBe(false);
    });

    it('has memory of one size', () => {
      const pages = PAGES[build.variant];
      expect(module.memory).toEqual({ least: pages, most: pages });
    });

    it('exports what the ABI declares', () => {
      const exported = module.exports.map(({ name }) => name);
      expect(exported.length).toBeGreaterThan(40);
      expect(exported.sort()).toEqual(declared().sort());
    });

    it.runIf(build.runs)('has its constants below the first secret', () => {
      const abi = instantiate<Abi>(build);
      const firstSecret = abi.keyAddress(abi.keyAllocate());
      const constants = segments(module.sections.get(DATA)!);
      expect(constants.length).toBeGreaterThan(0);
      for (const { from, to } of constants) {
        expect(from).toBeGreaterThan(0);
        expect(to).toBeLessThanOrEqual(firstSecret);
      }
    });
  });
