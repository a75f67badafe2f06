// keystrata rotate-mek: from one operator key to the next, as an operator types it.

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEngine, type Engine } from '../../bindings/index.ts';
import { fill, world, type World } from '../operator/machines.ts';
import { skippedName, tryServer, type Server } from '../postgres/server.ts';
import { json, keystrata } from './support.ts';

const { server, unavailable } = await tryServer();
afterAll(() => server?.end());

if (server === null) it.skip(skippedName(unavailable), () => undefined);
else tests(server);

function tests(server: Server): void {
  let engine: Engine;
  let count = 0;
  beforeAll(async () => {
    engine = await createEngine();
  });
  afterAll(() => engine.dispose());

  const filled = async (owners: string[]): Promise<World> => {
    const w = world(server, engine, `cli_${count++}`);
    await fill(w, owners);
    return w;
  };
  const run = (w: World, ...more: string[]) =>
    keystrata(['rotate-mek', '--database-fd', '3', '--operator-keys-fd', '0', '--table', w.table, ...more], {
      fd3: `${server.url}\n`,
      stdin: `${w.keys.join('\n')}\n`,
    });

  it('moves every keyring, says how many, and which key may go', async () => {
    const w = await filled(['alice', 'bob', 'carol']);
    const [from, to] = w.ids as [string, string];
    const { code, stdout, stderr } = await run(w);
    expect(code, stderr).toBe(0);
    expect(stdout.toString()).toBe('');
    expect(stderr).toBe(
      `3 keyrings are under ${to}, each seen to open; 3 of them were re-wrapped here\nnothing is left under ${from}: it may go, when no backup needs it\n`,
    );
    const again = json(await run(w, '--json'));
    expect(again).toEqual({
      ok: true,
      command: 'rotate-mek',
      to,
      rewrapped: 0,
      verified: 3,
      without: 0,
      failed: [],
      rounds: 1,
      retirable: [from],
    });
    w.ring.dispose();
  });

  it('goes back where the old key is named, and needs no line end after the last', async () => {
    const w = await filled(['alice']);
    expect(json(await run(w, '--json'))).toMatchObject({ to: w.ids[1], rewrapped: 1 });
    expect(json(await run(w, '--json', '--to', w.ids[0]!))).toMatchObject({ to: w.ids[0], rewrapped: 1 });
    const args = ['rotate-mek', '--database-fd', '3', '--operator-keys-fd', '0', '--table', w.table, '--json'];
    const upper = w.keys.map((line) => line.toUpperCase()).join('\r\n');
    const last = await keystrata(args, { fd3: server.url, stdin: upper });
    expect(json(last)).toMatchObject({ to: w.ids[1], rewrapped: 1 });
    w.ring.dispose();
  });

  it('says which keyrings it could not open, and its exit code is theirs; such a key may not go', async () => {
    const w = await filled(['alice', 'bob']);
    const stored = (await w.store.get('bob'))!;
    stored.bytes[stored.bytes.length - 1]! ^= 1;
    await w.store.put('bob', stored.bytes, { ifVersion: stored.version });
    const { code, stderr } = await run(w);
    expect(code).toBe(4);
    expect(stderr).toContain('the keyring of "bob" was not opened, and is as it was (ERR_AUTHENTICATION)');
    expect(stderr).toContain('1 keyrings are under');
    expect(stderr).not.toContain('it may go');
    expect(json(await run(w, '--json'))).toMatchObject({
      ok: false,
      failed: [{ owner: 'bob', code: 'ERR_AUTHENTICATION' }],
      retirable: [],
    });
    w.ring.dispose();
  });

  it('stops at an interrupt with nothing half-done, and goes on the next time', async () => {
    const w = await filled(Array.from({ length: 120 }, (_, i) => `owner ${i}`));
    const { rows } = await w.pool.query<{ version: string }>(`SELECT version FROM ${w.table}`);
    const versions = rows.map(({ version }) => version);
    let asked = false;
    const stopped = await keystrata(
      ['rotate-mek', '--database-fd', '3', '--operator-keys-fd', '0', '--table', w.table],
      {
        fd3: `${server.url}\n`,
        stdin: `${w.keys.join('\n')}\n`,
        started(child) {
          const look = setInterval(() => {
            const moved = `SELECT 1 FROM ${w.table} WHERE NOT version = ANY($1) LIMIT 1`;
            void w.pool.query(moved, [versions]).then(({ rowCount }) => {
              if (rowCount === 0 || asked) return;
              asked = true; // a second interrupt would not wait, and its page be free in a minute only
              child.kill('SIGINT');
            });
          }, 20);
          child.on('close', () => clearInterval(look));
        },
      },
    );
    expect([0, 130]).toContain(stopped.code); // on a fast machine it was done before
    if (stopped.code === 130) expect(stopped.stderr).toContain('interrupted');
    expect(json(await run(w, '--json'))).toMatchObject({ verified: 120, retirable: [w.ids[0]] });
    w.ring.dispose();
  });

  describe('refuses', () => {
    const secret = randomBytes(32).toString('hex');
    const line = `${'ab'.repeat(16)} ${secret}`;
    it.each<[what: string, args: string[], given: { fd3?: string; stdin?: string }, message: RegExp]>([
      ['no keys', ['--database-fd', '3'], { fd3: 'x' }, /operator keys are wanted/],
      ['no database', ['--operator-keys-fd', '3'], { fd3: line }, /database is wanted/],
      [
        'two databases',
        ['--database', 'postgres://h/d', '--database-fd', '3', '--operator-keys-fd', '0'],
        {},
        /database is wanted/,
      ],
      ['one descriptor for both', ['--database-fd', '3', '--operator-keys-fd', '3'], { fd3: line }, /two descriptors/],
      [
        'a password in an argument',
        ['--database', 'postgres://u:hush@h/d', '--operator-keys-fd', '3'],
        { fd3: line },
        /can read a password/,
      ],
      [
        'a password in its query',
        ['--database', 'postgres://h/d?password=hush', '--operator-keys-fd', '3'],
        { fd3: line },
        /can read a password/,
      ],
      ['no URL', ['--database', 'mysql://h/d', '--operator-keys-fd', '3'], { fd3: line }, /a URL such as/],
      [
        'a URL that is none',
        ['--database-fd', '3', '--operator-keys-fd', '0'],
        { fd3: 'hush', stdin: line },
        /a URL such as/,
      ],
      [
        'a short key',
        ['--database', 'postgres://h/d', '--operator-keys-fd', '3'],
        { fd3: line.slice(0, -1) },
        /line 1 is not ID:KEY/,
      ],
      [
        'a key that is no digits',
        ['--database', 'postgres://h/d', '--operator-keys-fd', '3'],
        { fd3: `${line}\n${line.replace(/.$/, 'g')}` },
        /line 2 is not ID:KEY/,
      ],
      [
        'an id that is no digits',
        ['--database', 'postgres://h/d', '--operator-keys-fd', '3'],
        { fd3: `z${line.slice(1)}` },
        /line 1 is not ID:KEY, 32 and 64 hex digits/,
      ],
      [
        'an empty line',
        ['--database', 'postgres://h/d', '--operator-keys-fd', '3'],
        { fd3: `\n${line}` },
        /no operator keys/,
      ],
      [
        'a table that is no name',
        ['--database', 'postgres://h/d', '--operator-keys-fd', '3', '--table', 'a b'],
        { fd3: line },
        /^keystrata: table/,
      ],
    ])('%s', async (_what, args, given, message) => {
      const { code, stderr } = await keystrata(['rotate-mek', ...args], given);
      expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
      expect(stderr).not.toContain('hush');
      expect(stderr).not.toContain(secret.slice(0, 16));
    });

    it('a key that is not among those given, and a database that is not there', async () => {
      const given = { fd3: line };
      const args = ['rotate-mek', '--database', 'postgres://u@127.0.0.1:1/d', '--operator-keys-fd', '3'];
      expect(await keystrata([...args, '--to', '00'.repeat(16)], given)).toMatchObject({ code: 6 });
      const { code, stderr } = await keystrata(args, given);
      expect([code, stderr]).toEqual([8, expect.stringMatching(/cannot be reached/)]);
    });
  });
}
