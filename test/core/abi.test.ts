// The guard at the door of the core: whatever lies outside the I/O region, and whatever number is out of its range, is
// refused, and not a byte of memory changes.

import { beforeEach, describe, expect, test } from 'vitest';
import { Status, type Abi } from '../../bindings/core/abi.ts';
import { instanceOf } from '../../bindings/core/internal.ts';
import { loadCore } from '../../bindings/core/load.ts';
import { VARIANTS } from './implementation.ts';

/** What a parameter of a call is; with a number: an address of so many bytes that the call itself knows. */
type Parameter =
  | 'at'
  | 'length'
  | 'slot'
  | 'target'
  | 'job'
  | 'lane'
  | 'lanes'
  | 'count'
  | 'iterations'
  | 'tag'
  | 'prefix'
  | 'bytes'
  | number;

const CALLS: Partial<Record<keyof Abi, readonly Parameter[]>> = {
  keyAddress: ['slot'],
  keyLoad: ['target'],
  keyExport: ['slot', 32],
  keyFree: ['slot'],
  sha256Update: ['at', 'length'],
  sha512Update: ['at', 'length'],
  hmacSha256Begin: ['at', 'length'],
  hmacSha256BeginSlot: ['slot'],
  hmacSha512Begin: ['at', 'length'],
  hmacSha512BeginSlot: ['slot'],
  pbkdf2Begin: ['at', 'length'],
  pbkdf2Salt: ['job'],
  pbkdf2Block: ['job', 'lane'],
  pbkdf2Step: ['job', 'lanes', 'iterations'],
  pbkdf2Key: ['job', 'lane', 'target'],
  pbkdf2Bytes: ['job', 'lane', 'bytes', 'at'],
  pbkdf2End: ['job'],
  aesEncryptBlocks: ['slot', 'at', 'count'],
  gcmBegin: ['slot'],
  gcmIv: ['at', 'length'],
  gcmAad: ['at', 'length'],
  gcmEncrypt: ['at', 'length'],
  gcmDecrypt: ['at', 'length'],
  gcmTag: ['at', 'tag'],
  gcmVerify: ['at', 'tag'],
  gcmSeal: ['slot', 'at', 'length', 'at', 'length', 'at', 'length', 'tag'],
  gcmOpen: ['slot', 'at', 'length', 'at', 'length', 'at', 'length', 'tag'],
  wrapKey: ['slot', 'slot', 12, 'at', 'length', 'at', 'prefix', 64],
  unwrapKey: ['slot', 'target', 12, 'at', 'length', 'at', 'prefix', 64],
};

