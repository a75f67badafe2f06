import { encryptBatch, ROUND_KEYS_LENGTH } from '../../assembly/aes';
import { CONTEXT_USED, contextOf, roundKeysOf, tablesOf } from '../../assembly/context';
import { aesEncryptBlocks, gcmAad, gcmBegin, gcmEncrypt, gcmIv, gcmSeal, gcmTag } from '../../assembly/gcm';
import { GCM_LENGTH } from '../../assembly/gcm-state';
import { hashBlocks } from '../../assembly/ghash';
import { sha256Begin, sha256Finish, sha256Update, sha512Begin, sha512Finish, sha512Update } from '../../assembly/hash';
import { hkdfBegin, hkdfBytes, hkdfDone, hkdfEnd, hkdfNext } from '../../assembly/hkdf';
import { hmacSha256Begin, hmacSha256Finish, hmacSha512Begin, hmacSha512Finish } from '../../assembly/hmac';
import { addressOf, keyFree } from '../../assembly/keys';
import { CONTEXT, CONTEXT_LENGTH, CONTEXT_TABLE, CONTEXTS, GCM, IO, SCRATCH } from '../../assembly/memory';
import { SCRATCH_LENGTH, wipeAll } from '../../assembly/memory';
import { pbkdf2Begin, pbkdf2Block, pbkdf2Bytes, pbkdf2End, pbkdf2Salt, pbkdf2Step } from '../../assembly/pbkdf2';
import { OK } from '../../assembly/status';
import { fill, key } from './cipher';
import { Block, GHASH } from './models/ghash';
import { Book } from './models/gcm';
import { arbitrary, hex, marks, OUT } from './support';

/** What disturbs a stream: nothing, or a context made for a new key, by each call that makes one. */
const DISTURBERS = 4;
function disturb(way: i32): void {
  if (way === 0) return;
  const slot = key();
  if (way === 1) aesEncryptBlocks(slot, OUT + 4096, 1);
  if (way === 2) gcmSeal(slot, OUT + 4096, 12, IO, 0, OUT + 4096, 20, 16);
  if (way === 3) gcmBegin(slot);
  keyFree(slot);
}

/** SHA-256, SHA-512, HMAC with both, HKDF with both, PBKDF2: 160 octets of result after a disturbance in the middle. */
const STREAMS = 7;
function stream(kind: i32, way: i32, secret: i32): string {
  const half: usize = 100;
  memory.fill(OUT, 0, 160);
  if (kind === 0 || kind === 2) {
    if (kind === 0) sha256Begin();
    else hmacSha256Begin(IO, 32);
    sha256Update(IO, half);
    disturb(way);
    sha256Update(IO + half, half);
    if (kind === 0) sha256Finish(OUT);
    else hmacSha256Finish(OUT);
  }
  if (kind === 1 || kind === 3) {
    if (kind === 1) sha512Begin();
    else hmacSha512Begin(IO, 32);
    sha512Update(IO, half);
    disturb(way);
    sha512Update(IO + half, half);
    if (kind === 1) sha512Finish(OUT);
    else hmacSha512Finish(OUT);
  }
  if (kind === 4 || kind === 5) {
    hkdfBegin(kind === 4 ? 256 : 512, secret);
    for (let i = 0; i < 2; i++) {
      hkdfNext();
      if (kind === 4) sha256Update(IO, half);
      else sha512Update(IO, half);
      disturb(way);
      hkdfDone();
      disturb(way);
    }
    hkdfBytes(0, kind === 4 ? 64 : 128, OUT);
    hkdfEnd();
  }
  if (kind === 6) {
    const job = pbkdf2Begin(IO, 32);
    disturb(way);
    pbkdf2Salt(job);
    sha256Update(IO, half);
    disturb(way);
    pbkdf2Block(job, 0);
    disturb(way);
    pbkdf2Step(job, 1, 3);
    pbkdf2Bytes(job, 0, 32, OUT);
    pbkdf2End(job);
  }
  return hex(OUT, 160);
}

/** Which slot has the context `index`; -1 for none. */
function holderOf(index: usize): i32 {
  return load<i32>(CONTEXT_TABLE + 16 * index) - 1;
}

/** Where the context of a slot lies, or 0; looked up without a use of it. */
function standing(slot: i32): usize {
  for (let i: usize = 0; i < <usize>CONTEXTS; i++) if (holderOf(i) === slot) return CONTEXT + CONTEXT_LENGTH * i;
  return 0;
}

/** How many contexts are not zero. */
function filled(): i32 {
  let count = 0;
  for (let i: usize = 0; i < <usize>CONTEXTS; i++)
    count += <i32>(marks(CONTEXT + CONTEXT_LENGTH * i, CONTEXT_LENGTH) > 0);
  return count;
}

