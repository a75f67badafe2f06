// inspect: what a keyring, a record, an envelope, a stream and a keyring's own file say of themselves; as a tree, as JSON.

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine, Keyring } from '../../bindings/index.ts';
import { fileStore } from '../../bindings/node.ts';
import { RECORD, WRAP, encrypt0 } from '../../bindings/format/cose-encrypt0.ts';
import { Bench, json, keystrata } from './support.ts';

interface Key {
  id: string;
  role: string;
  wrappedBy: string;
}

const bench = new Bench();
/** Of the bench's keyring. */
let kek: string;
let keyring: string;
let keys: Key[];
beforeAll(async () => {
  await bench.prepare();
  keyring = bench.copy();
  keys = json(await keystrata(['inspect', '--keyring', keyring, '--json']))['keys'] as Key[];
  kek = keys[0]!.id;
});
afterAll(() => bench.end());

const NOT_PROVEN = '(read without a secret: not authenticated)';
const ID = '[0-9a-f]{32}';

/** The tree and the facts of `bytes`: from a path, and the same from a pipe. */
async function inspected(bytes: Uint8Array): Promise<{ lines: string[]; facts: Record<string, unknown> }> {
  const cwd = bench.files({ thing: bytes });
  const [tree, facts, piped] = await Promise.all([
    keystrata(['inspect', 'thing'], { cwd }),
    keystrata(['inspect', 'thing', '--json'], { cwd }),
    keystrata(['inspect', '-', '--json'], { stdin: bytes }),
  ]);
  expect([tree.code, tree.stderr]).toEqual([0, '']);
  expect({ ...json(piped), file: 'thing' }).toEqual(json(facts));
  return { lines: tree.stdout.toString().trimEnd().split('\n'), facts: json(facts) };
}

describe('a keyring', () => {
  it('as a tree: how it opens, what wraps what', async () => {
    const { code, stdout, stderr } = await keystrata(['inspect', '--keyring', keyring]);
    expect([code, stderr]).toEqual([0, '']);
    const tree = stdout.toString();
    expect(tree.startsWith(`keyring of "default" in ${keyring} ${NOT_PROVEN}\n`)).toBe(true);
    expect(tree).toMatch(new RegExp(`├── id ${ID}, revision 1\n`));
    expect(tree).toMatch(
      new RegExp(`├── slot ${ID}: passphrase, 600,000 iterations, since 20\\d\\d-\\d\\d-\\d\\d; opens`),
    );
    expect(tree).toMatch(new RegExp(`├── slot ${ID}: recovery code, since 20\\d\\d-\\d\\d-\\d\\d; opens the KEK\n`));
    expect(tree).toMatch(
      new RegExp(`└── KEK ${kek}: version 1, active.*\n {4}└── DEK ${ID}: .*meant to seal until 20`),
    );
  });

  it('as JSON', async () => {
    const facts = json(await keystrata(['inspect', '--keyring', keyring, '--json']));
    expect(facts).toMatchObject({
      ok: true,
      command: 'inspect',
      kind: 'keyring',
      owner: 'default',
      folder: keyring,
      revision: 1,
      authenticated: false,
    });
    const slots = facts['slots'] as { id: string; type: string }[];
    expect(slots.map(({ type }) => type).sort()).toEqual(['passphrase', 'recovery']);
    expect(slots.find(({ type }) => type === 'passphrase')).toMatchObject({ iterations: 600_000, rotatable: false });
    expect(keys[0]).toMatchObject({ role: 'KEK', wrappedBy: slots[0]!.id });
    for (const key of keys.slice(1)) expect(key.wrappedBy).toBe(kek);
  });

  it('from its own file, and from a pipe', async () => {
    const bytes = readFileSync(join(keyring, 'default.1'));
    const { lines, facts } = await inspected(bytes);
    const { length } = bytes;
    expect(facts).toMatchObject({ kind: 'document', keyId: kek, size: length, overhead: length, content: 0 });
    expect(facts).toMatchObject({ owner: 'default', revision: 1, keys, authenticated: false });
    expect(lines[0]).toBe(`"thing": document, ${length.toLocaleString('en-US')} bytes ${NOT_PROVEN}`);
    expect(lines[1]).toBe('└── keyring of "default"');
    expect(lines.join('\n')).toContain(`    └── KEK ${kek}: version 1, active`);
  });
});

describe('a sealed thing', () => {
  it('a stream', async () => {
    const size = 20_000;
    const sealed = (await bench.run(['seal', '-'], { stdin: randomBytes(size) })).stdout;
    const { lines, facts } = await inspected(sealed);
    const dek = sealed.subarray(7, 23).toString('hex'); // FORMATS §6
    expect(facts).toEqual({
      ok: true,
      command: 'inspect',
      kind: 'stream',
      file: 'thing',
      keyId: kek,
      dataKeyId: dek,
      size: sealed.length,
      overhead: sealed.length - size,
      content: size,
      chunks: 2,
      authenticated: false,
    });
    expect(lines).toEqual([
      `"thing": stream, 20,231 bytes ${NOT_PROVEN}`,
      `└── KEK ${kek} wraps`,
      `    └── DEK ${dek}, carried with it, seals`,
      '        └── 20,000 bytes of content, 231 of overhead, in 2 chunks',
    ]);
  });

  it('a record', async () => {
    const engine = await createEngine();
    const place = { engine, store: fileStore(bench.copy()), owner: 'default' };
    const keyring = await Keyring.unlock({ ...place, recoveryCode: bench.recoveryCode });
    const { id } = await keyring.createDataKey({ space: 'notes' });
    const record = await keyring.encrypt('Dear diary', { space: 'notes', context: '' });
    engine.dispose();
    const { lines, facts } = await inspected(record);
    expect(facts).toMatchObject({ kind: 'record', keyId: id, size: 67, overhead: 57, content: 10 });
    expect(lines).toEqual([
      `"thing": record, 67 bytes ${NOT_PROVEN}`,
      `└── DEK ${id} seals`,
      '    └── 10 bytes of content, 57 of overhead',
    ]);
  });

  it('an envelope', async () => {
    const dek = randomBytes(16);
    const wrap = encrypt0(WRAP, Buffer.from(kek, 'hex'), 62 + 16); // FORMATS §5, sealed by nobody
    const envelope = Buffer.concat([Buffer.of(0x83, 1), wrap, encrypt0(RECORD, dek, 10 + 16)]);
    const { lines, facts } = await inspected(envelope);
    expect(facts).toMatchObject({ kind: 'envelope', keyId: kek, dataKeyId: dek.toString('hex'), content: 10 });
    expect(lines.slice(1)).toEqual([
      `└── KEK ${kek} wraps`,
      `    └── DEK ${dek.toString('hex')}, carried with it, seals`,
      '        └── 10 bytes of content, 182 of overhead',
    ]);
  });
});
