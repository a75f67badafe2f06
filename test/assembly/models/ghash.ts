// GHASH as SP 800-38D tells it: the product of §6.3, Algorithm 1, and the hash of §6.4. Blocks are two numbers of 64 bits.

/** A block: bit 0 is the top one of hi, bit 127 the lowest of lo. */
export class Block {
  hi: u64 = 0;
  lo: u64 = 0;

  /** The 16 octets at `at`. */
  static from(at: usize): Block {
    return Block.of(bswap<u64>(load<u64>(at)), bswap<u64>(load<u64>(at + 8)));
  }

  static of(hi: u64, lo: u64): Block {
    const block = new Block();
    block.hi = hi;
    block.lo = lo;
    return block;
  }

  to(at: usize): void {
    store<u64>(at, bswap<u64>(this.hi));
    store<u64>(at + 8, bswap<u64>(this.lo));
  }

  plus(other: Block): Block {
    return Block.of(this.hi ^ other.hi, this.lo ^ other.lo);
  }

  /** this · Y. */
  times(Y: Block): Block {
    let Z_hi: u64 = 0;
    let Z_lo: u64 = 0;
    let V_hi = Y.hi;
    let V_lo = Y.lo;
    for (let i = 0; i < 128; i++) {
      const x = i < 64 ? (this.hi >> (63 - i)) & 1 : (this.lo >> (127 - i)) & 1;
      if (x === 1) {
        Z_hi ^= V_hi;
        Z_lo ^= V_lo;
      }
      const LSB = V_lo & 1;
      V_lo = (V_lo >> 1) | (V_hi << 63);
      V_hi >>= 1;
      if (LSB === 1) V_hi ^= 0xe100000000000000; // R = 11100001 || 0^120
    }
    return Block.of(Z_hi, Z_lo);
  }

  /** The X with this · X = 1: this to the power 2^128 − 2, which is 2 + 4 + … + 2^127. */
  inverse(): Block {
    let square = this.times(this);
    let product = square;
    for (let i = 2; i < 128; i++) {
      square = square.times(square);
      product = product.times(square);
    }
    return product;
  }
}

/** Y after the blocks at `at`: Y = (Y + X_i) · H. */
export function GHASH(H: Block, Y: Block, at: usize, blocks: usize): Block {
  for (let i: usize = 0; i < blocks; i++) Y = Y.plus(Block.from(at + 16 * i)).times(H);
  return Y;
}
