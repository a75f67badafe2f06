// The wide forms within a message: which lengths take them, where one begins and ends, which contexts keep them. SP 800-38D §6.5.
// Builds with SIMD alone have them.

import { ROUND_KEYS_LENGTH, roundKeys } from '../../assembly/aes';
import { prepareWide, WIDE_KEYS_LENGTH } from '../../assembly/aes-wide-keys';
import { CONTEXT_USED, contextOf, wideKeysOf, wideTablesOf } from '../../assembly/context';
import { gcmAad, gcmBegin, gcmDecrypt, gcmEncrypt, gcmEnd, gcmIv, gcmOpen, gcmSeal } from '../../assembly/gcm';
import { gcmTag, gcmVerify } from '../../assembly/gcm';
import { absorbIv, beginMessage, closeIv, endMessage, gctr } from '../../assembly/gcm-state';
import { TABLES_LENGTH } from '../../assembly/ghash';
import { WIDE_HASH_LENGTH } from '../../assembly/ghash-wide-tables';
import { addressOf, keyFree } from '../../assembly/keys';
import { CONTEXT, CONTEXT_LENGTH, CONTEXT_TABLE, CONTEXTS, IO, SCRATCH, SCRATCH_LENGTH } from '../../assembly/memory';
import { wipeAll } from '../../assembly/memory';
import { BAD_TAG, OK } from '../../assembly/status';
import { areSame, fill, key } from './cipher';
import { Block } from './models/ghash';
import { Book } from './models/gcm';
import { arbitrary, hex, marks, OUT } from './support';

const MOST: usize = 8192;
const AT: usize = OUT + MOST; //      what is encrypted
const BOOK: usize = AT + 2 * MOST; // key stream by the book
const WIDE_HALF: usize = ROUND_KEYS_LENGTH + TABLES_LENGTH;
/** From so many octets on; the first block's key stream behind E(J0) serves so many, and up to the first whole wide batch. */
const LONG: usize = 1024;
const LEFT: usize = 112;
const FIRST: usize = 2016;

/** The key stream of a message under an IV at IO, by the book. */
function stream(slot: i32, ivLength: usize): void {
  const book = new Book(addressOf(slot));
  memory.fill(BOOK, 0, MOST);
  book.GCTR(book.J0(IO, ivLength), BOOK, MOST);
}

/** A message whose text may come. */
function begin(slot: i32, ivLength: usize): void {
  beginMessage(slot);
  absorbIv(IO, ivLength);
  closeIv();
}

/** Whether pieces one behind the other are the book's key stream, and what is behind them is as it was. */
function streams(slot: i32, ivLength: usize, pieces: usize[]): bool {
  begin(slot, ivLength);
  memory.fill(AT, 0, MOST + 256);
  let at = AT;
  for (let i = 0; i < pieces.length; i++) {
    gctr(at, pieces[i]);
    at += pieces[i];
  }
  endMessage();
  return areSame(AT, BOOK, at - AT) && marks(at, 160) === 0;
}

/** Which row a slot's context has; looked up without a use of it. */
function rowOf(slot: i32): usize {
  for (let i: usize = 0; i < <usize>CONTEXTS; i++) if (load<i32>(CONTEXT_TABLE + 16 * i) === slot + 1) return i;
  return <usize>-1;
}

/** Whether the row says so and the wide half is there; -1 where the two do not agree. */
function isWide(row: usize): i32 {
  const said = load<u32>(CONTEXT_TABLE + 16 * row + 8);
  const there = marks(CONTEXT + CONTEXT_LENGTH * row + WIDE_HALF, CONTEXT_LENGTH - WIDE_HALF) > 0;
  return said === <u32>there ? <i32>said : -1;
}

/** A message of these lengths, whole; whether its context is wide then. Nothing is left in the scratch. */
function sealed(slot: i32, ivLength: usize, aadLength: usize, length: usize): i32 {
  expect(gcmSeal(slot, IO, ivLength, IO + 4096, aadLength, AT, length, 16)).toBe(OK);
  expect(marks(SCRATCH, SCRATCH_LENGTH)).toBe(0);
  return isWide(rowOf(slot));
}

