// Numbers and names of the WebAssembly binary format. WebAssembly Core Specification 2.0 §5.2.2 (integers), §5.2.4 (names).
//
//   LEB128:  [1 b6…b0] [1 b13…b7] … [0 …]      seven bits a byte, least first; the top bit says that another follows

/** Reads on from `at`, which is the caller's to look at and to move. */
export class Reader {
  readonly bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  get done(): boolean {
    return this.at >= this.bytes.length;
  }

  byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new RangeError(`the module ends at ${this.at - 1}, within something`);
    return byte;
  }

  /** u32. */
  unsigned(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  }

  /** Passes over an integer of any sign and width. */
  skipInteger(): void {
    while (this.byte() >= 0x80);
  }

  take(length: number): Uint8Array {
    if (this.at + length > this.bytes.length) throw new RangeError(`${length} bytes are wanted at ${this.at}`);
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  name(): string {
    return new TextDecoder().decode(this.take(this.unsigned()));
  }

  /** A vector, §5.1.3: how many, then each. */
  vector<T>(element: (reader: this) => T): T[] {
    return Array.from({ length: this.unsigned() }, () => element(this));
  }
}

/** u32. */
export function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) | 0x80);
  return [...bytes, value];
}

/** i64; i32 is written the same way. */
export function signed(value: bigint): number[] {
  const bytes: number[] = [];
  for (; value < -0x40n || value >= 0x40n; value >>= 7n) bytes.push(Number(value & 0x7fn) | 0x80);
  return [...bytes, Number(value & 0x7fn)];
}

export function named(text: string): number[] {
  const bytes = new TextEncoder().encode(text);
  return [...unsigned(bytes.length), ...bytes];
}
