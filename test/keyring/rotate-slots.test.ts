// A rotation of the KEK, slot by slot: which of them need their secrets, and where it leaves them. FORMATS §3.

import { describe, expect, it } from 'vitest';
import { Keyring, memoryStore } from '../../bindings/index.ts';
import { encodePublicKey } from '../../bindings/format/public-key.ts';
import { agreementPublicKey, drawAgreementSecret } from '../../bindings/keys/agreement.ts';
import { fingerprint } from '../../bindings/keys/fingerprint.ts';
import { fingerprintText } from '../../bindings/format/fingerprint.ts';
import { codeOf, engine, FEW, operator, OWNER, PASSPHRASE, utf8, world } from './support.ts';

const at = { space: 's', context: '' };

function institution() {
  const escrowKey = drawAgreementSecret(engine, 'P-256');
  const key = agreementPublicKey('P-256', escrowKey);
  return { escrowKey, publicKey: encodePublicKey(key), fingerprint: fingerprintText(fingerprint(engine, key)) };
}

describe('slots that need no secret', () => {
  it.each(['scheduled', 'compromised'] as const)('lead to the next KEK by themselves (%s)', async (reason) => {
    const { keyring, store, secret } = await world();
    await keyring.createDataKey({ space: 's' });
    const record = await keyring.encrypt('text', at);
    const own = operator();
    await keyring.slots.add({ ...own, rotatable: true, label: 'phone' });
    await keyring.keypairs.create({ use: 'sign', alg: 'EdDSA' });
    const bank = institution();
    await keyring.slots.addEscrow({ publicKey: bank.publicKey, fingerprint: bank.fingerprint, label: 'bank' });
    const direct = keyring.slots.list().find(({ rotatable, type }) => !rotatable && type === 'operator')!.id;
    await keyring.rotateKek({ reason, secrets: [secret] });
    const p = { engine, store, owner: OWNER };
    const signer = { unverifiedSender: true } as const;
    for (const way of [secret, own, { escrowKey: bank.escrowKey, signer }]) {
      const opened = await Keyring.unlock({ ...p, memory: memoryStore(), ...way });
      expect(await opened.decryptText(record, at)).toBe('text');
      opened.lock();
    }
    await keyring.refresh();
    await keyring.rotateKek({ reason, dropSlots: [direct] }); // nobody's secret is there
    expect(await codeOf(() => Keyring.unlock({ ...p, memory: memoryStore(), ...secret }))).toBe('ERR_WRONG_SECRET');
    const opened = await Keyring.unlock({ ...p, memory: memoryStore(), ...own });
    expect(await opened.decryptText(record, at)).toBe('text');
    const phone = opened.slots.list().find(({ label }) => label === 'phone')!;
    expect(phone.enrolAgain ?? false).toBe(reason === 'compromised');
  });
});