if (ASC_FEATURE_SIMD)
  describe('a long message', () => {
    beforeEach(() => wipeAll());

    test('every length around the edges of the wide form has the key stream of the book', () => {
      const slot = key();
      fill(IO, 12);
      stream(slot, 12);
      const edges: usize[] = [LONG, LONG + LEFT, FIRST, 2048, FIRST + LEFT, FIRST + 768, FIRST + LONG];
      (edges.push(FIRST + 2048), edges.push(FIRST + 2048 + LONG), edges.push(3 * 2048), edges.push(FIRST + 2 * 2048));
      for (let i = 0; i < edges.length; i++)
        for (let length = edges[i] - 18; length <= edges[i] + 18; length++)
          expect(streams(slot, 12, [length])).toBe(true, length.toString());
    });

    test('so have two pieces, wherever in a batch the second begins', () => {
      const slot = key();
      fill(IO, 12);
      stream(slot, 12);
      const seconds: usize[] = [LONG - 1, LONG, LONG + 1, LONG + LEFT, 2048, 3000];
      for (let first: usize = 0; first <= 2048 + LEFT; first += <usize>(1 + (arbitrary() % 29)))
        for (let i = 0; i < seconds.length; i++)
          expect(streams(slot, 12, [first, seconds[i]])).toBe(true, first.toString() + ' + ' + seconds[i].toString());
      expect(streams(slot, 12, [LONG + 5, 3, LONG + 7, 700, 2048, 40])).toBe(true);
    });

    test('under an IV of another length is narrow, wherever J0 stands: its counters wrap, and come by batches', () => {
      const slot = key();
      const book = new Book(addressOf(slot));
      const last: u64[] = [0, 1, 0x7f, 0x80, 0xffffff70, 0xffffff7f, 0xffffffc0, 0xffffffff, 0x0fffffff];
      for (let i = 0; i < last.length; i++) {
        book.solve(Block.of(arbitrary(), ((arbitrary() >> 32) << 32) | last[i]), IO);
        stream(slot, 16);
        expect(streams(slot, 16, [MOST - 17])).toBe(true, last[i].toString(16));
        expect(streams(slot, 16, [100, LONG, 3000])).toBe(true, last[i].toString(16));
      }
      const lengths: usize[] = [1, 8, 11, 13, 60];
      for (let i = 0; i < lengths.length; i++) {
        fill(IO, lengths[i]);
        stream(slot, lengths[i]);
        expect(streams(slot, lengths[i], [MOST - 1])).toBe(true);
      }
      expect(isWide(rowOf(slot))).toBe(0);
      expect(marks(SCRATCH, SCRATCH_LENGTH)).toBe(0); // where a wide batch would lie
      expect(sealed(slot, 12, 0, LONG)).toBe(1);
      fill(IO, 16);
      begin(slot, 16);
      gctr(AT, MOST); // the wide keys are there, and still not used
      expect(marks(SCRATCH, SCRATCH_LENGTH)).toBe(0);
      endMessage();
      begin(slot, 12);
      gctr(AT, MOST);
      expect(marks(SCRATCH, SCRATCH_LENGTH)).toBeGreaterThan(1000); // this is how it would look
    });

    test('is sealed and opened by the book, whole and in pieces, with much AAD and a long IV too', () => {
      const lengths: usize[][] = [
        [12, 0, LONG], [12, LONG, 1], [LONG, 3, 5], [12, LONG + 1, LONG + 255], [LONG + 257, 1279, 1280],
        [12, 20, 3 * 2048], [16, 1536, 2048 + LONG],
      ]; // prettier-ignore
      for (let i = 0; i < lengths.length; i++) {
        const slot = key();
        const row = lengths[i];
        const length = row[2];
        fill(IO, 8192);
        fill(AT, length);
        memory.copy(OUT, AT, length);
        const text = hex(AT, length);
        new Book(addressOf(slot)).seal(IO, row[0], IO + 4096, row[1], OUT, length);
        expect(gcmSeal(slot, IO, row[0], IO + 4096, row[1], AT, length, 16)).toBe(OK);
        expect(areSame(AT, OUT, length + 16)).toBe(true, 'row ' + i.toString());
        expect(gcmOpen(slot, IO, row[0], IO + 4096, row[1], AT, length, 16)).toBe(OK);
        expect(hex(AT, length)).toBe(text);
        const first = <usize>(arbitrary() % <u64>length);
        gcmBegin(slot);
        gcmIv(IO, row[0]);
        gcmAad(IO + 4096, row[1]);
        gcmEncrypt(AT, first);
        gcmEncrypt(AT + first, length - first);
        gcmTag(AT + length, 16);
        expect(areSame(AT, OUT, length + 16)).toBe(true, 'row ' + i.toString() + ', in pieces');
        gcmBegin(slot);
        gcmIv(IO, row[0]);
        gcmAad(IO + 4096, row[1]);
        gcmDecrypt(AT, first);
        gcmDecrypt(AT + first, length - first);
        expect(gcmVerify(AT + length, 16)).toBe(OK);
        expect(hex(AT, length)).toBe(text);
        keyFree(slot);
      }
    });
  });

