// What a keyring asks of people and documents: bad arguments, weak passphrases and costly documents are refused before any
// work, with a reason.

import { describe, expect, it } from 'vitest';
import { Keyring, memoryStore, type Store } from '../../bindings/index.ts';
import { apply } from '../../bindings/keyring/change.ts';
import { create } from '../../bindings/keyring/create.ts';
import { makeSlot } from '../../bindings/keyring/make-slot.ts';
import type { Session } from '../../bindings/keyring/session.ts';
import { PassphraseSecret } from '../../bindings/keyring/passphrase-secret.ts';
import { counting } from './counted-engine.ts';
import { codeOf, engine, FEW, operator, OWNER, PASSPHRASE, utf8, world } from './support.ts';

const place = (store: Store = memoryStore()) => ({ engine, store, owner: OWNER });
const messageOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => '',
    (error: Error) => error.message,
  );

describe('arguments', () => {
  it('of creation are refused before the store is asked', async () => {
    let asked = 0;
    const inner = memoryStore();
    const store = {
      ...inner,
      name: inner.name,
      get: (id: string) => (asked++, inner.get(id)),
      put: inner.put.bind(inner),
    } as Store;
    const p = { ...place(store), passphrase: PASSPHRASE };
    const { operatorKey, operatorKeyId } = operator();
    const bad: [name: string, p: unknown, code?: string][] = [
      ['nothing', undefined],
      ['null', null],
      ['no engine', { ...p, engine: undefined }],
      ['no store', { ...p, store: {} }],
      ['no owner', { ...p, owner: undefined }],
      ['empty owner', { ...p, owner: '' }],
      ['long owner', { ...p, owner: 'ä'.repeat(128) }],
      ['surrogate', { ...p, owner: '\ud800' }],
      ['no secret', { ...p, passphrase: undefined }],
      ['a PIN', { ...place(store), pin: '1234', deviceSecret: new Uint8Array(32) }],
      ['a passkey', { ...place(store), prf: new Uint8Array(32), credentialId: utf8('c'), salt: new Uint8Array(32) }],
      ['two secrets', { ...p, operatorKey, operatorKeyId }],
      ['a number', { ...p, passphrase: 12345678901234 }],
      ['empty', { ...p, passphrase: '' }],
      ['short', { ...p, passphrase: 'eleven char' }],
      ['short bytes', { ...p, passphrase: utf8('eleven char') }],
      ['long', { ...p, passphrase: 'x'.repeat(1025) }, 'ERR_LIMIT'],
      ['NUL', { ...p, passphrase: `${PASSPHRASE}\0` }],
      ['minLength', { ...p, minLength: 0 }],
      ['minLength over it', { ...p, minLength: 29 }],
      ['few iterations', { ...p, iterations: 599_999 }],
      ['many iterations', { ...p, iterations: 10_000_001, allowWeak: true }],
      ['no iterations', { ...p, iterations: 0, allowWeak: true }],
      ['iterations', { ...p, iterations: '600000' }],
      ['profile', { ...p, profile: 'strict' }],
      ['signal', { ...p, signal: {} }],
      ['onProgress', { ...p, onProgress: 1 }],
      ['aborted', { ...p, signal: AbortSignal.abort() }, 'ERR_ABORTED'],
      ['short operator key', { ...place(store), operatorKey: new Uint8Array(31), operatorKeyId }],
      ['operator key id', { ...place(store), operatorKey, operatorKeyId: 'mine' }],
      ['no operator key id', { ...place(store), operatorKey }],
      ['a recovery code as the secret', { ...place(store), recoveryCode: 'A' }],
      ['recovery', { ...p, recovery: 'yes' }],
    ];
    const free = engine.freeSlots();
    for (const [name, options, code = 'ERR_ARGUMENT'] of bad)
      expect(await codeOf(() => Keyring.create(options as never)), name).toBe(code);
    expect(asked).toBe(0);
    expect(engine.freeSlots()).toBe(free);
  });

  it('of a short passphrase say what to take', async () => {
    expect(await messageOf(Keyring.create({ ...place(), passphrase: 'hunter2' }))).toMatch(/at least 12.*random words/);
    const short = { ...place(), passphrase: 'hunter2', minLength: 7, iterations: FEW, allowWeak: true };
    expect(await codeOf(() => Keyring.create(short))).toBeUndefined();
    const wide = { ...place(), passphrase: '𝔘𝔫𝔦𝔠𝔬𝔡𝔢', iterations: FEW, allowWeak: true }; // 7 code points, 14 units
    expect(await codeOf(() => Keyring.create(wide))).toBe('ERR_ARGUMENT');
  });

  it('of unlocking', async () => {
    const { store, secret } = await world();
    const p = { ...place(store), ...secret };
    expect(await codeOf(() => Keyring.unlock({ ...p, slot: 'first' }))).toBe('ERR_ARGUMENT');
    expect(await codeOf(() => Keyring.unlock({ ...p, slot: '00'.repeat(16) }))).toBe('ERR_NOT_FOUND');
    expect(await codeOf(() => Keyring.unlock({ ...p, signal: AbortSignal.abort() }))).toBe('ERR_ABORTED');
    expect(await codeOf(() => Keyring.unlock({ ...place(store) } as never))).toBe('ERR_ARGUMENT');
    expect(await messageOf(Keyring.unlock({ ...place(store), passphrase: PASSPHRASE }))).toMatch(
      /no slot .* passphrase/,
    );
    const others = [{ pin: '1234', deviceSecret: new Uint8Array(32) }, { prf: new Uint8Array(32) }];
    for (const other of others)
      expect(await codeOf(() => Keyring.unlock({ ...place(store), ...other }))).toBe('ERR_WRONG_SECRET');
    const escrow = { escrowKey: new Uint8Array(32), signer: { unverifiedSender: true } as const };
    expect(await codeOf(() => Keyring.unlock({ ...place(store), ...escrow }))).toBe('ERR_WRONG_SECRET');
    const { slots } = await Keyring.inspect({ store, owner: OWNER });
    expect(await codeOf(() => Keyring.unlock({ ...p, slot: slots[0]!.id }))).toBeUndefined();
  });

  it('of use', async () => {
    const { keyring } = await world();
    await keyring.createDataKey({ space: 's' });
    const record = await keyring.encrypt('text', { space: 's', context: '' });
    const uses: Record<string, () => unknown> = {
      'no options': () => keyring.encrypt('x', undefined as never),
      'no context': () => keyring.encrypt('x', { space: 's' } as never),
      'no text': () => keyring.encrypt(undefined as never, { space: 's', context: '' }),
      'a number': () => keyring.encrypt(17 as never, { space: 's', context: '' }),
      'an array': () => keyring.encrypt([1] as never, { space: 's', context: '' }),
      'a DataView': () => keyring.encrypt(new DataView(new ArrayBuffer(1)) as never, { space: 's', context: '' }),
      'a lone surrogate': () => keyring.encrypt('\udfff', { space: 's', context: '' }),
      'a context of another kind': () => keyring.encrypt('x', { space: 's', context: 1 as never }),
      'decrypt without context': () => keyring.decrypt(record, {} as never),
      'decrypt of text': () => keyring.decrypt('x' as never, { context: '' }),
      'seal of text': () => keyring.seal('x' as never, { context: '' }),
      'seal without context': () => keyring.seal(record, {} as never),
      'open of nothing': () => keyring.open(undefined as never, { context: '' }),
      'a stream without context': () => keyring.sealStream({} as never),
      'a stream of negative size': () => keyring.openStream({ context: '', size: -1 }),
      'a space without a name': () => keyring.createDataKey({ space: '' }),
      'a space of 256 bytes': () => keyring.createDataKey({ space: 'x'.repeat(256) }),
      'no space': () => keyring.createDataKey({} as never),
      'no list': () => keyring.createDataKeys({ space: 's' } as never),
      'key by nothing': () => keyring.dataKey({} as never),
      'key by both': () => keyring.dataKey({ space: 's', id: '00'.repeat(16) }),
      'key by a bad id': () => keyring.dataKey({ id: 'x' }),
    };
    for (const [name, use] of Object.entries(uses)) expect(await codeOf(use), name).toBe('ERR_ARGUMENT');
    const long = { space: 's', context: 'x'.repeat(65_536) };
    expect(await codeOf(() => keyring.encrypt('x', long))).toBe('ERR_LIMIT');
    expect(await codeOf(() => keyring.encrypt(new Uint8Array((64 << 20) + 1), { space: 's', context: '' }))).toBe(
      'ERR_LIMIT',
    );
    expect(keyring.revision).toBe(2);
    expect(await keyring.createDataKeys([])).toEqual([]);
    expect(keyring.revision).toBe(2);
  });
});

