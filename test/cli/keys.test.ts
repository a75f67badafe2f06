// The life of keys at a terminal: keys, rotate-kek, passwd --rekey, audit, verify.

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expectRefusal } from './refusal.ts';
import { keystrata, PASSPHRASE, shell, type Finished } from './support.ts';

let folder: string;
let at: readonly string[];
let recoveryCode: string;

const run = (args: readonly string[], stdin = `${PASSPHRASE}\n`): Promise<Finished> =>
  keystrata([...args, ...at, '--passphrase-stdin'], { stdin, cwd: folder });

async function facts(args: readonly string[], stdin?: string): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await run([...args, '--json'], stdin);
  expect(code, stderr + stdout.toString()).toBe(0);
  return JSON.parse(stdout.toString()) as Record<string, unknown>;
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'keystrata-keys-'));
  at = ['--keyring', join(folder, 'ring')];
  ({ recoveryCode } = (await facts(['init'])) as { recoveryCode: string });
});
afterEach(() => rmSync(folder, { recursive: true }));

const states = async (): Promise<[string, number, string][]> => {
  const { keys } = (await facts(['keys', 'list'])) as {
    keys: { space?: string; version: number; state: string }[];
  };
  return keys.filter(({ space }) => space === 'notes').map(({ space, version, state }) => [space!, version, state]);
};

describe('keys', () => {
  it('are made, rotated, suspended, resumed and destroyed, with their reasons', async () => {
    const { key } = (await facts(['keys', 'create', 'notes'])) as { key: string };
    await facts(['keys', 'suspend', key, '--reason', 'a laptop was lost']);
    expect(await states()).toEqual([['notes', 1, 'suspended']]);
    await facts(['keys', 'resume', key]);
    const next = (await facts(['keys', 'rotate', 'notes', '--reason', 'as every year'])) as { key: string };
    expect(next.key).not.toBe(key);
    expect(new Set((await states()).map(String))).toEqual(new Set(['notes,1,deactivated', 'notes,2,active']));
    expectRefusal(await run(['keys', 'destroy', key]), 2, 'ERR_ARGUMENT');
    await facts(['keys', 'destroy', key, '--force', '--reason', 'the contract ended']);
    expectRefusal(await run(['keys', 'resume', key]), 9, 'ERR_KEY_STATE');
    expectRefusal(await run(['keys', 'rotate', 'photos']), 6, 'ERR_KEY_NOT_FOUND');
    const listed = (await run(['keys', 'list'])).stdout.toString();
    expect(listed).toMatch(/DEK [0-9a-f]{32} of "notes", version 1: destroyed/);
    expect(listed).toMatch(/DEK [0-9a-f]{32} of the keyring itself, version 1: active/);
    expect(listed).toContain('destroyed since');
    expect(listed).toContain('the contract ended');

    const log = (await run(['audit'])).stdout.toString();
    for (const told of [
      'create',
      'key create',
      'state',
      'rotate DEK',
      '"as every year"',
      'destroy',
      'a laptop was lost',
    ])
      expect(log).toContain(told);
  });
});

describe('rotate-kek and passwd --rekey', () => {
  it('name the slots they want; with a new recovery code all opens that opened before', async () => {
    writeFileSync(join(folder, 'notes.txt'), 'Dear diary');
    expect((await run(['seal', 'notes.txt'])).code).toBe(0);
    const refused = await run(['rotate-kek']);
    expectRefusal(refused, 2, 'ERR_ARGUMENT');
    expect(refused.stderr).toMatch(/1 of 2 slots are missing.*\(recovery\)/);
    const first = (await facts(['rotate-kek', '--new-recovery-code'])) as { kek: string; recoveryCode: string };
    expect(first.recoveryCode).not.toBe(recoveryCode);
    const next = 'another passphrase altogether';
    const both = `${PASSPHRASE}\n${next}\n`;
    expectRefusal(await run(['passwd', '--rekey'], both), 2, 'ERR_ARGUMENT');
    expectRefusal(await run(['passwd', '--new-recovery-code'], both), 2, 'ERR_ARGUMENT');
    const second = (await facts(['passwd', '--rekey', '--new-recovery-code'], both)) as { recoveryCode: string };
    const third = (await facts(['rotate-kek', '--compromised', '--new-recovery-code'], `${next}\n`)) as { kek: string };
    expect(third.kek).not.toBe(first.kek);
    expectRefusal(await run(['open', 'notes.txt.sealed', '-o', '-']), 3, 'ERR_WRONG_SECRET');
    const opened = await run(['open', 'notes.txt.sealed', '-o', '-'], `${next}\n`);
    expect(opened.stdout.toString(), opened.stderr).toBe('Dear diary');
    const old = await keystrata(['open', 'notes.txt.sealed', '-o', '-', ...at, '--recovery-code-fd', '3'], {
      cwd: folder,
      fd3: `${second.recoveryCode}\n`,
    });
    expectRefusal(old, 3, 'ERR_WRONG_SECRET');
    expect((await facts(['verify'], `${next}\n`)).oldKeks).toBe(3);
  });

  it.skipIf(!existsSync('/dev/full'))('say what to do where nobody saw the new recovery code', async () => {
    const bare = `--json --keyring '${join(folder, 'ring')}' --new-recovery-code`;
    writeFileSync(join(folder, 'both'), `${PASSPHRASE}\n${PASSPHRASE}\n`);
    for (const command of ['rotate-kek', 'passwd --rekey']) {
      const { code, stderr } = await shell(`$K ${command} ${bare} --passphrase-fd 3 3<both >/dev/full`, folder);
      expect([code, stderr]).toEqual([8, expect.stringMatching(/nobody saw.*rotate-kek --new-recovery-code/)]);
    }
  });
});

describe('audit', () => {
  it('exports, verifies, and finds what was altered', async () => {
    await facts(['keys', 'create', 'notes']);
    expect((await run(['audit', '--export', 'log'])).code).toBe(0);
    const path = join(folder, 'log');
    const bytes = readFileSync(path);
    expect((await facts(['audit', '--verify', 'log'])).entries).toHaveLength(2);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(path, bytes);
    expectRefusal(await run(['audit', '--verify', 'log']), 4, 'ERR_AUTHENTICATION');
    writeFileSync(path, 'no log');
    expectRefusal(await run(['audit', '--verify', 'log']), 5, 'ERR_FORMAT');
    expectRefusal(await run(['audit', '--verify', 'nowhere']), 6, 'ERR_NOT_FOUND');
    expectRefusal(await run(['audit', '--verify', 'log', '--export', 'x']), 2, 'ERR_ARGUMENT');
  });
});

describe('verify', () => {
  it('says what was checked, with the secret and without', async () => {
    await facts(['keys', 'create', 'notes']);
    expect(await facts(['verify'])).toMatchObject({
      authenticated: true,
      keys: 2,
      keypairs: 0,
      oldKeks: 0,
      auditEntries: 2,
    });
    const bare = await keystrata(['verify', '--no-secret', '--json', ...at], { cwd: folder });
    expect(JSON.parse(bare.stdout.toString())).toMatchObject({ ok: true, authenticated: false });
    expect((await run(['verify'])).stdout.toString()).toMatch(/unwraps: keys 2, keypairs 0, old KEKs 0/);
  });

  it('finds a document that was altered', async () => {
    const path = join(folder, 'ring', 'default.1');
    const bytes = readFileSync(path);
    bytes[bytes.length - 1]! ^= 1; // of the MAC
    writeFileSync(path, bytes);
    expectRefusal(await run(['verify']), 4, 'ERR_AUTHENTICATION');
  });
});
