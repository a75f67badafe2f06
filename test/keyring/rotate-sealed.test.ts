// The KEK rotates while the secrets of rotatable slots, and the institution's key, are away: they lead to the next one.

import { describe, expect, it } from 'vitest';
import { Keyring, memoryStore, type Secret, type Store } from '../../bindings/index.ts';
import { fingerprintBytes } from '../../bindings/format/fingerprint.ts';
import { encodePublicKey } from '../../bindings/format/public-key.ts';
import { agreementPublicKey, drawAgreementSecret } from '../../bindings/keys/agreement.ts';
import { fingerprint } from '../../bindings/keys/fingerprint.ts';
import { codeOf, engine, operator, OWNER, world } from './support.ts';

async function prepared() {
  const { store, keyring, secret } = await world();
  const [p256, xwing] = [operator(), operator()];
  await keyring.slots.add({ ...p256, rotatable: true, label: 'P-256' });
  await keyring.slots.add({ ...xwing, rotatable: true, kem: 'X-Wing', label: 'X-Wing' });
  const { id } = await keyring.keypairs.create({ use: 'sign' });
  const signer = fingerprintBytes(keyring.keypairs.fingerprint(id));
  const escrowKey = drawAgreementSecret(engine, 'P-256');
  const key = agreementPublicKey('P-256', escrowKey);
  const text = Buffer.from(fingerprint(engine, key)).toString('hex');
  await keyring.slots.addEscrow({ publicKey: encodePublicKey(key), fingerprint: text, label: 'the bank' });
  await keyring.createDataKey({ space: 's' });
  const sealed = await keyring.encrypt('kept', { space: 's', context: '' });
  return { store, keyring, secret, p256, xwing, signer, escrowKey, sealed };
}

/** What the secret opens: the KEK's id, and the text. */
async function opened(store: Store, secret: Secret, sealed: Uint8Array): Promise<[string, string]> {
  const keyring = await Keyring.unlock({ engine, store, owner: OWNER, memory: memoryStore(), ...secret });
  const found: [string, string] = [keyring.inventory()[0]!.id, await keyring.decryptText(sealed, { context: '' })];
  keyring.lock();
  return found;
}

describe('a rotation of the KEK', () => {
  it('reaches rotatable slots and escrows without their secrets, twice', async () => {
    const { store, keyring, secret, p256, xwing, signer, escrowKey, sealed } = await prepared();
    const before = keyring.slots.list();
    for (let i = 0; i < 2; i++) {
      const kek = keyring.inventory()[0]!.id;
      await keyring.rotateKek({ secrets: [secret] });
      const next = keyring.inventory()[0]!.id;
      expect(next).not.toBe(kek);
      for (const one of [secret, p256, xwing, { escrowKey, signer }])
        expect(await opened(store, one, sealed)).toEqual([next, 'kept']);
      await keyring.refresh();
    }
    expect(keyring.slots.list()).toEqual(before); // the same slots, none to be enrolled again
  });

  it('after a compromise flags what others may know, until it is made anew', async () => {
    const { store, keyring, secret, p256, xwing, signer, escrowKey, sealed } = await prepared();
    await keyring.rotateKek({ reason: 'compromised', secrets: [secret] });
    const kek = keyring.inventory()[0]!.id;
    for (const one of [secret, p256, xwing]) expect(await opened(store, one, sealed)).toEqual([kek, 'kept']);
    const flags = keyring.slots.list().map(({ label, enrolAgain }) => [label, enrolAgain]);
    expect(new Map(flags as [string, boolean | undefined][])).toEqual(
      new Map([
        ['', undefined],
        ['P-256', true],
        ['X-Wing', true],
        ['the bank', undefined],
      ]),
    );
    // The signing key was under the KEK, too: the institution is told the next one's fingerprint.
    expect(await codeOf(() => opened(store, { escrowKey, signer }, sealed))).toBe('ERR_UNTRUSTED_KEY');
    const next = keyring.keypairs.list().find(({ use, state }) => use === 'sign' && state === 'active')!;
    const recorded = fingerprintBytes(next.fingerprint);
    expect(await opened(store, { escrowKey, signer: recorded }, sealed)).toEqual([kek, 'kept']);
    await keyring.refresh();
    const old = keyring.slots.list().find(({ label }) => label === 'P-256')!;
    await keyring.slots.remove(old.id);
    const again = await keyring.slots.add({ ...p256, rotatable: true, label: 'P-256' });
    expect(again.enrolAgain).toBeUndefined();
    expect(keyring.slots.list().filter(({ enrolAgain }) => enrolAgain)).toHaveLength(1);
    expect(await opened(store, p256, sealed)).toEqual([kek, 'kept']);
  });
});
