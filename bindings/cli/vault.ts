// The keyring that a command works with: unlocked, and locked again.

import { createEngine } from '../engine/create.ts';
import type { Engine } from '../engine/engine.ts';
import { Keyring } from '../keyring/keyring.ts';
import type { Secret, Where } from '../keyring/types.ts';
import { withDeviceSecret } from './device-secret.ts';
import type { Call } from './io.ts';
import { secretsOf } from './passphrase.ts';
import { placeOf } from './place.ts';
import { checkAlone, insteadOf, presentSecret, secretInstead, wipe, type Given } from './present.ts';
import { withBar } from './progress.ts';

/** Runs `work` with an engine that ends with it. */
export async function withEngine<T>(call: Call, work: (where: Where) => Promise<T>): Promise<T> {
  const engine = await createEngine();
  try {
    return await work({ ...placeOf(call), engine });
  } finally {
    engine[Symbol.dispose]();
  }
}

/** Unlocks with what was given; the keyring is locked when `work` ends, which may need the secret once more. */
export function withKeyring<T>(
  call: Call,
  given: Given,
  work: (keyring: Keyring, secret: Secret, engine: Engine) => Promise<T>,
): Promise<T> {
  return withEngine(call, async (where) => {
    try {
      const { keyring, secret } = await unlock(call, where, given);
      try {
        return await work(keyring, secret, where.engine);
      } finally {
        keyring.lock();
      }
    } finally {
      wipe(given);
    }
  });
}

function unlock(call: Call, where: Where, given: Given): Promise<{ keyring: Keyring; secret: Secret }> {
  const by = async (secret: Secret): Promise<{ keyring: Keyring; secret: Secret }> => ({
    keyring: await withBar(call, 'unlocking', ({ at }) => Keyring.unlock({ ...where, ...secret, onProgress: at })),
    secret,
  });
  return 'pin' in given ? withDeviceSecret(call, where, (deviceSecret) => by({ ...given, deviceSecret })) : by(given);
}

/** Takes the secret that the options or a person give, and unlocks. */
export async function unlocked<T>(
  call: Call,
  work: (keyring: Keyring, secret: Secret, engine: Engine) => Promise<T>,
): Promise<T> {
  const instead = insteadOf(call);
  if (instead !== null) return withKeyring(call, await secretInstead(call, checkAlone(call, instead)), work);
  const secrets = secretsOf(call);
  try {
    return await withKeyring(call, await presentSecret(call, secrets), work);
  } finally {
    secrets.end();
  }
}
