// What describe says of things of ours that are nothing sealed to a keyring: not their kind, but where to go with them.

import { expect, it } from 'vitest';
import { createEngine, describe, Keyring, memoryStore, sealTo } from '../../bindings/index.ts';
import { encodeDraftNote } from '../../bindings/format/draft-note.ts';
import { kidOf } from '../../bindings/format/fingerprint.ts';
import { fingerprint } from '../../bindings/keys/fingerprint.ts';
import { asPublicKey } from '../../bindings/keys/public-key.ts';
import { bytesOf } from './strict.ts';

function refusal(bytes: Uint8Array): { code: string; message: string } {
  try {
    describe(bytes);
  } catch (error) {
    return error as { code: string; message: string };
  }
  throw new Error('described');
}

it('a message, a signature, a note of a re-wrap: ERR_FORMAT that says what they are', async () => {
  const engine = await createEngine();
  const secret = { operatorKey: bytesOf(32, 1), operatorKeyId: '00'.repeat(16) };
  const { keyring } = await Keyring.create({ engine, store: memoryStore(), owner: 'bob', recovery: false, ...secret });
  for (const kem of ['P-256', 'X25519', 'X-Wing'] as const) {
    const { id } = await keyring.keypairs.create({ use: 'agree', kem });
    const publicKey = keyring.keypairs.publicKey(id);
    const kid = kidOf(fingerprint(engine, asPublicKey(publicKey, 'agree')));
    const letter = await sealTo(engine, publicKey, 'x'.repeat(1000), { context: '' });
    expect(refusal(letter)).toMatchObject({
      code: 'ERR_FORMAT',
      message: expect.stringContaining(`message to the public key ${kid}`) as string,
    });
    const cut = refusal(letter.subarray(0, letter.length - 1));
    expect(cut).toMatchObject({ code: 'ERR_FORMAT', message: expect.stringContaining('neither record') as string });
  }
  const sign = await keyring.keypairs.create({ use: 'sign' });
  const signed = await keyring.keypairs.sign(sign.id, bytesOf(10, 1), { context: '' });
  expect(refusal(signed)).toMatchObject({
    code: 'ERR_FORMAT',
    message: expect.stringContaining('verifySignature') as string,
  });
  expect(refusal(encodeDraftNote(bytesOf(8, 1)))).toMatchObject({
    code: 'ERR_FORMAT',
    message: expect.stringContaining('note of a re-wrap') as string,
  });
  for (const bytes of [new Uint8Array(), Uint8Array.of(0xd2), Uint8Array.of(0x87), bytesOf(100, 7)])
    expect(refusal(bytes)).toMatchObject({
      code: 'ERR_FORMAT',
      message: expect.stringContaining('neither record') as string,
    });
  keyring.lock();
  engine[Symbol.dispose]();
});
