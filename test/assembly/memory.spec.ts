import {
  CONTEXT,
  CONTEXT_LENGTH,
  CONTEXT_TABLE,
  CONTEXTS,
  END,
  GCM,
  HKDF,
  IO,
  IO_LENGTH,
  JOB,
} from '../../assembly/memory';
import {
  JOB_LENGTH,
  JOBS,
  KEY_STATES,
  KEYS,
  SCHEDULE,
  SCRATCH,
  SCRATCH_LENGTH,
  SECRET_BEGIN,
} from '../../assembly/memory';
import { SHA256, SHA512, SLOTS, wipeAll } from '../../assembly/memory';
import { marks } from './support';

/** What each region must hold, in the order of the map: address, length. */
const REGIONS: usize[][] = [
  [KEYS, 32 * <usize>SLOTS],
  [KEY_STATES, <usize>SLOTS],
  [CONTEXT_TABLE, 128],
  [CONTEXT, <usize>CONTEXTS * CONTEXT_LENGTH],
  [SHA256, 400],
  [SCHEDULE, 64],
  [SHA512, 400],
  [HKDF, 264],
  [JOB, <usize>JOBS * JOB_LENGTH],
  [GCM, 512],
  [SCRATCH, SCRATCH_LENGTH],
  [IO, IO_LENGTH],
];

describe('the memory map', () => {
  test('regions follow each other and do not overlap', () => {
    let end = SECRET_BEGIN;
    for (let i = 0; i < REGIONS.length; i++) {
      expect(REGIONS[i][0]).toBeGreaterThanOrEqual(end);
      end = REGIONS[i][0] + REGIONS[i][1];
    }
    expect(end).toBe(END);
  });

  test('every region is aligned for v128', () => {
    for (let i = 0; i < REGIONS.length; i++) expect(REGIONS[i][0] & 15).toBe(0);
  });

  test('it fits: scalar into one page, SIMD into four; the specs lie above', () => {
    if (ASC_FEATURE_SIMD) expect(END).toBeLessThanOrEqual(4 * 65536);
    else expect(END).toBeLessThanOrEqual(65536);
    expect(__data_end).toBeGreaterThan(4 * 65536);
  });

  test('a job holds two midstates, four U, four T, its state', () => {
    expect(JOB_LENGTH).toBeGreaterThanOrEqual(64 + 2 * 4 * 32 + 8);
  });

  test('wipe clears all of it and nothing beside it', () => {
    memory.fill(SECRET_BEGIN - 16, 0xa5, END - SECRET_BEGIN + 32);
    wipeAll();
    expect(marks(SECRET_BEGIN, END - SECRET_BEGIN)).toBe(0);
    expect(marks(SECRET_BEGIN - 16, 16)).toBe(16);
    expect(marks(END, 16)).toBe(16);
  });
});
