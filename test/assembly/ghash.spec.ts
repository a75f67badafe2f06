import { hashBlocks, prepareGhash, TABLES_LENGTH } from '../../assembly/ghash';
import { HOLES_LENGTH, hashHoles, prepareHoles } from '../../assembly/ghash-holes';
import { hashSwizzle, prepareSwizzle, SWIZZLE_LENGTH } from '../../assembly/ghash-swizzle';
import { IO, wipeAll } from '../../assembly/memory';
import { fill } from './cipher';
import { Block, GHASH } from './models/ghash';
import { arbitrary, hex, marks, OUT, put } from './support';

const TABLES: usize = IO + 8192;
const H: usize = OUT;
const Y: usize = OUT + 16;

/** The values where a bit may be lost: 0, 1 = x^0, each other power of x, all ones, a lone octet or word of them. */
function edges(): Block[] {
  const all = [Block.of(0, 0), Block.of(-1, -1), Block.of(-1, 0), Block.of(0, -1), Block.of(0xe1 << 56, 0)];
  for (let i = 0; i < 64; i++) {
    all.push(Block.of(1 << (63 - i), 0));
    all.push(Block.of(0, 1 << (63 - i)));
  }
  for (let i = 0; i < 8; i++) {
    all.push(Block.of(0xff << (8 * i), 0));
    all.push(Block.of(0, 0xff << (8 * i)));
  }
  for (let i = 0; i < 4; i++) {
    all.push(Block.of(0x1111111111111111 << i, 0x1111111111111111 << i)); // each class of the holes, filled
    all.push(Block.of(0x1111111111111111 << i, 0x8888888888888888 >> i));
  }
  return all;
}

/** Which of the two forms; the other is not of this build. */
function hash(swizzle: bool, blocks: usize): void {
  if (ASC_FEATURE_SIMD) {
    if (swizzle) {
      prepareSwizzle(TABLES, H);
      hashSwizzle(TABLES, Y, IO, blocks);
      return;
    }
  }
  prepareHoles(TABLES, H);
  hashHoles(TABLES, Y, IO, blocks);
}

/** Whether Y after the blocks at IO is what the book has. */
function agrees(swizzle: bool, blocks: usize): bool {
  const book = GHASH(Block.from(H), Block.from(Y), IO, blocks);
  hash(swizzle, blocks);
  const got = Block.from(Y);
  return got.hi === book.hi && got.lo === book.lo;
}

/** How many products of edges with edges are wrong. */
function wrongEdges(swizzle: bool): i32 {
  const all = edges();
  let wrong = 0;
  for (let i = 0; i < all.length; i++)
    for (let j = 0; j < all.length; j++) {
      all[i].to(H);
      all[j].to(IO);
      Block.of(0, 0).to(Y);
      wrong += <i32>!agrees(swizzle, 1);
    }
  return wrong;
}

/** How many hashes of 0 … 20 blocks are wrong, many times. */
function wrongHashes(swizzle: bool): i32 {
  let wrong = 0;
  for (let n = 0; n < 30; n++)
    for (let blocks: usize = 0; blocks <= 20; blocks++) {
      fill(H, 32);
      fill(IO, 16 * blocks);
      wrong += <i32>!agrees(swizzle, blocks);
    }
  return wrong;
}

/** How many sums do not go through: (X + X') · H = X · H + X' · H, X · (H + H') = X · H + X · H'. */
function wrongSums(swizzle: bool): i32 {
  let wrong = 0;
  for (let n = 0; n < 1000; n++) {
    const a = Block.of(arbitrary(), arbitrary());
    const b = Block.of(arbitrary(), arbitrary());
    const c = Block.of(arbitrary(), arbitrary());
    const left = product(swizzle, a.plus(b), c)
      .plus(product(swizzle, a, c))
      .plus(product(swizzle, b, c));
    const right = product(swizzle, c, a.plus(b))
      .plus(product(swizzle, c, a))
      .plus(product(swizzle, c, b));
    const turned = product(swizzle, a, b).plus(product(swizzle, b, a));
    wrong += <i32>((left.hi | left.lo | right.hi | right.lo | turned.hi | turned.lo) !== 0);
  }
  return wrong;
}

function product(swizzle: bool, X: Block, h: Block): Block {
  X.to(IO);
  h.to(H);
  Block.of(0, 0).to(Y);
  hash(swizzle, 1);
  return Block.from(Y);
}

/** What a form must do. */
function suite(swizzle: bool): void {
  expect(wrongEdges(swizzle)).toBe(0, 'edges');
  expect(wrongHashes(swizzle)).toBe(0, 'hashes');
  expect(wrongSums(swizzle)).toBe(0, 'sums');
}

describe('GHASH', () => {
  beforeEach(() => wipeAll());

  test('the book itself: 1 · H, and case 14 of the GCM specification', () => {
    put(IO, 'dc95c078a2408989ad48a21492842087'); // E(0) under a key of zeros
    put(IO + 16, 'cea7403d4d606b6e074ec5d3baf39d18');
    put(IO + 32, '00000000000000000000000000000080');
    const h = Block.from(IO);
    const one = Block.of(1 << 63, 0);
    expect(one.times(h).hi).toBe(h.hi);
    expect(h.times(one).lo).toBe(h.lo);
    expect(h.times(h.inverse()).hi).toBe(1 << 63);
    expect(h.times(h.inverse()).lo).toBe(0);
    GHASH(h, Block.of(0, 0), IO + 16, 2).to(OUT);
    expect(hex(OUT, 16)).toBe('83de425c5edc5d498f382c441041ca92');
  });

  test('products with holes are those of the book', () => suite(false));
  if (ASC_FEATURE_SIMD) test('nibble products are those of the book', () => suite(true));

  test('the tables keep to their place, and no block is altered', () => {
    fill(H, 32);
    fill(IO, 160);
    const blocks = hex(IO, 160);
    memory.fill(TABLES - 16, 0xa5, TABLES_LENGTH + 32);
    prepareGhash(TABLES, H);
    const tables = hex(TABLES, TABLES_LENGTH);
    hashBlocks(TABLES, Y, IO, 10);
    expect(hex(IO, 160)).toBe(blocks);
    expect(hex(TABLES, TABLES_LENGTH)).toBe(tables);
    expect(hex(TABLES - 16, 16)).toBe('a5'.repeat(16));
    expect(hex(TABLES + TABLES_LENGTH, 16)).toBe('a5'.repeat(16));
    expect(TABLES_LENGTH).toBe(ASC_FEATURE_SIMD ? SWIZZLE_LENGTH : HOLES_LENGTH);
    expect(marks(Y + 16, 16)).toBe(0);
  });
});
