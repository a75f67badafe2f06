// The keyring that a command works with: where it lies, whose it is, and how it is unlocked.

import envPaths from 'env-paths';
import { KeystrataError } from '../core/errors.ts';
import { createEngine } from '../engine/create.ts';
import { Keyring } from '../keyring/keyring.ts';
import type { Secret, Where } from '../keyring/types.ts';
import { fileStore } from '../store/file.ts';
import type { Call } from './io.ts';
import { secretsOf } from './passphrase.ts';
import { withBar } from './progress.ts';
import { takeRecoveryCode } from './recovery-code.ts';
import { quoted } from './words.ts';

/** --keyring, else $KEYSTRATA_KEYRING, else the platform's folder for data. */
export function folderOf({ io, options }: Call): string {
  const { data } = envPaths('keystrata', { suffix: '' });
  return options.keyring ?? (io.env['KEYSTRATA_KEYRING'] || data);
}

export const placeOf = (call: Call): Omit<Where, 'engine'> => ({
  store: fileStore(folderOf(call)),
  owner: call.options.owner,
});

/** ERR_NOT_FOUND before anybody is asked for a passphrase. */
export async function mustExist(call: Call): Promise<void> {
  if (await Keyring.exists(placeOf(call))) return;
  throw new KeystrataError(
    'ERR_NOT_FOUND',
    `no keyring of ${quoted(call.options.owner)} in ${quoted(folderOf(call))}; make one with: keystrata init`,
  );
}

/** Runs `work` with an engine that ends with it. */
export async function withEngine<T>(call: Call, work: (where: Where) => Promise<T>): Promise<T> {
  const engine = await createEngine();
  try {
    return await work({ ...placeOf(call), engine });
  } finally {
    engine[Symbol.dispose]();
  }
}

/** Unlocks with `secret`; the keyring is locked when `work` ends. */
export function withKeyring<T>(call: Call, secret: Secret, work: (keyring: Keyring) => Promise<T>): Promise<T> {
  return withEngine(call, async (where) => {
    const keyring = await withBar(call, 'unlocking', ({ at }) =>
      Keyring.unlock({ ...where, ...secret, onProgress: at }),
    );
    try {
      return await work(keyring);
    } finally {
      keyring.lock();
    }
  });
}

/** Takes the secret that the options or a person give, and unlocks. */
export async function unlocked<T>(call: Call, work: (keyring: Keyring) => Promise<T>): Promise<T> {
  const { recoveryCodeFd, passphraseFd, passphraseStdin, owner } = call.options;
  if (recoveryCodeFd !== undefined) {
    if (passphraseStdin || passphraseFd !== undefined)
      throw new KeystrataError('ERR_ARGUMENT', '--recovery-code-fd opens in place of a passphrase: give one of them');
    return withKeyring(call, { recoveryCode: await takeRecoveryCode(call, recoveryCodeFd) }, work);
  }
  const secrets = secretsOf(call);
  try {
    const passphrase = await secrets.take(`Passphrase of ${quoted(owner)}:`);
    return await withKeyring(call, { passphrase }, work);
  } finally {
    secrets.end();
  }
}
