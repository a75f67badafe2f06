// Where the rollback memory of a device lies. FORMATS §11.

import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { fileMemory, platformMemory } from '../../bindings/store/file-memory.ts';

const root = mkdtempSync(join(tmpdir(), 'keystrata-memories-'));
afterAll(() => rmSync(root, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());
const ID = 'ab'.repeat(32);
const one = Uint8Array.of(1);
const fresh = { ifVersion: null };

it('is spread over folders by the first digits of an id, and says where', async () => {
  const memory = fileMemory(join(root, 'given'));
  expect(await memory.get(ID)).toBeNull();
  const { version } = await memory.put(ID, one, fresh);
  expect(readdirSync(join(root, 'given', 'ab'))).toEqual([`${ID}.1`]);
  expect(memory.where!(ID)).toBe(join(root, 'given', 'ab', `${ID}.*`));
  expect(await fileMemory(join(root, 'given')).get(ID)).toEqual({ bytes: one, version }); // another process
  for (const wrong of ['', 7, undefined]) expect(() => fileMemory(wrong as string)).toThrow(/path of a folder/);
});

describe.runIf(process.platform === 'linux')('of the platform', () => {
  it('is in $KEYSTRATA_MEMORY, which must work', async () => {
    vi.stubEnv('KEYSTRATA_MEMORY', join(root, 'asked for'));
    await platformMemory().put(ID, one, fresh);
    expect(readdirSync(join(root, 'asked for', 'ab'))).toEqual([`${ID}.1`]);
    writeFileSync(join(root, 'a file'), '');
    vi.stubEnv('KEYSTRATA_MEMORY', join(root, 'a file'));
    const memory = platformMemory();
    await expect(memory.get(ID)).rejects.toMatchObject({ code: 'ERR_STORE' });
    await expect(memory.put(ID, one, fresh)).rejects.toMatchObject({ code: 'ERR_STORE' });
    expect(memory.where!(ID)).not.toBe('this process');
  });

  it('is else in the folder for data', async () => {
    vi.stubEnv('KEYSTRATA_MEMORY', undefined);
    vi.stubEnv('XDG_DATA_HOME', join(root, 'data'));
    const memory = platformMemory();
    await memory.put(ID, one, fresh);
    expect(memory.where!(ID)).toBe(join(root, 'data', 'keystrata-memory', 'ab', `${ID}.*`));
    expect(readdirSync(join(root, 'data', 'keystrata-memory', 'ab'))).toEqual([`${ID}.1`]);
  });

  it('is the process’s own where there can be no such folder, and says so', async () => {
    writeFileSync(join(root, 'no folder'), '');
    vi.stubEnv('KEYSTRATA_MEMORY', undefined);
    vi.stubEnv('XDG_DATA_HOME', join(root, 'no folder'));
    const memory = platformMemory();
    expect(memory.where!(ID)).toContain('no folder'); // not tried yet
    expect(await memory.get(ID)).toBeNull();
    expect(memory.where!(ID)).toBe('this process');
    const { version } = await memory.put(ID, one, fresh);
    expect(await memory.get(ID)).toEqual({ bytes: one, version });
    expect(await platformMemory().get(ID)).toEqual({ bytes: one, version }); // of all stores in the process
    await expect(memory.put(ID, one, fresh)).rejects.toMatchObject({ code: 'ERR_CONFLICT' });
  });

  it('is not given up where the disk fails in another way', async () => {
    symlinkSync(join(root, 'round'), join(root, 'round'));
    vi.stubEnv('KEYSTRATA_MEMORY', undefined);
    vi.stubEnv('XDG_DATA_HOME', join(root, 'round'));
    const memory = platformMemory();
    await expect(memory.get(ID)).rejects.toMatchObject({ code: 'ERR_STORE' });
    expect(memory.where!(ID)).toContain('round');
  });
});