describe('a context', () => {
  beforeEach(() => wipeAll());

  test('is made without a trace in a stream that runs', () => {
    for (let kind = 0; kind < STREAMS; kind++) {
      wipeAll();
      fill(IO, 256);
      const secret = key();
      const alone = stream(kind, 0, secret);
      for (let way = 1; way < DISTURBERS; way++)
        expect(stream(kind, way, secret)).toBe(alone, 'stream ' + kind.toString() + ', way ' + way.toString());
      expect(marks(OUT, 160)).toBeGreaterThan(20);
    }
  });

  test('fits where it lies, and so does a message', () => {
    expect(CONTEXT_USED).toBeLessThanOrEqual(CONTEXT_LENGTH);
    expect(GCM_LENGTH).toBeLessThanOrEqual(SCRATCH - GCM);
    expect(tablesOf(CONTEXT)).toBe(roundKeysOf(CONTEXT) + ROUND_KEYS_LENGTH);
  });

  test('is the key expanded: it encrypts and hashes by the book, and leaves the scratch zero', () => {
    const slot = key();
    const context = contextOf(slot);
    expect(marks(SCRATCH, SCRATCH_LENGTH)).toBe(0);
    const book = new Book(addressOf(slot));
    fill(IO, 512);
    const y = OUT + 128;
    memory.copy(OUT, IO, 128);
    encryptBatch(roundKeysOf(context), OUT);
    book.E(Block.from(IO)).to(IO + 256);
    expect(hex(OUT, 16)).toBe(hex(IO + 256, 16));
    memory.fill(y, 0, 16);
    hashBlocks(tablesOf(context), y, IO, 5);
    GHASH(book.H, Block.of(0, 0), IO, 5).to(IO + 256);
    expect(hex(y, 16)).toBe(hex(IO + 256, 16));
  });

  test('is made once, and stays where it is while others come', () => {
    const slot = key();
    const at = contextOf(slot);
    const bytes = hex(at, CONTEXT_USED);
    for (let i = 1; i < CONTEXTS; i++) expect(contextOf(key())).not.toBe(at);
    expect(contextOf(slot)).toBe(at);
    expect(hex(at, CONTEXT_USED)).toBe(bytes);
    expect(filled()).toBe(CONTEXTS);
  });

  test('goes when it is the least recently used, whatever the order of use', () => {
    // a model: slots in the order of their last use, the latest first
    const slots: i32[] = [];
    for (let i = 0; i < 12; i++) slots.push(key());
    const order: i32[] = [];
    for (let n = 0; n < 500; n++) {
      const slot = slots[<i32>(arbitrary() % 12)];
      const before = order.indexOf(slot);
      if (before >= 0) order.splice(before, 1);
      order.unshift(slot);
      if (order.length > CONTEXTS) order.pop();
      contextOf(slot);
      let held = 0;
      for (let i = 0; i < 12; i++) held += <i32>((standing(slots[i]) !== 0) === order.includes(slots[i]));
      expect(held).toBe(12);
    }
  });

  test('is gone whole: where it lay is what a fresh memory would hold', () => {
    const slots: i32[] = [];
    for (let i = 0; i <= CONTEXTS; i++) slots.push(key());
    for (let i = 0; i < CONTEXTS; i++) contextOf(slots[i]);
    const at = standing(slots[0]);
    memory.fill(at, 0xa5, CONTEXT_USED); // an old context that no new one would look like, with its wide half
    for (let i: usize = 0; i < <usize>CONTEXTS; i++)
      store<u32>(CONTEXT_TABLE + 16 * i + 8, <u32>(holderOf(i) === slots[0]));
    expect(contextOf(slots[CONTEXTS])).toBe(at);
    const later = hex(at, CONTEXT_LENGTH);
    for (let i = 0; i < CONTEXTS; i++) keyFree(slots[i]);
    memory.fill(CONTEXT, 0, CONTEXT_LENGTH * <usize>CONTEXTS);
    memory.fill(CONTEXT_TABLE, 0, 128);
    expect(hex(contextOf(slots[CONTEXTS]), CONTEXT_LENGTH)).toBe(later);
  });

  test('goes with its key, and the others stay', () => {
    const slots: i32[] = [];
    for (let i = 0; i < CONTEXTS; i++) slots.push(key());
    for (let i = 0; i < CONTEXTS; i++) contextOf(slots[i]);
    for (let i = 0; i < CONTEXTS; i++) {
      const at = standing(slots[i]);
      keyFree(slots[i]);
      expect(standing(slots[i])).toBe(0);
      expect(marks(at, CONTEXT_LENGTH)).toBe(0);
      expect(filled()).toBe(CONTEXTS - i - 1);
    }
    expect(marks(CONTEXT_TABLE, 128)).toBe(0);
  });

  test('of a message that runs outlives the use of 20 other keys, and all are right', () => {
    const slot = key();
    const length: usize = 300;
    fill(IO, 1024);
    const book = new Book(addressOf(slot));
    memory.copy(OUT, IO, 1024);
    book.seal(OUT, 12, OUT + 16, 20, OUT + 64, length);
    const sealed = hex(OUT + 64, length + 16);
    gcmBegin(slot);
    const at = standing(slot);
    gcmIv(IO, 12);
    gcmAad(IO + 16, 20);
    for (let i: usize = 0; i < 20; i++) {
      const other = key();
      const there = OUT + 2048;
      fill(there, 16);
      new Book(addressOf(other)).E(Block.from(there)).to(there + 16);
      expect(aesEncryptBlocks(other, there, 1)).toBe(OK);
      expect(hex(there, 16)).toBe(hex(there + 16, 16));
      expect(standing(slot)).toBe(at);
      gcmEncrypt(IO + 64 + 15 * i, 15);
    }
    gcmTag(IO + 64 + length, 16);
    expect(hex(IO + 64, length + 16)).toBe(sealed);
  });
});