if (ASC_FEATURE_SIMD)
  describe('the wide half of a context', () => {
    beforeEach(() => wipeAll());

    test('is made by the first long text, AAD or IV, and not before', () => {
      fill(IO, 8192);
      for (let which = 0; which < 3; which++) {
        const slot = key();
        const iv: usize = which === 0 ? LONG : 12;
        const aad: usize = which === 1 ? LONG : 0;
        const text: usize = which === 2 ? LONG : 0;
        expect(sealed(slot, 12, 0, 0)).toBe(0);
        expect(sealed(slot, LONG - 1, LONG - 1, LONG - 1)).toBe(0);
        expect(sealed(slot, iv, aad, text)).toBe(1);
        expect(sealed(slot, 12, 0, 20)).toBe(1);
        expect(isWide(rowOf(slot))).toBe(1);
      }
    });

    test('is the key expanded, in whatever message it is made, and the narrow half and others stay', () => {
      const other = key();
      const slot = key();
      const kept = hex(contextOf(other), CONTEXT_LENGTH);
      const context = contextOf(slot);
      const half = hex(context, WIDE_HALF);
      expect(sealed(slot, 12, 0, 3000)).toBe(1);
      prepareWide(OUT, roundKeys(addressOf(slot)));
      expect(areSame(wideKeysOf(context), OUT, WIDE_KEYS_LENGTH)).toBe(true);
      expect(wideTablesOf(context) + WIDE_HASH_LENGTH).toBe(context + CONTEXT_USED);
      expect(hex(context, WIDE_HALF)).toBe(half);
      expect(hex(contextOf(other), CONTEXT_LENGTH)).toBe(kept);
      const made = hex(context, CONTEXT_LENGTH);
      expect(sealed(slot, 12, 2000, 3000)).toBe(1);
      expect(hex(context, CONTEXT_LENGTH)).toBe(made);
    });

    test('goes with its key, also while its message runs', () => {
      for (let running = 0; running < 2; running++) {
        const slot = key();
        expect(sealed(slot, 12, 0, LONG)).toBe(1);
        const row = rowOf(slot);
        if (running === 1) {
          gcmBegin(slot);
          gcmIv(IO, 12);
          gcmEncrypt(AT, 2048 + 100);
        }
        keyFree(slot);
        expect(isWide(row)).toBe(0);
        expect(marks(CONTEXT, CONTEXT_LENGTH * <usize>CONTEXTS)).toBe(0);
        expect(marks(CONTEXT_TABLE, 16 * <usize>CONTEXTS)).toBe(0);
        expect(marks(SCRATCH, SCRATCH_LENGTH)).toBe(0);
      }
    });

    test('is wiped when its context goes for another key, which starts without', () => {
      const slot = key();
      expect(sealed(slot, 12, 0, LONG)).toBe(1);
      const row = rowOf(slot);
      for (let i = 1; i < CONTEXTS; i++) expect(sealed(key(), 12, 0, LONG)).toBe(1);
      expect(isWide(row)).toBe(1);
      const next = key();
      contextOf(next);
      expect(rowOf(next)).toBe(row);
      expect(rowOf(slot)).toBe(<usize>-1);
      expect(isWide(row)).toBe(0);
      for (let i: usize = 0; i < <usize>CONTEXTS; i++) expect(isWide(i)).toBe(<i32>(i !== row)); // the others keep theirs
    });

    test('leaves no trace in the scratch: after each call, a refused tag, an end in the middle', () => {
      const slot = key();
      fill(IO, 8192);
      gcmBegin(slot);
      gcmIv(IO, LONG);
      expect(marks(SCRATCH, SCRATCH_LENGTH)).toBe(0, 'IV');
      gcmAad(IO + 4096, LONG + 3);
      expect(marks(SCRATCH, SCRATCH_LENGTH)).toBe(0, 'AAD');
      gcmDecrypt(AT, 3000);
      expect(marks(SCRATCH, SCRATCH_LENGTH)).toBe(0, 'text');
      gcmEnd();
      expect(sealed(slot, 12, 5, 3000)).toBe(1);
      store<u8>(AT, load<u8>(AT) ^ 1);
      const refused = hex(AT, 3016);
      expect(gcmOpen(slot, IO, 12, IO + 4096, 5, AT, 3000, 16)).toBe(BAD_TAG);
      expect(hex(AT, 3016)).toBe(refused);
      expect(marks(SCRATCH, SCRATCH_LENGTH)).toBe(0, 'a refused tag');
    });
  });
