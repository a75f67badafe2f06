// The life of a keyring, on every store.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Keyring, type Store } from '../../bindings/index.ts';
import { codeOf, engine, FEW, operator, OWNER, PASSPHRASE, STORES, utf8, world } from './support.ts';

describe.each(STORES)('keyring in a %s store', (_name, open) => {
  let store: Store;
  let end: () => void;
  beforeAll(() => ({ store, end } = open()));
  afterAll(() => end());

  it('is created, locked, unlocked by its passphrase, and opens what it sealed', async () => {
    expect(await Keyring.exists({ store, owner: OWNER })).toBe(false);
    const made = await Keyring.create({ engine, store, owner: OWNER, passphrase: PASSPHRASE });
    expect(made.recoveryCode).toMatch(/^([0-9A-HJKMNP-TV-Z]{5}-){12}[0-9A-HJKMNP-TV-Z]{5}$/);
    expect(await Keyring.exists({ store, owner: OWNER })).toBe(true);
    const { keyring } = made;
    expect([keyring.owner, keyring.revision, keyring.locked]).toEqual([OWNER, 1, false]);
    expect(keyring.id).toMatch(/^[0-9a-f]{32}$/);

    const key = await keyring.createDataKey({ space: 'notes' });
    expect(keyring.revision).toBe(2);
    const record = await keyring.encrypt('Dear diary', { space: 'notes', context: 'note/17' });
    const file = await keyring.seal(utf8('a photo'), { context: 'photo.raw' });
    keyring.lock();
    expect(keyring.locked).toBe(true);

    const again = await Keyring.unlock({ engine, store, owner: OWNER, passphrase: PASSPHRASE });
    expect([again.id, again.revision]).toEqual([keyring.id, 2]);
    expect(await again.decryptText(record, { context: 'note/17' })).toBe('Dear diary');
    expect(await again.decrypt(record, { context: utf8('note/17') })).toEqual(utf8('Dear diary'));
    expect(await again.open(file, { context: 'photo.raw' })).toEqual(utf8('a photo'));
    expect(again.dataKey({ space: 'notes' }).id).toBe(key.id);
    again.lock();
  });

  it('opens with the passphrase as its bytes, and in another normal form', async () => {
    const owner = 'normal';
    const composed = 'päßphrase of Åsa';
    const { keyring } = await Keyring.create({
      engine,
      store,
      owner,
      passphrase: composed,
      iterations: FEW,
      allowWeak: true,
    });
    keyring.lock();
    for (const passphrase of [composed.normalize('NFD'), utf8(composed.normalize('NFKC'))]) {
      const again = await Keyring.unlock({ engine, store, owner, passphrase, allowWeak: true });
      again.lock();
    }
    const decomposed = { engine, store, owner, passphrase: utf8(composed.normalize('NFD')), allowWeak: true };
    expect(await codeOf(() => Keyring.unlock(decomposed))).toBe('ERR_WRONG_SECRET'); // bytes are taken as they are
  });

  it('refuses a wrong secret, another owner, a second creation', async () => {
    const place = { engine, store, owner: OWNER };
    expect(await codeOf(() => Keyring.unlock({ ...place, passphrase: 'wrong horse battery staple' }))).toBe(
      'ERR_WRONG_SECRET',
    );
    expect(await codeOf(() => Keyring.unlock({ ...place, ...operator() }))).toBe('ERR_WRONG_SECRET');
    expect(await codeOf(() => Keyring.unlock({ ...place, owner: 'bob', passphrase: PASSPHRASE }))).toBe(
      'ERR_NOT_FOUND',
    );
    expect(await codeOf(() => Keyring.inspect({ store, owner: 'bob' }))).toBe('ERR_NOT_FOUND');
    const fractions: number[] = [];
    const create = () => Keyring.create({ ...place, passphrase: PASSPHRASE, onProgress: (x) => fractions.push(x) });
    expect(await codeOf(create)).toBe('ERR_EXISTS');
    expect(fractions).toEqual([]); // before anything was derived
  });

  it('changes its passphrase: one slot, no key', async () => {
    const owner = 'changing';
    const p = { engine, store, owner, allowWeak: true };
    const { keyring } = await Keyring.create({ ...p, passphrase: PASSPHRASE, iterations: FEW });
    await keyring.createDataKey({ space: 'a' });
    const record = await keyring.encrypt('kept', { space: 'a', context: '' });
    const before = await Keyring.inspect({ store, owner });
    const next = 'staple battery horse correct';
    const fractions: number[] = [];
    await keyring.changePassphrase(PASSPHRASE, next, { onProgress: (x) => fractions.push(x) });
    const after = await Keyring.inspect({ store, owner });

    expect(after.revision).toBe(before.revision + 1);
    expect(after.keys).toEqual(before.keys);
    expect(after.slots.map(({ id, created }) => ({ id, created }))).toEqual(
      before.slots.map(({ id, created }) => ({ id, created })),
    );
    const of = ({ slots }: typeof before) => slots.find(({ type }) => type === 'passphrase')!.iterations;
    expect([of(before), of(after)]).toEqual([FEW, 600_000]); // raised, never lowered
    expect(fractions.at(-1)).toBe(1);
    expect([...fractions].sort((a, b) => a - b)).toEqual(fractions);
    expect(new Set(fractions).size).toBe(fractions.length);

    expect(await codeOf(() => Keyring.unlock({ ...p, passphrase: PASSPHRASE }))).toBe('ERR_WRONG_SECRET');
    const again = await Keyring.unlock({ ...p, passphrase: next });
    expect(await again.decryptText(record, { context: '' })).toBe('kept');
    expect(await codeOf(() => again.changePassphrase('not the passphrase', next))).toBe('ERR_WRONG_SECRET');
    expect(await codeOf(() => again.changePassphrase(next, 'short'))).toBe('ERR_ARGUMENT');
    expect(await codeOf(() => again.changePassphrase(next, PASSPHRASE, { rekey: true }))).toBe('ERR_ARGUMENT');
    expect(await codeOf(() => again.changePassphrase(next, PASSPHRASE, { slot: '00'.repeat(16) }))).toBe(
      'ERR_NOT_FOUND',
    );
    expect(again.revision).toBe(after.revision);
  });

  it('makes keys by space: the newest encrypts, the older ones decrypt', async () => {
    const { keyring, unlock, store: own } = await world();
    const first = await keyring.createDataKey({ space: 'notes' });
    const old = await keyring.encrypt('old', { space: 'notes', context: 'c' });
    const [second, other] = await keyring.createDataKeys([{ space: 'notes' }, { space: 'photos' }]);
    expect(keyring.revision).toBe(3);
    expect(keyring.dataKey({ space: 'notes' }).id).toBe(second!.id);
    expect(keyring.dataKey({ space: 'photos' })).toMatchObject({ id: other!.id, space: 'photos' });
    expect(keyring.dataKey({ id: first.id.toUpperCase() })).toMatchObject({ id: first.id, space: 'notes' });
    expect(await codeOf(() => first.encrypt('new', { context: 'c' }))).toBe('ERR_KEY_STATE');
    const direct = await second!.encrypt('new', { context: 'c' });

    const again = await unlock();
    expect(await again.decryptText(old, { context: 'c' })).toBe('old');
    expect(await again.decryptText(direct, { context: 'c' })).toBe('new');
    const kept = again.inventory().filter(({ space }) => space === 'notes');
    expect(kept.map(({ id, version, state }) => [id, version, state])).toEqual(
      expect.arrayContaining([
        [first.id, 1, 'deactivated'],
        [second!.id, 2, 'active'],
      ]),
    );
    expect(kept.find(({ id }) => id === first.id)!.history.map(({ state, reason }) => [state, reason])).toEqual([
      ['active', 'created'],
      ['deactivated', 'superseded'],
    ]);
    expect((await Keyring.inspect({ store: own, owner: OWNER })).keys.every(({ space }) => space === undefined)).toBe(
      true,
    );
  });

  it('finds no key where there is none', async () => {
    const { keyring } = await world();
    const elsewhere = await world();
    await elsewhere.keyring.createDataKey({ space: 'notes' });
    const foreign = await elsewhere.keyring.encrypt('theirs', { space: 'notes', context: '' });
    const foreignFile = await elsewhere.keyring.seal(utf8('theirs'), { context: '' });
    expect(await codeOf(() => keyring.encrypt('x', { space: 'notes', context: '' }))).toBe('ERR_KEY_NOT_FOUND');
    expect(await codeOf(() => keyring.decrypt(foreign, { context: '' }))).toBe('ERR_KEY_NOT_FOUND');
    expect(await codeOf(() => keyring.open(foreignFile, { context: '' }))).toBe('ERR_KEY_NOT_FOUND');
    expect(await codeOf(() => keyring.dataKey({ space: 'notes' }))).toBe('ERR_KEY_NOT_FOUND');
    expect(await codeOf(() => keyring.dataKey({ id: '00'.repeat(16) }))).toBe('ERR_KEY_NOT_FOUND');
    const kek = keyring.inventory()[0]!.id;
    expect(await codeOf(() => keyring.dataKey({ id: kek }))).toBe('ERR_KEY_NOT_FOUND');
    const body = keyring.inventory()[1]!;
    expect([body.role, body.space]).toEqual(['DEK', undefined]); // of the document's private part: nobody's
    expect(await codeOf(() => keyring.dataKey({ id: body.id }))).toBe('ERR_KEY_NOT_FOUND');
  });

  it('binds the context, and every byte', async () => {
    const { keyring } = await world();
    await keyring.createDataKey({ space: 's' });
    const record = await keyring.encrypt('text', { space: 's', context: 'right' });
    expect(await codeOf(() => keyring.decrypt(record, { context: 'wrong' }))).toBe('ERR_AUTHENTICATION');
    expect(await codeOf(() => keyring.decrypt(record, { context: '' }))).toBe('ERR_AUTHENTICATION');
    for (let i = 0; i < record.length; i++) {
      const altered = record.slice();
      altered[i]! ^= 1;
      expect(['ERR_AUTHENTICATION', 'ERR_FORMAT', 'ERR_UNSUPPORTED', 'ERR_KEY_NOT_FOUND'], `byte ${i}`).toContain(
        await codeOf(() => keyring.decrypt(altered, { context: 'right' })),
      );
    }
    const file = await keyring.seal(utf8('text'), { context: 'right' });
    expect(await codeOf(() => keyring.open(file, { context: 'wrong' }))).toBe('ERR_AUTHENTICATION');
    expect(await codeOf(() => keyring.decrypt(file, { context: 'right' }))).toBe('ERR_UNSUPPORTED'); // says: use open
    expect(await codeOf(() => keyring.open(record, { context: 'right' }))).toBe('ERR_FORMAT');
    const binary = await keyring.encrypt(Uint8Array.of(0xff, 0xfe), { space: 's', context: '' });
    expect(await codeOf(() => keyring.decryptText(binary, { context: '' }))).toBe('ERR_FORMAT');
  });
});