describe('re-keying', () => {
  const p = () => ({ engine, store: memoryStore(), owner: OWNER, passphrase: PASSPHRASE, allowWeak: true });

  it('with another passphrase is one write: both, or neither', async () => {
    const own = p();
    const { keyring, recoveryCode } = await Keyring.create({ ...own, iterations: FEW });
    await keyring.createDataKey({ space: 's' });
    const file = await keyring.seal(utf8('file'), at);
    const { revision } = keyring;
    const kek = keyring.inventory()[0]!.id;
    const next = 'another passphrase';
    const missing = keyring.changePassphrase(PASSPHRASE, next, { rekey: true });
    await expect(missing).rejects.toThrow(/1 of 2 slots are missing/);
    expect(
      await codeOf(() =>
        keyring.changePassphrase('not the one it is', next, { rekey: true, secrets: [{ recoveryCode }] }),
      ),
    ).toBe('ERR_WRONG_SECRET');
    expect(keyring.revision).toBe(revision);
    await keyring.changePassphrase(PASSPHRASE, next, { rekey: true, secrets: [{ recoveryCode }] });
    expect(keyring.revision).toBe(revision + 1);
    expect(keyring.inventory()[0]!.id).not.toBe(kek);
    expect(
      keyring
        .audit()
        .entries.slice(-2)
        .map(({ event }) => event),
    ).toEqual(['rotate KEK', 'slot change']);
    expect(await codeOf(() => Keyring.unlock(own))).toBe('ERR_WRONG_SECRET');
    for (const secret of [{ passphrase: next }, { recoveryCode }]) {
      const opened = await Keyring.unlock({ ...own, passphrase: undefined as never, ...secret });
      expect(await opened.open(file, at)).toEqual(utf8('file'));
      opened.lock();
    }
  });

  it.each(['P-256', 'X-Wing'] as const)('changes the passphrase of a rotatable slot, too (%s)', async (kem) => {
    const { keyring, store, secret } = await world();
    await keyring.createDataKey({ space: 's' });
    const record = await keyring.encrypt('text', at);
    const weak = { iterations: FEW, allowWeak: true, rotatable: true };
    const mine = await keyring.slots.add({ passphrase: PASSPHRASE, ...weak, kem, label: 'mine' });
    const theirs = await keyring.slots.add({ passphrase: 'somebody else’s passphrase', ...weak, label: 'theirs' });
    const { revision } = keyring;
    const kek = keyring.inventory()[0]!.id;
    const next = 'another passphrase';
    const p = { rekey: true, secrets: [secret] };
    const change = (old: string, more: object = {}): Promise<string | undefined> =>
      codeOf(() => keyring.changePassphrase(old, next, { ...p, ...more }));
    const direct = keyring.slots.list().find(({ type }) => type === 'operator')!.id;
    expect(await change('not the one it is')).toBe('ERR_WRONG_SECRET');
    expect(await change(PASSPHRASE, { slot: theirs.id })).toBe('ERR_WRONG_SECRET');
    expect(await change(PASSPHRASE, { slot: direct })).toBe('ERR_WRONG_SECRET');
    expect(await change(PASSPHRASE, { slot: '0'.repeat(32) })).toBe('ERR_NOT_FOUND');
    expect(await change(PASSPHRASE, { dropSlots: [mine.id] })).toBe('ERR_WRONG_SECRET');
    expect(await change(PASSPHRASE, { secrets: [] })).toBe('ERR_ARGUMENT');
    expect([keyring.revision, keyring.inventory()[0]!.id]).toEqual([revision, kek]);

    await keyring.changePassphrase(PASSPHRASE, next, p);
    expect(keyring.revision).toBe(revision + 1);
    expect(keyring.inventory()[0]!.id).not.toBe(kek);
    expect(keyring.slots.list()).toContainEqual({ ...mine, iterations: 600_000 });
    expect(keyring.slots.list()).toContainEqual(theirs); // resealed, as it was
    const log = keyring.audit().entries.slice(-2);
    expect(log.map(({ event, subject }) => [event, subject])).toEqual([
      ['rotate KEK', kek],
      ['slot change', mine.id],
    ]);
    const where = { engine, store, owner: OWNER, memory: memoryStore(), allowWeak: true };
    expect(await codeOf(() => Keyring.unlock({ ...where, passphrase: PASSPHRASE }))).toBe('ERR_WRONG_SECRET');
    for (const way of [{ passphrase: next }, { passphrase: 'somebody else’s passphrase' }, secret]) {
      const opened = await Keyring.unlock({ ...where, ...way });
      expect(await opened.decryptText(record, at)).toBe('text');
      opened.lock();
    }
  });

  it('changes the slot that is named, and leaves others that the same passphrase opens', async () => {
    const { keyring, store, secret } = await world();
    const p = { passphrase: PASSPHRASE, iterations: FEW, allowWeak: true };
    const [one, two, three] = [
      await keyring.slots.add({ ...p, rotatable: true }),
      await keyring.slots.add({ ...p, rotatable: true }),
      await keyring.slots.add(p),
    ];
    const change = async (next: string, slot?: string): Promise<string[]> => {
      const { length } = keyring.audit().entries;
      await keyring.changePassphrase(PASSPHRASE, next, { rekey: true, secrets: [secret], ...(slot && { slot }) });
      const log = keyring.audit().entries.slice(length);
      return log.filter(({ event }) => event === 'slot change').map(({ subject }) => subject);
    };
    expect(await change('the second passphrase', two.id)).toEqual([two.id]);
    expect(await change('the third passphrase')).toEqual([one.id, three.id].sort()); // all that it opened
    const where = { engine, store, owner: OWNER, memory: memoryStore() };
    const ways = [
      ['the third passphrase', one.id],
      ['the second passphrase', two.id],
      ['the third passphrase', three.id],
    ] as const;
    for (const [passphrase, slot] of ways) (await Keyring.unlock({ ...where, passphrase, slot })).lock();
    expect(await codeOf(() => Keyring.unlock({ ...where, passphrase: PASSPHRASE }))).toBe('ERR_WRONG_SECRET');
  });

  it('removes a slot, and what its holder kept opens nothing new', async () => {
    const { keyring, store, secret } = await world();
    const own = operator();
    const { id } = await keyring.slots.add(own);
    const kek = keyring.inventory()[0]!.id;
    expect(await codeOf(() => keyring.slots.remove(id, { rekey: true }))).toBe('ERR_ARGUMENT');
    await keyring.slots.remove(id, { rekey: true, secrets: [secret] });
    expect(keyring.inventory()[0]!.id).not.toBe(kek);
    expect(await codeOf(() => Keyring.unlock({ engine, store, owner: OWNER, ...own }))).toBe('ERR_WRONG_SECRET');
    (await Keyring.unlock({ engine, store, owner: OWNER, ...secret })).lock();
  });
});