/** A document with these passphrase slots besides the operator's. */
async function withSlots(slots: readonly { passphrase: string; iterations: number }[]): Promise<Store> {
  const store = memoryStore();
  const { session } = await create({ ...place(store), ...operator() });
  for (const { passphrase, iterations } of slots) await add(session, passphrase, iterations);
  session.lock();
  return store;
}

async function add(session: Session, passphrase: string, iterations: number): Promise<void> {
  const secret = new PassphraseSecret(engine, passphrase);
  const id = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('hex');
  const slot = await makeSlot(session, secret, { id, created: 0, iterations }, {});
  secret.dispose();
  await apply(session, ({ header }) => ({ header: { slots: [...header.slots, slot] } }));
}

describe('candidates', () => {
  const several = (count: number, iterations = FEW) =>
    Array.from({ length: count }, (_, i) => ({ passphrase: `passphrase number ${i}`, iterations }));
  const unlock = (
    store: Store,
    p: { passphrase: string; slot?: string; allowWeak?: boolean; onProgress?(x: number): void },
  ) => codeOf(() => Keyring.unlock({ ...place(store), allowWeak: true, ...p }));

  it('are tried one after the other, eight at most', async () => {
    const store = await withSlots(several(8));
    const fractions: number[] = [];
    for (let i = 0; i < 8; i++) {
      fractions.length = 0;
      expect(
        await unlock(store, { passphrase: `passphrase number ${i}`, onProgress: (x) => fractions.push(x) }),
      ).toBeUndefined();
      expect(fractions.at(-1)).toBe(1);
      for (let k = 1; k < fractions.length; k++) expect(fractions[k]).toBeGreaterThan(fractions[k - 1]!);
    }
    expect(await unlock(store, { passphrase: 'passphrase number 8' })).toBe('ERR_WRONG_SECRET');

    const many = await withSlots(several(9));
    expect(await unlock(many, { passphrase: 'passphrase number 0' })).toBe('ERR_LIMIT');
    const { slots } = await Keyring.inspect({ store: many, owner: OWNER });
    const codes = new Set<string | undefined>();
    for (const { id: slot, type } of slots) {
      const code = await unlock(many, { passphrase: 'passphrase number 3', slot });
      if (type === 'passphrase') codes.add(code);
      else expect(code).toBe('ERR_WRONG_SECRET'); // the operator's
    }
    expect(codes).toEqual(new Set([undefined, 'ERR_WRONG_SECRET']));
  });

  it('with too few iterations are refused, but with allowWeak', async () => {
    const store = await withSlots(several(1, 599_999));
    const p = { passphrase: 'passphrase number 0' };
    expect(await unlock(store, { ...p, allowWeak: false })).toBe('ERR_LIMIT');
    expect(await messageOf(Keyring.unlock({ ...place(store), ...p }))).toMatch(/allowWeak/);
    expect(await unlock(store, p)).toBeUndefined();
  });

  it('cost a stranger’s reader no more than ten million iterations', async () => {
    const store = memoryStore();
    const { session } = await create({ ...place(store), ...operator() });
    await add(session, PASSPHRASE, 1);
    await add(session, 'another passphrase', 1);
    // As an attacker would write them: nothing is derived, so the wraps need not be right.
    await apply(session, ({ header: { slots } }) => ({
      header: { slots: slots.map((slot) => ('iterations' in slot ? { ...slot, iterations: 5_000_001 } : slot)) },
    }));
    const { engine: counted, counts } = counting(engine);
    const p = { ...place(store), engine: counted, passphrase: PASSPHRASE, allowWeak: true };
    expect(await codeOf(() => Keyring.unlock(p))).toBe('ERR_LIMIT');
    expect(counts.derive).toBe(0); // none of the 10,000,002
  });
});

describe('long work', () => {
  it('stops when it is told to, and leaves no key', async () => {
    const { store } = await world();
    const free = engine.freeSlots();
    const stop = new AbortController();
    const reason = new Error('enough');
    const p = { ...place(store), owner: 'bob', passphrase: PASSPHRASE, signal: stop.signal };
    const creating = Keyring.create({ ...p, onProgress: () => stop.abort(reason) });
    await expect(creating).rejects.toMatchObject({ code: 'ERR_ABORTED', cause: reason });
    expect(await Keyring.exists({ store, owner: 'bob' })).toBe(false);
    expect(engine.freeSlots()).toBe(free);
  });

  it('calls onProgress on the options, as a method', async () => {
    const { store } = await world();
    const p = {
      ...place(store),
      owner: 'carol',
      passphrase: PASSPHRASE,
      iterations: FEW,
      allowWeak: true,
      last: 0,
      onProgress(fraction: number): void {
        this.last = fraction;
      },
    };
    await Keyring.create(p);
    expect(p.last).toBe(1);
  });
});
