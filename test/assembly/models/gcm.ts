// AES-256-GCM as SP 800-38D tells it, §6.2, §6.5, §7.1: a block at a time, and no state but the key.

import { Cipher, KeyExpansion } from './aes';
import { Block, GHASH } from './ghash';

/** 16 octets of its own. */
const ROOM: usize = memory.data(16, 16);

export class Book {
  private w: StaticArray<u32>;
  H: Block = Block.of(0, 0);

  /** Under the 32 octets at `key`. */
  constructor(key: usize) {
    this.w = KeyExpansion(key);
    this.H = this.E(Block.of(0, 0));
  }

  /** CIPH_K(X). */
  E(X: Block): Block {
    X.to(ROOM);
    Cipher(this.w, ROOM);
    return Block.from(ROOM);
  }

  /** Y after octets of any number, and zeros to the end of a block. */
  absorb(Y: Block, at: usize, length: usize): Block {
    Y = GHASH(this.H, Y, at, length >> 4);
    if ((length & 15) === 0) return Y;
    memory.fill(ROOM, 0, 16);
    memory.copy(ROOM, at + (length & ~15), length & 15);
    return GHASH(this.H, Y, ROOM, 1);
  }

  /** Y after the two lengths, in octets here, in bits there. */
  absorbLengths(Y: Block, high: u64, low: u64): Block {
    return Y.plus(Block.of(8 * high, 8 * low)).times(this.H);
  }

  /** Step 2. */
  J0(iv: usize, length: usize): Block {
    if (length !== 12) return this.absorbLengths(this.absorb(Block.of(0, 0), iv, length), 0, length);
    return Block.of(bswap<u64>(load<u64>(iv)), ((<u64>bswap<u32>(load<u32>(iv + 8))) << 32) | 1);
  }

  /** Writes the IV of 16 octets that gives this J0: J0 = (IV · H + [0]_64 || [128]_64) · H, solved. */
  solve(J0: Block, iv: usize): void {
    const inverse = this.H.inverse();
    J0.times(inverse).plus(Block.of(0, 128)).times(inverse).to(iv);
  }

  /** Step 3: GCTR from inc_32(J0) on, in place. */
  GCTR(J0: Block, at: usize, length: usize): void {
    let count = <u32>J0.lo;
    for (let i: usize = 0; i < length; i++) {
      if ((i & 15) === 0) {
        count++; // modulo 2^32
        this.E(Block.of(J0.hi, ((J0.lo >> 32) << 32) | (<u64>count))).to(ROOM);
      }
      store<u8>(at + i, load<u8>(at + i) ^ load<u8>(ROOM + (i & 15)));
    }
  }

  /** Seals in place; the whole tag goes behind the text. */
  seal(iv: usize, ivLength: usize, aad: usize, aadLength: usize, at: usize, length: usize): void {
    const J0 = this.J0(iv, ivLength);
    this.GCTR(J0, at, length);
    const Y = this.absorb(this.absorb(Block.of(0, 0), aad, aadLength), at, length);
    this.absorbLengths(Y, aadLength, length)
      .plus(this.E(J0))
      .to(at + length);
  }
}
