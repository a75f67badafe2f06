// Leaks planted on purpose, in AssemblyScript: the check must report each, by the instruction that leaks, and no other.
// Each `run` gets 16 secret bytes at address 0.

interface Planted {
  readonly name: string;
  /** Every instruction that shows it, and no other. */
  readonly leaks: readonly string[];
  readonly source: string;
}

export const PLANTED: readonly Planted[] = [
  {
    name: 'a T-table, as in fast AES of old',
    leaks: ['i32.load'],
    source: `
      const T: usize = 4096;
      export function run(): u32 {
        for (let i: u32 = 0; i < 256; i++) store<u32>(T + 4 * i, i * 0x01020403);
        let column: u32 = 0;
        for (let row: u32 = 0; row < 4; row++)
          column ^= rotl<u32>(load<u32>(T + 4 * <usize>load<u8>(5 * row)), 8 * row);
        return column;
      }`,
  },
  {
    name: 'a comparison that returns at the first difference',
    leaks: ['i32.load8_u', 'if'],
    source: `
      export function run(): bool {
        for (let i: usize = 0; i < 16; i++) if (load<u8>(i) !== <u8>i) return false;
        return true;
      }`,
  },
  {
    name: 'as many turns of a loop as the secret says',
    leaks: ['i32.store8', 'if'],
    source: `
      export function run(): void {
        for (let i = load<u8>(0) & 15; i > 0; i--) store<u8>(64, 1);
      }`,
  },
  {
    name: 'a choice of two values',
    leaks: ['select'],
    source: `
      export function run(): u32 {
        return select<u32>(0x11, 0x22, load<u8>(0) & 1);
      }`,
  },
  {
    name: 'a least value, which compiles to a select',
    leaks: ['select'],
    source: `
      export function run(): u32 {
        return min<u32>(load<u32>(0), load<u32>(4));
      }`,
  },
  {
    name: 'a division',
    leaks: ['i32.div_u'],
    source: `
      export function run(): u32 {
        return load<u32>(0) / (load<u32>(4) | 1);
      }`,
  },
  {
    name: 'a remainder of 64 bits',
    leaks: ['i64.rem_u'],
    source: `
      export function run(): u64 {
        return load<u64>(0) % (load<u64>(8) | 1);
      }`,
  },
  {
    name: 'a store where the secret says',
    leaks: ['i32.store8'],
    source: `
      export function run(): void {
        store<u8>(4096 + <usize>load<u8>(0), 1);
      }`,
  },
  {
    name: 'a vector loaded where the secret says, and splat',
    leaks: ['v128.load8_splat'],
    source: `
      export function run(): void {
        v128.store(64, v128.load_splat<u8>(4096 + <usize>load<u8>(0)));
      }`,
  },
  {
    name: 'a lane loaded where the secret says',
    leaks: ['v128.load8_lane'],
    source: `
      export function run(): void {
        v128.store(64, v128.load_lane<u8>(4096 + <usize>load<u8>(0), v128.load(0), 3));
      }`,
  },
  {
    name: 'a lane stored where the secret says',
    leaks: ['v128.store8_lane'],
    source: `
      export function run(): void {
        v128.store_lane<u8>(4096 + <usize>load<u8>(0), v128.load(0), 3);
      }`,
  },
  {
    name: 'as many bytes copied as the secret says',
    leaks: ['memory.copy'],
    source: `
      export function run(): void {
        memory.copy(4096, 8192, <usize>load<u8>(0));
      }`,
  },
  {
    name: 'a function chosen by the secret',
    leaks: ['call_indirect', 'entry'],
    source: `
      function double(x: u32): u32 { return x << 1; }
      function triple(x: u32): u32 { return 3 * x; }
      const both: StaticArray<(x: u32) => u32> = [double, triple];
      export function run(): u32 {
        return call_indirect<u32>(1 + (load<u8>(0) & 1), load<u32>(4));
      }
      export function name(i: i32): u32 { return both[i](1); }`,
  },
  {
    name: 'a jump chosen by the secret',
    leaks: ['br_table'],
    source: `
      export function run(): u32 {
        switch (load<u8>(0) & 7) {
          case 0: return 5;
          case 1: return 11;
          case 2: return 3;
          case 3: return 8;
          case 4: return 2;
          case 5: return 13;
          case 6: return 1;
          default: return 0;
        }
      }`,
  },
  {
    name: 'nothing: a comparison by accumulation, and a choice by a mask',
    leaks: [],
    source: `
      export function run(): u32 {
        let difference: u32 = 0;
        for (let i: usize = 0; i < 16; i++) difference |= <u32>load<u8>(i) ^ <u32>i;
        const mask = <u32>(<i32>(~difference & (difference - 1)) >> 31);
        store<u32>(64, mask & load<u32>(4));
        return mask;
      }`,
  },
];
