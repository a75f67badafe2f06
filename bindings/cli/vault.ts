// The keyring that a command works with: where it lies, whose it is, and how it is unlocked.

import envPaths from 'env-paths';
import { KeystrataError } from '../core/errors.ts';
import { createEngine } from '../engine/create.ts';
import { Keyring } from '../keyring/keyring.ts';
import type { Secret, Where } from '../keyring/types.ts';
import { fileStore } from '../store/file.ts';
import type { Call } from './io.ts';
import { takeOperatorKey } from './operator-key.ts';
import { secretsOf, type Secrets } from './passphrase.ts';
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
    try {
      const keyring = await withBar(call, 'unlocking', ({ at }) =>
        Keyring.unlock({ ...where, ...secret, onProgress: at }),
      );
      try {
        return await work(keyring);
      } finally {
        keyring.lock();
      }
    } finally {
      if ('operatorKey' in secret) secret.operatorKey.fill(0); // what takeOperatorKey made
    }
  });
}

const OPERATOR_KEY = '--operator-key-fd';

/** What opens in place of a passphrase; null where a passphrase is wanted. */
async function secretInstead(call: Call): Promise<Secret | null> {
  const { recoveryCodeFd, operatorKeyFd } = call.options;
  if (recoveryCodeFd !== undefined && operatorKeyFd !== undefined)
    throw new KeystrataError('ERR_ARGUMENT', `--recovery-code-fd and ${OPERATOR_KEY}: give one of them`);
  if (operatorKeyFd !== undefined) return takeOperatorKey(operatorKeyFd, OPERATOR_KEY);
  return recoveryCodeFd === undefined ? null : { recoveryCode: await takeRecoveryCode(call, recoveryCodeFd) };
}

/** The present secret, where `secrets` has a new one, too: the passphrase, or what opens in its place. */
export const presentSecret = async (call: Call, secrets: Secrets): Promise<Secret> =>
  (await secretInstead(call)) ?? { passphrase: await secrets.take(`Passphrase of ${quoted(call.options.owner)}:`) };

/** Takes the secret that the options or a person give, and unlocks; `work` may need it once more. */
export async function unlocked<T>(call: Call, work: (keyring: Keyring, secret: Secret) => Promise<T>): Promise<T> {
  const { recoveryCodeFd, operatorKeyFd, passphraseFd, passphraseStdin } = call.options;
  if (recoveryCodeFd !== undefined || operatorKeyFd !== undefined) {
    if (passphraseStdin || passphraseFd !== undefined)
      throw new KeystrataError(
        'ERR_ARGUMENT',
        `--recovery-code-fd and ${OPERATOR_KEY} open in place of a passphrase: give one of them`,
      );
    const secret = (await secretInstead(call))!;
    return withKeyring(call, secret, (keyring) => work(keyring, secret));
  }
  const secrets = secretsOf(call);
  try {
    const secret = await presentSecret(call, secrets);
    return await withKeyring(call, secret, (keyring) => work(keyring, secret));
  } finally {
    secrets.end();
  }
}
