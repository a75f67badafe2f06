// The instructions of one function, one after the other. WebAssembly Core Specification 2.0 §5.4.

import { Reader } from './leb.ts';
import { opcode } from './opcodes.ts';
import type { Immediates, Opcode } from './opcodes.ts';

export interface Instruction {
  readonly opcode: Opcode;
  /** Where it begins in the function's code. */
  readonly at: number;
  /** All of it: opcode and immediates. */
  readonly bytes: Uint8Array;
}

function skip(reader: Reader, immediates: Immediates): void {
  if (typeof immediates === 'number') return void reader.take(immediates);
  switch (immediates) {
    case 'none':
      return;
    case 'blocktype':
    case 'index':
      return reader.skipInteger();
    case 'two indices':
    case 'memarg':
      reader.skipInteger();
      return reader.skipInteger();
    case 'labels':
      reader.vector(() => reader.skipInteger());
      return reader.skipInteger();
    case 'types':
      reader.vector(() => reader.byte());
      return;
    case 'memarg lane':
      reader.skipInteger();
      reader.skipInteger();
      reader.byte();
      return;
    case 'byte':
      reader.byte();
      return;
  }
}

export function* instructions(code: Uint8Array): Generator<Instruction> {
  const reader = new Reader(code);
  while (!reader.done) {
    const at = reader.at;
    const found = opcode(reader.byte(), () => reader.unsigned());
    skip(reader, found.immediates);
    yield { opcode: found, at, bytes: code.subarray(at, reader.at) };
  }
}
