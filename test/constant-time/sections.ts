// A WebAssembly module as its sections, and what of them the check must know. WebAssembly Core Specification 2.0 §5.5.
//
//   00 61 73 6d  01 00 00 00  ‖  [ id ][ size ][ contents ] …        ids rise, but for custom sections (0)

import { Reader, signed, unsigned } from './leb.ts';

export const Id = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
} as const;
export const CODE = 10;
const ORDER = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11];

const I64 = 0x7e;
const MUTABLE = 1;
const GLOBAL = 3;

export interface Body {
  /** Where its first instruction lies in the module. */
  readonly at: number;
  /** Type of each local that is declared, and how many of it, as in the module. */
  readonly groups: readonly { readonly count: number; readonly type: number }[];
  readonly code: Uint8Array;
}

export interface Module {
  readonly sections: ReadonlyMap<number, Uint8Array>;
  /** How many parameters each function of the module has. */
  readonly parameters: readonly number[];
  readonly bodies: readonly Body[];
  readonly exports: readonly { readonly name: string; readonly kind: number; readonly index: number }[];
  readonly globals: number;
  /** Least and most pages. */
  readonly memory: { readonly least: number; readonly most: number | undefined } | undefined;
}

/** Takes a module without imports apart, so that a function's index is its place. */
export function parse(wasm: Uint8Array): Module {
  const sections = new Map<number, Uint8Array>();
  const starts = new Map<number, number>();
  const file = new Reader(wasm, 8);
  while (!file.done) {
    const id = file.byte();
    const contents = file.take(file.unsigned());
    if (id === Id.custom) continue;
    sections.set(id, contents);
    starts.set(id, file.at - contents.length);
  }
  const read = <T>(id: number, element: (reader: Reader) => T): T[] =>
    sections.has(id) ? new Reader(sections.get(id)!).vector(element) : [];

  if (read(Id.import, (reader) => reader).length > 0) throw new RangeError('the module imports something');
  const types = read(Id.type, (reader) => {
    reader.byte(); // 0x60: a function
    const parameters = reader.vector(() => reader.byte()).length;
    reader.vector(() => reader.byte());
    return parameters;
  });
  const memories = read(Id.memory, (reader) => {
    const bounded = reader.byte() === 1;
    return { least: reader.unsigned(), most: bounded ? reader.unsigned() : undefined };
  });
  return {
    sections,
    parameters: read(Id.function, (reader) => types[reader.unsigned()]!),
    bodies: read(CODE, (reader) => {
      const length = reader.unsigned();
      const end = reader.at + length;
      const groups = reader.vector(() => ({ count: reader.unsigned(), type: reader.byte() }));
      return { at: starts.get(CODE)! + reader.at, groups, code: reader.take(end - reader.at) };
    }),
    exports: read(Id.export, (reader) => ({ name: reader.name(), kind: reader.byte(), index: reader.unsigned() })),
    globals: sections.has(Id.global) ? new Reader(sections.get(Id.global)!).unsigned() : 0,
    memory: memories[0],
  };
}

/** A vector with elements added behind. */
export function extended(section: Uint8Array | undefined, more: readonly (readonly number[])[]): Uint8Array {
  const reader = new Reader(section ?? Uint8Array.of(0));
  const count = reader.unsigned();
  return Uint8Array.from([...unsigned(count + more.length), ...reader.bytes.subarray(reader.at), ...more.flat()]);
}

/** A mutable i64 that begins as `value`, for the global section. */
export const counter = (value: bigint): number[] => [I64, MUTABLE, 0x42, ...signed(value), 0x0b];
/** Global number `index` by name, for the export section. */
export const exported = (name: number[], index: number): number[] => [...name, GLOBAL, ...unsigned(index)];

/** Puts a module together. */
export function assemble(sections: ReadonlyMap<number, Uint8Array>): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = [Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)];
  for (const id of ORDER) {
    const contents = sections.get(id);
    if (contents) parts.push(Uint8Array.of(id, ...unsigned(contents.length)), contents);
  }
  return new Uint8Array(Buffer.concat(parts));
}
