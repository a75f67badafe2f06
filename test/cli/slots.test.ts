// keystrata slots: ways in, listed, added, removed and renamed; and the operator key that opens everywhere.

import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectRefusal } from './refusal.ts';
import { Bench, json, keystrata, PASSPHRASE, shell, type Finished } from './support.ts';

const bench = new Bench();
beforeAll(() => bench.prepare());
afterAll(() => bench.end());

const NEXT = 'staple battery horse correct';
const by = (ring: string, ...args: string[]): Promise<Finished> =>
  keystrata(['--keyring', ring, '--passphrase-fd', '3', ...args], { fd3: `${PASSPHRASE}\n` });
type Facts = Record<string, unknown>;
const slotOf = (finished: Finished): Facts => json(finished)['slot'] as Facts;
const slotsIn = async (ring: string): Promise<Facts[]> =>
  json(await by(ring, 'slots', 'list', '--json'))['slots'] as Facts[];
const done = (finished: Finished): Finished => {
  expect(finished.code, finished.stderr).toBe(0);
  return finished;
};

describe('slots', () => {
  it('lists what is there, as a tree and as JSON', async () => {
    const listed = done(await by(bench.keyring, 'slots', 'list'));
    expect(listed.stdout.toString()).toMatch(/slots of "default"/);
    expect(listed.stdout.toString()).toMatch(/passphrase, 600,000 iterations/);
    expect(listed.stdout.toString()).toMatch(/recovery code/);
    const slots = await slotsIn(bench.keyring);
    expect(slots.map(({ type }) => type).sort()).toEqual(['passphrase', 'recovery']);
  });

  it('adds a passphrase, which opens, and is named, renamed and removed', async () => {
    const ring = bench.copy();
    const added = done(
      await keystrata(
        ['--keyring', ring, '--passphrase-stdin', '--json', 'slots', 'add', 'passphrase', '--label', 'laptop'],
        { stdin: `${PASSPHRASE}\n${NEXT}\n` },
      ),
    );
    const { id, label, type, rotatable } = slotOf(added);
    expect([label, type, rotatable]).toEqual(['laptop', 'passphrase', false]);
    const opened = done(
      await keystrata(['--keyring', ring, '--passphrase-stdin', 'slots', 'list'], { stdin: `${NEXT}\n` }),
    );
    expect(opened.stdout.toString()).toContain('"laptop"');
    done(await by(ring, 'slots', 'rename', id as string, 'the old laptop'));
    expect((await slotsIn(ring)).find((slot) => slot['id'] === id)!['label']).toBe('the old laptop');
    const removed = done(await by(ring, 'slots', 'remove', id as string));
    expect(removed.stderr).toMatch(/removed slot .*\n.*--rekey/);
    expectRefusal(
      await keystrata(['--keyring', ring, '--passphrase-stdin', 'slots', 'list'], { stdin: `${NEXT}\n` }),
      3,
      'ERR_WRONG_SECRET',
    );
    expectRefusal(await by(ring, 'slots', 'remove', id as string), 6, 'ERR_NOT_FOUND');
  });

  it('adds a recovery code, shown once', async () => {
    const ring = bench.copy();
    const added = done(await by(ring, 'slots', 'add', 'recovery', '--quiet'));
    expect(added.stderr).toMatch(/Recovery code of "default"/);
    const { recoveryCode } = json(done(await by(ring, 'slots', 'add', 'recovery', '--json'))) as {
      recoveryCode: string;
    };
    done(
      await keystrata(['--keyring', ring, '--recovery-code-fd', '3', 'slots', 'list'], { fd3: `${recoveryCode}\n` }),
    );
  });

  it.skipIf(!existsSync('/dev/full'))('says which slot to remove where nobody saw the recovery code', async () => {
    const ring = bench.copy();
    const add = `$K slots add recovery --json --keyring '${ring}' --passphrase-fd 3 3<$PASS >/dev/full`;
    const { code, stderr } = await shell(add, bench.folder());
    expect(code).toBe(8);
    const id = /slots remove ([0-9a-f]{32})/.exec(stderr)?.[1];
    expect((await slotsIn(ring)).map((slot) => slot['id'])).toContain(id);
    done(await by(ring, 'slots', 'remove', id!));
    expect(await slotsIn(ring)).toHaveLength(2);
  });

  it('adds an operator key, rotatable, which then opens in place of a passphrase', async () => {
    const ring = bench.copy();
    const [id, key] = [randomBytes(16).toString('hex'), randomBytes(32).toString('hex')];
    const folder = bench.files({ 'operator.key': `${id}:${key}\n`, notes: 'Dear diary' });
    const run = (line: string) => shell(line, folder, { KEYSTRATA_KEYRING: ring });
    const added = done(
      await run(
        '$K slots add operator --rotatable --json --new-operator-key-fd 4 --passphrase-fd 3 3<$PASS 4<operator.key',
      ),
    );
    expect(slotOf(added)).toMatchObject({ type: 'operator', rotatable: true, kem: 'P-256', operatorKeyId: id });
    expect(added.stdout.toString() + added.stderr).not.toContain(key);
    done(await run('$K seal notes --operator-key-fd 3 3<operator.key'));
    const opened = done(await run('$K open notes.sealed -o - --operator-key-fd 3 3<operator.key'));
    expect(opened.stdout.toString()).toBe('Dear diary');
    const listed = done(await run('$K slots list --operator-key-fd 3 3<operator.key'));
    expect(listed.stdout.toString()).toMatch(new RegExp(`operator key, .*rotatable \\(P-256\\), key ${id}`));
    // Who has this alone adds a passphrase with it.
    done(await run(`$K slots add passphrase --operator-key-fd 3 --passphrase-fd 4 3<operator.key 4<$PASS`));
    const other = `${id}:${randomBytes(32).toString('hex')}\n`;
    expectRefusal(
      await keystrata(['--keyring', ring, '--operator-key-fd', '3', 'slots', 'list'], { fd3: other }),
      3,
      'ERR_WRONG_SECRET',
    );
  });

  it('adds an escrow by a public key in a file, signed where the user signs', async () => {
    const [ring, bank] = [bench.copy(), bench.copy()];
    const made = json(done(await by(bank, 'keypair', 'create', 'agree', '--json')));
    const folder = bench.folder();
    const [jwk, cose] = [join(folder, 'bank.jwk'), join(folder, 'bank.cose')];
    done(await by(bank, 'keypair', 'export', made['id'] as string, '-o', jwk));
    done(await by(bank, 'keypair', 'export', made['id'] as string, '--cose', '-o', cose));
    const fingerprint = made['fingerprint'] as string;
    const add = (file: string, ...more: string[]) => by(ring, 'slots', 'add', 'escrow', file, ...more);
    const first = done(await add(jwk, '--fingerprint', fingerprint, '--label', 'the bank', '--json'));
    expect(slotOf(first)).toMatchObject({ type: 'escrow', label: 'the bank', escrow: { signed: false } });
    done(await by(ring, 'keypair', 'create', 'sign'));
    const second = done(await add(cose, '--fingerprint', fingerprint.toLowerCase(), '--json'));
    expect(slotOf(second)['escrow']).toMatchObject({ signed: true });
    expect(done(await by(ring, 'inspect', '--json')).stdout.toString()).toContain('"signed":true');
    const wrong = fingerprint.startsWith('0') ? `1${fingerprint.slice(1)}` : `0${fingerprint.slice(1)}`;
    expectRefusal(await add(jwk, '--fingerprint', wrong), 4, 'ERR_UNTRUSTED_KEY');
    expectRefusal(await add(join(folder, 'none'), '--fingerprint', fingerprint), 6, 'ERR_NOT_FOUND');
    writeFileSync(join(folder, 'text'), '{ "kty"');
    expectRefusal(await add(join(folder, 'text'), '--fingerprint', fingerprint), 5, 'ERR_FORMAT');
    writeFileSync(join(folder, 'long'), Buffer.alloc(20_000));
    expectRefusal(await add(join(folder, 'long'), '--fingerprint', fingerprint), 5, 'ERR_LIMIT');
  });

  it('keeps the last that the user holds', async () => {
    const ring = bench.copy();
    const slots = await slotsIn(ring);
    const id = (type: string): string => slots.find((slot) => slot['type'] === type)!['id'] as string;
    done(await by(ring, 'slots', 'remove', id('recovery')));
    expectRefusal(await by(ring, 'slots', 'remove', id('passphrase')), 9, 'ERR_KEY_STATE');
  });

  it('replaces the KEK with a removal, and what was sealed before still opens', async () => {
    const ring = bench.copy();
    const folder = bench.files({ notes: 'Dear diary' });
    const notes = join(folder, 'notes');
    done(await by(ring, 'seal', notes));
    const slots = await slotsIn(ring);
    const recovery = slots.find((slot) => slot['type'] === 'recovery')!['id'] as string;
    const passphrase = slots.find((slot) => slot['type'] === 'passphrase')!['id'] as string;
    const kek = async (): Promise<unknown> => (json(await by(ring, 'inspect', '--json'))['keys'] as Facts[])[0]!['id'];
    const first = await kek();
    const refused = await by(ring, 'slots', 'remove', '--rekey', passphrase);
    expectRefusal(refused, 2, 'ERR_ARGUMENT');
    expect(refused.stderr).toContain(recovery);
    expect(await kek()).toBe(first);
    done(await by(ring, 'slots', 'remove', '--rekey', recovery));
    expect(await kek()).not.toBe(first);
    expect((await slotsIn(ring)).map(({ id }) => id)).toEqual([passphrase]);
    expect(done(await by(ring, 'open', `${notes}.sealed`, '-o', '-')).stdout.toString()).toBe('Dear diary');
  });

  it('alone shows its help', async () => {
    const { code, stderr } = await keystrata(['slots']);
    expect(code).toBe(2);
    for (const name of ['list', 'add', 'remove', 'rename']) expect(stderr).toContain(name);
    expect((await keystrata(['slots', 'add', '--help'])).stdout.toString()).toContain('--rotatable');
  });

  it.each([
    [['slots', 'add']],
    [['slots', 'add', 'fingerprint']],
    [['slots', 'add', 'toString']],
    [['slots', 'add', 'passphrase', 'file']],
    [['slots', 'add', 'recovery', '--fingerprint', 'x']],
    [['slots', 'add', 'operator']],
    [['slots', 'add', 'operator', '--fingerprint', 'x']],
    [['slots', 'add', 'escrow']],
    [['slots', 'add', 'escrow', 'file']],
    [['slots', 'add', 'escrow', 'file', '--fingerprint', 'x', '--rotatable']],
    [['slots', 'add', 'recovery', '--kem', 'RSA']],
    [['slots', 'add', 'recovery', '--kem', 'X-Wing']],
    [['slots', 'rename', '00']],
    [['slots', 'rename', 'first', 'x']],
    [['slots', 'remove']],
    [['slots', 'remove', 'first']],
    [['slots', 'list', 'one']],
  ])('%j is refused', async (args) => {
    expectRefusal(await by(bench.keyring, ...args), 2, 'ERR_ARGUMENT');
  });
});

