// Constant time, checked on the WebAssembly that ships: with the same public inputs and other secrets, each build takes the
// same branches, touches the same addresses and selects by the same conditions. What an engine makes of it is beyond this.

import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Abi } from '../bindings/core/abi.ts';
import { audit, census } from './constant-time/audit.ts';
import { BUILDS, instantiate } from './constant-time/builds.ts';
import { compile } from './constant-time/compile.ts';
import { hands } from './constant-time/hand.ts';
import type { Hand } from './constant-time/hand.ts';
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

/** Leaks planted in the core's own source, `put` in place of `find`; `shows`: in which scenarios they show. */
const IN_THE_CORE = [
  {
    name: 'a comparison of tags that returns at the first difference',
    file: 'assembly/ct.ts',
    find: /difference \|= [^;]*;/,
    put: '{ if (load<u8>(a + i) !== load<u8>(b + i)) return 0; }',
    shows: /^GCM (whole|in pieces)|^a key wrapped/,
  },
  {
    name: 'a table in the key expansion of AES',
    file: 'assembly/aes.ts',
    find: /function subWord\(word: u32\): u32 \{/,
    put: '$& return load<u32>((<usize>word & 0xff) << 2);',
    shows: /^(GCM|AES|a key wrapped|more keys|refused: GCM)/,
  },
];

/** What must not be in the core at all, secret or not. */
const REFUSED: Record<string, string> = {
  'i32.div_u': 'export function run(x: u32, y: u32): u32 { return x / y; }',
  'i64.rem_s': 'export function run(x: i64, y: i64): i64 { return x % y; }',
  'f64.mul': 'export function run(x: f64): f64 { return x * x; }',
  'f32x4.add': 'export function run(): void { v128.store(0, f32x4.add(v128.load(0), v128.load(16))); }',
  call_indirect: `
    function double(x: u32): u32 { return x << 1; }
    function triple(x: u32): u32 { return 3 * x; }
    const both: StaticArray<(x: u32) => u32> = [double, triple];
    export function run(i: i32): u32 { return both[i](1); }`,
};

describe('what must not be in a module is refused', () => {
  const of = (source: string, ...more: string[]): Promise<Uint8Array> =>
    compile('a.ts', (file) => (file === 'a.ts' ? source : null), '--enable', 'simd', ...more);

  for (const [name, source] of Object.entries(REFUSED))
    it(name, async () => {
      const wrong = audit(await of(source));
      expect(wrong).toHaveLength(1);
      expect(wrong[0]).toContain(`${name} at `);
    });

  it('a memory that grows', async () => {
    expect(audit(await of('export const one: i32 = 1;', '--maximumMemory', '5'))).toEqual(['the memory is not fixed']);
  });

  it('an import', async () => {
    const wasm = await of('declare function host(): i32; export function run(): i32 { return host(); }');
    expect(() => audit(wasm)).toThrow('the module imports something');
  });

  it('an instruction that is not in the table', async () => {
    const wasm = await of('export function run(): i32 { return memory.grow(1); }');
    expect(() => audit(wasm)).toThrow('no such instruction in the table: 0x40');
  });
});

describe('the check reports a leak planted in the core', () => {
  for (const { name, file, find, put, shows } of IN_THE_CORE)
    it(name, async () => {
      const read = (path: string): string | null => {
        if (!existsSync(path)) return null;
        const source = readFileSync(path, 'utf8');
        if (path !== file) return source;
        expect(source, 'the place to plant it').toMatch(find);
        return source.replace(find, put);
      };
      const traced = new Traced(await compile('assembly/index.ts', read, '--enable', 'simd'));
      for (const scenario of SCENARIOS) {
        const few = hands().slice(0, 3);
        const works = few.map((hand) => (abi: Abi) => scenario.play(new Stage(abi, hand)));
        expect(traced.leaks(works).length > 0, scenario.name).toBe(shows.test(scenario.name));
      }
    });
});

for (const build of BUILDS)
  describe.runIf(build.runs)(build.title, () => {
    const { wasm, functions, instructions } = build;
    const told = (site: Site): string => `${functions[site.inside]}: ${site.name} at ${site.at}`;
    let kept: Traced | undefined;
    const traced = (): Traced => (kept ??= new Traced(wasm));

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
      for (const [name, times] of expected)
        expect(traced().sites.filter((site) => site.name === name)).toHaveLength(times);
    });

    it('computes the same while it is watched', () => {
      for (const { name, play } of SCENARIOS) {
        const hand = (): Hand => hands()[2]!;
        const plain = new Stage(instantiate<Abi>(build), hand());
        play(plain);
        traced().run<Abi>((abi) => {
          const watched = new Stage(abi, hand());
          play(watched);
          expect(Buffer.compare(watched.memory, plain.memory), name).toBe(0);
        });
      }
    });

    it('is watched in every function and at every site, but for loops of no turns', () => {
      const fresh = new Traced(wasm);
      for (const { play } of SCENARIOS) fresh.run<Abi>((abi) => play(new Stage(abi, hands()[2]!)));
      // copy and clear, made part of their callers, end in a loop octet by octet: empty where the length is a multiple of eight
      const tails = /^i32\.(load8_u|store8)$/;
      expect(fresh.untouched.filter((site) => !tails.test(site.name)).map(told)).toEqual([]);
    });

    for (const { name, play } of SCENARIOS)
      it(`shows the same whatever the secrets: ${name}`, () => {
        const works = hands().map((hand) => (abi: Abi) => play(new Stage(abi, hand)));
        expect(traced().leaks(works).map(told)).toEqual([]);
      });
  });
