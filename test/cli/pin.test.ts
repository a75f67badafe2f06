// A PIN on this device, at the command line: added, counted, and gone with the device secret at ten wrong ones.

import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectRefusal } from './refusal.ts';
import { Bench, json, keystrata, namesIn, PASSPHRASE, type Finished } from './support.ts';
import { Terminal, terminals } from './terminal.ts';

const bench = new Bench();
beforeAll(() => bench.prepare());
afterAll(() => bench.end());

const PIN = '471100';
type Facts = Record<string, unknown>;
const done = (finished: Finished): Finished => {
  expect(finished.code, finished.stderr).toBe(0);
  return finished;
};

/** A keyring and the place of a device's secrets, which is not there yet. */
class Device {
  readonly ring = bench.copy();
  readonly secrets = join(bench.folder(), 'device');

  run(args: readonly string[], given: { stdin?: string; fd3?: string; cwd?: string } = {}): Promise<Finished> {
    return keystrata(['--keyring', this.ring, '--device-secret', this.secrets, ...args], given);
  }

  add(...more: string[]): Promise<Finished> {
    const args = ['slots', 'add', 'pin', '--passphrase-stdin', '--new-pin-fd', '3', ...more];
    return this.run(args, { stdin: `${PASSPHRASE}\n`, fd3: `${PIN}\n` });
  }

  byPin(args: readonly string[], pin = PIN, cwd?: string): Promise<Finished> {
    return this.run(['--pin-fd', '3', ...args], { fd3: `${pin}\n`, cwd });
  }

  byPassphrase(...args: string[]): Promise<Finished> {
    return this.run(['--passphrase-stdin', ...args], { stdin: `${PASSPHRASE}\n` });
  }
}

