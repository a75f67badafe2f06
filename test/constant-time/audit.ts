// What can be said of a module without running it: that it holds nothing whose time or place we could not vouch for.

import { instructions } from './instructions.ts';
import type { Kind } from './opcodes.ts';
import { Id, parse } from './sections.ts';

const REFUSED: readonly Kind[] = ['float', 'divides', 'indirect'];

/** Everything that is wrong, one line each. */
export function audit(wasm: Uint8Array): string[] {
  const { bodies, memory, sections } = parse(wasm); // refuses imports
  const wrong: string[] = [];
  if (memory === undefined || memory.least !== memory.most) wrong.push('the memory is not fixed');
  if (sections.has(Id.start)) wrong.push('a start function runs before anybody asks');
  for (const [i, { code, at }] of bodies.entries())
    for (const { opcode, at: offset } of instructions(code))
      if (REFUSED.includes(opcode.kind)) wrong.push(`${opcode.name} at ${at + offset}, in function ${i}`);
  return wrong;
}

/** How many there are of each instruction that is not plain. */
export function census(wasm: Uint8Array): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { code } of parse(wasm).bodies)
    for (const { opcode } of instructions(code))
      if (opcode.kind !== 'plain') counts.set(opcode.name, (counts.get(opcode.name) ?? 0) + 1);
  return counts;
}
