// Rewrites a module so that it keeps, at every site, a running hash of what an observer could learn there.
//
//   before     …  address  value  i32.store
//   after      …  address  value  local.set v  local.set a       the operands step aside,
//                 hash = mix(hash, a)                            those that show are folded into the site's global,
//                 local.get a  local.get v  i32.store            and all come back
//
// A site is an instruction that is not `plain` (opcodes.ts), or a function's entry. Two runs with the same hash at every site
// took the same way in the same order: the way to the first branch is fixed, each branch goes where its operand says, and the
// n-th operand at each site was the same in both. And a hash that differs names the instruction.

import { instructions } from './instructions.ts';
import { named, signed, unsigned } from './leb.ts';
import type { Opcode, Type } from './opcodes.ts';
import { assemble, CODE, counter, exported, extended, Id, parse } from './sections.ts';
import type { Body } from './sections.ts';

export interface Site {
  /** Index of the function. */
  readonly inside: number;
  /** The instruction's name, or `entry`. */
  readonly name: string;
  /** Where it lies in the module that was rewritten. */
  readonly at: number;
}

export interface Instrumented {
  readonly wasm: Uint8Array<ArrayBuffer>;
  /** Site i keeps its hash in the exported global `site i`. */
  readonly sites: readonly Site[];
}

export const siteName = (i: number): string => `site ${i}`;
/** The hash of a site where nothing has happened. */
export const UNTOUCHED = 1n;

const TYPE: Record<Type, number> = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b };
const GET = 0x20;
const SET = 0x21;
const EXTEND = 0xad; // i64.extend_i32_u
// hash = rotl((hash ^ value) · odd + odd, 29): a permutation for every value, without rest at zero
const MIX = [
  ...[0x85], //                                        i64.xor
  ...[0x42, ...signed(-0x61c8_8646_80b5_83ebn)], //    i64.const
  ...[0x7e], //                                        i64.mul
  ...[0x42, ...signed(0x2545_f491_4f6c_dd1dn)],
  ...[0x7c], //                                        i64.add
  ...[0x42, ...signed(29n)],
  ...[0x89], //                                        i64.rotl
];

/** The operands an observer learns of, and those above them on the stack; the last is on top. */
function operands({ kind, over, name }: Opcode): { seen: Type[]; above: Type[] } {
  switch (kind) {
    case 'plain':
      return { seen: [], above: [] };
    case 'decides':
    case 'indirect':
      return { seen: ['i32'], above: [] };
    case 'loads':
    case 'stores':
      return { seen: ['i32'], above: over ? [over] : [] };
    case 'divides':
      return { seen: [over!, over!], above: [] };
    case 'bulk':
      return { seen: ['i32', 'i32', 'i32'], above: [] }; // memory.fill's octet too: stricter than need be
    case 'float':
      throw new RangeError(`${name}: floating point takes as long as its operands please`);
  }
}

/** Locals added to a function, taken up anew by every site. */
class Spare {
  readonly #first: number;
  readonly types: Type[] = [];

  constructor(first: number) {
    this.#first = first;
  }

  /** Local variables of these types, all different. */
  take(wanted: readonly Type[]): number[] {
    const taken = new Set<number>();
    for (const type of wanted) {
      let i = this.types.findIndex((have, j) => have === type && !taken.has(j));
      if (i < 0) i = this.types.push(type) - 1;
      taken.add(i);
    }
    return [...taken].map((i) => this.#first + i);
  }
}

/** hash = mix(hash, what `push` leaves on the stack), for the global. */
const fold = (global: number, push: readonly number[]): number[] => [
  ...[0x23, ...unsigned(global)],
  ...push,
  ...MIX,
  ...[0x24, ...unsigned(global)],
];

function watch(opcode: Opcode, global: number, spare: Spare): number[] {
  const { seen, above } = operands(opcode);
  const types = [...seen, ...above];
  const locals = spare.take(types);
  const aside = locals.toReversed().flatMap((local) => [SET, ...unsigned(local)]);
  const back = locals.flatMap((local, i) => {
    const get = [GET, ...unsigned(local)];
    return i < seen.length ? [...fold(global, types[i] === 'i32' ? [...get, EXTEND] : get), ...get] : get;
  });
  return [...aside, ...back];
}

export function instrument(wasm: Uint8Array): Instrumented {
  const module = parse(wasm);
  const sites: Site[] = [];
  const site = (inside: number, name: string, at: number): number =>
    module.globals + sites.push({ inside, name, at }) - 1;

  function rewritten({ at, groups, code }: Body, inside: number): number[] {
    const declared = groups.reduce((sum, { count }) => sum + count, 0);
    const spare = new Spare(module.parameters[inside]! + declared);
    const out = fold(site(inside, 'entry', at), [0x42, 0]);
    for (const { opcode, at: offset, bytes } of instructions(code)) {
      if (opcode.kind !== 'plain') out.push(...watch(opcode, site(inside, opcode.name, at + offset), spare));
      out.push(...bytes);
    }
    const locals = [
      ...groups.map(({ count, type }) => [...unsigned(count), type]),
      ...spare.types.map((type) => [1, TYPE[type]]),
    ];
    const body = [...unsigned(locals.length), ...locals.flat(), ...out];
    return [...unsigned(body.length), ...body];
  }

  const bodies = module.bodies.map(rewritten);
  const sections = new Map(module.sections);
  const globals = sites.map(() => counter(UNTOUCHED));
  const names = sites.map((_, i) => exported(named(siteName(i)), module.globals + i));
  sections.set(CODE, extended(undefined, bodies));
  sections.set(Id.global, extended(module.sections.get(Id.global), globals));
  sections.set(Id.export, extended(module.sections.get(Id.export), names));
  return { wasm: assemble(sections), sites };
}
