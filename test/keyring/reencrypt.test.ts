// Another version of a DEK, and data sealed anew under it by a job that may break off anywhere.

import { describe, expect, it } from 'vitest';
import { describe as describeSealed } from '../../bindings/index.ts';
import { codeOf, utf8, world } from './support.ts';

const SPACE = { space: 's', context: '' };

describe('rotateDataKey', () => {
  it('makes the next version, whose predecessor decrypts', async () => {
    const { keyring, unlock } = await world();
    const first = await keyring.createDataKey({ space: 's' });
    const record = await keyring.encrypt('old', SPACE);
    const second = await keyring.rotateDataKey({ space: 's', reason: 'as every year' });
    expect(describeSealed(await keyring.encrypt('new', SPACE)).keyId).toBe(second.id);
    const other = await unlock();
    expect(await other.decryptText(record, SPACE)).toBe('old');
    expect(await codeOf(() => first.encrypt('x', { context: '' }))).toBe('ERR_KEY_STATE');
    expect(other.inventory().find(({ id }) => id === first.id)).toMatchObject({
      state: 'deactivated',
      history: [{ state: 'active' }, { state: 'deactivated', reason: 'as every year' }],
    });
    expect(other.inventory().find(({ id }) => id === second.id)).toMatchObject({ state: 'active', version: 2 });
    const told = other.audit().entries.slice(-2);
    expect(told.map(({ event, subject, reason }) => [event, subject, reason])).toEqual([
      ['key create', second.id, ''],
      ['rotate DEK', first.id, 'as every year'],
    ]);
  });

  it('of a space that has no key is refused; of one that another device just made is not', async () => {
    const { keyring, unlock } = await world();
    const other = await unlock();
    expect(await codeOf(() => keyring.rotateDataKey({ space: 's' }))).toBe('ERR_KEY_NOT_FOUND');
    expect(await codeOf(() => keyring.rotateDataKey({ space: '' }))).toBe('ERR_ARGUMENT');
    expect(await codeOf(() => keyring.rotateDataKey({ space: 's', reason: 'x'.repeat(256) }))).toBe('ERR_ARGUMENT');
    await other.createDataKey({ space: 's' });
    await keyring.rotateDataKey({ space: 's' });
    const both = await Promise.all([keyring, other].map((one) => one.rotateDataKey({ space: 's' })));
    await keyring.refresh();
    const versions = both.map(({ id }) => keyring.inventory().find((key) => key.id === id)!.version);
    expect(versions.sort()).toEqual([3, 4]);
  });
});

/** Records of an application, by id. */
type Table = Map<string, { id: string; sealed: Uint8Array; context: string }>;

async function table(): Promise<Awaited<ReturnType<typeof world>> & { rows: Table }> {
  const own = await world();
  await own.keyring.createDataKeys([{ space: 's' }, { space: 't' }]);
  const rows: Table = new Map();
  for (let i = 0; i < 50; i++) {
    const context = `row/${i}`;
    const sealed =
      i % 5 === 4
        ? await own.keyring.sealEnvelope(`${i}`, { context })
        : await own.keyring.encrypt(`${i}`, { space: i % 2 ? 's' : 't', context });
    rows.set(`${i}`, { id: `${i}`, sealed, context });
  }
  return { ...own, rows };
}

const put =
  (rows: Table) =>
  (id: string, sealed: Uint8Array): Promise<void> => {
    rows.set(id, { ...rows.get(id)!, sealed });
    return Promise.resolve();
  };

describe('reencrypt', () => {
  it('seals anew what is under an older key, passes over what is not, and goes on where it broke off', async () => {
    const { keyring, secret, rows } = await table();
    const before = new Map(rows);
    await keyring.rotateKek({ reason: 'compromised', secrets: [secret] });
    const stop = new AbortController();
    const done: string[] = [];
    const write = async (id: string, sealed: Uint8Array): Promise<void> => {
      await put(rows)(id, sealed);
      if (done.push(id) === 20) stop.abort();
    };
    expect(await codeOf(() => keyring.reencrypt(rows.values(), { write, signal: stop.signal }))).toBe('ERR_ABORTED');
    expect(done).toHaveLength(20);
    const told: number[] = [];
    const marks: string[] = [];
    const result = await keyring.reencrypt([...rows.values()], {
      write: put(rows),
      total: rows.size,
      every: 10,
      checkpoint: (id) => void marks.push(id),
      onProgress: (fraction) => told.push(fraction),
    });
    expect(result).toEqual({ seen: 50, rewritten: 30, changed: 0 });
    expect(marks).toEqual(['9', '19', '29', '39', '49']);
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect(told.at(-1)).toBe(1);
    const states = new Map(keyring.inventory().map(({ id, state }) => [id, state]));
    for (const [id, { sealed, context }] of rows) {
      expect(await keyring.decryptText(sealed, { context })).toBe(id);
      expect(sealed).not.toEqual(before.get(id)!.sealed);
      expect(states.get(describeSealed(sealed).keyId), id).toBe('active');
    }
    expect(await keyring.reencrypt(rows.values(), { write: put(rows) })).toMatchObject({ rewritten: 0 });
  });

  it('leaves what others changed meanwhile, and stops at what was altered', async () => {
    const { keyring, rows } = await table();
    await keyring.rotateDataKey({ space: 's' });
    const all = await keyring.reencrypt(rows.values(), { write: (id) => Promise.resolve(id !== '1') });
    expect(all).toEqual({ seen: 50, rewritten: 19, changed: 1 });
    const row = rows.get('3')!;
    rows.set('3', { ...row, context: 'row/4' });
    expect(await codeOf(() => keyring.reencrypt(rows.values(), { write: put(rows) }))).toBe('ERR_AUTHENTICATION');
    expect(rows.get('3')!.sealed).toEqual(row.sealed);
  });

  it.each([
    ['no write', {}],
    ['a checkpoint every 0', { write: () => Promise.resolve(), every: 0 }],
  ])('refuses %s', async (_what, p) => {
    const { keyring } = await world();
    expect(await codeOf(() => keyring.reencrypt([], p as never))).toBe('ERR_ARGUMENT');
  });

  it('takes what comes piece by piece, and what is no record is refused', async () => {
    const { keyring, rows } = await table();
    await keyring.rotateDataKey({ space: 't' });
    async function* slowly() {
      for (const row of [...rows.values()]) {
        await Promise.resolve();
        yield row;
      }
    }
    expect(await keyring.reencrypt(slowly(), { write: put(rows) })).toMatchObject({ seen: 50, rewritten: 20 });
    const wrong = [{ id: 'x', sealed: utf8('no record'), context: '' }];
    expect(await codeOf(() => keyring.reencrypt(wrong, { write: put(rows) }))).toBe('ERR_FORMAT');
  });
});
