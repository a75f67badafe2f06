// keystrata keypair create|list|export: keys by which others seal to a person, and know a person's signature. What is exported
// is the public key alone, as the keyring vouches for it: so each of them unlocks.

import { hex } from '../core/bytes.ts';
import type { Bytes } from '../core/bytes.ts';
import { KeystrataError } from '../core/errors.ts';
import type { CreateKeypair, KeypairInfo } from '../keyring/keypairs.ts';
import type { Keyring } from '../keyring/keyring.ts';
import type { Call, Result } from './io.ts';
import { findOutput, type Place } from './output.ts';
import { folderOf, mustExist } from './place.ts';
import { draw } from './tree.ts';
import { unlocked } from './vault.ts';
import { quoted } from './words.ts';

interface Create {
  kem?: string;
  alg?: string;
  label?: string;
}

/** USE and the names of algorithms are checked before anybody is asked for a passphrase, the rest by the keyring. */
export async function createKeypair(call: Call, use: string, options: Create): Promise<Result> {
  if (use !== 'agree' && use !== 'sign')
    throw new KeystrataError('ERR_ARGUMENT', `${quoted(use)}: agree or sign is wanted`);
  if (use === 'agree' ? options.alg !== undefined : options.kem !== undefined)
    throw new KeystrataError(
      'ERR_ARGUMENT',
      use === 'agree' ? '--alg is for keypair create sign' : '--kem is for keypair create agree',
    );
  await mustExist(call);
  return unlocked(call, async (keyring) => {
    const info = await keyring.keypairs.create({ use, ...options } as CreateKeypair);
    return {
      facts: { ...placeFacts(call, keyring), ...info, jwk: keyring.keypairs.publicKey(info.id, 'jwk') },
      said: `made ${inWords(info)}\nfingerprint ${info.fingerprint}\ngive others its public key: keystrata keypair export ${info.id}`,
    };
  });
}

export async function listKeypairs(call: Call): Promise<Result> {
  await mustExist(call);
  return unlocked(call, (keyring) => {
    const keypairs = keyring.keypairs.list();
    const { owner } = call.options;
    return Promise.resolve({
      facts: { ...placeFacts(call, keyring), keypairs },
      shown:
        keypairs.length === 0
          ? `no keypairs of ${quoted(owner)}; make one with: keystrata keypair create sign`
          : draw({
              text: `keypairs of ${quoted(owner)}`,
              branches: keypairs.map((info) => ({
                text: inWords(info),
                branches: [{ text: `fingerprint ${info.fingerprint}` }],
              })),
            }),
    });
  });
}

interface Export {
  output?: string;
  cose?: boolean;
}

/** The JWK, a line of text; or the bytes of the COSE_Key. */
export async function exportKeypair(call: Call, id: string, { output, cose }: Export): Promise<Result> {
  const to = output ?? (call.options.json ? undefined : '-');
  if (cose && to === '-' && call.io.stdout.isTTY && !call.options.force)
    throw new KeystrataError('ERR_ARGUMENT', 'a COSE_Key is no text for a terminal; name a file with -o');
  await mustExist(call);
  const place = to === undefined ? undefined : await findOutput(call, to);
  return unlocked(call, async (keyring) => {
    const { keypairs } = keyring;
    const info = keypairs.list().find((one) => one.id === id.toLowerCase());
    const [key, jwk] = [keypairs.publicKey(id), keypairs.publicKey(id, 'jwk')];
    if (place !== undefined) await write(place, cose ? key : new TextEncoder().encode(`${JSON.stringify(jwk)}\n`));
    return {
      facts: {
        ...placeFacts(call, keyring),
        ...info,
        jwk,
        cose: hex(key),
        ...(output === undefined ? {} : { output }),
      },
      said: `fingerprint ${keypairs.fingerprint(id)}: let whoever takes this key compare it with you`,
    };
  });
}

async function write(place: Place, bytes: Bytes): Promise<void> {
  const out = await place.claim(null);
  try {
    const writer = out.sink().getWriter();
    await writer.write(bytes);
    await writer.close();
    await out.commit();
  } finally {
    await out.discard();
  }
}

const placeFacts = (call: Call, keyring: Keyring) => ({
  keyring: keyring.id,
  owner: call.options.owner,
  folder: folderOf(call),
});

const inWords = ({ id, use, algorithm, label, state, created }: KeypairInfo): string =>
  `${use === 'sign' ? 'signing' : 'agreement'} key ${id}${label === '' ? '' : ` ${quoted(label)}`}: ${algorithm}, ${state}, since ${created.toISOString().slice(0, 10)}`;
