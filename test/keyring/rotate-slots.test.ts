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