describe.each(VARIANTS)('%s', (variant) => {
  let abi: Abi;
  let memory: Uint8Array;
  let io: number;
  let end: number;
  beforeEach(async () => {
    const instance = instanceOf(await loadCore({ variant }));
    ({ abi, memory } = instance);
    io = instance.door.io;
    end = io + instance.door.length;
    for (let i = 0; i < 2; i++) abi.keyLoad(abi.keyAllocate()); // slots 0 and 1 hold keys of zeros
    abi.keyAllocate(); // 2 is allocated, the others are free
    abi.pbkdf2Begin(io, 8); // job 0 is begun, its lane 0 too
    abi.pbkdf2Salt(0);
    abi.pbkdf2Block(0, 0);
    memory.fill(0x77, io, end);
  });

  const NUMBERS = [-1, -(2 ** 31), 2 ** 31 - 1];
  /** Values that are wrong for a parameter wherever the others are right. */
  const wrong = (parameter: Parameter): number[] => {
    if (typeof parameter === 'number') return [io - 1, 0, end - parameter + 1, end, ...NUMBERS];
    const BAD: Record<Exclude<Parameter, number>, number[]> = {
      at: [io - 1, 0, end - 15, end + 1, ...NUMBERS], // with a right length, 16
      length: [end - io + 1, end, ...NUMBERS],
      slot: [3, 63, 64, 65, ...NUMBERS],
      target: [1, 3, 64, ...NUMBERS],
      job: [1, 3, 4, 5, ...NUMBERS],
      lane: [4, 5, ...NUMBERS],
      lanes: [0, 5, ...NUMBERS],
      count: [end - io + 1, ...NUMBERS],
      iterations: NUMBERS.filter((value) => value < 0),
      tag: [0, 4, 8, 11, 17, ...NUMBERS],
      prefix: [129, ...NUMBERS],
      bytes: [33, ...NUMBERS],
    };
    return BAD[parameter];
  };
  const right = (parameter: Parameter): number =>
    typeof parameter === 'number'
      ? io
      : {
          at: io,
          length: 16,
          slot: 1,
          target: 2,
          job: 0,
          lane: 0,
          lanes: 1,
          count: 1,
          iterations: 1,
          tag: 16,
          prefix: 16,
          bytes: 32,
        }[parameter];

  /** Brings the stream that a call belongs to to where the call may come, anew each time. */
  const ready = (name: string): void => {
    abi.sha256Begin();
    abi.sha512Begin();
    abi.gcmBegin(1);
    if (name === 'pbkdf2Block') abi.pbkdf2Salt(0);
    if (/^gcm(Aad|Encrypt|Decrypt|Tag|Verify)$/.test(name)) abi.gcmIv(io, 12);
  };

  /** Frees what is free already: no harm. */
  const isHarmless = (name: string, value: number): boolean =>
    (name === 'keyFree' && value >= 0 && value < 64) || (name === 'pbkdf2End' && value >= 0 && value < 4);

  for (const [name, parameters] of Object.entries(CALLS))
    test(name, () => {
      const calls = abi as unknown as Record<string, (...values: number[]) => number>;
      const call = (...values: number[]): number => calls[name]!(...values);
      let refused = 0;
      parameters.forEach((parameter, i) => {
        for (const value of wrong(parameter).filter((value) => !isHarmless(name, value))) {
          const values = parameters.map((other, j) => (i === j ? value : right(other)));
          ready(name);
          const before = Buffer.from(memory);
          expect(call(...values), `${name}(${values.join(', ')})`).toBeLessThan(0);
          expect(Buffer.compare(before, memory), `${name}(${values.join(', ')}) touched memory`).toBe(0);
          refused++;
        }
      });
      expect(refused).toBeGreaterThan(2);
      ready(name); // with all of them right it is not refused, unless for a tag that nobody made
      const answer = call(...parameters.map(right));
      expect(answer >= 0 || answer === Status.BAD_TAG, `${answer}`).toBe(true);
    });

  test('a place to write to, where the stream is there', () => {
    for (const [begin, finish, length] of [
      ['sha256Begin', 'sha256Finish', 32],
      ['sha512Begin', 'sha512Finish', 64],
    ] as const)
      for (const at of wrong(length)) {
        abi[begin]();
        const before = Buffer.from(memory);
        expect(abi[finish](at), `${finish}(${at})`).toBeLessThan(0);
        expect(Buffer.compare(before, memory)).toBe(0);
      }
  });

  test('called out of order', () => {
    const outOfOrder: (() => number)[] = [
      () => abi.gcmAad(io, 1),
      () => abi.gcmEncrypt(io, 1),
      () => abi.gcmTag(io, 16),
      () => abi.gcmVerify(io, 16),
      () => abi.hkdfNext(),
      () => abi.hkdfDone(),
      () => abi.hkdfBytes(0, 1, io),
      () => abi.hmacSha256Finish(io),
      () => abi.hmacSha512Finish(io),
    ];
    abi.gcmEnd();
    abi.hkdfEnd();
    for (const call of outOfOrder) expect(call(), String(call)).toBeLessThan(0);
    ready('gcmEncrypt');
    expect(abi.gcmEncrypt(io, 16)).toBe(0);
    expect(abi.gcmAad(io, 16), 'AAD after text').toBeLessThan(0);
    expect(abi.gcmVerify(io, 16), 'verify after encrypt').toBeLessThan(0);
    expect(abi.gcmDecrypt(io, 16), 'decrypt after encrypt').toBeLessThan(0);
    abi.gcmEnd();
  });
});
