// keystrata keypair: made, listed, exported; others verify and seal with what comes out.

import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine, fingerprintOf, publicKeyAsJwk } from '../../bindings/index.ts';
import { Bench, json, keystrata, namesIn } from './support.ts';

const bench = new Bench();
beforeAll(() => bench.prepare());
afterAll(() => bench.end());

const ID = /^[0-9a-f]{32}$/;
const FINGERPRINT = /([0-9A-HJKMNP-TV-Z]{4}-){12}[0-9A-HJKMNP-TV-Z]{4}/;

describe('keypair', () => {
  it('create makes one, list shows it, export gives it to others', async () => {
    const none = await bench.run(['keypair', 'list']);
    expect([none.code, none.stdout.toString()]).toEqual([0, expect.stringContaining('no keypairs of "default"')]);

    const made = await bench.run(['keypair', 'create', 'sign', '--label', 'letters', '--json']);
    expect(made.code, made.stderr).toBe(0);
    const facts = json(made);
    expect(facts).toMatchObject({
      ok: true,
      command: 'keypair create',
      use: 'sign',
      algorithm: 'ES256',
      label: 'letters',
      state: 'active',
      owner: 'default',
      folder: bench.keyring,
    });
    const id = facts['id'] as string;
    expect(id).toMatch(ID);

    const second = await bench.run(['keypair', 'create', 'agree', '--kem', 'X25519']);
    expect(second.code, second.stderr).toBe(0);
    expect(second.stdout).toHaveLength(0);
    expect(second.stderr).toMatch(FINGERPRINT);
    expect(second.stderr).toMatch(/keystrata keypair export [0-9a-f]{32}/);

    const listed = await bench.run(['keypair', 'list']);
    expect(listed.stdout.toString()).toContain(`signing key ${id} "letters": ES256, active, since `);
    expect(listed.stdout.toString()).toContain('X25519, active');
    const list = json(await bench.run(['keypair', 'list', '--json']))['keypairs'] as Record<string, unknown>[];
    expect(list.map(({ algorithm }) => algorithm).sort()).toEqual(['ES256', 'X25519']);

    const exported = await bench.run(['keypair', 'export', id]);
    expect(exported.code, exported.stderr).toBe(0);
    const jwk = JSON.parse(exported.stdout.toString()) as Record<string, string>;
    expect(jwk).toEqual(facts['jwk']);
    expect(createPublicKey({ key: jwk, format: 'jwk' }).asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
    expect(exported.stderr).toContain(facts['fingerprint'] as string);

    const folder = bench.folder();
    const file = join(folder, 'key.cose');
    const cose = await bench.run(['keypair', 'export', id.toUpperCase(), '--cose', '-o', file, '--json']);
    expect(cose.code, cose.stderr).toBe(0);
    expect(namesIn(folder)).toEqual(['key.cose']);
    const bytes = readFileSync(file);
    expect(json(cose)).toMatchObject({
      cose: bytes.toString('hex'),
      jwk,
      output: file,
      fingerprint: facts['fingerprint'],
    });
    expect(jwk).toMatchObject(publicKeyAsJwk(bytes));
    const engine = await createEngine();
    expect(fingerprintOf(engine, bytes)).toBe(facts['fingerprint']);
    engine[Symbol.dispose]();

    const again = await bench.run(['keypair', 'export', id, '-o', file]);
    expect(again.code).toBe(7);
    expect(readFileSync(file)).toEqual(bytes);

    const shown = json(await keystrata(['inspect', '--keyring', bench.keyring, '--json']));
    const roles = (shown['keys'] as { role: string }[]).map(({ role }) => role);
    expect(roles).toEqual(expect.arrayContaining(['SIGN', 'AGREE']));
  });

  it.each([
    ['no command of its own', [], 2],
    ['an unknown one', ['delete'], 2],
    ['no use', ['create'], 2],
    ['another use', ['create', 'both'], 2],
    ['a kem for signatures', ['create', 'sign', '--kem', 'P-256'], 2],
    ['an alg for agreement', ['create', 'agree', '--alg', 'ES256'], 2],
    ['an unknown kem', ['create', 'agree', '--kem', 'P-521'], 2],
    ['an id that is none', ['export', 'mine'], 2],
    ['an id that is not there', ['export', '0'.repeat(32)], 6],
    ['--json with data to standard output', ['export', '0'.repeat(32), '--json', '-o', '-'], 2],
  ])('%s is refused', async (_, args, exit) => {
    const { code, stdout } = await bench.run(['keypair', ...args]);
    expect(code).toBe(exit);
    if (!args.includes('--json')) expect(stdout).toHaveLength(0);
  });

  it('asks no passphrase for what cannot be', async () => {
    const { code, stderr } = await keystrata([
      'keypair',
      'create',
      'both',
      '--keyring',
      bench.keyring,
      '--passphrase-fd',
      '9',
    ]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('agree or sign')]);
    const nowhere = await keystrata(['keypair', 'list', '--keyring', bench.folder(), '--passphrase-stdin']);
    expect(nowhere.code).toBe(6);
  });

  it('--help shows what there is', async () => {
    const group = await keystrata(['keypair', '--help']);
    expect(group.code).toBe(0);
    for (const word of ['create', 'list', 'export']) expect(group.stdout.toString()).toContain(word);
    const one = await keystrata(['keypair', 'create', '--help']);
    expect(one.stdout.toString()).toContain('keystrata keypair create agree --kem X25519');
  });
});