describe('a PIN', () => {
  it('is added and opens, mixed with a secret in a file that others cannot read', async () => {
    const device = new Device();
    const added = json(done(await device.add('--json', '--label', 'this laptop')));
    expect(added['slot']).toMatchObject({ type: 'pin', label: 'this laptop', rotatable: false });
    const files = readdirSync(device.secrets);
    expect(files).toEqual([expect.stringMatching(new RegExp(`^${added['keyring'] as string}\\.\\d+$`))]);
    expect(statSync(device.secrets).mode & 0o777).toBe(0o700);
    expect(statSync(join(device.secrets, files[0]!)).mode & 0o777).toBe(0o600);

    const folder = bench.files({ notes: 'Dear diary' });
    done(await device.byPin(['seal', 'notes'], PIN, folder));
    expect(done(await device.byPin(['open', 'notes.sealed', '-o', '-'], PIN, folder)).stdout.toString()).toBe(
      'Dear diary',
    );
    const listed = done(await device.byPin(['slots', 'list']));
    expect(listed.stdout.toString()).toMatch(/PIN and device secret, "this laptop"/);
    expect(readdirSync(device.secrets)).toHaveLength(1);
  });

  it('that is wrong counts; at ten the secret is gone, and everything else opens as before', async () => {
    const device = new Device();
    done(await device.add());
    for (let left = 9; left >= 1; left--) {
      const wrong = await device.byPin(['slots', 'list'], '000000');
      expectRefusal(wrong, 3, 'ERR_WRONG_SECRET');
      expect(wrong.stderr).toContain(`deleted: ${left} `);
    }
    const last = await device.byPin(['slots', 'list'], '000000');
    expectRefusal(last, 3, 'ERR_WRONG_SECRET');
    expect(last.stderr).toMatch(/10th time.*deleted/);
    const gone = await device.byPin(['slots', 'list']);
    expectRefusal(gone, 6, 'ERR_NOT_FOUND');
    expect(gone.stderr).toMatch(/keystrata slots add pin/);
    done(await device.byPassphrase('slots', 'list'));
    done(await device.add());
    done(await device.byPin(['slots', 'list']));
  }, 300_000);

  it('that is right sets the count back; a failure of what it opened for does not count', async () => {
    const device = new Device();
    done(await device.add());
    expect((await device.byPin(['slots', 'list'], '000000')).stderr).toContain('deleted: 9 ');
    const folder = bench.files({ notes: 'Dear diary' });
    done(await device.byPin(['seal', 'notes', '--context', 'a'], PIN, folder));
    for (let i = 0; i < 3; i++)
      expectRefusal(await device.byPin(['open', 'notes.sealed', '-o', '-'], PIN, folder), 4, 'ERR_AUTHENTICATION');
    expect((await device.byPin(['slots', 'list'], '000000')).stderr).toContain('deleted: 9 ');
  });

  it('takes the KEK to the next one, and its secret goes with its last slot', async () => {
    const device = new Device();
    const { slot } = json(done(await device.add('--json'))) as { slot: Facts };
    const { slots } = json(done(await device.byPin(['slots', 'list', '--json']))) as { slots: Facts[] };
    const recovery = slots.find(({ type }) => type === 'recovery')!['id'] as string;
    const passphrase = slots.find(({ type }) => type === 'passphrase')!['id'] as string;
    done(await device.byPin(['rotate-kek', '--drop-slot', recovery, '--drop-slot', passphrase]));
    done(await device.byPin(['slots', 'add', 'recovery']));
    done(await device.byPin(['slots', 'remove', slot['id'] as string]));
    expectRefusal(await device.byPin(['slots', 'list']), 6, 'ERR_NOT_FOUND');
  });

  it('on another device opens nothing, and says so before it is asked for', async () => {
    const device = new Device();
    done(await device.add());
    const elsewhere = keystrata(
      ['--keyring', device.ring, '--device-secret', bench.folder(), '--pin', 'slots', 'list'],
      {},
    );
    expectRefusal(await elsewhere, 6, 'ERR_NOT_FOUND');
    expectRefusal(await device.run(['--pin', 'slots', 'list']), 2, 'ERR_ARGUMENT'); // no terminal
  });

  it('is refused where it is short, not alone, or of no use; nothing is made then', async () => {
    const device = new Device();
    const short = await device.run(['slots', 'add', 'pin', '--passphrase-stdin', '--new-pin-fd', '3'], {
      stdin: `${PASSPHRASE}\n`,
      fd3: '123\n',
    });
    expectRefusal(short, 2, 'ERR_ARGUMENT');
    expect(short.stderr).not.toContain('123');
    for (const args of [
      ['slots', 'list', '--pin-fd', '3', '--operator-key-fd', '0'],
      ['slots', 'list', '--pin', '--passphrase-stdin'],
      ['slots', 'add', 'passphrase', '--new-pin-fd', '3'],
      ['slots', 'add', 'pin', '--passphrase-stdin'],
      ['slots', 'add', 'pin', 'file', '--new-pin-fd', '3'],
      ['slots', 'add', 'pin', '--new-pin-fd', '3', '--fingerprint', 'x'],
      ['passwd', '--pin-fd', '3'],
      ['init', '--owner', 'new', '--pin-fd', '3'],
    ])
      expectRefusal(await device.run(args, { stdin: `${PASSPHRASE}\n`, fd3: `${PIN}\n` }), 2, 'ERR_ARGUMENT');
    expect(existsSync(device.secrets)).toBe(false);
    const wrong = ['slots', 'add', 'pin', '--passphrase-stdin', '--new-pin-fd', '3'];
    expectRefusal(await device.run(wrong, { stdin: 'no such passphrase\n', fd3: `${PIN}\n` }), 3, 'ERR_WRONG_SECRET');
    expect(existsSync(device.secrets)).toBe(false);
  });

  it.skipIf(!terminals)('is asked for, twice when it is new, and never shown', async () => {
    const device = new Device();
    const cwd = bench.files({ notes: 'Dear diary' });
    const add = Terminal.of(`slots add pin --device-secret '${device.secrets}'`, cwd, device.ring);
    await add.answers('Passphrase of "default":', PASSPHRASE);
    await add.answers('New PIN:', '12');
    await add.answers('at least 4 characters', PIN);
    await add.answers('The same again:', PIN);
    expect(await add.ended()).toBe(0);
    expect(add.screen).toContain('keystrata open FILE --pin');
    const seal = Terminal.of(`seal notes --pin --device-secret '${device.secrets}'`, cwd, device.ring);
    await seal.answers('PIN of "default":', PIN);
    expect(await seal.ended()).toBe(0);
    expect(namesIn(cwd)).toContain('notes.sealed');
    expect(add.screen + seal.screen).not.toContain(PIN);
  });
});