describe('an operator key', () => {
  it('is one line of hex, and nothing else', async () => {
    const [id, key] = ['00'.repeat(16), '11'.repeat(32)];
    for (const line of [
      '',
      id,
      `${id}${key}`,
      `${id}:${key}0`,
      `${id}-${key}`,
      `${id}:${key.slice(1)}g`,
      `x${id.slice(1)}:${key}`,
    ])
      expectRefusal(
        await keystrata(['--keyring', bench.keyring, '--operator-key-fd', '3', 'slots', 'list'], { fd3: `${line}\n` }),
        2,
        'ERR_ARGUMENT',
      );
    for (const line of [`${id}:${key}`, `${id} ${key}`, `${id}:${'aA'.repeat(32)}`])
      expectRefusal(
        await keystrata(['--keyring', bench.keyring, '--operator-key-fd', '3', 'slots', 'list'], { fd3: `${line}\n` }),
        3,
        'ERR_WRONG_SECRET',
      );
  });

  it('comes alone, and not where a passphrase is set', async () => {
    const line = `${'00'.repeat(16)}:${'11'.repeat(32)}\n`;
    const run = (...args: string[]) =>
      keystrata(['--keyring', bench.keyring, '--operator-key-fd', '3', ...args], { fd3: line });
    expectRefusal(await run('seal', '-', '--passphrase-stdin'), 2, 'ERR_ARGUMENT');
    expectRefusal(await run('seal', '-', '--recovery-code-fd', '0'), 2, 'ERR_ARGUMENT');
    expectRefusal(await run('init', '--owner', 'new', '--passphrase-stdin'), 2, 'ERR_ARGUMENT');
    expectRefusal(await run('slots', 'list'), 3, 'ERR_WRONG_SECRET');
    const passwd = await run('passwd');
    expectRefusal(passwd, 2, 'ERR_ARGUMENT');
    expect(passwd.stderr).toContain('keystrata slots add passphrase --operator-key-fd');
  });

  it('begins a keyring, with a recovery code or without, and opens it', async () => {
    const [id, key] = [randomBytes(16).toString('hex'), randomBytes(32).toString('hex')];
    const fd3 = `${id}:${key}\n`;
    for (const more of [[], ['--no-recovery']]) {
      const ring = join(bench.folder(), 'keyring');
      const run = (...args: string[]) => keystrata(['--keyring', ring, '--operator-key-fd', '3', ...args], { fd3 });
      const made = done(await run('init', '--json', ...more));
      expect(made.stdout.toString() + made.stderr).not.toContain(key);
      const { recoveryCode } = json(made) as { recoveryCode?: string };
      const { slots } = json(done(await run('slots', 'list', '--json'))) as { slots: Facts[] };
      expect(slots.map(({ type }) => type).sort()).toEqual(more.length > 0 ? ['operator'] : ['operator', 'recovery']);
      expect(slots.find(({ type }) => type === 'operator')).toMatchObject({ operatorKeyId: id });
      expectRefusal(await by(ring, 'slots', 'list'), 3, 'ERR_WRONG_SECRET');
      expectRefusal(await run('init'), 7, 'ERR_EXISTS');
      if (recoveryCode === undefined) continue;
      const line = { fd3: `${recoveryCode}\n` };
      done(await keystrata(['--keyring', ring, '--recovery-code-fd', '3', 'slots', 'list'], line));
    }
    const other = join(bench.folder(), 'keyring');
    const wrong = ['--keyring', other, '--operator-key-fd', '3', 'init'];
    expectRefusal(await keystrata(wrong, { fd3: 'no key\n' }), 2, 'ERR_ARGUMENT');
    expect(existsSync(other)).toBe(false);
  });
});
