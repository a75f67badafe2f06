// Constant time, checked on the WebAssembly that ships: with the same public inputs and other secrets, each build takes the
// same branches, touches the same addresses and selects by the same conditions. What an engine makes of it is beyond this.

import { describe, expect, it } from 'vitest';
import type { Abi } from '../bindings/core/abi.ts';
import { audit, census } from './constant-time/audit.ts';
import { build, VARIANTS } from './constant-time/builds.ts';
import { compile } from './constant-time/compile.ts';
import { hands } from './constant-time/hand.ts';
import type { Site } from './constant-time/instrument.ts';
import { PLANTED } from './constant-time/planted.ts';
import { SCENARIOS } from './constant-time/scenarios/index.ts';
import { parse } from './constant-time/sections.ts';
import { Stage } from './constant-time/stage.ts';
import { Traced } from './constant-time/trace.ts';

const WATCHED = /^(if|br_if|br_table|call_indirect|select|memory\.(copy|fill|init)|\w+\.(load|store|div|rem)\w*)$/;

describe('the check reports a planted leak', () => {
  for (const { name, leaks, source } of PLANTED)
    it(name, async () => {
      const read = (file: string): string | null => (file === 'planted.ts' ? source : null);
      const traced = new Traced(await compile('planted.ts', read, '--enable', 'simd'));
      const works = hands().map((hand) => (exports: { memory: WebAssembly.Memory; run: (this: void) => void }) => {
        new Uint8Array(exports.memory.buffer).set(hand.bytes(16));
        exports.run();
      });
      const names = traced.leaks(works).map((site) => site.name);
      expect([...new Set(names)].sort()).toEqual(leaks);
    });
});

describe.each(VARIANTS)('the %s build', (variant) => {
  const { wasm, functions, instructions } = build(variant);
  const traced = new Traced(wasm);
  const told = (site: Site): string => `${functions[site.inside]}: ${site.name} at ${site.at}`;

  it('imports nothing, keeps its memory, has no floating point, division or indirect call', () => {
    expect(audit(wasm)).toEqual([]);
  });

  it('is read as its compiler wrote it, and every load, store, branch and select is a site', () => {
    const { bodies, exports } = parse(wasm);
    expect(functions).toHaveLength(bodies.length);
    for (const { kind, name, index } of exports)
      if (kind === 0 && name !== 'wipe') expect(functions[index]).toMatch(new RegExp(`/${name}$`));
    const expected = [...instructions].filter(([name]) => WATCHED.test(name)).sort();
    expect(expected.length).toBeGreaterThan(5);
    expect([...census(wasm)].sort()).toEqual(expected);
    for (const [name, times] of expected) expect(traced.sites.filter((site) => site.name === name)).toHaveLength(times);
  });

  for (const { name, play } of SCENARIOS)
    it(name, () => {
      const works = hands().map((hand) => (abi: Abi) => play(new Stage(abi, hand)));
      expect(traced.leaks(works).map(told)).toEqual([]);
    });
});
